import type { Text } from './complete.ts'
import type { FieldPlan } from './field.ts'
import { fieldsWriter, type WriteObject } from './object.ts'
import type { ExecutionState } from './run.ts'

/** Steady leaves that are worth being kept: below that, writing costs as much as looking up. */
const worthKeeping = 12

/** Steady fields that stand one behind the other become one whose text is kept. */
export function keepTogether(plans: readonly FieldPlan[]): FieldPlan[] {
  const together: FieldPlan[] = []
  let steady: FieldPlan[] = []
  const close = () => {
    const leaves = steady.reduce((sum, plan) => sum + plan.steadyLeaves, 0)
    if (leaves < worthKeeping) together.push(...steady)
    else together.push({ key: null, read: keepText(fieldsWriter(steady)), property: null, steadyLeaves: leaves })
    steady = []
  }
  for (const plan of plans) {
    if (plan.steadyLeaves > 0) steady.push(plan)
    else {
      close()
      together.push(plan)
    }
  }
  close()
  return together
}

/**
 * Writes an object's text once per turn of the event loop and person. Operations that share a look-up all go on in the turn
 * in which it came back, with the very same objects: what one of them has written the others take. Nothing is kept longer,
 * and nothing in which an error or a promise was met is kept at all.
 */
function keepText(write: WriteObject): WriteObject {
  let texts = new Map<unknown, string>()
  let keptFor: unknown = null
  // Not cleared: what a cleared map held hangs on to what it holds next, and so all pages would get into the old generation.
  const forget = () => {
    texts = new Map()
  }

  return (source, at, run: ExecutionState): Text => {
    const { identity } = run
    if (identity === null || typeof source !== 'object') return write(source, at, run)
    if (keptFor !== identity) {
      forget()
      keptFor = identity
    }
    const known = texts.get(source)
    if (known !== undefined) return known
    const errors = run.errors.length
    const text = write(source, at, run)
    if (typeof text !== 'string' || run.errors.length !== errors) return text
    if (texts.size === 0) setImmediate(forget)
    const flat = flatten(text)
    texts.set(source, flat)
    return flat
  }
}

/** The engine keeps a concatenation as a tree of its parts until somebody looks into it: every copy would walk the tree again. */
function flatten(text: string): string {
  return text.charCodeAt(0) > 0 ? text : ''
}

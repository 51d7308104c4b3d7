import type { Text } from './complete.ts'
import type { WriteObject } from './object.ts'
import type { Run } from './run.ts'

/**
 * Writes an object's text once per turn of the event loop and person. Operations that share a look-up all go on in the turn
 * in which it came back, with the very same objects: what one of them has written the others take. Nothing is kept longer,
 * and nothing in which an error or a promise was met is kept at all.
 */
export function keepText(write: WriteObject): WriteObject {
  const texts = new Map<unknown, string>()
  let keptFor: unknown = null
  const forget = () => texts.clear()

  return (source, at, run: Run): Text => {
    const { identity } = run
    if (identity === null || typeof source !== 'object') return write(source, at, run)
    if (keptFor !== identity) {
      texts.clear()
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

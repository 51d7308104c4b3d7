import { getNullableType, isLeafType, type ValueNode } from 'graphql'
import { getArgumentValues } from 'graphql/execution/values.js'
import type { Path } from 'graphql/jsutils/Path.js'
import { type Compiler, compilePosition, type Text } from './complete.ts'
import { leafWriter, type WriteLeaf } from './leaf.ts'
import type { Run } from './run.ts'
import { infoOf, type Site } from './site.ts'

/** Reads one field of its parent's value and completes it. Throws, or rejects, only where the field may not be null. */
export type ReadField = (source: unknown, at: Path | undefined, run: Run) => Text

export function compileField(site: Site, compiler: Compiler): ReadField {
  const { settle, fail } = compilePosition(site.field.type, site, compiler)
  const argumentsOf = compileArguments(site)
  const resolve = site.field.resolve
  const { name } = site.field
  const typename = site.parentType.name

  const general: ReadField = (source, at, run) => {
    const here: Path = { prev: at, key: site.key, typename }
    let value: unknown
    try {
      value = resolve
        ? resolve(source, argumentsOf(run), run.context, infoOf(site, here, run))
        : readProperty(source, name, () => [argumentsOf(run), run.context, infoOf(site, here, run)])
    } catch (raw) {
      return fail(raw, here, run)
    }
    return settle(value, here, run)
  }
  const leaf = getNullableType(site.field.type)
  return !resolve && isLeafType(leaf) ? textProperty(name, leafWriter(leaf), general) : general
}

/** A text is what nearly every property holds; anything else takes the general way. */
function textProperty(name: string, write: WriteLeaf, general: ReadField): ReadField {
  return (source, at, run) => {
    const value = (source as Record<string, unknown> | null)?.[name]
    if (typeof value !== 'string' || typeof source !== 'object') return general(source, at, run)
    try {
      return write(value)
    } catch {
      return general(source, at, run)
    }
  }
}

/** A field without a resolver is the property of its name, called when it is a method. */
function readProperty(source: unknown, name: string, args: () => readonly unknown[]): unknown {
  if ((typeof source !== 'object' || source === null) && typeof source !== 'function') return undefined
  const property = (source as Record<string, unknown>)[name]
  return typeof property === 'function' ? property.apply(source, args()) : property
}

/** Arguments without variables are coerced once per plan. */
function compileArguments({ field, nodes }: Site): (run: Run) => Record<string, unknown> {
  const node = nodes[0]!
  if (field.args.length === 0) return () => ({})
  if (node.arguments?.some(({ value }) => hasVariable(value))) return (run) => getArgumentValues(field, node, run.variables)
  let known: Record<string, unknown> | undefined
  return () => {
    known ??= getArgumentValues(field, node)
    return { ...known }
  }
}

function hasVariable(value: ValueNode): boolean {
  if (value.kind === 'Variable') return true
  if (value.kind === 'ListValue') return value.values.some(hasVariable)
  return value.kind === 'ObjectValue' && value.fields.some((field) => hasVariable(field.value))
}

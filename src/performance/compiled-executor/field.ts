import { getNullableType, isLeafType, isNonNullType } from 'graphql'
import type { Path } from 'graphql/jsutils/Path.js'
import { type Compiler, compilePosition, type NullBoundary, type Text } from './complete.ts'
import { type ExecutionState, FieldInfo, type FieldNodeInfo, placeOf } from './execution-state.ts'
import { compileArguments } from './inputs.ts'
import { leafWriter, type TryLeaf } from './leaf.ts'

/** Reads and completes one field of its parent's value. Throws or rejects only for a field that may not be null. */
export type ReadField = (source: unknown, at: Path | undefined, state: ExecutionState) => Text

/** One selected field of an object. */
export interface FieldPlan {
  /** The name in the response. */
  readonly key: string
  /** Completes every value. */
  readonly read: ReadField
  /** A shorter way for the usual values of a field without a resolver; null: the field has a resolver. */
  readonly property: PropertyPlan | null
}

/** How to complete a property with a usual value. `read` completes all others. */
export interface PropertyPlan {
  readonly name: string
  readonly nullable: boolean
  /** Writes the usual values of a leaf; null: the field is an object or a list. */
  readonly attempt: TryLeaf | null
  /** A string is written by `quote`. */
  readonly isText: boolean
  readonly settle: NullBoundary['settle']
  readonly typename: string
}

export function compileField(site: FieldNodeInfo, compiler: Compiler): FieldPlan {
  const position = compilePosition(site.field.type, site, compiler)
  const { key, field, parentType } = site
  const type = getNullableType(field.type)
  const leaf = isLeafType(type) ? leafWriter(type) : null
  if (field.resolve) return { key, read: readResolved(site, position, leaf?.attempt ?? null), property: null }
  const property = {
    name: field.name,
    nullable: !isNonNullType(field.type),
    attempt: leaf?.attempt ?? null,
    isText: leaf?.isText ?? false,
    settle: position.settle,
    typename: parentType.name,
  }
  return { key, read: readProperty(site, position), property }
}

function readResolved(site: FieldNodeInfo, { settle, fail }: NullBoundary, attempt: TryLeaf | null): ReadField {
  const argumentsOf = compileArguments(site)
  const resolve = site.field.resolve!
  return (source, at, state) => {
    let value: unknown
    try {
      value = resolve(source, argumentsOf(state), state.context, new FieldInfo(site, at, state))
    } catch (raw) {
      return fail(raw, placeOf(site, at), state)
    }
    return attempt?.(value) ?? settle(value, placeOf(site, at), state)
  }
}

/** A field without a resolver reads the property of its name, and calls it when it is a method. */
function readProperty(site: FieldNodeInfo, { settle, fail }: NullBoundary): ReadField {
  const argumentsOf = compileArguments(site)
  const { name } = site.field
  return (source, at, state) => {
    const here = placeOf(site, at)
    if ((typeof source !== 'object' || source === null) && typeof source !== 'function') return settle(undefined, here, state)
    let value: unknown
    try {
      value = (source as Record<string, unknown>)[name]
      if (typeof value === 'function')
        value = value.call(source, argumentsOf(state), state.context, new FieldInfo(site, at, state))
    } catch (raw) {
      return fail(raw, here, state)
    }
    return settle(value, here, state)
  }
}

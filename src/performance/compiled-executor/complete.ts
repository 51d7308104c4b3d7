import {
  defaultTypeResolver,
  type GraphQLAbstractType,
  GraphQLError,
  type GraphQLList,
  type GraphQLNonNull,
  type GraphQLNullableType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  getNullableType,
  isAbstractType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql'
import { inspect } from 'graphql/jsutils/inspect.js'
import type { Path } from 'graphql/jsutils/Path.js'
import { isPromise } from '../../graphql/executor.ts'
import { type ExecutionState, type FieldNodeInfo, infoAt, locate } from './execution-state.ts'
import { leafWriter } from './leaf.ts'

/** The JSON text of a completed value; a promise only where a resolver inside it is still running. */
export type Text = string | Promise<string>

/** Completes a resolved value. Throws or rejects for a value that the type does not allow. */
export type Complete = (value: unknown, at: Path, state: ExecutionState) => Text

/** Compiles the selections of fields. */
export interface Compiler {
  /** The function that completes an object with its selected fields. */
  fieldsOf(type: GraphQLObjectType, site: FieldNodeInfo): Complete
  possibleTypes(type: GraphQLAbstractType): readonly GraphQLObjectType[]
}

type NullableOutputType = Exclude<GraphQLOutputType, GraphQLNonNull<GraphQLNullableType>>

/** A field or a list item: the boundary at which an error becomes null or propagates. */
export interface NullBoundary {
  /** Completes a value or a promise of one. Throws or rejects only where null is not allowed. */
  settle(value: unknown, at: Path, state: ExecutionState): Text
  /** Records the error and returns `null` as text; throws the error where null is not allowed. */
  fail(raw: unknown, at: Path, state: ExecutionState): string
}

/** Compiles the completion of one field or item. An error inside becomes null here, or propagates to the parent where null is not allowed. */
export function compilePosition(type: GraphQLOutputType, site: FieldNodeInfo, compiler: Compiler): NullBoundary {
  const nullable = !isNonNullType(type)
  const inner = compileNullable(getNullableType(type) as NullableOutputType, site, compiler)
  const complete = nullable ? allowNull(inner) : refuseNull(inner, site)
  function fail(raw: unknown, at: Path, state: ExecutionState): string {
    const error = locate(raw, site.nodes, at)
    if (!nullable) throw error
    state.recordNull(error, at)
    return 'null'
  }
  function settle(value: unknown, at: Path, state: ExecutionState): Text {
    if (isPromise(value)) {
      return (value as Promise<unknown>).then(
        (came) => settle(came, at, state),
        (raw) => fail(raw, at, state),
      )
    }
    try {
      const text = complete(value, at, state)
      return typeof text === 'string' ? text : text.then(undefined, (raw) => fail(raw, at, state))
    } catch (raw) {
      return fail(raw, at, state)
    }
  }
  return { settle, fail }
}

function allowNull(complete: Complete): Complete {
  return (value, at, state) => {
    if (value instanceof Error) throw value
    return value == null ? 'null' : complete(value, at, state)
  }
}

function refuseNull(complete: Complete, { parentType, field }: FieldNodeInfo): Complete {
  const message = `Cannot return null for non-nullable field ${parentType.name}.${field.name}.`
  return (value, at, state) => {
    if (value instanceof Error) throw value
    if (value == null) throw new Error(message)
    return complete(value, at, state)
  }
}

function compileNullable(type: NullableOutputType, site: FieldNodeInfo, compiler: Compiler): Complete {
  if (isListType(type)) return compileList(type, site, compiler)
  if (isLeafType(type)) return leafWriter(type).write
  if (isAbstractType(type))
    return compileAbstract(type, site, compiler.possibleTypes(type), (runtimeType) => compileObject(runtimeType, site, compiler))
  return compileObject(type, site, compiler)
}

function compileObject(type: GraphQLObjectType, site: FieldNodeInfo, compiler: Compiler): Complete {
  const complete = compiler.fieldsOf(type, site)
  if (!type.isTypeOf) return complete
  const refusal = (value: unknown) =>
    new GraphQLError(`Expected value of type "${type.name}" but got: ${inspect(value)}.`, { nodes: site.nodes })
  return (value, at, state) => {
    const fits = type.isTypeOf!(value, state.context, infoAt(site, at, state))
    if (isPromise(fits)) {
      return Promise.resolve(fits).then((came) => {
        if (!came) throw refusal(value)
        return complete(value, at, state)
      })
    }
    if (!fits) throw refusal(value)
    return complete(value, at, state)
  }
}

function compileList(type: GraphQLList<GraphQLOutputType>, site: FieldNodeInfo, compiler: Compiler): Complete {
  const item = compilePosition(type.ofType, site, compiler)
  const refusal = `Expected Iterable, but did not find one for field "${site.parentType.name}.${site.field.name}".`
  return (value, at, state) => {
    if (!isIterable(value)) throw new GraphQLError(refusal)
    const items = Array.isArray(value) ? value : Array.from(value)
    const texts: Text[] = []
    let pending = false
    try {
      for (let index = 0; index < items.length; index++) {
        const text = item.settle(items[index], { prev: at, key: index, typename: undefined }, state)
        pending ||= typeof text !== 'string'
        texts.push(text)
      }
    } catch (error) {
      ignoreFailures(texts)
      throw error
    }
    return pending ? Promise.all(texts).then(joinList) : joinList(texts as string[])
  }
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.iterator in value
}

/** Concatenates instead of `join`: V8 copies the pieces once, when the whole response is written to the socket. */
function joinList(texts: readonly string[]): string {
  if (texts.length === 0) return '[]'
  let text = `[${texts[0]}`
  for (let index = 1; index < texts.length; index++) text += `,${texts[index]}`
  return `${text}]`
}

/** Compiles an interface or union: each value is completed by its concrete type. */
function compileAbstract(
  type: GraphQLAbstractType,
  site: FieldNodeInfo,
  possibleTypes: readonly GraphQLObjectType[],
  compileObject: (type: GraphQLObjectType) => Complete,
): Complete {
  const plans = new Map<unknown, Complete>(possibleTypes.map((possible) => [possible.name, compileObject(possible)]))
  const resolveType = type.resolveType ?? defaultTypeResolver

  function planOf(name: unknown, value: unknown, state: ExecutionState): Complete {
    const plan = plans.get(name)
    if (!plan) throw refusalOf(name, value, type, site, state)
    return plan
  }
  return (value, at, state) => {
    const name = resolveType(value, state.context, infoAt(site, at, state), type)
    if (!isPromise(name)) return planOf(name, value, state)(value, at, state)
    return Promise.resolve(name).then((came) => planOf(came, value, state)(value, at, state))
  }
}

/** The error of graphql-js for a name that is not one of the possible types. */
function refusalOf(
  name: unknown,
  value: unknown,
  type: GraphQLAbstractType,
  site: FieldNodeInfo,
  state: ExecutionState,
): GraphQLError {
  const { nodes } = site
  const place = `for field "${site.parentType.name}.${site.field.name}"`
  const unresolved = `Abstract type "${type.name}" must resolve to an Object type at runtime ${place}`
  if (name == null) {
    const advice = `Either the "${type.name}" type should provide a "resolveType" function or each possible type should provide an "isTypeOf" function.`
    return new GraphQLError(`${unresolved}. ${advice}`, { nodes })
  }
  if (typeof name !== 'string')
    return new GraphQLError(`${unresolved} with value ${inspect(value)}, received "${inspect(name)}".`)
  const found = state.operation.schema.getType(name)
  const resolved = `Abstract type "${type.name}" was resolved to a`
  if (!found) return new GraphQLError(`${resolved} type "${name}" that does not exist inside the schema.`, { nodes })
  if (!isObjectType(found)) return new GraphQLError(`${resolved} non-object type "${name}".`, { nodes })
  return new GraphQLError(`Runtime Object type "${name}" is not a possible type for "${type.name}".`, { nodes })
}

/** Handles rejections of values whose results are no longer used: an unhandled rejection would end the process. */
function ignoreFailures(pending: readonly unknown[]): void {
  Promise.all(pending).catch(() => undefined)
}

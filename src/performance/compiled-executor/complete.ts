import {
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
} from 'graphql'
import { inspect } from 'graphql/jsutils/inspect.js'
import type { Path } from 'graphql/jsutils/Path.js'
import { compileAbstract } from './abstract.ts'
import { leafWriter } from './leaf.ts'
import { ignoreFailures, isPromise } from './promise.ts'
import { type ExecutionState, locate } from './run.ts'
import { type FieldNodeInfo, infoAt } from './site.ts'

/** A completed value is its JSON text: a promise only where something in it is not there yet. */
export type Text = string | Promise<string>

/** Completes a value that has come. Throws, or rejects, where the position cannot hold what is there. */
export type Complete = (value: unknown, at: Path, run: ExecutionState) => Text

/** What is compiled for the selection of a field. */
export interface Compiler {
  /** The plan of an object's selected fields. */
  fieldsOf(type: GraphQLObjectType, site: FieldNodeInfo): Complete
  possibleTypes(type: GraphQLAbstractType): readonly GraphQLObjectType[]
}

type NullableOutputType = Exclude<GraphQLOutputType, GraphQLNonNull<GraphQLNullableType>>

/** A field or a list's item: where an error may end. */
export interface NullBoundary {
  /** Completes what stands there, when it has come. Throws, or rejects, only where null is not allowed. */
  settle(value: unknown, at: Path, run: ExecutionState): Text
  /** Records the error and gives null; throws it on where null is not allowed. */
  fail(raw: unknown, at: Path, run: ExecutionState): string
}

/** A position that catches: an error in it becomes null here, or goes on to the next position outside where null is not allowed. */
export function compilePosition(type: GraphQLOutputType, site: FieldNodeInfo, compiler: Compiler): NullBoundary {
  const nullable = !isNonNullType(type)
  const inner = compileNullable(getNullableType(type) as NullableOutputType, site, compiler)
  const complete = nullable ? allowNull(inner) : refuseNull(inner, site)
  function fail(raw: unknown, at: Path, run: ExecutionState): string {
    const error = locate(raw, site.nodes, at)
    if (!nullable) throw error
    run.recordNull(error, at)
    return 'null'
  }
  function settle(value: unknown, at: Path, run: ExecutionState): Text {
    if (isPromise(value)) {
      return (value as Promise<unknown>).then(
        (came) => settle(came, at, run),
        (raw) => fail(raw, at, run),
      )
    }
    try {
      const text = complete(value, at, run)
      return typeof text === 'string' ? text : text.then(undefined, (raw) => fail(raw, at, run))
    } catch (raw) {
      return fail(raw, at, run)
    }
  }
  return { settle, fail }
}

function allowNull(complete: Complete): Complete {
  return (value, at, run) => {
    if (value instanceof Error) throw value
    return value == null ? 'null' : complete(value, at, run)
  }
}

function refuseNull(complete: Complete, { parentType, field }: FieldNodeInfo): Complete {
  const message = `Cannot return null for non-nullable field ${parentType.name}.${field.name}.`
  return (value, at, run) => {
    if (value instanceof Error) throw value
    if (value == null) throw new Error(message)
    return complete(value, at, run)
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
  return (value, at, run) => {
    const fits = type.isTypeOf!(value, run.context, infoAt(site, at, run))
    if (isPromise(fits)) {
      return Promise.resolve(fits).then((came) => {
        if (!came) throw refusal(value)
        return complete(value, at, run)
      })
    }
    if (!fits) throw refusal(value)
    return complete(value, at, run)
  }
}

function compileList(type: GraphQLList<GraphQLOutputType>, site: FieldNodeInfo, compiler: Compiler): Complete {
  const item = compilePosition(type.ofType, site, compiler)
  const refusal = `Expected Iterable, but did not find one for field "${site.parentType.name}.${site.field.name}".`
  return (value, at, run) => {
    if (!isIterable(value)) throw new GraphQLError(refusal)
    const items = Array.isArray(value) ? value : Array.from(value)
    const texts: Text[] = []
    let pending = false
    try {
      for (let index = 0; index < items.length; index++) {
        const text = item.settle(items[index], { prev: at, key: index, typename: undefined }, run)
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

/** Concatenated and not joined: the pieces are copied once, when the whole answer is written to the socket. */
function joinList(texts: readonly string[]): string {
  if (texts.length === 0) return '[]'
  let text = `[${texts[0]}`
  for (let index = 1; index < texts.length; index++) text += `,${texts[index]}`
  return `${text}]`
}

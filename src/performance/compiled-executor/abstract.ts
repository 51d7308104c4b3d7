import { defaultTypeResolver, type GraphQLAbstractType, GraphQLError, type GraphQLObjectType, isObjectType } from 'graphql'
import { inspect } from 'graphql/jsutils/inspect.js'
import type { Complete } from './complete.ts'
import { isPromise } from './promise.ts'
import type { ExecutionState } from './run.ts'
import { type FieldNodeInfo, infoAt } from './site.ts'

/** Completes by the concrete type of each value. */
export function compileAbstract(
  type: GraphQLAbstractType,
  site: FieldNodeInfo,
  possibleTypes: readonly GraphQLObjectType[],
  compileObject: (type: GraphQLObjectType) => Complete,
): Complete {
  const plans = new Map<unknown, Complete>(possibleTypes.map((possible) => [possible.name, compileObject(possible)]))
  const resolveType = type.resolveType ?? defaultTypeResolver

  function planOf(name: unknown, value: unknown, run: ExecutionState): Complete {
    const plan = plans.get(name)
    if (!plan) throw refusalOf(name, value, type, site, run)
    return plan
  }
  return (value, at, run) => {
    const name = resolveType(value, run.context, infoAt(site, at, run), type)
    if (!isPromise(name)) return planOf(name, value, run)(value, at, run)
    return Promise.resolve(name).then((came) => planOf(came, value, run)(value, at, run))
  }
}

/** What graphql-js says to a name that is none of the abstract type's possible types. */
function refusalOf(
  name: unknown,
  value: unknown,
  type: GraphQLAbstractType,
  site: FieldNodeInfo,
  run: ExecutionState,
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
  const found = run.operation.schema.getType(name)
  const resolved = `Abstract type "${type.name}" was resolved to a`
  if (!found) return new GraphQLError(`${resolved} type "${name}" that does not exist inside the schema.`, { nodes })
  if (!isObjectType(found)) return new GraphQLError(`${resolved} non-object type "${name}".`, { nodes })
  return new GraphQLError(`Runtime Object type "${name}" is not a possible type for "${type.name}".`, { nodes })
}

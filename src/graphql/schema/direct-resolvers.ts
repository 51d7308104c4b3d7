import { defaultFieldResolver, type GraphQLFieldResolver, type GraphQLSchema, isIntrospectionType, isObjectType } from 'graphql'
import { type ClassType, getMetadataStorage } from 'type-graphql'
import type { GraphContext } from '../context.ts'

export type Resolve = GraphQLFieldResolver<unknown, GraphContext>
type Methods = Record<string, (...args: unknown[]) => unknown>
type Storage = ReturnType<typeof getMetadataStorage>
type Handler = Pick<Storage['queries'][number], 'target' | 'schemaName' | 'methodName'>

/**
 * Lets the schema call the resolver classes' methods itself. type-graphql's wrapper makes instances of the
 * arguments and walks its middlewares for every field, which costs more than all of our resolvers together.
 * Every other field is the plain property of its name.
 */
export function callMethodsDirectly(schema: GraphQLSchema, resolverClasses: readonly ClassType[]): void {
  for (const type of Object.values(schema.getTypeMap())) {
    // Introspection's types belong to graphql-js and are shared by all schemas.
    if (isObjectType(type) && !isIntrospectionType(type))
      for (const field of Object.values(type.getFields())) delete field.resolve
  }
  const storage = getMetadataStorage()
  for (const target of resolverClasses) attachMethods(schema, storage, target)
}

function attachMethods(schema: GraphQLSchema, storage: Storage, target: ClassType): void {
  const instance = new target() as Methods
  const attach = (typeName: string, handlers: readonly Handler[]) => {
    for (const { schemaName, methodName } of handlers.filter((handler) => handler.target === target)) {
      fieldOf(schema, typeName, schemaName).resolve = toResolve(storage, instance, target, methodName)
    }
  }
  attach('Query', storage.queries)
  attach('Mutation', storage.mutations)
  attach('Subscription', storage.subscriptions)
  if (storage.fieldResolvers.some((handler) => handler.target === target))
    attach(objectNameOf(storage, target), storage.fieldResolvers)
}

function objectNameOf(storage: Storage, target: ClassType): string {
  const objectClass = storage.resolverClasses.find((each) => each.target === target)?.getObjectType()
  return storage.objectTypes.find((each) => each.target === objectClass)?.name ?? target.name
}

function toResolve(storage: Storage, instance: Methods, target: ClassType, method: string): Resolve {
  const kinds = storage.params
    .filter((param) => param.target === target && param.methodName === method)
    .sort((a, b) => a.index - b.index)
    .map((param) => (param.kind === 'arg' ? { arg: param.name } : param.kind))
  const call = instance[method]!.bind(instance)
  return (root, args, context, info) => {
    const values = kinds.map((kind) => {
      if (typeof kind === 'object') return args[kind.arg]
      if (kind === 'root') return root
      if (kind === 'context') return context
      return kind === 'args' ? args : info
    })
    return call(...values)
  }
}

/** Throws for a name that the schema does not have: a table that is wrong fails at start. */
export function fieldOf(schema: GraphQLSchema, typeName: string, fieldName: string) {
  const type = schema.getType(typeName)
  const field = isObjectType(type) ? type.getFields()[fieldName] : undefined
  if (!field) throw new Error(`The schema has no field ${typeName}.${fieldName}`)
  return field
}

/** What a field does now, for wrapping. */
export function resolveOf(schema: GraphQLSchema, typeName: string, fieldName: string): Resolve {
  return (fieldOf(schema, typeName, fieldName).resolve as Resolve | undefined) ?? (defaultFieldResolver as Resolve)
}

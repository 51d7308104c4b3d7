import { type GraphQLSchema, type GraphQLTypeResolver, isAbstractType, isIntrospectionType, isObjectType } from 'graphql'
import { type ClassType, getMetadataStorage } from 'type-graphql'
import { fieldOf, type Resolve } from '../graphql/schema/fields.ts'

type Methods = Record<string, (...args: unknown[]) => unknown>
type Storage = ReturnType<typeof getMetadataStorage>
type Handler = Pick<Storage['queries'][number], 'target' | 'schemaName' | 'methodName'>

/**
 * A step of `createSchema` that makes the schema call the methods of the resolver classes without type-graphql's wrapper.
 * The wrapper converts the arguments into class instances and awaits its middlewares for every field.
 * Fields without a method keep no resolver and read the property of their name.
 * Interfaces and unions resolve their types synchronously.
 */
export function callMethodsDirectly(schema: GraphQLSchema): void {
  for (const type of Object.values(schema.getTypeMap())) {
    // The types of introspection belong to graphql-js and all schemas share them.
    if (isObjectType(type) && !isIntrospectionType(type))
      for (const field of Object.values(type.getFields())) delete field.resolve
  }
  const storage = getMetadataStorage()
  for (const target of new Set(storage.resolverClasses.map((each) => each.target as ClassType))) {
    attachMethods(schema, storage, target)
  }
  for (const { name, resolveType } of [...storage.interfaceTypes, ...storage.unions]) {
    const type = schema.getType(name)
    if (isAbstractType(type) && resolveType) type.resolveType = resolveType as GraphQLTypeResolver<unknown, unknown>
  }
}

function attachMethods(schema: GraphQLSchema, storage: Storage, target: ClassType): void {
  const instance = new target() as Methods
  const attach = (typeName: string, handlers: readonly Handler[]) => {
    for (const { schemaName, methodName } of handlers.filter((handler) => handler.target === target)) {
      // The fields of a subgraph are in the schema only where federation is on.
      if (schemaName.startsWith('_') && !schema.getType('_Entity')) continue
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

function toResolve(storage: Storage, instance: Methods, target: ClassType, methodName: string): Resolve {
  const params = storage.params
    .filter((param) => param.target === target && param.methodName === methodName)
    .sort((a, b) => a.index - b.index)
    .map((param) => (param.kind === 'arg' ? { argument: param.name } : param.kind))
  const method = instance[methodName]!.bind(instance)
  return (root, args, context, info) => {
    const values = params.map((param) => {
      if (typeof param === 'object') return args[param.argument]
      if (param === 'root') return root
      if (param === 'context') return context
      return param === 'args' ? args : info
    })
    return method(...values)
  }
}

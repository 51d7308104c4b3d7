import { defaultFieldResolver, type GraphQLField, type GraphQLFieldResolver, type GraphQLSchema, isObjectType } from 'graphql'
import type { GraphContext } from '../context.ts'

/** A resolver of this graph. */
export type Resolve = GraphQLFieldResolver<unknown, GraphContext>

/** A field of an object type. Throws an Error when the schema does not have it: a wrong name fails at the start. */
export function fieldOf(schema: GraphQLSchema, typeName: string, fieldName: string): GraphQLField<unknown, GraphContext> {
  const type = schema.getType(typeName)
  const field = isObjectType(type) ? type.getFields()[fieldName] : undefined
  if (!field) throw new Error(`The schema has no field ${typeName}.${fieldName}`)
  return field
}

/** The field's present resolver, for wrapping. A field without one reads the property of its name. */
export function resolveOf(schema: GraphQLSchema, typeName: string, fieldName: string): Resolve {
  return fieldOf(schema, typeName, fieldName).resolve ?? (defaultFieldResolver as Resolve)
}

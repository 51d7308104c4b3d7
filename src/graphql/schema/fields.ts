import {
  defaultFieldResolver,
  type GraphQLField,
  type GraphQLFieldResolver,
  type GraphQLSchema,
  isIntrospectionType,
  isObjectType,
} from 'graphql'
import { z } from 'zod'
import { type Scope, scopes } from '../../domain/permissions.ts'
import type { GraphContext } from '../context.ts'

/** A resolver of this graph. */
export type Resolve = GraphQLFieldResolver<unknown, GraphContext>
export type Field = GraphQLField<unknown, GraphContext>

const fieldPermission = z.strictObject({
  /** The viewer needs every one of these. */
  scopes: z.array(z.enum(Object.keys(scopes) as [Scope, ...Scope[]])).min(1),
  /** Without the scopes: `forbid` answers the error FORBIDDEN, `hide` answers null. */
  otherwise: z.enum(['forbid', 'hide']),
  /** The permission applies only to objects whose `kind` is this one. */
  onlyForKind: z.string().optional(),
})
export type FieldPermission = z.infer<typeof fieldPermission>

const fieldCost = z.strictObject({
  /** The most calls to sources that one use of the field needs. Default: 0. */
  calls: z.union([z.number().min(0), z.literal(['PER_PULL_SOURCE', 'PER_COUNT'])]).optional(),
  /** For a field with pages: the calls of a page without items, which only counts. Default: `calls`. */
  callsOfEmptyPage: z.union([z.number().min(0), z.literal(['PER_PULL_SOURCE', 'PER_COUNT'])]).optional(),
  /** An input list, as "argument.field": each of its items needs one more call. */
  callsPerItemOf: z.string().optional(),
  /** Fields of one object with the same word share their calls: they count once. */
  sharedCall: z.string().optional(),
  /** For a field with the arguments `first` and `last`: the size of its page without both. */
  page: z.number().min(0).optional(),
  /** The length of a list: a number, or the argument that tells it. Default: the argument `first`, else 3. */
  items: z.union([z.number().min(0), z.literal('PER_SOURCE'), z.strictObject({ argument: z.string() })]).optional(),
})
export type FieldCost = z.infer<typeof fieldCost>

const fieldExtensions = z.strictObject({
  permission: fieldPermission.optional(),
  cost: fieldCost.optional(),
  /** The property of the domain's ticket that the field reads, where it is not the field's own name. */
  ticketProperty: z.string().optional(),
  /** type-graphql sets this key on every field. */
  complexity: z.undefined().optional(),
})

/** What `@Extensions` says of a field: its permission and its cost. */
export type FieldExtensions = z.infer<typeof fieldExtensions>

/** The extensions of a field. */
export function extensionsOf(field: { readonly extensions: unknown }): FieldExtensions {
  return field.extensions as FieldExtensions
}

/** Throws an Error for an unknown key or value in the extensions of any field: a misspelt permission fails at the start. */
export function checkExtensions(schema: GraphQLSchema): void {
  for (const { name, field } of listFields(schema)) {
    const checked = fieldExtensions.safeParse(field.extensions)
    if (!checked.success) throw new Error(`Wrong extensions of ${name}: ${z.prettifyError(checked.error)}`)
  }
}

export interface NamedField {
  /** "Ticket.raw" */
  readonly name: string
  readonly field: Field
}

/** Every field of every object type, without those of introspection. */
export function listFields(schema: GraphQLSchema): readonly NamedField[] {
  return Object.values(schema.getTypeMap())
    .filter((type) => isObjectType(type))
    .filter((type) => !isIntrospectionType(type))
    .flatMap((type) => Object.values(type.getFields()).map((field) => ({ name: `${type.name}.${field.name}`, field })))
}

/** A field of an object type. Throws an Error when the schema does not have it: a wrong name fails at the start. */
export function fieldOf(schema: GraphQLSchema, typeName: string, fieldName: string): Field {
  const type = schema.getType(typeName)
  const field = isObjectType(type) ? type.getFields()[fieldName] : undefined
  if (!field) throw new Error(`The schema has no field ${typeName}.${fieldName}`)
  return field
}

/** The field's present resolver, for wrapping. A field without one reads the property of its name. */
export function resolveOf(field: Field): Resolve {
  return field.resolve ?? (defaultFieldResolver as Resolve)
}

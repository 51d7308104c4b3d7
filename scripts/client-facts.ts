// A plugin of graphql-codegen: what the client package knows of the graph beside its operations. See codegen.yml.
import { type GraphQLSchema, isInterfaceType, isObjectType, isUnionType } from 'graphql'
import { errorCodes } from '../src/domain/errors.ts'

export function plugin(schema: GraphQLSchema): string {
  const types = Object.values(schema.getTypeMap()).filter(({ name }) => !name.startsWith('__'))
  const roots = new Set<unknown>([schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()])
  const possibleTypes = types
    .filter((type) => isInterfaceType(type) || isUnionType(type))
    .map((type) => [type.name, schema.getPossibleTypes(type).map(({ name }) => name)])
  const withoutId = types.filter((type) => isObjectType(type) && !roots.has(type) && !('id' in type.getFields()))
  const codes = Object.entries(errorCodes).map(([code, { retryable }]) => [code, { retryable }])
  return [
    '/** The types behind each interface: a fragment on an interface matches these, and no other. */',
    // Not readonly: the clients' own types ask for lists that could be changed.
    `export const possibleTypes: Record<string, string[]> = ${JSON.stringify(Object.fromEntries(possibleTypes), null, 2)}`,
    '/** The object types without a field `id`: a cache keeps their objects inside the object that holds them. */',
    constant(
      'typesWithoutId',
      withoutId.map(({ name }) => name),
    ),
    '/** The codes of `extensions.code` of an error, and whether the same request may succeed later. docs/errors.md explains each. */',
    constant('errorCodes', Object.fromEntries(codes)),
    '',
  ].join('\n')
}

function constant(name: string, value: object): string {
  return `export const ${name} = ${JSON.stringify(value, null, 2)} as const`
}

import {
  type ConstDirectiveNode,
  type DefinitionNode,
  type DocumentNode,
  type GraphQLSchema,
  Kind,
  lexicographicSortSchema,
  type ObjectTypeDefinitionNode,
  parse,
  print,
  printSchema,
} from 'graphql'

// The graph as a subgraph of Apollo Federation 2 (https://specs.apollo.dev/federation/v2.0). Composition and routers read it.

/** The directives are of the first version of Federation 2, so that every router and composition of it reads the SDL. */
const header = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.0", import: ["@key", "@shareable"])'

const byExternalId = 'externalId source { key }'

/** By type: the keys by which `_entities` reads an object. The types are those that `node` reads. */
const resolvableKeys: Readonly<Record<string, readonly string[]>> = {
  Ticket: ['id', byExternalId],
  Customer: ['id', byExternalId],
  Vendor: ['id', byExternalId],
  Source: ['id', 'key'],
  ThreadMessage: ['id'],
  TicketEvent: ['id'],
  Delivery: ['id'],
  QuarantinedEvent: ['id'],
}

/** Types that no source offers on their own: another subgraph can add fields to them, and cannot refer to them. */
const unresolvableKeys: Readonly<Record<string, readonly string[]>> = {
  Agent: ['id', byExternalId],
  Group: ['id', byExternalId],
  Order: ['id', byExternalId],
  Organization: ['id', byExternalId],
}

/** Types that have the same fields in every graph of the Relay specification. */
const shareable = ['PageInfo']

/** What the specification adds to a subgraph. It is not part of the SDL that it serves. */
const added = new Set(['_Any', '_Entity', '_Service', '_entities', '_service'])

const printed = new WeakMap<GraphQLSchema, string>()

/** The SDL of `Query._service`: the sorted graph with the directives of the specification, without the fields and types that it adds. */
export function toSubgraphSdl(schema: GraphQLSchema): string {
  const known = printed.get(schema)
  if (known !== undefined) return known
  const { definitions } = parse(printSchema(lexicographicSortSchema(schema)))
  const own = definitions.filter((definition) => !('name' in definition && added.has(definition.name?.value ?? '')))
  const document: DocumentNode = { kind: Kind.DOCUMENT, definitions: [...parse(header).definitions, ...own.map(toSubgraph)] }
  const sdl = `${print(document)}\n`
  printed.set(schema, sdl)
  return sdl
}

function toSubgraph(definition: DefinitionNode): DefinitionNode {
  if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION) return definition
  const directives = directivesOf(definition.name.value)
  const fields = definition.fields?.filter(({ name }) => !added.has(name.value)) ?? []
  return { ...definition, fields, directives: [...(definition.directives ?? []), ...directives] }
}

function directivesOf(typeName: string): readonly ConstDirectiveNode[] {
  const written = [
    ...(resolvableKeys[typeName] ?? []).map((fields) => `@key(fields: "${fields}")`),
    ...(unresolvableKeys[typeName] ?? []).map((fields) => `@key(fields: "${fields}", resolvable: false)`),
    ...(shareable.includes(typeName) ? ['@shareable'] : []),
  ]
  if (written.length === 0) return []
  const [definition] = parse(`type ${typeName} ${written.join(' ')}`).definitions as readonly [ObjectTypeDefinitionNode]
  return definition.directives ?? []
}

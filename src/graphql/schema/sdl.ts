import {
  type ConstDirectiveNode,
  type DefinitionNode,
  GraphQLObjectType,
  GraphQLSchema,
  Kind,
  lexicographicSortSchema,
  type ObjectTypeDefinitionNode,
  parse,
  print,
  printSchema,
} from 'graphql'

// The graph as text: for people and tools, and as a subgraph of Apollo Federation 2 (https://specs.apollo.dev/federation/v2.0).

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

/** What the specification adds to a subgraph. Neither the graph that people read nor the SDL that composition reads has it. */
const isAdded = (name: string) => /^_(?:Any|Entity|Service|entities|service)$/.test(name)

/** Printing takes some 50 ms: it is done once for each schema. */
function printOnce(print: (schema: GraphQLSchema) => string): (schema: GraphQLSchema) => string {
  const printed = new WeakMap<GraphQLSchema, string>()
  return (schema) => {
    const text = printed.get(schema) ?? print(schema)
    printed.set(schema, text)
    return text
  }
}

/** The sorted graph, as it is committed in schema.graphql. It is the same text whether the graph is a subgraph or not. */
export const toSdl = printOnce((schema) => `${printSchema(lexicographicSortSchema(withoutAdded(schema)))}\n`)

/** The SDL of `Query._service`: the same with the directives of the specification. */
export const toSubgraphSdl = printOnce((schema) => {
  const definitions = [header, toSdl(schema)].flatMap((text) => parse(text).definitions)
  return `${print({ kind: Kind.DOCUMENT, definitions: definitions.map(withDirectives) })}\n`
})

function withoutAdded(schema: GraphQLSchema): GraphQLSchema {
  const config = schema.toConfig()
  if (!config.query || !config.types.some(({ name }) => isAdded(name))) return schema
  const { fields, ...query } = config.query.toConfig()
  const own = Object.fromEntries(Object.entries(fields).filter(([name]) => !isAdded(name)))
  const types = config.types.filter((type) => !isAdded(type.name) && type !== config.query)
  return new GraphQLSchema({ ...config, query: new GraphQLObjectType({ ...query, fields: own }), types })
}

function withDirectives(definition: DefinitionNode): DefinitionNode {
  if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION) return definition
  return { ...definition, directives: [...(definition.directives ?? []), ...directivesOf(definition.name.value)] }
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

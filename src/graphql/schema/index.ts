import 'reflect-metadata'
import { createPubSub } from '@graphql-yoga/subscription'
import { type GraphQLSchema, lexicographicSortSchema, printSchema } from 'graphql'
import { buildSchemaSync, type NonEmptyArray } from 'type-graphql'
import type { TicketSource } from '../../sources/source.ts'
import { attachDetailFields } from './lazy-fields.ts'
import { attachTypeResolvers } from './node-reader.ts'
import { applyPolicy } from './policy-fields.ts'
import { LookupResolver } from './resolvers/lookups.ts'
import { TicketMutationResolver } from './resolvers/mutations.ts'
import { CustomerResolver, SourceResolver, VendorResolver } from './resolvers/parties.ts'
import { ReadResolver } from './resolvers/reads.ts'
import { RoutingQueryResolver } from './resolvers/routing.ts'
import { RoutingMutationResolver } from './resolvers/routing-mutations.ts'
import { TicketSubscriptionResolver } from './resolvers/subscriptions.ts'
import { RoutingResolver, TicketLinkResolver, TicketResolver } from './resolvers/ticket.ts'
import { CancellationReasonType, GeneralReasonType, OrderReasonType, SubjectAccessRequestReasonType } from './types/reason.ts'
import { ThreadMessageType } from './types/thread.ts'

const resolvers: NonEmptyArray<new () => object> = [
  ReadResolver,
  LookupResolver,
  RoutingQueryResolver,
  TicketMutationResolver,
  RoutingMutationResolver,
  TicketSubscriptionResolver,
  TicketResolver,
  TicketLinkResolver,
  RoutingResolver,
  CustomerResolver,
  VendorResolver,
  SourceResolver,
]

export interface SchemaOptions {
  /** The configured sources. Their `lazyFields` decide which fields of a listed ticket read the full ticket. */
  readonly sources?: readonly TicketSource[]
  /** Changes the plain schema of type-graphql before permissions and lazy fields wrap its resolvers. */
  readonly transform?: ((schema: GraphQLSchema) => void) | undefined
}

/** The executable schema. */
export function createSchema({ sources = [], transform }: SchemaOptions = {}): GraphQLSchema {
  const schema = buildSchemaSync({
    resolvers,
    orphanedTypes: [
      OrderReasonType,
      CancellationReasonType,
      SubjectAccessRequestReasonType,
      GeneralReasonType,
      ThreadMessageType,
    ],
    validate: false,
    // type-graphql demands one for any subscription; ours read the change feed instead.
    pubSub: createPubSub(),
  })
  transform?.(schema)
  attachDetailFields(schema, sources)
  applyPolicy(schema)
  attachTypeResolvers(schema)
  describeRoots(schema)
  return schema
}

/** The schema as sorted text, as it is committed in schema.graphql. */
export function emitSchema(): string {
  return `${printSchema(lexicographicSortSchema(createSchema()))}\n`
}

/** type-graphql has no place for these. */
function describeRoots(schema: GraphQLSchema): void {
  schema.getQueryType()!.description = 'Everything that can be read.'
  schema.getMutationType()!.description = 'Everything that can be changed. Nothing is ever sent twice.'
  schema.getSubscriptionType()!.description = 'What is pushed as it happens, over WebSocket or server-sent events.'
}

import 'reflect-metadata'
import { createPubSub } from '@graphql-yoga/subscription'
import type { GraphQLSchema } from 'graphql'
import { buildSchemaSync, type NonEmptyArray } from 'type-graphql'
import type { TicketSource } from '../../sources/source.ts'
import { AgentSourceResolver } from './agent.ts'
import { AttachmentResolver } from './attachment.ts'
import { CustomFieldsResolver } from './custom-field.ts'
import { CustomerSourceResolver } from './customer.ts'
import { DeliveryResolver, DeliveryTimeResolver } from './delivery.ts'
import { EscalationResolver, TicketEscalationResolver } from './escalation.ts'
import { applyReferences, FederationQueries } from './federation.ts'
import { checkExtensions } from './fields.ts'
import { GroupSourceResolver, OrganizationSourceResolver } from './group.ts'
import { applyLazyFields } from './lazy-fields.ts'
import { NodeQueries } from './node-queries.ts'
import { OrderSourceResolver } from './order.ts'
import { applyPermissions } from './permissions.ts'
import { QuarantinedEventResolver } from './quarantined-event.ts'
import { ReconcileResolver } from './reconcile.ts'
import { RoutingQueries, RoutingResolver, TicketRoutingResolver } from './routing.ts'
import { applyFormats } from './scalars.ts'
import { toSdl, toSubgraphSdl } from './sdl.ts'
import { SourceResolver } from './source.ts'
import { applySourceCosts } from './source-costs.ts'
import { SourceFormsResolver } from './source-forms.ts'
import { SourceLookupsResolver } from './source-lookups.ts'
import { TicketActionsResolver } from './ticket-actions.ts'
import { ChangeCursorQueries, TicketChangeResolver, TicketChangeSubscriptions } from './ticket-change.ts'
import { ThreadMessageResolver, TicketConversationResolver } from './ticket-conversation.ts'
import { TicketCountQueries } from './ticket-counts.ts'
import { TicketEventsResolver } from './ticket-event.ts'
import { CustomerTicketsResolver, TicketListQueries, VendorTicketsResolver } from './ticket-lists.ts'
import { TicketMutations } from './ticket-mutations.ts'
import { UserErrorResolver } from './ticket-payload.ts'
import { TicketLinkResolver, TicketQueries } from './ticket-queries.ts'
import { CancellationReasonType, GeneralReasonType, OrderReasonType, SubjectAccessRequestReasonType } from './ticket-reason.ts'
import { TicketTimelineResolver } from './ticket-timeline.ts'
import { UploadMutations } from './upload.ts'
import { VendorSourceResolver } from './vendor.ts'
import { ViewerQueries } from './viewer.ts'

const resolvers: NonEmptyArray<new () => object> = [
  AgentSourceResolver,
  ChangeCursorQueries,
  CustomerSourceResolver,
  CustomerTicketsResolver,
  CustomFieldsResolver,
  DeliveryResolver,
  DeliveryTimeResolver,
  EscalationResolver,
  GroupSourceResolver,
  NodeQueries,
  OrderSourceResolver,
  OrganizationSourceResolver,
  QuarantinedEventResolver,
  ReconcileResolver,
  RoutingQueries,
  RoutingResolver,
  SourceFormsResolver,
  SourceLookupsResolver,
  SourceResolver,
  AttachmentResolver,
  ThreadMessageResolver,
  TicketActionsResolver,
  TicketChangeResolver,
  TicketChangeSubscriptions,
  TicketConversationResolver,
  TicketCountQueries,
  TicketEscalationResolver,
  TicketEventsResolver,
  TicketLinkResolver,
  TicketListQueries,
  TicketMutations,
  TicketQueries,
  TicketRoutingResolver,
  TicketTimelineResolver,
  UploadMutations,
  UserErrorResolver,
  VendorSourceResolver,
  VendorTicketsResolver,
  ViewerQueries,
]

/** No field names these types: `Ticket.reason` names their interface. */
const reasonTypes = [OrderReasonType, CancellationReasonType, SubjectAccessRequestReasonType, GeneralReasonType]

export interface SchemaOptions {
  /** The configured sources. They decide which fields are lazy, and what lists cost. Default: none. */
  readonly sources?: readonly TicketSource[]
  /** Changes the plain schema of type-graphql before permissions and lazy fields wrap its resolvers. */
  readonly transform?: ((schema: GraphQLSchema) => void) | undefined
  /** Whether the graph is a subgraph of Apollo Federation 2. Default: false. */
  readonly federation?: boolean
}

/** The executable schema, with its permissions applied. Throws an Error for a wrong extension of a field. */
export function createSchema({ sources = [], transform, federation = false }: SchemaOptions = {}): GraphQLSchema {
  // type-graphql demands a pubSub for any subscription. `ticketChanged` reads the change stream instead.
  const schema = buildSchemaSync({
    resolvers: federation ? [...resolvers, FederationQueries] : resolvers,
    orphanedTypes: reasonTypes,
    pubSub: createPubSub(),
  })
  checkExtensions(schema)
  transform?.(schema)
  if (federation) applyReferences(schema)
  applyLazyFields(schema, sources)
  applySourceCosts(schema, sources)
  applyFormats(schema)
  applyPermissions(schema)
  describeRootTypes(schema)
  return schema
}

/** The schema as the subgraph of a supergraph, with its keys. */
export function emitSubgraphSchema(): string {
  return toSubgraphSdl(createSchema())
}

/** The schema as sorted text, as it is committed in schema.graphql. */
export function emitSchema(): string {
  return toSdl(createSchema())
}

/** type-graphql has no option for the descriptions of the root types. */
function describeRootTypes(schema: GraphQLSchema): void {
  schema.getQueryType()!.description = 'All queries.'
  schema.getMutationType()!.description = 'All mutations. The gateway sends each one to its source at most once.'
  schema.getSubscriptionType()!.description = 'All subscriptions, over WebSocket or server-sent events.'
}

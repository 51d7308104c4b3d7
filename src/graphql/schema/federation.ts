import { type GraphQLResolveInfo, GraphQLScalarType, type GraphQLSchema } from 'graphql'
import { Arg, Ctx, createUnionType, Extensions, Field, Info, ObjectType, Query, Resolver } from 'type-graphql'
import { DeskgraphError } from '../../domain/errors.ts'
import { decodeId, type EntityKind, type EntityRef, encodeId } from '../../domain/ids.ts'
import type { TicketSource } from '../../sources/source.ts'
import { tenantsOf } from '../../tickets/ticket-loader.ts'
import type { GraphContext } from '../context.ts'
import { CustomerType } from './customer.ts'
import { DeliveryType } from './delivery.ts'
import { fieldOf, type Resolve, resolveOf } from './fields.ts'
import { readTicketByExternalId } from './lookup.ts'
import { kindOfType, toTypeName } from './node.ts'
import { readEntity } from './node-queries.ts'
import { QuarantinedEventType } from './quarantined-event.ts'
import { toSubgraphSdl } from './sdl.ts'
import { SourceType } from './source.ts'
import { TicketType } from './ticket.ts'
import { ThreadMessageType } from './ticket-conversation.ts'
import { TicketEventType } from './ticket-event.ts'
import { VendorType } from './vendor.ts'

// What a subgraph of Apollo Federation 2 has beside its own graph. It is in the schema only with `federation: true`.

const Any = new GraphQLScalarType({
  name: '_Any',
  description: 'A reference to an object: `__typename` and the fields of one of its keys.',
})

const Entity = createUnionType({
  name: '_Entity',
  description: 'Every type that `_entities` reads.',
  types: () =>
    [
      TicketType,
      CustomerType,
      VendorType,
      SourceType,
      ThreadMessageType,
      TicketEventType,
      DeliveryType,
      QuarantinedEventType,
    ] as const,
  resolveType: toTypeName,
})

@ObjectType('_Service', { description: 'The subgraph, for the composition of a supergraph.', simpleResolvers: true })
class ServiceType {
  @Field(() => String, { description: 'The graph as SDL with the directives of Federation 2.' })
  readonly sdl!: string
}

@Resolver()
export class FederationQueries {
  /** The document cache refuses it where introspection is closed. */
  @Query(() => ServiceType, { description: 'The SDL of this subgraph. Refused where introspection is closed.' })
  _service(@Info() { schema }: GraphQLResolveInfo) {
    return { sdl: toSubgraphSdl(schema) }
  }

  @Extensions({
    permission: { scopes: ['tickets:read'], otherwise: 'forbid' },
    cost: { calls: 1, items: { argument: 'representations' } },
  })
  @Query(() => [Entity], {
    nullable: 'items',
    description:
      'Reads objects for a router, in the order of the references, with as few upstream calls as `nodes`. A reference that cannot be read makes only its own item null.',
  })
  _entities(
    @Arg('representations', () => [Any], { description: 'The references. Their number is limited by the cost of the operation.' })
    representations: unknown[],
    @Ctx() context: GraphContext,
  ) {
    return representations.map((representation) => {
      try {
        return readReference(context, toReference(representation))
      } catch (error) {
        return error
      }
    })
  }
}

/** A reference of another subgraph, decoded. */
interface Reference {
  readonly kind: EntityKind
  /** null: the reference names the object in another way. */
  readonly id: string | null
  readonly externalId: string | null
  /** Of a `Source` its own key, else that of `source { key }`. */
  readonly sourceKey: string | null
}

/** Throws BAD_USER_INPUT for a value that is no reference to a type with a key. */
function toReference(value: unknown): Reference {
  const { __typename, id, key, externalId, source } = toRecord(value)
  const kind = typeof __typename === 'string' ? kindOfType(__typename) : undefined
  if (!kind) throw new DeskgraphError('BAD_USER_INPUT', 'A reference needs the "__typename" of a type that can be read by a key.')
  const text = (given: unknown) => (typeof given === 'string' ? given : null)
  const sourceKey = text(kind === 'source' ? key : toRecord(source).key)
  return { kind, id: text(id), externalId: text(externalId), sourceKey }
}

function toRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

/** The object, or null when it does not exist for this viewer. Throws BAD_USER_INPUT for a reference without a whole key. */
function readReference(context: GraphContext, { kind, id, externalId, sourceKey }: Reference): unknown {
  if (id !== null) return readById(context, id, kind)
  if (sourceKey !== null && kind === 'source') return context.sources.get(sourceKey)?.info ?? null
  if (sourceKey !== null && externalId !== null && (kind === 'ticket' || isPart(kind))) {
    const source = context.sources.get(sourceKey)
    if (!source) return null
    return kind === 'ticket' ? readTicketByExternalId(context, source, externalId) : readPart(context, source, kind, externalId)
  }
  throw new DeskgraphError('BAD_USER_INPUT', 'A reference needs every field of one of the keys of its type.')
}

function readById(context: GraphContext, id: string, kind: EntityKind): unknown {
  const ref = decodeId(id)
  if (ref?.kind !== kind) throw new DeskgraphError('BAD_USER_INPUT', 'The "id" of a reference is not the global id of its type.')
  if (!context.sources.get(ref.sourceKey)) return null
  return isPart(kind) ? new PartReference(kind, id, ref) : readEntity(context, ref, id)
}

/** Customers and vendors: no source offers them by themselves, and their ids say all that is certain about them. */
type PartKind = 'customer' | 'vendor'

function isPart(kind: EntityKind): kind is PartKind {
  return kind === 'customer' || kind === 'vendor'
}

/** A pulled source has one tenant: the key names the customer or vendor completely. Stored ones are looked up, without an upstream call. */
async function readPart(context: GraphContext, source: TicketSource, kind: PartKind, externalId: string): Promise<unknown> {
  const refIn = (tenant: string): EntityRef => ({ kind, sourceKey: source.info.key, tenant, externalId })
  if (source.info.mode === 'PULL' && source.tenant !== null) {
    const ref = refIn(source.tenant)
    return new PartReference(kind, encodeId(kind, ref.sourceKey, ref.tenant, externalId), ref)
  }
  const found = await Promise.all(tenantsOf(source).map((tenant) => context.reads[kind](refIn(tenant))))
  return found.find((part) => part !== null) ?? null
}

/**
 * A customer or vendor that another subgraph refers to. `id`, `externalId`, `source` and `tickets` follow from its id. Only the fields
 * that are left read its latest ticket, so that a source that fails leaves the others.
 */
class PartReference {
  readonly id: string
  readonly externalId: string
  readonly kind: PartKind
  readonly ref: EntityRef

  constructor(kind: PartKind, id: string, ref: EntityRef) {
    this.kind = kind
    this.id = id
    this.externalId = ref.externalId
    this.ref = ref
  }
}

const readFields = {
  Customer: ['name', 'firstName', 'lastName', 'email', 'phone'],
  Vendor: ['name', 'vertical'],
} as const

/** Makes the fields of customers and vendors read the latest ticket where their object is only a reference. */
export function applyReferences(schema: GraphQLSchema): void {
  for (const [typeName, names] of Object.entries(readFields)) {
    for (const name of names) {
      const field = fieldOf(schema, typeName, name)
      field.resolve = readWhereReferred(resolveOf(field))
    }
  }
}

function readWhereReferred(resolve: Resolve): Resolve {
  return (part, args, context, info) => {
    if (!(part instanceof PartReference)) return resolve(part, args, context, info)
    const { kind, ref } = part
    return context.reads[kind](ref).then((found) => found && resolve(found, args, context, info))
  }
}

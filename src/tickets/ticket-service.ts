import type { Call, Viewer } from '../domain/call.ts'
import type { Clock } from '../domain/clock.ts'
import { DeskgraphError } from '../domain/errors.ts'
import type { ChangeRecorder } from '../domain/events.ts'
import type { EntityRef } from '../domain/ids.ts'
import { maySee } from '../domain/permissions.ts'
import type { Logger, Metrics } from '../domain/telemetry.ts'
import type { Customer, ThreadMessage, Ticket, Vendor } from '../domain/ticket.ts'
import type {
  CloseTicket,
  CreateTicket,
  EscalateTicket,
  ReassignTicket,
  ReopenTicket,
  ReplyToTicket,
  TransferTicket,
  UpdateTicket,
  UserError,
  WriteOutcome,
} from '../domain/writes.ts'
import { assumedOrder } from '../sources/pagination/ticket-order.ts'
import type { TicketFilter, TicketSource } from '../sources/source.ts'
import type { WantedFields } from '../sources/wanted-fields.ts'
import { type CountTickets, countTickets, type TicketCounts } from './counts/count-tickets.ts'
import type { IdempotencyStore } from './idempotency-store.ts'
import { createIdempotentWrite } from './idempotent-write.ts'
import { type ListDeps, type ListTickets, listTickets, type TicketPage } from './pagination/list-tickets.ts'
import { createWriteSender } from './send-write.ts'
import { createTicketLoader, hasTenant, refOf, type TicketLoader, tenantsOf } from './ticket-loader.ts'
import { createTicketWrites } from './ticket-writes.ts'
import type { UploadStore } from './upload-store.ts'
import { createUploadResolver } from './uploads.ts'

/** Reads and writes tickets across all sources. One for the whole process. */
export interface TicketService {
  /**
   * Begins an operation for `call`. Its reads and writes share what they have loaded; two operations share nothing. `selected`: the
   * fields of tickets that it reads; null, as where it is absent: all.
   */
  begin(call: Call, selected?: () => WantedFields | null): TicketOperation
}

/** The reads and writes of one operation, with the rights of its viewer. */
export interface TicketOperation {
  readonly sources: Sources
  readonly reads: TicketReads
  readonly writes: TicketWrites
}

/** The configured sources that the viewer may see. Any other source does not exist for the viewer. */
export interface Sources {
  /** In the configured order. */
  readonly all: readonly TicketSource[]
  get(key: string): TicketSource | undefined
}

export interface TicketReads {
  /** One page over several sources; see `listTickets`. */
  list(request: ListTickets): Promise<TicketPage>
  /** How many tickets match, by group, over several sources; see `countTickets`. */
  count(request: CountTickets): Promise<TicketCounts>
  /**
   * null when there is no such ticket, or its source is not configured or hidden from the viewer.
   * Rejects with the source's error, and with BAD_USER_INPUT for an id that the source cannot have.
   */
  ticket(ref: EntityRef): Promise<Ticket | null>
  /** The same, perhaps as a summary: of a page of links, in few calls. */
  linked(ref: EntityRef): Promise<Ticket | null>
  /** As `linked`, by what people call the ticket at its source. null also where the viewer does not see the source, or the text is no number of it. */
  numbered(sourceKey: string, number: string): Promise<Ticket | null>
  /**
   * The ticket of a summary with this field, batched. Returns its argument when that is a full ticket, or when the source no longer has
   * the ticket.
   */
  full(ticket: Ticket, field: keyof Ticket): Promise<Ticket>
  /** The customer as its latest ticket shows it, because no source offers customers by themselves. null when it has none. */
  customer(ref: EntityRef): Promise<Customer | null>
  /** The vendor as its latest ticket shows it. null when it has none. */
  vendor(ref: EntityRef): Promise<Vendor | null>
}

/** The ticket that a write is for. */
export interface WriteTarget {
  /** The global id as the client sent it. */
  readonly id: string
  /** null when the client sent none. */
  readonly idempotencyKey: string | null
}

export interface TicketPayload {
  /** The ticket as it is now, also after a refusal; null when there is none or it could not be read. */
  readonly ticket: Ticket | null
  /** The message that a reply wrote; null: none, or the source does not show beyond doubt which one it is. */
  readonly message: ThreadMessage | null
  readonly outcome: WriteOutcome
  readonly userErrors: readonly UserError[]
  /** The fault behind a user error, for the log. */
  readonly failure?: DeskgraphError
}

/**
 * Every write checks the source's capability, then the key, then sends once, then records the change. None is ever sent twice.
 * A refusal or a fault is data in the payload; see `ExecuteWrite` for what is thrown.
 */
export interface TicketWrites {
  create(input: CreateTicket): Promise<TicketPayload>
  update(target: WriteTarget, input: UpdateTicket): Promise<TicketPayload>
  reply(target: WriteTarget, input: ReplyToTicket): Promise<TicketPayload>
  escalate(target: WriteTarget, input: EscalateTicket): Promise<TicketPayload>
  close(target: WriteTarget, input: CloseTicket): Promise<TicketPayload>
  reopen(target: WriteTarget, input: ReopenTicket): Promise<TicketPayload>
  reassign(target: WriteTarget, input: ReassignTicket): Promise<TicketPayload>
  transfer(target: WriteTarget, input: TransferTicket): Promise<TicketPayload>
  route(target: WriteTarget): Promise<TicketPayload>
}

export interface TicketServiceDeps {
  /** In the order in which reports name them. */
  readonly sources: readonly TicketSource[]
  readonly idempotency: IdempotencyStore
  /** Files that writes name. */
  readonly uploads: Pick<UploadStore, 'find' | 'open'>
  readonly recorder: ChangeRecorder
  readonly metrics: Metrics
  readonly logger: Logger
  readonly clock: Clock
  readonly limits: TicketLimits
}

export interface TicketLimits {
  /** How many records of one source may be read for one page, where the gateway filters or sorts. */
  readonly scanLimit: number
  /** The largest `first`. */
  readonly maxPageSize: number
  /** How long a page waits for a source, all its calls together. */
  readonly sourceDeadlineMs: number
  /** Other deadlines for single sources, by source key. */
  readonly sourceDeadlinesMs?: Readonly<Record<string, number>>
}

export function createTicketService(deps: TicketServiceDeps): TicketService {
  const { clock, limits, logger, metrics } = deps
  const deadlines = new Map(Object.entries(limits.sourceDeadlinesMs ?? {}))
  const listDeps: ListDeps = {
    metrics,
    logger,
    clock,
    scanLimit: limits.scanLimit,
    maxPageSize: limits.maxPageSize,
    timeoutMsOf: (sourceKey) => deadlines.get(sourceKey) ?? limits.sourceDeadlineMs,
  }
  return {
    begin(call, selected) {
      const sources = visibleSources(deps.sources, call.viewer)
      const loader = createTicketLoader(call, metrics, selected)
      const sender = createWriteSender(call, { ...deps, loader })
      return {
        sources,
        reads: createTicketReads(sources, loader, call, selected ? { ...listDeps, selected } : listDeps),
        writes: createTicketWrites(sources, createIdempotentWrite(call, { ...deps, sender }), {
          sender,
          resolveUploads: createUploadResolver(deps.uploads, call.viewer),
        }),
      }
    },
  }
}

function visibleSources(all: readonly TicketSource[], viewer: Viewer): Sources {
  const visible = all.filter((source) => maySee(viewer, source.info.key))
  const byKey = new Map(visible.map((source) => [source.info.key, source]))
  return { all: visible, get: (key) => byKey.get(key) }
}

function createTicketReads(sources: Sources, loader: TicketLoader, call: Call, deps: ListDeps): TicketReads {
  const latest = new Map<string, Promise<Ticket | null>>()

  /** The latest ticket of a customer or vendor. Read once per operation. */
  function latestOf(ref: EntityRef, filter: TicketFilter): Promise<Ticket | null> {
    const key = `${ref.kind}\0${ref.sourceKey}\0${ref.tenant}\0${ref.externalId}`
    let ticket = latest.get(key)
    if (!ticket) {
      ticket = sources.get(ref.sourceKey) ? readLatest(ref, filter) : noTicket
      latest.set(key, ticket)
    }
    return ticket
  }

  async function readLatest(ref: EntityRef, filter: TicketFilter): Promise<Ticket | null> {
    const request = { sources: [ref.sourceKey], filter, order: assumedOrder, first: 1, after: null, counted: false }
    const page = await listTickets(request, sources, call, deps)
    const cause = page.sources[0]?.cause
    if (cause) throw cause
    return page.edges[0]?.node ?? null
  }

  function read(ref: EntityRef, load: TicketLoader['load']): Promise<Ticket | null> {
    const loaded = loader.loadedFor(ref)
    if (loaded) return loaded
    const source = sources.get(ref.sourceKey)
    if (!source || ref.kind !== 'ticket') return noTicket
    if (!source.isExternalId(ref.externalId)) {
      return Promise.reject(new DeskgraphError('BAD_USER_INPUT', `This is not an id of a ticket of ${source.info.label}.`))
    }
    return hasTenant(source, ref) ? load(source, ref) : noTicket
  }

  return {
    async list(request) {
      const page = await listTickets(request, sources, call, deps)
      loader.prime(page.edges.map((edge) => edge.node))
      return page
    },
    count: (request) => countTickets(request, sources, call, deps),
    ticket: (ref) => read(ref, loader.load),
    linked: (ref) => read(ref, loader.loadSummary),
    async numbered(sourceKey, number) {
      const source = sources.get(sourceKey)
      const externalId = source ? await loader.findExternalId(source, number) : null
      if (!source || externalId === null || !source.isExternalId(externalId)) return null
      const tenants = tenantsOf(source)
      const found = await Promise.all(
        tenants.map((tenant) => read({ kind: 'ticket', sourceKey, tenant, externalId }, loader.loadSummary)),
      )
      return found.find((ticket) => ticket !== null) ?? null
    },
    async full(ticket, field) {
      const source = ticket.isSummary ? sources.get(ticket.source.key) : undefined
      return source ? ((await loader.loadWith(field, source, refOf(ticket))) ?? ticket) : ticket
    },
    customer: async (ref) => (ref.kind === 'customer' ? ((await latestOf(ref, { customer: ref }))?.customer ?? null) : null),
    vendor: async (ref) => (ref.kind === 'vendor' ? ((await latestOf(ref, { vendor: ref }))?.vendor ?? null) : null),
  }
}

const noTicket = Promise.resolve(null)

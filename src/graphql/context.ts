import DataLoader from 'dataloader'
import type { GraphQLError } from 'graphql'
import type { Call, Viewer } from '../domain/call.ts'
import type { Deliveries, Delivery } from '../domain/delivery.ts'
import type {
  ChangeStream,
  DeadLetter,
  DeadLetters,
  EventsRequest,
  EventWindow,
  NumberedEvent,
  TicketEvent,
  TicketHistory,
} from '../domain/events.ts'
import type { EntityRef } from '../domain/ids.ts'
import type { Range, RangePage } from '../domain/page.ts'
import type { Reconciler } from '../domain/reconciliation.ts'
import type { Failure } from '../domain/telemetry.ts'
import type { IdentityMap } from '../sources/identity-map.ts'
import type { SourceHealth, TicketSource } from '../sources/source.ts'
import type { FileService } from '../tickets/files.ts'
import type { Sources, TicketOperation, TicketReads, TicketService, TicketWrites } from '../tickets/ticket-service.ts'
import type { UploadService } from '../tickets/uploads.ts'
import { findLinked } from './schema/lookup.ts'
import type { LazySelection } from './schema/selected-fields.ts'
import type { PartialSource } from './source-errors.ts'

/** The services behind the resolvers. One for the whole process. */
export interface GraphServices {
  readonly sources: readonly TicketSource[]
  readonly tickets: TicketService
  readonly deliveries: Deliveries
  readonly deadLetters: DeadLetters
  readonly reconciler: Reconciler
  readonly uploads: Pick<UploadService, 'create'>
  readonly files: Pick<FileService, 'addressOf'>
  readonly changes: ChangeStream
  readonly history: TicketHistory
  /** By source: keys of custom fields that hold no personal data. Absent: none. */
  readonly publicFields?: Readonly<Record<string, readonly string[]>>
  /** Who a viewer is at a source. Absent: the value of the identity claim. */
  readonly identity?: IdentityMap
  /** The largest `first` that a client may ask for. */
  readonly maxPageSize: number
}

/** What a transport knows of one operation. */
export interface GraphRequest {
  readonly call: Call
  /** Which transport carries the operation; absent: HTTP. */
  readonly transport?: Failure['transport']
  /** The cursor at which a client resumes an event stream (`Last-Event-ID`). It counts before the argument `after`. */
  readonly resumeAfter?: string | undefined
  /**
   * The viewer's rights at this moment; null after the token has expired. A subscription calls it before every event.
   * The transport also aborts `call.signal` at the token's expiry plus the clock skew, so that a subscription without events ends too.
   */
  currentViewer?(): Viewer | null
}

/** The state of one operation. Two operations share nothing of it. Each part is made when it is first used. */
export class GraphContext {
  readonly services: GraphServices
  readonly request: GraphRequest
  readonly call: Call
  /** Errors whose fields have a value all the same: lists of which no source could be read. */
  faults: GraphQLError[] = []
  /** Failures that are data in the response. They are logged, and are not among its errors. */
  failures: GraphQLError[] = []
  /** How many look-up lists the operation has read. */
  lookUps = 0
  /** Sources that failed in lists, by key. */
  partial = new Map<string, PartialSource>()
  /** Missing scopes that have hidden fields. */
  redacted = new Set<string>()
  /** What the operation selects. Absent: not known. */
  selection: LazySelection | undefined
  #tickets: TicketOperation | undefined
  #memory = new Map<string, unknown>()
  #links = new Map<string, EntityRef | null>()
  #deliveries: DataLoader<string, Delivery | null> | undefined
  #deliveriesOf: DataLoader<string, readonly Delivery[]> | undefined
  #quarantined: DataLoader<string, DeadLetter | null> | undefined
  #events: DataLoader<string, TicketEvent | null> | undefined
  #eventsOf: DataLoader<EventsRequest<Range>, RangePage<TicketEvent>> | undefined
  #eventsByTime: DataLoader<EventsRequest<EventWindow>, readonly NumberedEvent[]> | undefined
  #departmentsOf: DataLoader<string, string | null> | undefined

  constructor(services: GraphServices, request: GraphRequest) {
    this.services = services
    this.request = request
    this.call = request.call
  }

  get transport(): Failure['transport'] {
    return this.request.transport ?? 'http'
  }

  get viewer(): Viewer {
    return this.call.viewer
  }

  /** What this operation reads and writes of tickets. */
  get #operation(): TicketOperation {
    this.#tickets ??= this.services.tickets.begin(this.call, () => this.selection?.read()?.fields ?? null)
    return this.#tickets
  }

  get sources(): Sources {
    return this.#operation.sources
  }

  get reads(): TicketReads {
    return this.#operation.reads
  }

  get writes(): TicketWrites {
    return this.#operation.writes
  }

  /** By global id. */
  get deliveries() {
    this.#deliveries ??= new DataLoader((ids: readonly string[]) => this.services.deliveries.find(ids))
    return this.#deliveries
  }

  /** By the ticket's global id, oldest first. */
  get deliveriesOf() {
    this.#deliveriesOf ??= new DataLoader((ids: readonly string[]) => this.services.deliveries.ofTickets(ids))
    return this.#deliveriesOf
  }

  /** By global id. */
  get deadLetters() {
    this.#quarantined ??= new DataLoader((ids: readonly string[]) => this.services.deadLetters.find(ids))
    return this.#quarantined
  }

  /** By global id. */
  get events() {
    this.#events ??= new DataLoader((ids: readonly string[]) => this.services.history.findEvents(ids))
    return this.#events
  }

  /** The pages of events of the tickets of a list, in one read. */
  get eventsOf() {
    this.#eventsOf ??= new DataLoader<EventsRequest<Range>, RangePage<TicketEvent>>(
      (requests) => this.services.history.eventsOf(requests),
      { cache: false },
    )
    return this.#eventsOf
  }

  /** The events for the timelines of a list, in one read. */
  get eventsByTime() {
    this.#eventsByTime ??= new DataLoader((requests) => this.services.history.eventsByTime(requests), { cache: false })
    return this.#eventsByTime
  }

  /** The department of the latest escalation in the change log, by the ticket's global id. */
  get departmentsOf() {
    this.#departmentsOf ??= new DataLoader((ids: readonly string[]) => this.services.history.departmentsOf(ids))
    return this.#departmentsOf
  }

  /** The health of a source, found once for all tickets of a page. */
  health(sourceKey: string): SourceHealth | Promise<SourceHealth> {
    return this.once(`health ${sourceKey}`, () => this.sources.get(sourceKey)?.health() ?? neverCalled)
  }

  /** True while calls to the source fail at once. It makes no call: an event-fed source is never called. */
  isDown(sourceKey: string): boolean {
    if (this.sources.get(sourceKey)?.info.mode !== 'PULL') return false
    const health = this.health(sourceKey)
    return 'state' in health && health.state === 'DOWN'
  }

  /** The decoded global id of a linked ticket; null: not a visible ticket. Many tickets of a page link to the same one: each id is decoded once. */
  linked(id: string): EntityRef | null {
    let ref = this.#links.get(id)
    if (ref === undefined) {
      ref = findLinked(this, id)
      this.#links.set(id, ref)
    }
    return ref
  }

  /** Runs a look-up once for this operation, also when a field is selected under several aliases. */
  once<T>(key: string, lookUp: () => T): T {
    const known = this.#memory.get(key) as T | undefined
    if (known !== undefined) return known
    const found = lookUp()
    this.#memory.set(key, found)
    return found
  }

  /** Drops everything that was read. Each event of a subscription begins with fresh state. */
  renew(): void {
    this.#tickets = undefined
    this.#deliveries = undefined
    this.#deliveriesOf = undefined
    this.#quarantined = undefined
    this.#events = undefined
    this.#eventsOf = undefined
    this.#eventsByTime = undefined
    this.#departmentsOf = undefined
    this.#memory = new Map()
    this.faults = []
    this.partial = new Map()
    this.failures = []
    this.redacted = new Set()
  }
}

const neverCalled: SourceHealth = {
  state: 'UNKNOWN',
  checkedAt: null,
  latencyP50Ms: null,
  latencyP99Ms: null,
  errorRate: null,
  lastError: null,
}

export function createContext(services: GraphServices, request: GraphRequest): GraphContext {
  return new GraphContext(services, request)
}

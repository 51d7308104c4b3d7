import { DeskgraphError } from '../../src/domain/errors.ts'
import { type EntityRef, encodeId } from '../../src/domain/ids.ts'
import type { PlainTicket, Ticket } from '../../src/domain/ticket.ts'
import { toPlainTicket, withFields } from '../../src/domain/ticket-view.ts'
import type { CreateTicket, WriteResult } from '../../src/domain/writes.ts'
import type { ListRequest, ListSlice, TicketFilter, TicketOrder, TicketSource } from '../../src/sources/source.ts'
import { someCall } from '../support/call.ts'
import type { FaultProxy } from '../support/fault-proxy.ts'

/** A source with tickets, for the contract. */
export interface SourceFixture {
  readonly source: TicketSource
  /** Every ticket of its list, in any order. At least eight, and more than one page of the source where its vendor allows that. */
  readonly refs: readonly EntityRef[]
  /** The fields of its capabilities that no ticket of the fixture has. Absent: none. */
  readonly unfilled?: readonly string[]
  /** A valid reference without a ticket. */
  readonly missing: EntityRef
  /** The same kind of source over a vendor, or a store, that does not answer. */
  readonly unreachable: TicketSource
  /** The vendor, for checks that disturb it. Absent: an event-fed source, or one in memory. */
  readonly vendor?: VendorUnderTest
  /** What the source can be asked to write. Absent: the source has no writes, or they cannot be tried. */
  readonly writes?: WriteSamples
  close(): Promise<void>
}

/** The vendor of a pulled source, and a proxy before it. */
export interface VendorUnderTest {
  /** Between the source and the vendor. */
  readonly proxy: FaultProxy
  /** How the vendor refuses a write: the statuses and bodies of its answers. */
  readonly refusals: readonly VendorAnswer[]
  /** How it answers a write that it drops in silence. Absent: it is not known to do that. */
  readonly dropped?: VendorAnswer
  /** The texts of the messages that the customer of a ticket reads there, asked for past the source. Absent: it cannot be asked. */
  readonly customerReads?: (ref: EntityRef) => Promise<readonly string[]>
}
export interface VendorAnswer {
  readonly status: number
  readonly body: string
}

export interface WriteSamples {
  /** Tickets that may be changed, at least eight: each check takes the next one. */
  readonly refs: readonly EntityRef[]
  /** A change of a ticket by the source. */
  readonly change: (ref: EntityRef) => Promise<WriteResult>
  /** True for a ticket that has the change. */
  readonly isChanged: (ticket: Ticket) => boolean
  readonly create?: CreateTicket
}

export const latestFirst: TicketOrder = { field: 'UPDATED_AT', direction: 'DESC' }

/** One promise of the port. `name` completes the sentence "Every source …". */
export interface ContractCheck {
  readonly name: string
  run(subject: Subject): Promise<void>
}

/** The source that is tried, with what the checks share: no check reads all tickets again. */
export class Subject {
  readonly fixture: SourceFixture
  readonly source: TicketSource
  #complete: Promise<readonly (PlainTicket | null)[]> | undefined
  #listed: Promise<readonly Ticket[]> | undefined
  #changed = 0

  constructor(fixture: SourceFixture) {
    this.fixture = fixture
    this.source = fixture.source
  }

  list(changes: Partial<ListRequest> = {}): Promise<ListSlice> {
    return this.source.listTickets({ filter: {}, order: latestFirst, position: null, limit: 10, ...changes }, someCall())
  }

  /** The tickets by their ids. Throws where one could not be read. */
  async load(refs: readonly EntityRef[]): Promise<readonly (PlainTicket | null)[]> {
    return (await this.source.loadTickets(refs, someCall({ fresh: true }))).map((loaded) => {
      if (loaded instanceof DeskgraphError) throw loaded
      return loaded && toPlainTicket(loaded)
    })
  }

  /** Every ticket of the fixture, read by its id once. */
  complete(): Promise<readonly (PlainTicket | null)[]> {
    this.#complete ??= this.load(this.fixture.refs)
    return this.#complete
  }

  /** The whole list without a condition, read once. Customers that lists omit are those of the single reads: a filter is tried by them too. */
  listed(): Promise<readonly Ticket[]> {
    this.#listed ??= this.#listWithCustomers()
    return this.#listed
  }

  async #listWithCustomers(): Promise<readonly Ticket[]> {
    const listed = await this.listAll(this.source.maxPageSize)
    if (!this.source.lazyFields.includes('customer')) return listed
    const customers = new Map((await this.complete()).map((ticket) => [ticket?.id, ticket?.customer ?? null]))
    return listed.map((ticket) => withFields(ticket, { customer: customers.get(ticket.id) ?? null }))
  }

  /** All slices of a list. */
  async slices(limit: number, request: { filter?: TicketFilter; order?: TicketOrder } = {}): Promise<readonly ListSlice[]> {
    const slices: ListSlice[] = []
    let position: string | null = null
    for (let calls = 0; calls < 2000; calls++) {
      const slice: ListSlice = await this.list({ ...request, position, limit })
      slices.push(slice)
      if (slice.end) return slices
      position = slice.positions.at(-1) ?? position
    }
    throw new Error('the list does not end')
  }

  async listAll(limit: number, request: { filter?: TicketFilter; order?: TicketOrder } = {}): Promise<readonly Ticket[]> {
    return (await this.slices(limit, request)).flatMap(({ tickets }) => tickets)
  }

  /** A ticket that no other check changes. */
  nextWritable(): EntityRef {
    const refs = this.fixture.writes?.refs ?? []
    const ref = refs[this.#changed % refs.length]
    this.#changed += 1
    if (!ref) throw new Error('the fixture has no ticket to change')
    return ref
  }
}

export function idOf({ sourceKey, tenant, externalId }: EntityRef): string {
  return encodeId('ticket', sourceKey, tenant, externalId)
}

export function toRef(ticket: Ticket): EntityRef {
  return { kind: 'ticket', sourceKey: ticket.source.key, tenant: ticket.tenant, externalId: ticket.externalId }
}

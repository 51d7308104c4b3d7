import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DeskgraphError } from '../../src/domain/errors.ts'
import { decodeId, type EntityRef, encodeId } from '../../src/domain/ids.ts'
import { type Ticket, ticketChannels, ticketPriorities, ticketStatuses } from '../../src/domain/ticket.ts'
import type { WriteResult } from '../../src/domain/writes.ts'
import {
  type CountKey,
  filterFields,
  type ListRequest,
  type ListSlice,
  lookupNames,
  type TicketOrder,
  type TicketSource,
} from '../../src/sources/source.ts'
import { methodOfAction, toUpdatableFields } from '../../src/sources/source-table.ts'
import { someCall } from '../support/call.ts'

/** A source with tickets, for the contract. */
export interface SourceFixture {
  readonly source: TicketSource
  /** Every ticket of its list, in any order. At least eight. */
  readonly refs: readonly EntityRef[]
  /** The fields of its capabilities that no ticket of the fixture has. Absent: none. */
  readonly unfilled?: readonly string[]
  /** A valid reference without a ticket. */
  readonly missing: EntityRef
  /** The same kind of source over a vendor, or a store, that does not answer. */
  readonly unreachable: TicketSource
  close(): Promise<void>
}

const latestFirst: TicketOrder = { field: 'UPDATED_AT', direction: 'DESC' }
const times = [
  'statusChangedAt',
  'dueAt',
  'createdAt',
  'updatedAt',
  'firstOpenedAt',
  'lastOpenedAt',
  'resolvedAt',
  'deletedAt',
] as const satisfies readonly (keyof Ticket)[]

/** Tests what every TicketSource promises (src/sources/source.ts). */
export function describeSource(name: string, setUp: () => Promise<SourceFixture>): void {
  describe(`${name}, like every source,`, () => {
    let fixture: SourceFixture
    let source: TicketSource
    beforeAll(async () => {
      fixture = await setUp()
      source = fixture.source
    }, 60_000)
    afterAll(async () => {
      await source.close?.()
      await fixture.unreachable.close?.()
      await fixture.close()
    })
    const list = (changes: Partial<ListRequest> = {}) =>
      source.listTickets({ filter: {}, order: latestFirst, position: null, limit: 10, ...changes }, someCall())
    const load = async (refs: readonly EntityRef[]) => (await source.loadTickets(refs, someCall())).map(toTicketOrNull)

    it('has the methods that its info lists, and no others', () => {
      const { actions, canCreate, capabilities } = source.info
      const methods = new Set<string>(actions.map((action) => methodOfAction[action]))
      for (const method of Object.values(methodOfAction)) {
        expect([method, typeof source[method]]).toEqual([method, methods.has(method) ? 'function' : 'undefined'])
      }
      expect(typeof source.createTicket).toBe(canCreate ? 'function' : 'undefined')
      expect(lookupNames.filter((name) => source[name] !== undefined)).toEqual(
        lookupNames.filter((name) => capabilities.lookups.includes(name)),
      )
      expect(capabilities.writes).toEqual(actions)
      expect(capabilities.notes === 'VERIFIED').toBe(actions.includes('NOTE'))
      expect(capabilities.updatableFields).toEqual(actions.includes('UPDATE') ? toUpdatableFields(capabilities.takes) : [])
      if (!actions.includes('UPDATE')) expect(capabilities.updatableFields).toEqual([])
      expect(decodeId(source.info.id)).toMatchObject({ kind: 'source', sourceKey: source.info.key, externalId: source.info.key })
      expect(filterFields).toEqual(expect.arrayContaining([...source.info.filters]))
      expect(source.maxPageSize).toBeGreaterThan(0)
    })

    it('accepts the ids of its tickets, and neither empty nor very long text, nor control characters', () => {
      for (const { externalId } of [...fixture.refs, fixture.missing]) expect(source.isExternalId(externalId)).toBe(true)
      for (const text of ['', 'a\u0000b', 'x'.repeat(10_000)]) expect(source.isExternalId(text)).toBe(false)
    })

    it('loads complete tickets in the order of the references, repeated ones too, and null where there is none', async () => {
      const [first, second] = fixture.refs as [EntityRef, EntityRef]
      const ofOtherSource = { ...first, sourceKey: `not-${source.info.key}` }
      const ofOtherTenant = { ...first, tenant: 'no such tenant' }
      const tickets = await load([second, fixture.missing, first, second, ofOtherSource, ofOtherTenant])
      expect(tickets.map((ticket) => ticket?.id ?? null)).toEqual([idOf(second), null, idOf(first), idOf(second), null, null])
      expect(await load([])).toEqual([])
    })

    it('returns tickets of the model: its ids, times and enum values, and data that survives JSON', async () => {
      const tickets = await load(fixture.refs)
      for (const [index, ticket] of tickets.entries()) {
        const ref = fixture.refs[index]!
        expect(ticket).toMatchObject({ id: idOf(ref), tenant: ref.tenant, externalId: ref.externalId, isSummary: false })
        expectModel(ticket!, source)
      }
    })

    it('fills the fields that its capabilities name, and no others', async () => {
      const filled = (await load(fixture.refs)).flatMap((ticket) =>
        Object.entries(ticket ?? {}).flatMap(([name, value]) => (value === null ? [] : [name === 'messages' ? 'threads' : name])),
      )
      const notInGraph = new Set(['tenant', 'isSummary'])
      const known: readonly string[] = source.info.capabilities.reads
      expect([...new Set(filled)].filter((name) => !notInGraph.has(name) && !known.includes(name))).toEqual([])
      const missing = known.filter((name) => !['events', 'timeline', 'actions'].includes(name) && !filled.includes(name))
      expect(missing).toEqual(fixture.unfilled ?? [])
    })

    it('lists every ticket once for each slice size, and ends', async () => {
      for (const limit of [1, 3, source.maxPageSize]) {
        const tickets = await listAll(list, limit)
        expect(tickets.map(({ id }) => id).sort()).toEqual(fixture.refs.map(idOf).sort())
      }
    })

    it('returns a position behind each ticket, at which a list resumes', async () => {
      const slice = await list({ limit: 5 })
      expect(slice.positions).toHaveLength(slice.tickets.length)
      const next = await list({ position: slice.positions[1]!, limit: 2 })
      expect(next.tickets.map(({ id }) => id)).toEqual(slice.tickets.slice(2, 4).map(({ id }) => id))
    })

    it('returns at most one page, and nothing behind the end', async () => {
      expect((await list({ limit: source.maxPageSize * 5 })).tickets.length).toBeLessThanOrEqual(source.maxPageSize)
      const last = (await listSlices(list, source.maxPageSize)).at(-1)!
      expect(last.end).toBe(true)
      expect(last.totalCount ?? fixture.refs.length).toBe(fixture.refs.length)
      const position = last.positions.at(-1)
      if (position !== undefined) expect(await list({ position })).toMatchObject({ tickets: [], positions: [], end: true })
    })

    it('lists tickets that equal those of single reads, except in lazy fields', async () => {
      const { tickets } = await list()
      const complete = await load(tickets.map(toRef))
      for (const [index, ticket] of tickets.entries()) {
        expectModel(ticket, source)
        expect(ticket.isSummary).toBe(source.lazyFields.length > 0)
        expect(withoutLazyFields(ticket, source)).toEqual(withoutLazyFields(complete[index]!, source))
      }
    })

    it('has exactly the requested order with keyset pagination, and the latest update first with offsets', async () => {
      const orders: TicketOrder[] =
        source.paginationStyle === 'offset'
          ? [latestFirst]
          : (['UPDATED_AT', 'CREATED_AT'] as const).flatMap((field) => [
              { field, direction: 'ASC' as const },
              { field, direction: 'DESC' as const },
            ])
      for (const order of orders) {
        const seen = (await listAll((changes) => list({ ...changes, order }), 4)).map((ticket) =>
          order.field === 'CREATED_AT' ? ticket.createdAt : ticket.updatedAt,
        )
        const known = seen.filter((time) => time !== null)
        const sorted = [...known].sort()
        expect(known).toEqual(order.direction === 'ASC' ? sorted : sorted.reverse())
      }
    })

    it('DECISION-37 counts by the keys of its capabilities, as many tickets as it lists, and by no key without them', async () => {
      const { counts, countsBy, callsPerCount } = source.info.capabilities
      expect([counts, typeof source.countTickets]).toEqual([countsBy.length > 0, countsBy.length > 0 ? 'function' : 'undefined'])
      expect(callsPerCount > 0).toBe(counts && source.info.mode === 'PULL')
      const tickets = await load(fixture.refs)
      for (const by of countsBy) {
        const tally = (await source.countTickets!({ filter: {}, by }, someCall()))!
        expect([by, tally.total, tally.complete]).toEqual([by, fixture.refs.length, true])
        const counted = new Map(tally.groups.filter(({ count }) => count > 0).map(({ key, count }) => [key, count]))
        const expected = new Map<string | null, number>()
        for (const ticket of by === 'SOURCE' ? [] : tickets) {
          const key = toKey(ticket!, by)
          expected.set(key, (expected.get(key) ?? 0) + 1)
        }
        expect([by, counted]).toEqual([by, expected])
      }
    })

    it('has a known state of health, also when its vendor or store does not answer', async () => {
      for (const one of [source, fixture.unreachable]) {
        expect(['UP', 'DEGRADED', 'DOWN', 'UNKNOWN']).toContain((await one.health()).state)
      }
    })

    it('answers a write to a ticket that does not exist with the user error NOT_FOUND', async () => {
      for (const [name, result] of await writeEverywhere(source, fixture.missing)) {
        expect([name, result]).toMatchObject([name, { outcome: 'REJECTED', ticket: null, userErrors: [{ code: 'NOT_FOUND' }] }])
      }
    })

    it('refuses an internal note where it has none, and never sends it as a public message', async () => {
      const { notes } = source.info.capabilities
      if (!source.replyToTicket || notes === 'VERIFIED') return
      const note = await source.replyToTicket(fixture.refs[0]!, { body: 'A note', visibility: 'INTERNAL' }, someCall())
      expect(note).toMatchObject({ outcome: 'REJECTED', userErrors: [{ code: 'NOT_SUPPORTED' }] })
    })

    it("fails at once when its caller's signal is aborted", async () => {
      const gone = someCall({ signal: AbortSignal.abort() })
      await expect(source.listTickets({ filter: {}, order: latestFirst, position: null, limit: 3 }, gone)).rejects.toBeInstanceOf(
        DeskgraphError,
      )
      expect(await source.loadTickets([fixture.refs[0]!], gone)).toEqual([expect.any(DeskgraphError)])
    })

    it('fails with an error that names it when its vendor or store does not answer, and never returns null for that', async () => {
      const { unreachable } = fixture
      const fault = { source: unreachable.info.key, code: expect.stringMatching(/^(UPSTREAM_|CIRCUIT_OPEN|STORAGE_)/) }
      await expect(
        unreachable.listTickets({ filter: {}, order: latestFirst, position: null, limit: 3 }, someCall()),
      ).rejects.toMatchObject(fault)
      if (unreachable.countTickets) {
        await expect(unreachable.countTickets({ filter: {}, by: 'SOURCE' }, someCall())).rejects.toMatchObject(fault)
      }
      expect(await unreachable.loadTickets([fixture.refs[0]!], someCall())).toMatchObject([fault])
      const [error] = await unreachable.loadTickets([fixture.refs[0]!], someCall())
      expect((error as DeskgraphError).message).not.toMatch(/https?:|127\.0\.0\.1|localhost/)
    })
  })
}

/** By what a count groups a ticket. */
function toKey({ status, priority, channel, assignee, queue, queueKey }: Ticket, by: CountKey): string | null {
  const values = { STATUS: status, PRIORITY: priority, CHANNEL: channel, SOURCE: null }
  if (by === 'ASSIGNEE') return assignee?.externalId ?? null
  return by === 'QUEUE' ? (queueKey ?? queue) : values[by]
}

function idOf({ sourceKey, tenant, externalId }: EntityRef): string {
  return encodeId('ticket', sourceKey, tenant, externalId)
}

function toRef(ticket: Ticket): EntityRef {
  return { kind: 'ticket', sourceKey: ticket.source.key, tenant: ticket.tenant, externalId: ticket.externalId }
}

function toTicketOrNull(loaded: Ticket | DeskgraphError | null): Ticket | null {
  if (loaded instanceof DeskgraphError) throw loaded
  return loaded
}

type Lister = (changes: Partial<ListRequest>) => Promise<ListSlice>

async function listSlices(list: Lister, limit: number): Promise<ListSlice[]> {
  const slices: ListSlice[] = []
  let position: string | null = null
  for (let calls = 0; calls < 2000; calls++) {
    const slice: ListSlice = await list({ position, limit })
    slices.push(slice)
    if (slice.end) return slices
    position = slice.positions.at(-1) ?? position
  }
  throw new Error('the list does not end')
}

async function listAll(list: Lister, limit: number): Promise<Ticket[]> {
  return (await listSlices(list, limit)).flatMap(({ tickets }) => tickets)
}

function expectModel(ticket: Ticket, source: TicketSource): void {
  // One object per source, shared by all its tickets.
  expect(ticket.source).toBe(source.info)
  expect(JSON.parse(JSON.stringify(ticket))).toEqual(ticket)
  expect(decodeId(ticket.id)).toEqual(toRef(ticket))
  expect(ticketStatuses).toContain(ticket.status)
  if (ticket.priority !== null) expect(ticketPriorities).toContain(ticket.priority)
  if (ticket.channel !== null) expect(ticketChannels).toContain(ticket.channel)
  for (const name of times) if (ticket[name] !== null) expect(ticket[name]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  expect(ticket.freshness.mode).toBe(source.info.mode === 'PULL' ? 'LIVE' : 'EVENT_FED')
  for (const link of ticket.links ?? []) if (link.ticketId !== null) expect(decodeId(link.ticketId)?.kind).toBe('ticket')
  const messageIds = ticket.messages?.map(({ id }) => id) ?? []
  expect(new Set(messageIds).size).toBe(messageIds.length)
}

/** The fields that a list and a single read agree on. `raw` is the record as each of them received it. */
function withoutLazyFields(ticket: Ticket, source: TicketSource): object {
  const differing: readonly string[] = [...source.lazyFields, 'isSummary', 'freshness', 'raw']
  return Object.fromEntries(Object.entries(ticket).filter(([name]) => !differing.includes(name)))
}

/** The name and result of every write that the source has, with an input that it accepts. */
async function writeEverywhere(source: TicketSource, ref: EntityRef): Promise<[string, WriteResult][]> {
  const call = someCall({ email: 'agent@deskgraph.test' })
  const update = source.info.system === 'oneview' ? { event: 'PICKED_TIME' as const } : { title: 'A title' }
  const writes: [string, Promise<WriteResult> | undefined][] = [
    ['update', source.updateTicket?.(ref, update, call)],
    ['reply', source.replyToTicket?.(ref, { body: 'A reply', visibility: 'PUBLIC' }, call)],
    ['escalate', source.escalateTicket?.(ref, { statusReason: 'a reason' }, call)],
    ['close', source.closeTicket?.(ref, { statusReason: 'a reason' }, call)],
    ['reopen', source.reopenTicket?.(ref, { statusReason: 'a reason' }, call)],
    ['reassign', source.reassignTicket?.(ref, { assignee: 'agent-1' }, call)],
    ['transfer', source.transferTicket?.(ref, { queue: 'dummyqueueid' }, call)],
    ['route', source.routeTicket?.(ref, call)],
  ]
  return Promise.all(
    writes.flatMap(([name, write]) => (write ? [write.then((result): [string, WriteResult] => [name, result])] : [])),
  )
}

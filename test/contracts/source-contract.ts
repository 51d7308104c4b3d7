import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DeskgraphError } from '../../src/domain/errors.ts'
import { decodeId, type EntityRef, encodeId } from '../../src/domain/ids.ts'
import { type Ticket, type TicketAction, ticketChannels, ticketPriorities, ticketStatuses } from '../../src/domain/ticket.ts'
import type { WriteResult } from '../../src/domain/writes.ts'
import { filterFields, type ListRequest, type ListSlice, type TicketOrder, type TicketSource } from '../../src/sources/source.ts'
import { someCall } from '../support/call.ts'

/** A source with tickets in it, for the contract. */
export interface SourceWorld {
  readonly source: TicketSource
  /** Every ticket that its list shows, at least eight, in any order. */
  readonly refs: readonly EntityRef[]
  /** A reference in the source's own alphabet to which there is no ticket. */
  readonly missing: EntityRef
  /** The same kind of source with nothing behind it that answers; absent where that cannot be arranged. */
  readonly unreachable?: TicketSource
  close(): Promise<void>
}

type Method =
  | 'updateTicket'
  | 'replyToTicket'
  | 'escalateTicket'
  | 'closeTicket'
  | 'reassignTicket'
  | 'transferTicket'
  | 'routeTicket'
const methodOfAction: Readonly<Record<TicketAction, Method>> = {
  UPDATE: 'updateTicket',
  REPLY: 'replyToTicket',
  ESCALATE: 'escalateTicket',
  CLOSE: 'closeTicket',
  REASSIGN: 'reassignTicket',
  TRANSFER: 'transferTicket',
  ROUTE: 'routeTicket',
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

/** What every TicketSource promises (src/domain/source.ts), whatever is behind it. */
export function describeSource(name: string, setUp: () => Promise<SourceWorld>): void {
  describe(`${name}, as every source,`, () => {
    let world: SourceWorld
    let source: TicketSource
    beforeAll(async () => {
      world = await setUp()
      source = world.source
    })
    afterAll(async () => {
      await source.close?.()
      await world.unreachable?.close?.()
      await world.close()
    })
    const list = (changes: Partial<ListRequest> = {}) =>
      source.listTickets({ filter: {}, order: latestFirst, position: null, limit: 10, ...changes }, someCall())
    const load = async (refs: readonly EntityRef[]) => (await source.loadTickets(refs, someCall())).map(toTicketOrNull)

    it('has the methods that its info speaks of, and no others', () => {
      const { actions, canCreate } = source.info
      for (const [action, method] of Object.entries(methodOfAction)) {
        expect([action, typeof source[method]]).toEqual([
          action,
          actions.includes(action as TicketAction) ? 'function' : 'undefined',
        ])
      }
      expect(typeof source.createTicket).toBe(canCreate ? 'function' : 'undefined')
      expect(decodeId(source.info.id)).toMatchObject({ kind: 'source', sourceKey: source.info.key, externalId: source.info.key })
      expect(filterFields).toEqual(expect.arrayContaining([...source.info.filters]))
      expect(source.maxPageSize).toBeGreaterThan(0)
    })

    it('knows the ids of its own tickets, and takes neither nothing nor pages of text for one', () => {
      for (const { externalId } of [...world.refs, world.missing]) expect(source.isExternalId(externalId)).toBe(true)
      for (const text of ['', 'a\u0000b', 'x'.repeat(10_000)]) expect(source.isExternalId(text)).toBe(false)
    })

    it('loads whole tickets in the order asked for, repeated ones too, and null where there is none', async () => {
      const [first, second] = world.refs as [EntityRef, EntityRef]
      const foreign = { ...first, sourceKey: `not-${source.info.key}` }
      const elsewhere = { ...first, tenant: 'no such tenant' }
      const tickets = await load([second, world.missing, first, second, foreign, elsewhere])
      expect(tickets.map((ticket) => ticket?.id ?? null)).toEqual([idOf(second), null, idOf(first), idOf(second), null, null])
      expect(await load([])).toEqual([])
    })

    it('gives tickets that keep the model: names, times, words, and data that survives JSON', async () => {
      const tickets = await load(world.refs)
      for (const [index, ticket] of tickets.entries()) {
        const ref = world.refs[index]!
        expect(ticket).toMatchObject({ id: idOf(ref), tenant: ref.tenant, externalId: ref.externalId, isSummary: false })
        expectModel(ticket!, source)
      }
    })

    it('lists every ticket once, however small the steps, and ends', async () => {
      for (const limit of [1, 3, source.maxPageSize]) {
        const walked = await walk(list, limit)
        expect(walked.map(({ id }) => id).sort()).toEqual(world.refs.map(idOf).sort())
      }
    })

    it('gives a position behind each ticket, from which the walk goes on right behind it', async () => {
      const slice = await list({ limit: 5 })
      expect(slice.positions).toHaveLength(slice.tickets.length)
      const next = await list({ position: slice.positions[1]!, limit: 2 })
      expect(next.tickets.map(({ id }) => id)).toEqual(slice.tickets.slice(2, 4).map(({ id }) => id))
    })

    it('never gives more than a page, and nothing behind its end', async () => {
      expect((await list({ limit: source.maxPageSize * 5 })).tickets.length).toBeLessThanOrEqual(source.maxPageSize)
      const last = (await walkSlices(list, source.maxPageSize)).at(-1)!
      expect(last.end).toBe(true)
      expect(last.totalCount ?? world.refs.length).toBe(world.refs.length)
      const position = last.positions.at(-1)
      if (position !== undefined) expect(await list({ position })).toMatchObject({ tickets: [], positions: [], end: true })
    })

    it('lists tickets that say what a single read says, but for the fields that it names as details', async () => {
      const { tickets } = await list()
      const whole = await load(tickets.map(toRef))
      for (const [index, ticket] of tickets.entries()) {
        expectModel(ticket, source)
        expect(ticket.isSummary).toBe(source.lazyFields.length > 0)
        expect(withoutDetails(ticket, source)).toEqual(withoutDetails(whole[index]!, source))
      }
    })

    it('gives exactly the asked order where its list is walked by keys, and the latest update first where by offsets', async () => {
      const orders: TicketOrder[] =
        source.paginationStyle === 'offset'
          ? [latestFirst]
          : (['UPDATED_AT', 'CREATED_AT'] as const).flatMap((field) => [
              { field, direction: 'ASC' as const },
              { field, direction: 'DESC' as const },
            ])
      for (const order of orders) {
        const seen = (await walk((changes) => list({ ...changes, order }), 4)).map((ticket) =>
          order.field === 'CREATED_AT' ? ticket.createdAt : ticket.updatedAt,
        )
        const known = seen.filter((time) => time !== null)
        const sorted = [...known].sort()
        expect(known).toEqual(order.direction === 'ASC' ? sorted : sorted.reverse())
      }
    })

    it('says what it is like, in known words', () => {
      expect(['UP', 'DEGRADED', 'DOWN', 'UNKNOWN']).toContain(source.health().state)
    })

    it('answers a write to a ticket that does not exist with the user error NOT_FOUND', async () => {
      for (const [name, result] of await writeEverywhere(source, world.missing)) {
        expect([name, result]).toMatchObject([name, { outcome: 'REJECTED', ticket: null, userErrors: [{ code: 'NOT_FOUND' }] }])
      }
    })

    it('stops at the signal of its caller', async () => {
      if (source.info.mode !== 'PULL') return
      const gone = someCall({ signal: AbortSignal.abort() })
      await expect(source.listTickets({ filter: {}, order: latestFirst, position: null, limit: 3 }, gone)).rejects.toBeInstanceOf(
        DeskgraphError,
      )
      expect(await source.loadTickets([world.refs[0]!], gone)).toEqual([expect.any(DeskgraphError)])
    })

    it('throws a fault that names it when nothing behind it answers, and never takes that for "none"', async () => {
      const dead = world.unreachable
      if (!dead) return
      const fault = { source: dead.info.key, code: expect.stringMatching(/^(UPSTREAM_|CIRCUIT_OPEN|STORAGE_)/) }
      await expect(
        dead.listTickets({ filter: {}, order: latestFirst, position: null, limit: 3 }, someCall()),
      ).rejects.toMatchObject(fault)
      expect(await dead.loadTickets([world.refs[0]!], someCall())).toMatchObject([fault])
      const [error] = await dead.loadTickets([world.refs[0]!], someCall())
      expect((error as DeskgraphError).message).not.toMatch(/https?:|127\.0\.0\.1|localhost/)
    })
  })
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

async function walkSlices(list: Lister, limit: number): Promise<ListSlice[]> {
  const slices: ListSlice[] = []
  let position: string | null = null
  for (let steps = 0; steps < 2000; steps++) {
    const slice: ListSlice = await list({ position, limit })
    slices.push(slice)
    if (slice.end) return slices
    position = slice.positions.at(-1) ?? position
  }
  throw new Error('the list does not end')
}

async function walk(list: Lister, limit: number): Promise<Ticket[]> {
  return (await walkSlices(list, limit)).flatMap(({ tickets }) => tickets)
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

/** What a list and a single read must agree on. `raw` is the record as each of them got it. */
function withoutDetails(ticket: Ticket, source: TicketSource): object {
  const left: readonly string[] = [...source.lazyFields, 'isSummary', 'freshness', 'raw']
  return Object.fromEntries(Object.entries(ticket).filter(([name]) => !left.includes(name)))
}

/** Every write that the source has, with an input that it would take, each with its name. */
async function writeEverywhere(source: TicketSource, ref: EntityRef): Promise<[string, WriteResult][]> {
  const call = someCall({ email: 'agent@deskgraph.test' })
  const update = source.info.system === 'oneview' ? { event: 'PICKED_TIME' as const } : { title: 'A title' }
  const writes: [string, Promise<WriteResult> | undefined][] = [
    ['update', source.updateTicket?.(ref, update, call)],
    ['reply', source.replyToTicket?.(ref, { body: 'A reply', visibility: 'PUBLIC' }, call)],
    ['escalate', source.escalateTicket?.(ref, { statusReason: 'a reason' }, call)],
    ['close', source.closeTicket?.(ref, { statusReason: 'a reason' }, call)],
    ['reassign', source.reassignTicket?.(ref, { assignee: 'somebody' }, call)],
    ['transfer', source.transferTicket?.(ref, { queueId: 'dummyqueueid' }, call)],
    ['route', source.routeTicket?.(ref, call)],
  ]
  return Promise.all(
    writes.flatMap(([name, write]) => (write ? [write.then((result): [string, WriteResult] => [name, result])] : [])),
  )
}

import { expect } from 'vitest'
import { DeskgraphError } from '../../src/domain/errors.ts'
import { decodeId, type EntityRef } from '../../src/domain/ids.ts'
import { type PlainTicket, type Ticket, ticketChannels, ticketPriorities, ticketStatuses } from '../../src/domain/ticket.ts'
import { toPlainTicket } from '../../src/domain/ticket-view.ts'
import { filterFields, lookupNames, type TicketSource } from '../../src/sources/source.ts'
import { methodOfAction, toUpdatableFields } from '../../src/sources/source-table.ts'
import { someCall } from '../support/call.ts'
import { passOn } from '../support/fault-proxy.ts'
import { type ContractCheck, idOf, latestFirst, toRef } from './source-fixture.ts'

const times = [
  ...([
    'statusChangedAt',
    'dueAt',
    'createdAt',
    'updatedAt',
    'firstOpenedAt',
    'lastOpenedAt',
    'resolvedAt',
    'deletedAt',
  ] as const),
] satisfies readonly (keyof Ticket)[]

/** The fields that two reads of one ticket have alike. */
function without(ticket: Ticket): Partial<PlainTicket> {
  const { freshness, raw, isSummary, lazyFieldsRead, ...fields } = toPlainTicket(ticket)
  return fields
}

/** What a source says of itself, and single tickets. */
export const readingChecks: readonly ContractCheck[] = [
  {
    name: 'has the methods that its info lists, and no others',
    async run({ source }) {
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
      expect(decodeId(source.info.id)).toMatchObject({ kind: 'source', sourceKey: source.info.key, externalId: source.info.key })
      expect(filterFields).toEqual(expect.arrayContaining([...source.info.filters]))
      expect(source.maxPageSize).toBeGreaterThan(0)
    },
  },
  {
    name: 'accepts the ids of its tickets, and neither empty nor very long text, nor control characters',
    async run({ source, fixture }) {
      for (const { externalId } of [...fixture.refs, fixture.missing]) expect(source.isExternalId(externalId)).toBe(true)
      for (const text of ['', 'a\u0000b', 'x'.repeat(10_000)]) expect(source.isExternalId(text)).toBe(false)
    },
  },
  {
    name: 'loads complete tickets in the order of the references, repeated ones too, and null where there is none',
    async run(subject) {
      const { source, fixture } = subject
      const [first, second] = fixture.refs as [EntityRef, EntityRef]
      const ofOtherSource = { ...first, sourceKey: `not-${source.info.key}` }
      const ofOtherTenant = { ...first, tenant: 'no such tenant' }
      const tickets = await subject.load([second, fixture.missing, first, second, ofOtherSource, ofOtherTenant])
      expect(tickets.map((ticket) => ticket?.id ?? null)).toEqual([idOf(second), null, idOf(first), idOf(second), null, null])
      expect(await subject.load([])).toEqual([])
    },
  },
  {
    name: 'returns tickets of the model: its ids, times and enum values, and data that survives JSON',
    async run(subject) {
      for (const [index, ticket] of (await subject.complete()).entries()) {
        const ref = subject.fixture.refs[index]!
        expect(ticket).toMatchObject({ id: idOf(ref), tenant: ref.tenant, externalId: ref.externalId, isSummary: false })
        expectModel(ticket!, subject.source)
      }
    },
  },
  {
    name: 'has its customers and vendors in its one tenant, when the gateway calls it: another system names them by their external id',
    async run(subject) {
      const { info, tenant } = subject.source
      if (info.mode === 'EVENT_FED' || tenant === null) return
      for (const part of (await subject.complete()).flatMap((ticket) => [ticket?.customer ?? [], ticket?.vendor ?? []].flat())) {
        expect(decodeId(part.id)).toMatchObject({ sourceKey: info.key, tenant, externalId: part.externalId })
      }
    },
  },
  {
    name: 'fills the fields that its capabilities name, and no others',
    async run(subject) {
      const { source, fixture } = subject
      const values = (await subject.complete()).flatMap((ticket) => Object.entries(ticket ?? {}))
      const namesOf = (hasValue: (value: unknown) => boolean) =>
        new Set(values.flatMap(([name, value]) => (hasValue(value) ? [name === 'messages' ? 'threads' : name] : [])))
      const notInGraph = new Set(['tenant', 'isSummary'])
      const known: readonly string[] = source.info.capabilities.reads
      const present = namesOf((value) => value !== null)
      expect([...present].filter((name) => !notInGraph.has(name) && !known.includes(name))).toEqual([])
      // A list that is empty on every ticket shows nothing: the source may not have asked for it.
      const seen = namesOf((value) => value !== null && !(Array.isArray(value) && value.length === 0))
      const missing = known.filter((name) => !['events', 'timeline', 'actions'].includes(name) && !seen.has(name))
      expect(missing).toEqual(fixture.unfilled ?? [])
    },
  },
  {
    name: 'offers statuses by the words and values that its tickets show',
    async run(subject) {
      const tickets = (await subject.complete()).filter((ticket) => ticket !== null)
      const shown = new Map<string | null, Set<string>>()
      for (const { sourceStatus, status } of tickets) shown.set(sourceStatus, (shown.get(sourceStatus) ?? new Set()).add(status))
      const options = tickets.flatMap(({ statusOptions }) => statusOptions ?? [])
      const known = options.flatMap(({ key, label, status }) => {
        const word = [key, label].find((one) => shown.has(one))
        return word === undefined ? [] : [[word, status, shown.get(word)!.has(status)]]
      })
      expect(known.filter(([, , isShown]) => !isShown)).toEqual([])
      // Transitions have names of their own.
      if (subject.source.info.system !== 'jira') expect(known.length).toBeGreaterThan(options.length === 0 ? -1 : 0)
    },
  },
  {
    name: 'shows as PUBLIC the messages that the customer reads, and no others',
    async run(subject) {
      const customerReads = subject.fixture.vendor?.customerReads
      if (!customerReads) return
      const refs = subject.fixture.refs.slice(0, 20)
      const tickets = await subject.load(refs)
      expect(new Set(tickets.flatMap((ticket) => ticket?.messages?.map(({ visibility }) => visibility) ?? []))).toEqual(
        new Set(subject.source.info.capabilities.notes === 'NONE' ? ['PUBLIC'] : ['PUBLIC', 'INTERNAL']),
      )
      for (const [index, ref] of refs.entries()) {
        const shown = tickets[index]!.messages!.filter(({ visibility }) => visibility === 'PUBLIC').map(({ body }) => body)
        expect([ref.externalId, shown.toSorted()]).toEqual([ref.externalId, (await customerReads(ref)).toSorted()])
      }
    },
  },
  {
    name: 'never shows the record of another ticket as the one asked for',
    async run(subject) {
      const { vendor, refs } = subject.fixture
      if (!vendor) return
      const [asked, other] = refs as [EntityRef, EntityRef]
      // In the path, or in a list of ids.
      const place = new RegExp(`([/=])${encodeURIComponent(asked.externalId).replace(/[.*()]/g, '\\$&')}(?![\\w%])`)
      vendor.proxy.fault(async (exchange) => {
        const { call, response, forward } = exchange
        if (call.method !== 'GET' || !place.test(call.path)) return passOn(exchange)
        const { status, body } = await forward(call.path.replace(place, `$1${encodeURIComponent(other.externalId)}`))
        response.writeHead(status, { 'content-type': 'application/json' }).end(body)
      })
      const [loaded] = await subject.source.loadTickets([asked], someCall({ fresh: true }))
      vendor.proxy.fault(null)
      if (loaded === null || loaded instanceof DeskgraphError) return
      // A stub for a ticket that was merged or moved.
      expect(loaded).toMatchObject({
        id: idOf(asked),
        externalId: asked.externalId,
        status: 'UNKNOWN',
        title: null,
        messages: null,
      })
      expect(loaded?.links).toMatchObject([{ kind: 'MERGED_INTO', externalId: other.externalId }])
    },
  },
  {
    name: 'reads a field that costs calls of its own where it is wanted, and names what a ticket has without it',
    async run(subject) {
      const { source, fixture } = subject
      const { lazyFields, costlyFields = [] } = source
      expect(lazyFields).toEqual(expect.arrayContaining([...costlyFields]))
      const refs = fixture.refs.slice(0, 5)
      const complete = await subject.load(refs)
      for (const wanted of [[], ...costlyFields.map((field) => [field])]) {
        const partial = await source.loadTickets(refs, someCall({ fresh: true }), new Set(wanted))
        for (const [index, ticket] of partial.entries()) {
          const { freshness, raw, isSummary, lazyFieldsRead = [], ...fields } = toPlainTicket(ticket as Ticket)
          const missing = costlyFields.filter((field) => isSummary && !lazyFieldsRead.includes(field))
          expect(missing).not.toEqual(expect.arrayContaining(wanted.length > 0 ? wanted : ['']))
          expect(isSummary).toBe(missing.length > 0)
          if (isSummary)
            expect(lazyFieldsRead.toSorted()).toEqual(lazyFields.filter((field) => !missing.includes(field)).toSorted())
          const nothing = Object.fromEntries(missing.map((field) => [field, null]))
          expect({ ...fields, source: null }).toEqual({ ...without(complete[index]!), ...nothing, source: null })
        }
      }
    },
  },
  {
    name: 'has a known state of health, also when its vendor or store does not answer',
    async run({ source, fixture }) {
      for (const one of [source, fixture.unreachable]) {
        expect(['UP', 'DEGRADED', 'DOWN', 'UNKNOWN']).toContain((await one.health()).state)
      }
    },
  },
  {
    name: "fails at once when its caller's signal is aborted",
    async run({ source, fixture }) {
      const gone = someCall({ signal: AbortSignal.abort() })
      await expect(source.listTickets({ filter: {}, order: latestFirst, position: null, limit: 3 }, gone)).rejects.toBeInstanceOf(
        DeskgraphError,
      )
      expect(await source.loadTickets([fixture.refs[0]!], gone)).toEqual([expect.any(DeskgraphError)])
    },
  },
  {
    name: 'fails with an error that names it when its vendor or store does not answer, and never returns null for that',
    async run({ fixture }) {
      const { unreachable } = fixture
      const fault = { source: unreachable.info.key, code: expect.stringMatching(/^(UPSTREAM_|CIRCUIT_OPEN|STORAGE_)/) }
      await expect(
        unreachable.listTickets({ filter: {}, order: latestFirst, position: null, limit: 3 }, someCall()),
      ).rejects.toMatchObject(fault)
      if (unreachable.countTickets) {
        await expect(unreachable.countTickets({ filter: {}, by: 'SOURCE' }, someCall())).rejects.toMatchObject(fault)
      }
      const [error] = await unreachable.loadTickets([fixture.refs[0]!], someCall())
      expect(error).toMatchObject(fault)
      expect((error as DeskgraphError).message).not.toMatch(/https?:|127\.0\.0\.1|localhost/)
    },
  },
]

export function expectModel(ticket: Ticket, source: TicketSource): void {
  // One object per source, shared by all its tickets.
  expect(ticket.source).toBe(source.info)
  expect(JSON.parse(JSON.stringify(ticket))).toEqual(toPlainTicket(ticket))
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

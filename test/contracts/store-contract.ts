import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createChangeStream } from '../../src/changes/change-stream.ts'
import type { Store } from '../../src/db/open-store.ts'
import type { Change } from '../../src/domain/events.ts'
import { noLogger, noMetrics } from '../../src/domain/telemetry.ts'
import type { Ticket } from '../../src/domain/ticket.ts'
import { toUnknownTicket } from '../../src/sources/mapped-ticket.ts'
import type { TicketFilter, TicketOrder } from '../../src/sources/source.ts'
import { vccAdd, vccDelete, vccUpdate } from '../fixtures/vcc/samples.ts'
import type { TestEngine } from '../support/engines.ts'
import { readHistory } from '../support/history.ts'
import { createIngestionFixture, createTestClock, findTestSource, vccInfo } from '../support/ingestion-fixture.ts'

const origin = { source: vccInfo, tenant: 'listed', observedAt: '2024-06-01T12:00:00.000Z' }
const make = (externalId: string, fields: Partial<Ticket>): Ticket => ({ ...toUnknownTicket(externalId, origin, {}), ...fields })
const ref = (externalId: string, tenant = 'acme') => ({ kind: 'ticket' as const, sourceKey: 'vcc', tenant, externalId })

const listed: readonly Ticket[] = [
  make('1-1', {
    status: 'OPEN',
    priority: 'HIGH',
    title: '100% wrong_order',
    updatedAt: '2024-01-03T00:00:00.000Z',
    createdAt: '2024-01-01T00:00:00.000Z',
    tags: ['a', 'b'],
  }),
  make('1-2', {
    status: 'CLOSED',
    priority: 'LOW',
    title: '100 wrongXorder',
    updatedAt: '2024-01-03T00:00:00.000Z',
    createdAt: '2024-01-02T00:00:00.000Z',
    tags: ['b'],
  }),
  make('1-3', { status: 'OPEN', priority: null, title: 'late', updatedAt: '2024-01-05T00:00:00.000Z', createdAt: null }),
  make('1-4', {
    status: 'OPEN',
    priority: 'URGENT',
    title: "Robert'); drop table tickets;--",
    updatedAt: null,
    createdAt: '2024-01-04T00:00:00.000Z',
  }),
  make('1-5', { status: 'OPEN', updatedAt: '2024-01-06T00:00:00.000Z', deletedAt: '2024-01-07T00:00:00.000Z' }),
]

async function listIds(store: Store, order: TicketOrder, filter: TicketFilter = {}, limit = 1): Promise<string[]> {
  const ids: string[] = []
  let position: string | null = null
  for (;;) {
    const slice = await store.tickets.list('vcc', { filter, order, position, limit })
    ids.push(...slice.tickets.map((ticket) => ticket.externalId))
    position = slice.positions.at(-1) ?? null
    if (slice.end) return ids
  }
}

/** What every store must do, on every engine. */
export function describeStore(engine: TestEngine): void {
  describe(`the store on ${engine.name}`, () => {
    const clock = createTestClock()
    let store: Store
    let close: () => Promise<void>

    beforeAll(async () => {
      ;({ store, close } = await engine.open({ findSource: findTestSource, clock }))
      await store.transaction((tx) => tx.saveTickets(listed.map((ticket) => ({ ticket, state: null, submission: null }))))
    }, 120_000)
    afterAll(() => close())

    test('lists every ticket once in each order, nulls last, ties by id, without deleted tickets', async () => {
      expect(await listIds(store, { field: 'UPDATED_AT', direction: 'DESC' })).toEqual(['1-3', '1-1', '1-2', '1-4'])
      expect(await listIds(store, { field: 'UPDATED_AT', direction: 'ASC' })).toEqual(['1-1', '1-2', '1-3', '1-4'])
      expect(await listIds(store, { field: 'CREATED_AT', direction: 'DESC' })).toEqual(['1-4', '1-2', '1-1', '1-3'])
      expect(await listIds(store, { field: 'CREATED_AT', direction: 'ASC' })).toEqual(['1-1', '1-2', '1-4', '1-3'])
      expect(await listIds(store, { field: 'PRIORITY', direction: 'DESC' })).toEqual(['1-4', '1-1', '1-2', '1-3'])
      expect(await listIds(store, { field: 'PRIORITY', direction: 'ASC' })).toEqual(['1-2', '1-1', '1-4', '1-3'])
    })

    test('applies filters with bound values, and matches LIKE characters as themselves (INPUT-06)', async () => {
      const order = { field: 'UPDATED_AT', direction: 'DESC' } as const
      expect(await listIds(store, order, { text: '100%' })).toEqual(['1-1'])
      expect(await listIds(store, order, { text: 'G_o' })).toEqual(['1-1'])
      expect(await listIds(store, order, { text: "'); drop" })).toEqual(['1-4'])
      expect(await listIds(store, order, { status: ['CLOSED'], tags: ['b'] })).toEqual(['1-2'])
      expect(await listIds(store, order, { priority: ['HIGH', 'LOW'] })).toEqual(['1-1', '1-2'])
      expect(await listIds(store, order, { updatedAfter: '2024-01-03T00:00:00.000Z' })).toEqual(['1-3'])
      const slice = await store.tickets.list('vcc', { filter: { status: ['OPEN'] }, order, position: null, limit: 1 })
      expect(slice).toMatchObject({ totalCount: 3, end: false, dropped: 0 })
    })

    test('refuses a position of another order', async () => {
      const bad = { filter: {}, order: { field: 'PRIORITY', direction: 'ASC' } as const, position: 'bm90LW9uZQ', limit: 1 }
      await expect(store.tickets.list('vcc', bad)).rejects.toMatchObject({ code: 'BAD_USER_INPUT' })
    })

    test('reads a ticket back as it was saved, with NUL and lone surrogates (STORAGE-05)', async () => {
      const odd = make('9-9', { title: 'a\u0000b\ud800c', tags: ['x\u0000'] })
      await store.transaction((tx) => tx.saveTickets([{ ticket: odd, state: { seen: '\u0000' }, submission: null }]))
      const [found] = await store.transaction((tx) => tx.findTickets([ref('9-9', 'listed')]))
      expect(found).toEqual({ ticket: odd, state: { seen: '\u0000' }, submission: null })
    })

    test('rolls back all of a transaction that fails', async () => {
      const failing = store.transaction(async (tx) => {
        await tx.saveTickets([{ ticket: make('8-8', {}), state: null, submission: null }])
        throw new Error('no')
      })
      await expect(failing).rejects.toThrow('no')
      expect(await store.tickets.find([ref('8-8', 'listed')])).toEqual([null])
    })

    test('throws the error of a failing transaction unchanged, as a defect of the gateway', async () => {
      const defect = new TypeError('x is not a function')
      await expect(store.transaction(() => Promise.reject(defect))).rejects.toBe(defect)
      const badStatement = store.transaction((tx) => tx.executeSql('select no_such_column from tickets'))
      await expect(badStatement).rejects.toMatchObject({ code: '42703' })
      await store.ping()
    })

    test('does not report a commit of a transaction in which a statement has failed', async () => {
      const { db } = store
      const insert = { name: 'twice', value: 1 }
      const work = db.transaction().execute(async (trx) => {
        await trx.insertInto('marks').values(insert).execute()
        await expect(trx.insertInto('marks').values(insert).execute()).rejects.toMatchObject({ code: '23505' })
      })
      await expect(work).rejects.toThrow('rolled back')
      expect(await db.selectFrom('marks').selectAll().where('name', '=', 'twice').execute()).toEqual([])
    })

    test('keeps an answer under its key: fresh, running, done, mismatch, released', async () => {
      const claim = { viewerId: 'v', key: 'k', mutation: 'createTicket', fingerprint: 'f' }
      const answer = { outcome: 'APPLIED' as const, ticketId: 't', userErrors: [] }
      const states = await Promise.all([store.idempotency.begin(claim), store.idempotency.begin(claim)])
      expect(states.map(({ state }) => state).sort()).toEqual(['fresh', 'running'])
      await store.idempotency.finish(claim, answer)
      expect(await store.idempotency.begin(claim)).toEqual({ state: 'done', answer })
      expect(await store.idempotency.begin({ ...claim, mutation: 'closeTicket' })).toEqual({ state: 'mismatch' })
    })

    test('keeps keys apart that differ in a normal form, in case or in blanks, and viewers that differ at their end', async () => {
      const claim = { viewerId: 'v', key: 'k', mutation: 'createTicket', fingerprint: 'f' }
      const keys = ['\u00e9', 'e\u0301', 'E\u0301', 'e\u0301 ', '\ufffd', '\u{1f511}'.repeat(255)]
      for (const key of keys) expect([key, (await store.idempotency.begin({ ...claim, key })).state]).toEqual([key, 'fresh'])
      // Random text does not compress: the row of an index is then too long for PostgreSQL.
      const long = randomBytes(6_000).toString('base64')
      for (const viewerId of [`${long}1`, `${long}2`]) {
        expect((await store.idempotency.begin({ ...claim, viewerId })).state).toBe('fresh')
        expect((await store.idempotency.begin({ ...claim, viewerId })).state).toBe('running')
      }
    })

    test('frees a released key for one of several claims with any input, and keeps its answer for the requests that wait', async () => {
      const claim = { viewerId: 'v', key: 'freed', mutation: 'createTicket', fingerprint: 'f' }
      const answer = {
        outcome: 'REJECTED' as const,
        ticketId: null,
        userErrors: [{ code: 'SOURCE_UNAVAILABLE' as const, message: 'x', field: null, retryable: true }],
      }
      await store.idempotency.begin(claim)
      expect(await store.idempotency.answerOf(claim)).toBeNull()
      await store.idempotency.release(claim, answer)
      expect(await store.idempotency.answerOf(claim)).toEqual(answer)
      const next = { ...claim, mutation: 'closeTicket', fingerprint: 'g' }
      const states = await Promise.all([1, 2, 3].map(() => store.idempotency.begin(next)))
      expect(states.map(({ state }) => state).sort()).toEqual(['fresh', 'running', 'running'])
      expect(await store.idempotency.answerOf(claim)).toBeNull()
      expect(await store.idempotency.begin(claim)).toEqual({ state: 'mismatch' })
    })

    test('gives the answers that version 0.1 stored', async () => {
      const claim = { viewerId: 'v', key: 'old', mutation: 'CLOSE', fingerprint: 'f' }
      await store.idempotency.begin(claim)
      // Written as version 0.1.0 wrote it.
      const answer = '{"outcome":"REJECTED","ticketId":"VGE","userErrors":[{"code":"CONFLICT","message":"Closed.","field":null}]}'
      await store.db.updateTable('idempotency').set({ answer }).where('key', '=', 'old').execute()
      const stored = { outcome: 'REJECTED', ticketId: 'VGE', userErrors: [{ code: 'CONFLICT', message: 'Closed.', field: null }] }
      expect(await store.idempotency.begin(claim)).toEqual({ state: 'done', answer: stored })
      expect(await store.idempotency.answerOf(claim)).toEqual(stored)
    })

    test('answers a claim whose process died with UNKNOWN, and never lets it run again', async () => {
      const claim = { viewerId: 'v', key: 'left', mutation: 'createTicket', fingerprint: 'f' }
      await store.idempotency.begin(claim)
      clock.advance(5 * 60_000)
      expect(await store.idempotency.answerOf(claim)).toMatchObject({ outcome: 'UNKNOWN' })
      expect(await store.idempotency.begin(claim)).toMatchObject({ state: 'done', answer: { outcome: 'UNKNOWN' } })
    })

    test('leases a name to one holder until the lease expires', async () => {
      expect(await store.leases.acquire('poll', 'a', 1_000)).toBe(true)
      expect(await store.leases.acquire('poll', 'b', 1_000)).toBe(false)
      expect(await store.leases.acquire('poll', 'a', 1_000)).toBe(true)
      clock.advance(1_000)
      expect(await store.leases.acquire('poll', 'b', 1_000)).toBe(true)
    })

    test('reduces the documented VCC samples to the same deleted ticket in all six orders, with repeats', async () => {
      const fixture = createIngestionFixture(store, clock)
      const [add, update, remove] = [vccAdd, vccUpdate, vccDelete]
      const orders = [
        [add, update, remove],
        [add, remove, update],
        [update, add, remove],
        [update, remove, add],
        [remove, add, update],
        [remove, update, add],
      ]
      for (const [index, order] of orders.entries()) {
        for (const body of [...order, ...order])
          await fixture.send('vcc', body.replaceAll('"projectId": 130', `"projectId": ${500 + index}`))
      }
      const tickets = await Promise.all(orders.map((_, index) => fixture.ticket('vcc', `${500 + index}-21`)))
      for (const ticket of tickets) {
        expect(ticket).toMatchObject({
          number: '130-20240215-270338',
          title: 'Problem',
          description: 'This is a description for this Ticket',
          status: 'PENDING',
          sourceStatus: 'park/waiting4entity',
          createdAt: '2024-02-11T14:46:46.000Z',
          assignee: { externalId: 'rachel_scott', name: 'Rachel Scott' },
          deletedAt: '2024-06-01T12:05:01.000Z',
        })
      }
      const plain = (ticket: Ticket | null) => ({
        ...ticket,
        id: '',
        externalId: '',
        customer: null,
        raw: { ...(ticket?.raw as object), projectId: 0 },
      })
      for (const ticket of tickets) expect(plain(ticket)).toEqual(plain(tickets[0] ?? null))
    })

    test('applies 20 copies sent at the same time once (WEBHOOK-05), and a burst of 300 events completely (WEBHOOK-15)', async () => {
      const fixture = createIngestionFixture(store, clock)
      const body = vccAdd.replace('"projectId": 130', '"projectId": 600')
      await Promise.all(Array.from({ length: 20 }, () => fixture.send('vcc', body)))
      const history = await readHistory(store.changeLog, (await fixture.ticket('vcc', '600-21'))?.id ?? '')
      expect(history.items.map(({ node }) => node.kind)).toEqual(['CREATED'])
      const burst = Array.from({ length: 300 }, (_, index) =>
        vccAdd.replace('"ticketId": 21', `"ticketId": ${index}`).replace('"projectId": 130', '"projectId": 601'),
      )
      await Promise.all(burst.map((each) => fixture.send('vcc', each)))
      const found = await store.tickets.find(burst.map((_, index) => ref(`601-${index}`)))
      expect(found.filter((ticket) => ticket?.title === 'bug')).toHaveLength(300)
    })

    test('applies at the next start the events that a killed process had only stored (STORAGE-01)', async () => {
      const fixture = createIngestionFixture(store, clock)
      const raw = Buffer.from(vccAdd.replace('"projectId": 130', '"projectId": 700'))
      const event = {
        sourceKey: 'vcc',
        tenant: 'acme',
        externalId: '700-21',
        eventId: null,
        digest: 'd',
        raw,
        receivedAt: '2024-06-01T12:00:00.000Z',
      }
      await store.events.insert([event], [])
      await fixture.ingestion.start()
      await fixture.ingestion.idle()
      expect(await fixture.ticket('vcc', '700-21')).toMatchObject({ title: 'bug', status: 'OPEN' })
      await fixture.ingestion.stop()
    })

    test('streams changes live and after a cursor, each once, and reports a gap', async () => {
      const fixture = createIngestionFixture(store, clock)
      const changeStream = createChangeStream({
        changeLog: store.changeLog,
        metrics: noMetrics,
        logger: noLogger,
        pollMs: 20,
      })
      const bodyOf = (index: number) =>
        vccAdd.replace('"ticketId": 21', `"ticketId": ${index}`).replace('"projectId": 130', '"projectId": 800')
      const collect = async (
        after: string | null,
        count: number,
        meanwhile: () => Promise<unknown>,
        concerns?: (change: Change) => boolean,
      ) => {
        const stop = new AbortController()
        const stream = changeStream.subscribe({ after, signal: stop.signal, ...(concerns && { concerns }) })
        const work = meanwhile()
        const changes: Change[] = []
        for await (const some of stream) {
          changes.push(...some)
          if (changes.length >= count) break
        }
        await work
        stop.abort()
        return changes.slice(0, count)
      }
      const live = await collect(null, 5, () => Promise.all([1, 2, 3, 4, 5].map((index) => fixture.send('vcc', bodyOf(index)))))
      expect(live.map(({ ticket }) => ticket.externalId).sort()).toEqual(['800-1', '800-2', '800-3', '800-4', '800-5'])
      const resumed = await collect(live[1]?.cursor ?? null, 5, () =>
        Promise.all([6, 7].map((index) => fixture.send('vcc', bodyOf(index)))),
      )
      expect(resumed.slice(0, 3).map(({ cursor }) => cursor)).toEqual(live.slice(2).map(({ cursor }) => cursor))
      expect(
        resumed
          .slice(3)
          .map(({ ticket }) => ticket.externalId)
          .sort(),
      ).toEqual(['800-6', '800-7'])
      expect(resumed.every(({ gap }) => !gap)).toBe(true)
      clock.advance(1)
      await store.prune('journal', new Date(clock()).toISOString())
      const [after] = await collect(live[1]?.cursor ?? null, 1, () => fixture.send('vcc', bodyOf(8)))
      expect(after).toMatchObject({ gap: true, ticket: { externalId: '800-8' } })
      const isNine = ({ ticket }: Change) => ticket.externalId === '800-9'
      const send = async () => {
        for (const index of [10, 9]) await fixture.send('vcc', bodyOf(index))
      }
      const [live9] = await collect(null, 1, send, isNine)
      expect(live9).toMatchObject({ gap: false, ticket: { externalId: '800-9' } })
      const [late9] = await collect(live[1]?.cursor ?? null, 1, async () => {}, isNine)
      expect(late9).toMatchObject({ gap: true, cursor: live9?.cursor })
      expect(changeStream.subscriberCount()).toBe(0)
      changeStream.close()
    })

    // The last test: it closes the store of the others.
    test('finds the latest events of a source, its held dead letters among them, also when the events were removed since', async () => {
      const fixture = createIngestionFixture(store, clock)
      const start = clock()
      const at = (ms: number) => new Date(start + ms).toISOString()
      const none = { lastEventAt: null, lastHeldAt: null, events: 0, held: 0 }
      expect(await store.tickets.findActivity('rbi')).toEqual(none)
      const toRbi = (id: string) => fixture.send('rbi', JSON.stringify({ id, type: 'GENERAL', category: 'other' }))
      for (let n = 0; n < 130; n++) await toRbi(`active-${n}`)
      clock.advance(1_000)
      await fixture.send('rbi', 'not json')
      expect(await store.tickets.findActivity('rbi')).toEqual({
        lastEventAt: at(1_000),
        lastHeldAt: at(1_000),
        events: 128,
        held: 1,
      })
      expect(await store.tickets.findActivity('wasabi')).toEqual(none)
      clock.advance(1_000)
      await toRbi('active-130')
      expect(await store.tickets.findActivity('rbi')).toEqual({
        lastEventAt: at(2_000),
        lastHeldAt: at(1_000),
        events: 128,
        held: 1,
      })
      const [held] = await fixture.listDeadLetters()
      await fixture.deadLetters.discard(held!.id, 'not ours')
      expect(await store.tickets.findActivity('rbi')).toEqual({ lastEventAt: at(2_000), lastHeldAt: null, events: 128, held: 0 })
      for (const table of ['inbox', 'quarantine'] as const) await store.prune(table, at(3_000))
      expect(await store.tickets.findActivity('rbi')).toEqual({ lastEventAt: at(2_000), lastHeldAt: null, events: 0, held: 0 })
      await fixture.send('rbi', 'not json either')
      await store.prune('quarantine', at(3_000))
      expect(await store.tickets.findActivity('rbi')).toEqual({
        lastEventAt: at(2_000),
        lastHeldAt: at(2_000),
        events: 1,
        held: 1,
      })
    })

    test('is STORAGE_UNAVAILABLE once it is closed', async () => {
      await store.close()
      await expect(store.ping()).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' })
      await expect(store.transaction((tx) => tx.findTickets([ref('1-1', 'listed')]))).rejects.toMatchObject({
        code: 'STORAGE_UNAVAILABLE',
      })
    })
  })
}

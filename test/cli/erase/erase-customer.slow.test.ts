import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { eraseCustomer } from '../../../src/cli/erase/erase-customer.ts'
import { toErasureSource } from '../../../src/cli/erase/subject.ts'
import type { Store } from '../../../src/db/open-store.ts'
import { decodeId, encodeId } from '../../../src/domain/ids.ts'
import type { Customer, Ticket } from '../../../src/domain/ticket.ts'
import { testEngines } from '../../support/engines.ts'
import { toCustomer, toTicket } from '../../support/memory-ticket.ts'

const at = '2026-11-20T12:00:00.000Z'
const clock = () => Date.parse(at)
const wasabi = toErasureSource('wasabi')
const rbi = toErasureSource('rbi')
const oneview = toErasureSource('oneview')

const personal = {
  name: 'Canary Kowalski',
  firstName: 'Canary',
  lastName: 'Kowalski',
  email: 'Canary.K@example.com',
  phone: '+4915112345678',
}
/** One person in two systems, and another person. A customer number of the first in one system can be a ticket number in another. */
const canaryAtRbi = toCustomer(rbi, 'guest-77', personal)
const canaryAtWasabi = toCustomer(wasabi, '12345678', { email: 'canary.k@example.com' })
const other = toCustomer(rbi, 'guest-78', { name: 'Maria Other', email: 'maria@example.com', phone: '+4915199999999' })

function ticketOf(customer: Customer, externalId: string, fields: Partial<Ticket> = {}): Ticket {
  return toTicket(decodeId(customer.id)?.sourceKey === 'rbi' ? rbi : wasabi, externalId, {
    customer,
    status: 'OPEN',
    queue: 'refunds',
    title: `About ${customer.name}`,
    description: `I am ${customer.name}, write to ${customer.email}`,
    tags: ['refund', `vip:${customer.email}`],
    createdBy: { id: 'a', externalId: 'agent-1', name: 'Ada Agent', email: 'ada@desk.example' },
    messages: [
      {
        id: 'm',
        author: null,
        body: `Dear ${customer.name}`,
        format: 'TEXT',
        visibility: 'PUBLIC',
        createdAt: null,
        attachments: null,
      },
    ],
    orders: [{ id: 'o', externalId: `order-${customer.externalId}`, entityId: null, placedAt: null }],
    followers: [{ kind: 'UNKNOWN', externalId: customer.email, name: customer.name }],
    organization: { id: 'n', externalId: `${customer.name} & Sons`, name: null },
    customFields: [{ key: 'contact', label: null, type: 'TEXT', value: customer.phone, text: customer.phone }],
    satisfaction: { score: 'GOOD', sourceScore: null, comment: `Yours, ${customer.name}`, ratedAt: null },
    raw: { customer, note: customer.phone },
    ...fields,
  })
}

let store: Store

async function storeTicket(ticket: Ticket, state: unknown = null): Promise<void> {
  const change = {
    kind: 'CREATED',
    ticket,
    before: null,
    at,
    actor: { kind: 'CUSTOMER', externalId: 'c', name: ticket.customer?.name ?? null },
  } as const
  await store.transaction(async (tx) => {
    await tx.lockTickets([{ kind: 'ticket', sourceKey: ticket.source.key, tenant: ticket.tenant, externalId: ticket.externalId }])
    await tx.saveTickets([{ ticket, state, submission: null }])
    await tx.record([{ ...change, summary: `${ticket.customer?.name} wrote` }])
  })
}
async function storeEvent(
  sourceKey: string,
  externalId: string,
  body: unknown,
  state: 'PENDING' | 'APPLIED' = 'APPLIED',
): Promise<void> {
  const raw = Buffer.from(JSON.stringify(body))
  await store.events.transaction((tx) =>
    tx.insertEvents([{ sourceKey, tenant: '', externalId, eventId: null, digest: `${externalId}${state}`, raw, receivedAt: at }]),
  )
  if (state === 'APPLIED')
    await sql`update inbox set state = 'APPLIED' where digest = ${`${externalId}APPLIED`}`.execute(store.db)
}
async function storeDeadLetter(body: string): Promise<void> {
  const deadLetter = { sourceKey: 'rbi', eventId: null, raw: Buffer.from(body), problem: 'unknown', receivedAt: at }
  await store.events.transaction((tx) => tx.insertDeadLetters([deadLetter]))
}
async function submit(ticket: Ticket, state: string): Promise<void> {
  await sql`insert into deliveries (id, source_key, market, ticket_id, partner, event, body, state, created_at) values
    (${`${ticket.externalId}-${state}`}, 'rbi', 'm', ${ticket.id}, ${state}, 'e', ${JSON.stringify(ticket.raw)}, ${state}, ${at})`.execute(
    store.db,
  )
}
async function storeAnswer(ticket: Ticket): Promise<void> {
  const claim = { viewerId: 'agent', key: ticket.id, mutation: 'closeTicket', fingerprint: 'f' }
  await store.idempotency.begin(claim)
  const userErrors = [{ code: 'INVALID', message: `${ticket.customer?.name} is unknown`, field: null }] as const
  await store.idempotency.finish(claim, { outcome: 'REJECTED', ticketId: ticket.id, userErrors })
}

async function storeUpload({ id, customer }: Ticket): Promise<void> {
  const viewer = { id: 'agent', email: null, name: null }
  const file = { filename: `${customer?.name}.png`, contentType: null, size: null, secretDigest: 'x', expiresAt: at }
  await store.uploads.add({ ...file, id: `upload ${id}`, viewer, sourceKey: 'rbi', ticketId: id })
}

/** The rows of every table as text, with bytes decoded. */
async function dump(): Promise<Record<string, string[]>> {
  const tables = [
    'tickets',
    'journal',
    'inbox',
    'quarantine',
    'deliveries',
    'idempotency',
    'uploads',
    'checkpoints',
    'observed_tickets',
    'hints',
    'hint_deliveries',
  ]
  const dumped = await Promise.all(
    tables.map(async (table) => {
      const { rows } = await sql<Record<string, unknown>>`select * from ${sql.table(table)}`.execute(store.db)
      const texts = rows.map((row) =>
        JSON.stringify(row, (_key, value) =>
          value?.type === 'Buffer' || value instanceof Uint8Array ? Buffer.from(value.data ?? value).toString() : value,
        ),
      )
      return [table, texts] as const
    }),
  )
  return Object.fromEntries(dumped)
}
const all = (dumped: Record<string, string[]>) => Object.values(dumped).flat().join('\n')
const canaries = /canary|kowalski|15112345678|guest-77|12345678"/i

describe.each(testEngines)('on $name', ({ open }) => {
  let close: () => Promise<void>
  beforeAll(async () => {
    ;({ store, close } = await open({ findSource: toErasureSource, clock }))
  }, 60_000)
  afterEach(() =>
    sql`truncate tickets, journal, inbox, quarantine, deliveries, idempotency, uploads, upload_parts, observed_tickets`.execute(
      store.db,
    ),
  )
  afterAll(() => close())

  it('forgets tickets of pulled sources that were seen, also when they have no entry in the change log', async () => {
    const pulled = { ...wasabi, key: 'oneview', mode: 'PULL' } as const
    const seen = (customer: Customer, externalId: string) => toTicket(pulled, externalId, { customer, title: customer.name })
    await store.transaction((tx) => tx.saveObserved([seen(canaryAtWasabi, 't-1'), seen(other, 't-2')]))
    const receipt = await eraseCustomer(store, 'Canary.K@example.com', clock)
    expect(receipt.rows.observed).toBe(1)
    const { observed_tickets: rows } = await dump()
    expect(rows!.map((row) => JSON.parse(row).external_id)).toEqual(['t-2'])
  })

  it('leaves the tokens of sources alone', async () => {
    const tokens = { sealed: Buffer.from(canaryAtWasabi.email!), keyId: 'k', accessExpiresAt: null, refreshExpiresAt: null }
    await store.tokens.add('zendesk', { ...tokens, obtainedAt: at })
    const before = await store.tokens.list()
    await eraseCustomer(store, canaryAtWasabi.email!, clock)
    expect(await store.tokens.list()).toEqual(before)
  })

  describe('erasing a customer by e-mail address', () => {
    beforeEach(async () => {
      for (const customer of [canaryAtRbi, other]) {
        const ticket = ticketOf(customer, `ticket-of-${customer === other ? 'other' : 'them'}`)
        await storeTicket(ticket, {
          add: { fields: { ticketId: 'T-1', title: customer.name, cc: [customer.email], contactId: customer.externalId } },
        })
        await storeEvent('rbi', ticket.externalId, {
          id: ticket.externalId,
          customer: { name: customer.name, phone: customer.phone },
          comments: 'x',
        })
        await submit(ticket, 'DELIVERED')
        await submit(ticket, 'PENDING')
        await storeAnswer(ticket)
        await storeUpload(ticket)
        await storeDeadLetter(JSON.stringify({ guest: { email: customer.email }, odd: true }))
      }
      await storeTicket(ticketOf(canaryAtWasabi, 'w-1'))
    })

    it('leaves nothing that names them in any table, and the receipt does not name them either', async () => {
      expect(all(await dump())).toMatch(canaries)
      const receipt = await eraseCustomer(store, ' canary.k@EXAMPLE.com ', clock)
      expect(all(await dump())).not.toMatch(canaries)
      expect(JSON.stringify(receipt)).not.toMatch(canaries)
      expect(receipt).toEqual({
        at,
        customerSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
        ticketIds: expect.arrayContaining([
          encodeId('ticket', 'rbi', '', 'ticket-of-them'),
          encodeId('ticket', 'wasabi', '', 'w-1'),
        ]),
        rows: { tickets: 2, journal: 2, observed: 0, inbox: 1, quarantine: 1, deliveries: 2, uploads: 1, idempotency: 1 },
      })
    })
    it('leaves every row of others exactly as it was', async () => {
      const ofOthers = async () =>
        Object.values(await dump())
          .flat()
          .filter((row) => /ticket-of-other|maria/i.test(row))
      const before = await ofOthers()
      expect(before.length).toBeGreaterThanOrEqual(7)
      await eraseCustomer(store, 'canary.k@example.com', clock)
      expect(await ofOthers()).toEqual(before)
    })
    it('keeps what the agents did: the ticket with its state, queue and agent, and its change log in order', async () => {
      await eraseCustomer(store, 'canary.k@example.com', clock)
      const ref = { kind: 'ticket', sourceKey: 'rbi', tenant: '', externalId: 'ticket-of-them' } as const
      const [ticket] = await store.tickets.find([ref])
      expect(ticket).toMatchObject({
        status: 'OPEN',
        queue: 'refunds',
        tags: ['refund'],
        createdBy: { name: 'Ada Agent' },
        customer: null,
        title: null,
      })
      const { rows } = await sql<{ seq: number; kind: string }>`select seq, kind from journal order by seq`.execute(store.db)
      expect(rows.map((row) => row.kind)).toEqual(['CREATED', 'CREATED', 'CREATED'])
    })
    it('cancels pending deliveries and discards dead letters', async () => {
      await eraseCustomer(store, 'canary.k@example.com', clock)
      const { rows: deliveries } = await sql<{ id: string; state: string }>`select id, state from deliveries order by id`.execute(
        store.db,
      )
      expect(Object.fromEntries(deliveries.map((row) => [row.id, row.state]))).toEqual({
        'ticket-of-other-DELIVERED': 'DELIVERED',
        'ticket-of-other-PENDING': 'PENDING',
      })
      const { rows: deadLetters } = await sql<{ state: string }>`select state from quarantine order by id`.execute(store.db)
      expect(deadLetters.map((row) => row.state)).toEqual(['DISCARDED', 'HELD'])
    })
    it('still gives the stored answer to a repeated write, without its texts', async () => {
      const ticketId = encodeId('ticket', 'rbi', '', 'ticket-of-them')
      await eraseCustomer(store, 'canary.k@example.com', clock)
      const again = await store.idempotency.begin({ viewerId: 'agent', key: ticketId, mutation: 'closeTicket', fingerprint: 'f' })
      expect(again).toEqual({
        state: 'done',
        answer: { outcome: 'REJECTED', ticketId, userErrors: [{ code: 'INVALID', message: '[erased]', field: null }] },
      })
    })
    it('changes nothing the second time, and nothing for an unknown customer', async () => {
      await eraseCustomer(store, 'canary.k@example.com', clock)
      const nothing = {
        ticketIds: [],
        rows: { tickets: 0, journal: 0, observed: 0, inbox: 0, quarantine: 0, deliveries: 0, uploads: 0, idempotency: 0 },
      }
      expect(await eraseCustomer(store, 'canary.k@example.com', clock)).toMatchObject(nothing)
      const before = await dump()
      expect(await eraseCustomer(store, 'stranger@example.com', clock)).toMatchObject(nothing)
      expect(await dump()).toEqual(before)
    })
  })

  describe('erasing a customer by id', () => {
    it.each([
      ['the global id', canaryAtRbi.id],
      ["the source's own id", 'guest-77'],
    ])('by %s', async (_what, id) => {
      await storeTicket(ticketOf(canaryAtRbi, 'one'))
      await storeTicket(ticketOf(other, 'two'))
      expect((await eraseCustomer(store, id, clock)).ticketIds).toEqual([encodeId('ticket', 'rbi', '', 'one')])
      expect(all(await dump())).not.toMatch(canaries)
      expect(all(await dump())).toContain('Maria Other')
    })
    it("is not confused by another customer's ticket with the same number", async () => {
      const innocent = ticketOf(toCustomer(wasabi, '555', { name: 'Maria Other' }), '12345678', { number: '12345678' })
      await storeTicket(innocent)
      await storeEvent('wasabi', '12345678', { ticketId: '12345678', customerId: '555' })
      const before = await dump()
      expect((await eraseCustomer(store, '12345678', clock)).ticketIds).toEqual([])
      expect(await dump()).toEqual(before)
    })
  })

  describe('data without a stored ticket', () => {
    it('tickets of polled sources are erased from the change log', async () => {
      const ticket = ticketOf(toCustomer(oneview, 'c-9', personal), 'vsba-nhas')
      await store.transaction((tx) =>
        tx.record([
          {
            kind: 'CLOSED',
            ticket,
            before: ticket,
            at,
            actor: { kind: 'AGENT', externalId: 'a', name: 'Ada Agent' },
            summary: 'closed',
          },
        ]),
      )
      const receipt = await eraseCustomer(store, 'canary.k@example.com', clock)
      expect(receipt).toMatchObject({ ticketIds: [ticket.id], rows: { tickets: 0, journal: 1 } })
      expect(all(await dump())).not.toMatch(canaries)
      expect(all(await dump())).toContain('Ada Agent')
    })
    it('a pending event loses its personal data and can still be decoded', async () => {
      await storeEvent(
        'rbi',
        'new',
        { id: 'new', status: 'ACCEPTED', guest: { name: 'Canary', email: 'canary.k@example.com' }, comments: 'I am Canary' },
        'PENDING',
      )
      await storeEvent('rbi', 'else', { id: 'else', guest: { email: 'maria@example.com' } }, 'PENDING')
      expect((await eraseCustomer(store, 'canary.k@example.com', clock)).rows.inbox).toBe(1)
      const { rows } = await sql<{ raw: Uint8Array }>`select raw from inbox order by id`.execute(store.db)
      expect(rows.map((row) => JSON.parse(Buffer.from(row.raw).toString()))).toEqual([
        { id: 'new', status: 'ACCEPTED', guest: { name: '[erased]', email: '[erased]' }, comments: '[erased]' },
        { id: 'else', guest: { email: 'maria@example.com' } },
      ])
    })
    it('a dead letter that is not JSON is erased when it contains the address', async () => {
      await storeDeadLetter('{"broken": "canary.k@example.com"')
      await storeDeadLetter('{"broken": "Canary"')
      expect((await eraseCustomer(store, 'canary.k@example.com', clock)).rows.quarantine).toBe(1)
    })
  })
})

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Kysely } from 'kysely'
import { Migrator } from 'kysely/migration'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { events } from '../../src/db/migrations/0001-events.ts'
import { deliveries } from '../../src/db/migrations/0002-deliveries.ts'
import { lateEvents } from '../../src/db/migrations/0003-late-events.ts'
import { openPGlite } from '../../src/db/pglite.ts'
import { encodeId } from '../../src/domain/ids.ts'
import { readFixture } from '../fixtures/read-fixture.ts'
import { type GatewayUnderTest, startGatewayUnderTest } from '../support/gateway.ts'

// The rows of the fixture were written by version 0.1.0: its gateway ran over the sandbox, and these writes were sent to it.
type Row = Readonly<Record<string, unknown>>
const rows = readFixture('version-0.1.0/rows.json') as Record<'tickets' | 'journal' | 'deliveries' | 'idempotency', Row[]>
const folder = mkdtempSync(join(tmpdir(), 'deskgraph-0.1.0-'))
const routedId = encodeId('ticket', 'rbi', 'plk-eu', 'a7c9506e-d9bc-4790-9c4d-ee3010a39f28')
const create = {
  source: 'rbi',
  category: 'order',
  subcategory: 'missing-item',
  description: 'No fries.',
  storeId: '1001',
  order: { externalId: 'o-1', placedAt: '2026-11-29T08:00:00Z' },
}

/** Runs with the database of the folder, which no gateway uses meanwhile. */
async function withDatabase<T>(use: (db: Kysely<Record<string, Row>>) => Promise<T>): Promise<T> {
  const { dialect, close } = await openPGlite(folder)
  try {
    return await use(new Kysely<Record<string, Row>>({ dialect }))
  } finally {
    await close()
  }
}

let gateway: GatewayUnderTest
const start = async (): Promise<void> => {
  const counts = { oneview: 5, verifik: 5, vcc: 5, wasabi: 5, rbi: 5 }
  const environment = { DESKGRAPH_DATA_DIR: folder }
  gateway = await startGatewayUnderTest({ sandbox: { counts }, replayHistory: false, environment })
}
beforeAll(async () => {
  await withDatabase(async (db) => {
    const migrations = { '0001-events': events, '0002-deliveries': deliveries, '0003-late-events': lateEvents }
    const { error } = await new Migrator({ db, provider: { getMigrations: async () => migrations } }).migrateToLatest()
    expect(error).toBeUndefined()
    for (const [table, stored] of Object.entries(rows)) {
      const values = stored.map(({ seq, ...row }) =>
        table === 'deliveries' ? row : { ...row, ...(seq !== undefined && { seq }) },
      )
      await db.insertInto(table).values(values).execute()
    }
  })
  await start()
}, 60_000)
afterAll(async () => {
  await gateway?.close()
  rmSync(folder, { recursive: true, force: true })
})

describe('STORAGE-11: a database that version 0.1.0 has left', () => {
  test('shows its tickets with the fields that came later, their history and their deliveries', async () => {
    const { ticket } = await gateway.ask(
      `query ($id: ID!) { ticket(id: $id) {
        title status routing { type partners rule deliveries { partner state } }
        threads { nodes { body text format author { kind externalId } } }
        events { nodes { kind actor { kind externalId } } }
        customFields { key } group { id } orders { id externalId }
      } }`,
      { id: routedId },
    )
    expect(ticket).toMatchObject({
      title: 'order / missing-item',
      status: 'OPEN',
      routing: {
        type: 'STORE',
        partners: ['careco'],
        rule: 'STORE_SUBSCRIBED',
        deliveries: [{ partner: 'careco', state: 'DELIVERED' }],
      },
      threads: {
        nodes: [{ body: 'No fries.', text: 'No fries.', format: 'TEXT', author: { kind: 'CUSTOMER', externalId: null } }],
      },
      events: {
        nodes: [
          { kind: 'CREATED', actor: { kind: 'AGENT', externalId: 'anonymous' } },
          { kind: 'ROUTED', actor: { kind: 'AGENT', externalId: 'anonymous' } },
          { kind: 'DELIVERED', actor: { kind: 'SYSTEM', externalId: null } },
        ],
      },
      customFields: null,
      group: null,
    })
    const { tickets } = await gateway.ask(
      '{ tickets(filter: { sources: ["vcc", "wasabi"] }) { nodes { externalId source { key } } } }',
    )
    expect(tickets.nodes.map(({ externalId }: { externalId: string }) => externalId).sort()).toEqual(['12345678', '130-100'])
  })

  const target = (key: string) => {
    const stored = rows.idempotency.find((row) => row.key === key)
    const { ticketId } = JSON.parse(String(stored!.answer)) as { ticketId: string }
    return { id: ticketId, idempotencyKey: key }
  }
  const writes: readonly [mutation: string, key: string, input: object][] = [
    ['transferTicket', 'transfer-1', { ...target('transfer-1'), queue: 'q-sg-email' }],
    ['reassignTicket', 'reassign-1', { ...target('reassign-1'), assignee: 'ann', reason: 'shift' }],
    ['updateTicket', 'update-1', { ...target('update-1'), contactReasonCode: '1A.1' }],
    ['updateTicket', 'update-2', { ...target('update-2'), event: 'PICKED_TIME' }],
    ['escalateTicket', 'escalate-1', { ...target('escalate-1'), department: 'partner-service', statusReason: 'r' }],
    ['closeTicket', 'close-1', { ...target('close-1'), resolutionStatus: 'REFUNDED' }],
    ['replyToTicket', 'reply-1', { ...target('reply-1'), body: 'Noted.', visibility: 'PUBLIC' }],
    ['createTicket', 'create-1', { ...create, idempotencyKey: 'create-1' }],
    [
      'createTicket',
      'create-2',
      {
        source: 'verifik',
        title: 'T',
        description: 'D',
        priority: 'LOW',
        category: 'technical',
        tags: ['a'],
        idempotencyKey: 'create-2',
      },
    ],
  ]
  test.each(writes)('gives the stored answer to %s with the key %s, and sends nothing', async (mutation, key, input) => {
    const type = `${mutation[0]!.toUpperCase()}${mutation.slice(1)}Input`
    for (const system of ['oneview', 'verifik', 'partners'] as const) gateway.sandbox[system].resetCalls()
    const query = `mutation ($input: ${type}!) { write: ${mutation}(input: $input) { outcome userErrors { code } } }`
    expect(await gateway.ask(query, { input })).toEqual({
      write: { outcome: key === 'create-1' ? 'QUEUED' : 'APPLIED', userErrors: [] },
    })
    const sent = (['oneview', 'verifik', 'partners'] as const).flatMap((system) => gateway.sandbox[system].callLog())
    expect(sent.filter(({ method }) => method !== 'GET')).toEqual([])
    // The same key with another input is refused: the stored fingerprint is the one of this version.
    const field = ['createTicket'].includes(mutation)
      ? { description: 'Other.' }
      : mutation === 'replyToTicket'
        ? { body: 'Other.' }
        : null
    if (field === null) return
    expect(await gateway.ask(query, { input: { ...input, ...field } })).toMatchObject({
      write: { userErrors: [{ code: 'CONFLICT' }] },
    })
  })

  test('keeps each field that version 0.1.0 reads in what this version stores', async () => {
    const query = 'mutation ($input: CreateTicketInput!) { createTicket(input: $input) { outcome ticket { id externalId } } }'
    const { createTicket } = await gateway.ask(query, { input: create })
    const { id, externalId } = createTicket.ticket
    await gateway.close()
    const [written, history] = await withDatabase(async (db) => [
      await db.selectFrom('tickets').selectAll().where('external_id', '=', externalId).executeTakeFirstOrThrow(),
      await db.selectFrom('journal').selectAll().where('ticket_id', '=', id).orderBy('seq').execute(),
    ])
    const before = rows.tickets.find(({ source_key }) => source_key === 'rbi')!
    // Version 0.1.0 takes a missing `partial` as false.
    const { partial: _, ...known } = JSON.parse(String(before.body)) as Row
    expect(shapeOf(JSON.parse(String(written.body)))).toMatchObject(shapeOf(known) as object)
    expect(Object.keys(written)).toEqual(expect.arrayContaining(Object.keys(before)))
    const created = rows.journal.find(({ kind }) => kind === 'CREATED')!
    const { id: author } = JSON.parse(String(history[0]!.actor)) as Row
    expect([history[0]!.kind, author]).toEqual(['CREATED', 'anonymous'])
    expect(Object.keys(history[0]!)).toEqual(expect.arrayContaining(Object.keys(created)))
    await start()
  })
})

/** The keys of an object, at every depth, with the types of their values. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 1).map(shapeOf)
  if (typeof value !== 'object' || value === null) return value === null ? 'null' : typeof value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, shapeOf(item)]))
}

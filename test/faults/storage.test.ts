import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { createDatabase, hasPostgres } from '../support/databases.ts'
import { type FaultyGateway, page, startFaultyGateway } from './fault-gateway.ts'
import { guarantee } from './guarantee.ts'

let gateway: FaultyGateway
const query = '?secret-key=sandbox-vcc-secret'
const send = (ticketId: number, title = 'stored') => {
  const body = JSON.stringify({ action: 'add', ticket: { ticketId, projectId: 4, ticketNo: `4-${ticketId}`, title } })
  return fetch(`${gateway.url}/webhooks/vcc${query}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
}
const ticketOf = (id: string) =>
  gateway.answer('query ($id: String!) { ticketByExternalId(source: "vcc", externalId: $id) { title } }', { id })

describe.skipIf(!(await hasPostgres()))('a gateway over PostgreSQL', () => {
  let database: Awaited<ReturnType<typeof createDatabase>>
  let admin: Client
  /** A second connection: inside a transaction of `admin` the statistics do not change. */
  let watcher: Client
  beforeAll(async () => {
    database = await createDatabase()
    gateway = await startFaultyGateway({ environment: { DATABASE_URL: database.url } })
    admin = new Client({ connectionString: database.url })
    watcher = new Client({ connectionString: database.url })
    await Promise.all([admin.connect(), watcher.connect()])
  })
  afterAll(async () => {
    await Promise.all([admin.end(), watcher.end()])
    await gateway.close()
    await database.drop()
  })

  guarantee(
    'STORAGE-04',
    {
      fault: 'the database answers every insert of an event with 53100, disk full',
      expected: '503 + Retry-After, never 2xx; reads continue; then stored',
    },
    async () => {
      await admin.query(`
      create function full_disk() returns trigger language plpgsql as
        $$ begin raise exception 'could not extend file: No space left on device' using errcode = '53100'; end $$;
      create trigger full_disk before insert on inbox execute function full_disk();
      create trigger full_disk before insert on quarantine execute function full_disk();`)
      const answers = [
        ...(await Promise.all([1, 2, 3].map((number) => send(number)))),
        await fetch(`${gateway.url}/webhooks/vcc${query}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: 'no event',
        }),
      ]
      for (const answer of answers) {
        expect(answer.status).toBe(503)
        expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
        const text = await answer.text()
        expect(JSON.parse(text)).toMatchObject({ errors: [{ extensions: { code: 'STORAGE_UNAVAILABLE', retryable: true } }] })
        expect(text).not.toMatch(/device|extend|postgres/i)
      }
      expect((await page(gateway, 'oneview')).errors).toBeUndefined()
      await admin.query('drop trigger full_disk on inbox; drop trigger full_disk on quarantine')
      expect((await send(1)).status).toBe(200)
      await gateway.idle()
      expect((await ticketOf('4-1')).data.ticketByExternalId).toEqual({ title: 'stored' })
      return '503 four times, OneView is read meanwhile, 200 once there is room'
    },
  )

  guarantee(
    'STORAGE-05',
    { fault: 'an event with NUL in its texts is stored', expected: 'every byte of it is in the inbox' },
    async () => {
      expect((await send(5, 'a\u0000b')).status).toBe(200)
      const { rows } = await admin.query("select raw from inbox where external_id = '4-5'")
      expect(rows[0].raw.toString('utf8')).toContain('a\\u0000b')
      return 'raw bytes as sent'
    },
  )

  guarantee(
    'STORAGE-09',
    {
      fault: 'every connection of the pool waits for a lock, and an event comes',
      expected: '503 within 1 s; stored again afterwards',
    },
    async () => {
      await gateway.idle()
      await admin.query('begin; lock table tickets in access exclusive mode')
      try {
        const list = 'query ($text: String) { tickets(first: 5, filter: { sources: ["vcc"], text: $text }) { nodes { id } } }'
        const waiting = Array.from({ length: 30 }, (_, number) => gateway.answer(list, { text: `text ${number}` }))
        const busy = async () =>
          (
            await watcher.query(
              "select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
            )
          ).rows[0].n
        await expect.poll(busy, { timeout: 10_000 }).toBeGreaterThanOrEqual(9)
        const startedAt = performance.now()
        const answer = await send(9)
        const tookMs = performance.now() - startedAt
        expect(answer.status).toBe(503)
        expect(await answer.json()).toMatchObject({ errors: [{ extensions: { code: 'STORAGE_UNAVAILABLE' } }] })
        expect(tookMs).toBeLessThan(3 * 1_000)
        await admin.query('rollback')
        const answers = await Promise.all(waiting)
        for (const { errors, extensions } of answers) {
          for (const error of errors ?? []) expect(error.extensions.code).toBe('ALL_SOURCES_FAILED')
          for (const { code } of extensions?.partial ?? []) expect(code).toBe('STORAGE_UNAVAILABLE')
        }
        expect((await send(9)).status).toBe(200)
        return `503 after ${tookMs.toFixed(0)} ms, 200 when the lock is gone`
      } finally {
        await admin.query('rollback')
      }
    },
  )
})

/** Statuses of a GraphQL request, an event, and of liveness. */
async function statuses() {
  const asked = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"query":"{ sources { key } }"}',
  })
  const event = await send(400)
  const live = await fetch(`${gateway.url}/health/live`)
  const { errors } = (await asked.json()) as { errors?: { extensions: object }[] }
  await event.arrayBuffer()
  await live.arrayBuffer()
  return { asked, event, live, extensions: errors?.[0]?.extensions }
}

/** Runs with a gateway that has these limits of load. */
async function withOverload<T>(
  overload: { readonly eventLoopLagMs?: number; readonly heapShare?: number },
  use: () => Promise<T>,
): Promise<T> {
  const before = gateway
  gateway = await startFaultyGateway({
    config: (config) => ({ ...config, limits: { ...config.limits, overload: { ...config.limits.overload, ...overload } } }),
  })
  try {
    return await use()
  } finally {
    await gateway.close()
    gateway = before
  }
}

function expectShed({ asked, event, live, extensions }: Awaited<ReturnType<typeof statuses>>): void {
  expect([asked.status, event.status, live.status]).toEqual([503, 429, 200])
  expect(extensions).toMatchObject({ code: 'OVERLOADED', retryable: true, retryAfter: 2 })
  expect([asked.headers.get('retry-after'), event.headers.get('retry-after')]).toEqual(['2', '2'])
}

guarantee(
  'PROCESS-04',
  { fault: 'the heap is over its share', expected: '503 OVERLOADED, events 429, health checks are answered' },
  () =>
    withOverload({ heapShare: 0.001 }, async () => {
      expectShed(await statuses())
      return '503 and 429 with Retry-After 2, liveness 200'
    }),
)

guarantee(
  'PROCESS-04',
  { fault: 'the event loop is blocked', expected: '503 OVERLOADED, events 429; served again afterwards' },
  () =>
    withOverload({ eventLoopLagMs: 50 }, async () => {
      const block = setInterval(() => {
        const until = performance.now() + 200
        while (performance.now() < until);
      }, 1)
      try {
        await expect.poll(async () => (await statuses()).asked.status, { timeout: 20_000 }).toBe(503)
        expectShed(await statuses())
      } finally {
        clearInterval(block)
      }
      await expect.poll(async () => (await statuses()).asked.status, { timeout: 20_000 }).toBe(200)
      return '503 and 429, then 200'
    }),
)

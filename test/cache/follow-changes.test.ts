import { afterAll, beforeAll, expect, it } from 'vitest'
import { createCachedSource } from '../../src/cache/cached-source.ts'
import { followChanges } from '../../src/cache/follow-changes.ts'
import { createMemoryCache } from '../../src/cache/memory-cache.ts'
import { createChangeRecorder } from '../../src/changes/change-log.ts'
import type { Store } from '../../src/db/open-store.ts'
import { noLogger, noMetrics } from '../../src/domain/telemetry.ts'
import { someCall } from '../support/call.ts'
import { openTestStore } from '../support/databases.ts'
import { createMemorySource } from '../support/memory-source.ts'

const source = createMemorySource('a')
let store: Store
beforeAll(async () => {
  store = await openTestStore({ findSource: (key) => (key === 'a' ? source.info : null) })
})
afterAll(() => store.close())

it('a change in the journal makes the cache forget the ticket', async () => {
  const cache = createMemoryCache({ maxWeight: 100 })
  const cached = createCachedSource(source, {
    cache,
    ttlMs: { ticket: 3_600_000 },
    shared: [],
    metrics: noMetrics,
    logger: noLogger,
  })
  const following = await followChanges({ changeLog: store.changeLog, sources: [cached], logger: noLogger })
  const before = source.put('x')
  const ref = { kind: 'ticket', sourceKey: 'a', tenant: '', externalId: 'x' } as const
  const status = async () => ((await cached.loadTickets([ref], someCall()))[0] as { status: string }).status
  await status()
  source.touch('x', { status: 'CLOSED' })
  expect(await status()).toBe('OPEN')
  const ticket = source.tickets()[0]!
  await createChangeRecorder(store).record({
    kind: 'CLOSED',
    ticket,
    before,
    at: '2024-01-01T00:00:00.000Z',
    actor: null,
    summary: 'Closed',
  })
  await expect.poll(status).toBe('CLOSED')
  await following.stop()
})

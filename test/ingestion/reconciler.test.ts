import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Store } from '../../src/db/open-store.ts'
import { DeskgraphError } from '../../src/domain/errors.ts'
import { decodeId } from '../../src/domain/ids.ts'
import { createReconciler } from '../../src/ingestion/reconciler.ts'
import type { SourceInfo } from '../../src/sources/source.ts'
import { someCall } from '../support/call.ts'
import { openTestStore } from '../support/databases.ts'
import { createTestClock } from '../support/ingestion-fixture.ts'
import { createMemorySource, type MemorySource, type MemorySourceOptions } from '../support/memory-source.ts'

const infos = new Map<string, SourceInfo>()
const clock = createTestClock()
let store: Store
let startSeq = 0

beforeAll(async () => {
  store = await openTestStore({ findSource: (key) => infos.get(key) ?? null, clock })
})
afterAll(() => store.close())
beforeEach(async () => {
  startSeq = (await store.changeLog.bounds()).head
})

/** A source whose first tickets the gateway has seen. */
async function knownSource(count: number, options: MemorySourceOptions = {}): Promise<MemorySource> {
  const source = createMemorySource(`desk-${infos.size}`, options)
  infos.set(source.info.key, source.info)
  const tickets = Array.from({ length: count }, (_, index) => source.put(`t-${String(index).padStart(3, '0')}`))
  await store.transaction((tx) => tx.saveObserved(tickets))
  return source
}

function reconcile(
  source: MemorySource,
  request: { limit?: number; after?: string | null; dryRun?: boolean; force?: boolean } = {},
) {
  const reconciler = createReconciler({ sources: [source], store, clock })
  const defaults = { sourceKey: source.info.key, limit: 100, after: null, dryRun: false, force: false }
  return reconciler.reconcile({ ...defaults, ...request }, someCall())
}
const recorded = async () =>
  (await store.changeLog.read(startSeq, 1000)).changes.map(({ change: { kind, ticket } }) => [kind, ticket.externalId])
const external = (ids: readonly string[]) => ids.map((id) => decodeId(id)?.externalId)

describe('RECONCILE a comparison of known tickets with their source', () => {
  test('RECONCILE-01 records what has changed or gone without notice, once', async () => {
    const source = await knownSource(30)
    source.remove('t-003')
    source.touch('t-004', { status: 'CLOSED' })
    const result = await reconcile(source)
    expect(result).toMatchObject({ checked: 30, failed: 0, total: 29, endCursor: null, userErrors: [], done: 2 })
    expect([external(result.changedIds), external(result.removedIds)]).toEqual([['t-004'], ['t-003']])
    expect(await recorded()).toEqual([
      ['DELETED', 't-003'],
      ['CLOSED', 't-004'],
    ])
    expect(await reconcile(source)).toMatchObject({ checked: 29, changedIds: [], removedIds: [] })
    expect(await recorded()).toHaveLength(2)
  })

  test('RECONCILE-02 walks in batches, each ticket once, and a dry run records nothing', async () => {
    const source = await knownSource(25)
    source.remove('t-001')
    source.touch('t-024')
    const seen: unknown[] = []
    let after: string | null = null
    do {
      const batch = await reconcile(source, { limit: 10, after, dryRun: true })
      seen.push([batch.checked, external(batch.changedIds), external(batch.removedIds)])
      after = batch.endCursor
    } while (after !== null)
    expect(seen).toEqual([
      [10, [], ['t-001']],
      [10, [], []],
      [5, ['t-024'], []],
    ])
    expect(source.loadedIds().flat()).toHaveLength(25)
    expect(await recorded()).toEqual([])
    await expect(reconcile(source, { after: 'no cursor' })).rejects.toMatchObject({ code: 'BAD_USER_INPUT' })
  })

  test('RECONCILE-03 records nothing of a batch of which most tickets are missing, unless it is forced', async () => {
    const source = await knownSource(12)
    for (let index = 0; index < 7; index++) source.remove(`t-00${index}`)
    const refused = await reconcile(source)
    expect(refused.userErrors).toMatchObject([{ code: 'CONFLICT', field: ['force'] }])
    expect(refused.userErrors[0]!.message).toContain('7 of 12 tickets were not found')
    expect(await recorded()).toEqual([])
    expect((await reconcile(source, { force: true })).removedIds).toHaveLength(7)
    expect(await recorded()).toHaveLength(7)
  })

  test('RECONCILE-04 counts tickets that cannot be read, and records nothing of them', async () => {
    const source = await knownSource(3)
    source.remove('t-000')
    source.broken = new DeskgraphError('UPSTREAM_UNAVAILABLE', 'It is down.')
    const result = await reconcile(source)
    expect(result).toMatchObject({ checked: 0, failed: 3, removedIds: [], failure: { code: 'UPSTREAM_UNAVAILABLE' } })
    expect(await recorded()).toEqual([])
  })

  test('refuses a source that sends its events, and one that does not exist', async () => {
    const source = createMemorySource('events', { info: { mode: 'EVENT_FED' } })
    expect((await reconcile(source)).userErrors).toMatchObject([{ code: 'NOT_SUPPORTED', field: ['source'] }])
    const reconciler = createReconciler({ sources: [], store, clock })
    const request = { sourceKey: 'nothing', limit: 1, after: null, dryRun: false, force: false }
    expect((await reconciler.reconcile(request, someCall())).userErrors).toMatchObject([{ code: 'NOT_FOUND' }])
  })
})

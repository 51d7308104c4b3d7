import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { createChangeRecorder } from '../../src/changes/change-log.ts'
import type { Store } from '../../src/db/open-store.ts'
import { DeskgraphError } from '../../src/domain/errors.ts'
import type { Change } from '../../src/domain/events.ts'
import { noLogger } from '../../src/domain/telemetry.ts'
import { createHintService, type HintService } from '../../src/ingestion/hint-service.ts'
import type { SourceInfo } from '../../src/sources/source.ts'
import { countingMetrics } from '../support/call.ts'
import { openTestStore } from '../support/databases.ts'
import { createTestHintHandler, sendHint, serveHints, type TestDelivery } from '../support/hints.ts'
import { createTestClock } from '../support/ingestion-fixture.ts'
import { createMemorySource, type MemorySource, type MemorySourceOptions } from '../support/memory-source.ts'

const infos = new Map<string, SourceInfo>()
const clock = createTestClock()
let store: Store
let startSeq = 0
let services: HintService[] = []

beforeAll(async () => {
  store = await openTestStore({ findSource: (key) => infos.get(key) ?? null, clock })
})
afterAll(() => store.close())
beforeEach(async () => {
  startSeq = (await store.changeLog.bounds()).head
})
afterEach(async () => {
  await Promise.all(services.map((service) => service.stop()))
  services = []
})

function sourceWith(count: number, options: MemorySourceOptions = {}): MemorySource {
  const key = `desk-${infos.size}`
  const source = createMemorySource(key, options)
  infos.set(key, source.info)
  for (let i = 0; i < count; i++) source.put(`t-${i}`)
  return source
}

/** The hints of one replica. */
function serviceOf(source: MemorySource) {
  const metrics = countingMetrics()
  const hinted = [{ source, handler: createTestHintHandler(source.info) }]
  const service = createHintService({ hinted, store, metrics, logger: noLogger, clock, delayMs: 0 })
  services.push(service)
  return { service, metrics }
}

/** A replica with its webhook route, and the desk that sends to it. */
async function desk(source: MemorySource) {
  const { service, metrics } = serviceOf(source)
  const server = await serveHints(service)
  onTestFinished(server.close)
  const send = (delivery: TestDelivery | string, secret?: string) => sendHint(server.url, source.info.key, delivery, secret)
  return { service, metrics, send, url: server.url }
}

async function recordedChanges(): Promise<readonly Change[]> {
  return (await store.changeLog.read(startSeq, 1000)).changes.map(({ change }) => change)
}
const recorded = async () => (await recordedChanges()).map(({ kind, ticket }) => [kind, ticket.externalId])

describe('webhooks of a pulled source', () => {
  test('HINT-02 a hint is acknowledged, its ticket is read, and the change is recorded', async () => {
    const source = sourceWith(2)
    const { service, send, metrics } = await desk(source)
    source.touch('t-1', { status: 'PENDING' })
    const answer = await send({ id: 'd-1', tickets: ['t-1'] })
    expect([answer.status, await answer.json()]).toEqual([200, { tickets: 1 }])
    await service.idle()
    expect(await recorded()).toEqual([['UPDATED', 't-1']])
    source.touch('t-1', { status: 'CLOSED' })
    await send({ id: 'd-2', tickets: ['t-1'] })
    await service.idle()
    expect((await recordedChanges()).at(-1)).toMatchObject({
      kind: 'CLOSED',
      before: { status: 'PENDING' },
      event: { changes: [{ field: 'status', before: 'PENDING', after: 'CLOSED' }] },
    })
    expect(metrics.total('hint_reads_total', { outcome: 'changed' })).toBe(2)
  })

  test('HINT-03 a wrong signature is 401 and stores nothing; an unknown source is 404; a body over the limit is 413', async () => {
    const source = sourceWith(1)
    const { service, send, metrics, url } = await desk(source)
    const refused = await send({ id: 'd-1', tickets: ['t-0'] }, 'another-secret-of-16')
    expect(refused.status).toBe(401)
    expect(await refused.json()).toMatchObject({
      errors: [{ extensions: { code: 'UNAUTHENTICATED', retryable: false } }],
    })
    expect((await sendHint(url, 'unknown', { tickets: [] })).status).toBe(404)
    expect((await send({ id: 'x'.repeat(10_000), tickets: [] })).status).toBe(413)
    // Intercom asks with HEAD whether there is such an address.
    const head = (key: string) => fetch(`${url}/webhooks/${key}`, { method: 'HEAD' })
    expect([(await head(source.info.key)).status, (await head('unknown')).status]).toEqual([200, 404])
    expect((await fetch(`${url}/webhooks/${source.info.key}`)).status).toBe(405)
    await service.idle()
    expect(source.calls.load).toEqual([])
    expect(metrics.total('hints_total', { outcome: 'unauthorised' })).toBe(1)
    // The same delivery, now signed, is still new.
    await send({ id: 'd-1', tickets: ['t-0'] })
    expect(metrics.total('hints_total', { outcome: 'received' })).toBe(1)
  })

  test('HINT-04 a repeated delivery is acknowledged and has no effect, also when twenty copies come at once', async () => {
    const source = sourceWith(1)
    const { service, send, metrics } = await desk(source)
    const answers = await Promise.all(Array.from({ length: 20 }, () => send({ id: 'same', tickets: ['t-0'] })))
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200))
    await service.idle()
    await send({ id: 'same', tickets: ['t-0'] })
    await service.idle()
    expect(source.loadedIds()).toEqual([['t-0']])
    expect(metrics.total('hints_total', { outcome: 'received' })).toBe(1)
    expect(metrics.total('hints_total', { outcome: 'duplicate' })).toBe(20)
  })

  test('HINT-05 hints for one ticket that wait are one, and a hint that comes during the read is read again', async () => {
    const source = sourceWith(2)
    const { key } = source.info
    const now = new Date(clock()).toISOString()
    const hint = (deliveryId: string, externalId: string) => ({
      ...{ sourceKey: key, deliveryId, removed: deliveryId === 'b', requestId: deliveryId, receivedAt: now },
      tickets: [{ sourceKey: key, tenant: '', externalId }],
    })
    const claim = () => store.hints.claim(key, { now, leaseUntil: new Date(clock() + 60_000).toISOString(), limit: 10 })
    await store.hints.insert([hint('a', 't-0'), hint('b', 't-0'), hint('c', 't-1')], now)
    await store.hints.insert([hint('d', 't-0')], now)
    const claimed = await claim()
    expect(claimed.map(({ externalId, removed }) => [externalId, removed]).toSorted()).toEqual([
      ['t-0', true],
      ['t-1', false],
    ])
    expect(await claim()).toEqual([])
    await store.hints.insert([hint('e', 't-0')], now)
    await store.hints.finish(claimed)
    expect((await claim()).map(({ externalId }) => externalId)).toEqual(['t-0'])
  })

  test('HINT-06 a change that is known with the same update time is not recorded again', async () => {
    const source = sourceWith(1)
    const { service, send, metrics } = await desk(source)
    source.touch('t-0', { status: 'CLOSED' })
    const ticket = source.tickets()[0]!
    const at = ticket.updatedAt!
    await createChangeRecorder(store).record({ kind: 'CLOSED', ticket, before: null, at, actor: null, summary: 'Closed' })
    await send({ id: 'd-1', tickets: ['t-0'] })
    await service.idle()
    expect(await recorded()).toEqual([['CLOSED', 't-0']])
    expect(metrics.total('hint_reads_total', { outcome: 'unchanged' })).toBe(1)
  })

  test('HINT-14 a change that a first poll has seen before its webhook is recorded, once', async () => {
    const source = sourceWith(2)
    const { service, send } = await desk(source)
    source.touch('t-0', { status: 'CLOSED' })
    await store.transaction((tx) => tx.saveObserved(source.tickets()))
    await send({ id: 'd-1', tickets: ['t-0'] })
    await service.idle()
    await send({ id: 'd-2', tickets: ['t-0'] })
    await service.idle()
    expect((await recordedChanges()).map(({ kind, ticket, before }) => [kind, ticket.externalId, before])).toEqual([
      ['UPDATED', 't-0', null],
    ])
  })

  test('HINT-07 a removal is recorded after a read that finds no ticket, once, and never on the word of the sender', async () => {
    const source = sourceWith(2)
    const { service, send } = await desk(source)
    await send({ id: 'd-0', tickets: ['t-0', 't-1'] })
    await service.idle()
    await send({ id: 'd-1', tickets: ['t-0'], removed: true })
    await service.idle()
    expect((await recorded()).filter(([kind]) => kind === 'DELETED')).toEqual([])
    source.remove('t-0')
    await send({ id: 'd-2', tickets: ['t-0'], removed: true })
    await send({ id: 'd-3', tickets: ['t-0'], removed: true })
    await service.idle()
    const removed = (await recordedChanges()).filter(({ kind }) => kind === 'DELETED')
    expect(removed.map(({ ticket }) => [ticket.externalId, ticket.deletedAt, ticket.title])).toEqual([
      ['t-0', new Date(clock()).toISOString(), removed[0]!.before!.title],
    ])
  })

  test('HINT-08 a read that fails is repeated with growing delays, and a hint of a killed replica is read by another', async () => {
    const source = sourceWith(1)
    const { service, send, metrics } = await desk(source)
    source.touch('t-0')
    source.broken = new DeskgraphError('UPSTREAM_UNAVAILABLE', 'It is down.')
    await send({ id: 'd-1', tickets: ['t-0'] })
    await service.idle()
    expect(metrics.total('hint_reads_total', { outcome: 'failed' })).toBe(1)
    source.broken = null
    const key = source.info.key
    const dueAt = async () => (await store.hints.nextDue([key])).get(key)
    expect(Date.parse((await dueAt())!) - clock()).toBe(1_000)
    clock.advance(1_000)
    // The first replica claims it and is killed.
    const lease = new Date(clock() + 60_000).toISOString()
    const now = new Date(clock()).toISOString()
    expect(await store.hints.claim(key, { now, leaseUntil: lease, limit: 10 })).toHaveLength(1)
    const other = serviceOf(source)
    other.service.start()
    await other.service.idle()
    expect(await recorded()).toEqual([])
    clock.advance(60_000)
    other.service.start()
    await expect.poll(recorded).toEqual([['UPDATED', 't-0']])
  })

  test('HINT-09 an authentic body that cannot be read, or that names no ticket, is acknowledged', async () => {
    const source = sourceWith(1)
    const { service, send, metrics } = await desk(source)
    for (const body of ['{"tickets":1}', { tickets: ['../users'] }, { id: 'test', tickets: [] }]) {
      const answer = await send(body)
      expect([answer.status, await answer.json()]).toEqual([200, { tickets: 0 }])
    }
    await service.idle()
    expect(metrics.total('hints_total', { outcome: 'unreadable' })).toBe(2)
    expect(metrics.total('hints_total', { outcome: 'empty' })).toBe(1)
    expect(source.calls.load).toEqual([])
  })

  test('HINT-10 when the store is down the sender gets 503 with Retry-After, so that it sends again', async () => {
    const source = sourceWith(1)
    const { service } = serviceOf(source)
    const down = () =>
      Promise.reject(new DeskgraphError('STORAGE_UNAVAILABLE', 'The database cannot be reached.', { retryAfter: 1 }))
    const hints = { ...store.hints, insert: down }
    const hinted = [{ source, handler: createTestHintHandler(source.info) }]
    const broken = createHintService({ hinted, store: { ...store, hints }, metrics: countingMetrics(), logger: noLogger, clock })
    const server = await serveHints(broken)
    onTestFinished(server.close)
    const answer = await sendHint(server.url, source.info.key, { id: 'd-1', tickets: ['t-0'] })
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1'])
    await service.idle()
  })

  test('HINT-11 two replicas on one database read a ticket once', async () => {
    const source = sourceWith(40)
    const [one, two] = [await desk(source), await desk(source)]
    await Promise.all(
      Array.from({ length: 40 }, (_, index) => (index % 2 ? one : two).send({ id: `d-${index}`, tickets: [`t-${index}`] })),
    )
    await Promise.all([one.service.idle(), two.service.idle()])
    const times = source.loadedIds().flat()
    expect(times.toSorted()).toEqual(Array.from({ length: 40 }, (_, index) => `t-${index}`).toSorted())
    expect(await recorded()).toHaveLength(40)
  })
})

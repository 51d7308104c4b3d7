import { getEventListeners } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createChangeStream } from '../../src/changes/change-stream.ts'
import { noLogger, noMetrics } from '../../src/domain/telemetry.ts'
import { createMemoryLog, type MemoryLog } from './memory-log.ts'

function subscribe(log: MemoryLog, after: string | null, capacity?: number) {
  const stream = createChangeStream({ changeLog: log.changeLog, metrics: noMetrics, logger: noLogger, capacity })
  const abort = new AbortController()
  const subscription = stream.subscribe({ after, signal: abort.signal })
  const nextBatch = async () =>
    ((await subscription.next()).value ?? []).map(({ cursor, gap }) => (gap ? `${cursor} gap` : cursor))
  return { stream, abort, subscription, nextBatch }
}

test('a subscriber with a cursor gets what it missed, then live changes', async () => {
  const log = createMemoryLog(5)
  const { nextBatch } = subscribe(log, 'c3')
  expect(await nextBatch()).toEqual(['c4', 'c5'])
  log.append()
  expect(await nextBatch()).toEqual(['c6'])
  const live = nextBatch()
  await log.changeLog.bounds()
  log.append()
  expect(await live).toEqual(['c7'])
})

test('the first change after deleted entries, or after a cursor of another database, is marked as a gap', async () => {
  const pruned = createMemoryLog(5, { prunedThrough: 3 })
  expect(await subscribe(pruned, 'c1').nextBatch()).toEqual(['c4 gap', 'c5'])
  const other = createMemoryLog(2)
  const { nextBatch } = subscribe(other, 'c9')
  expect(await nextBatch()).toEqual([])
  expect(await nextBatch()).toEqual([])
  other.append()
  expect(await nextBatch()).toEqual(['c3 gap'])
})

test('a text that is no cursor is refused with what to use instead', async () => {
  const { subscription } = subscribe(createMemoryLog(1), 'nonsense')
  await expect(subscription.next()).rejects.toMatchObject({
    code: 'BAD_USER_INPUT',
    message: '`after` is not a cursor of a change. Use the `cursor` of a change that you received.',
  })
})

test('a subscriber that is too slow gets what fitted, then OVERLOADED with how to go on', async () => {
  const log = createMemoryLog(0)
  const { stream, subscription, nextBatch } = subscribe(log, null, 2)
  const first = nextBatch()
  await log.changeLog.bounds()
  log.append()
  expect(await first).toEqual(['c1'])
  for (let more = 0; more < 3; more++) log.append()
  expect(await nextBatch()).toEqual(['c2', 'c3'])
  await expect(subscription.next()).rejects.toMatchObject({
    code: 'OVERLOADED',
    message: expect.stringContaining('more than 2 changes were waiting'),
  })
  expect(stream.subscriberCount()).toBe(0)
})

test('the end of a subscription leaves no listener on its signal', async () => {
  const { stream, abort, subscription } = subscribe(createMemoryLog(1), null)
  expect(stream.subscriberCount()).toBe(1)
  await subscription.return()
  expect(stream.subscriberCount()).toBe(0)
  expect(getEventListeners(abort.signal, 'abort')).toEqual([])
})

test('close ends every subscription', async () => {
  const { stream, subscription } = subscribe(createMemoryLog(1), null)
  const waiting = subscription.next()
  stream.close()
  expect(await waiting).toEqual({ done: true, value: undefined })
})

test('a cursor at the end of the log, or at the last deleted entry, has no gap', async () => {
  const atHead = createMemoryLog(2)
  const head = subscribe(atHead, 'c2')
  expect(await head.nextBatch()).toEqual([])
  expect(await head.nextBatch()).toEqual([])
  atHead.append()
  expect(await head.nextBatch()).toEqual(['c3'])
  expect(await subscribe(createMemoryLog(5, { prunedThrough: 3 }), 'c3').nextBatch()).toEqual(['c4', 'c5'])
})

test('changes that do not concern the subscriber are left out, missed ones and live ones', async () => {
  const log = createMemoryLog(4)
  const stream = createChangeStream({ changeLog: log.changeLog, metrics: noMetrics, logger: noLogger })
  const isEven = ({ cursor }: { readonly cursor: string }) => Number(cursor.slice(1)) % 2 === 0
  const subscription = stream.subscribe({ after: 'c1', signal: new AbortController().signal, concerns: isEven })
  const received: string[] = []
  const reading = (async () => {
    for await (const batch of subscription) received.push(...batch.map(({ cursor }) => cursor))
  })()
  await expect.poll(() => received).toEqual(['c2', 'c4'])
  await sleep(5)
  for (let more = 0; more < 3; more++) log.append()
  await expect.poll(() => received).toEqual(['c2', 'c4', 'c6'])
  stream.close()
  await reading
})

test('an entry that the catch-up has read is not given again by the live part', async () => {
  const log = createMemoryLog(2)
  const { read } = log.changeLog
  let appended = false
  const changeLog = {
    ...log.changeLog,
    async read(after: number, limit: number) {
      // Committed while the subscriber catches up for the second time: the read finds it, and the listener hears of it.
      if (log.listenerCount() > 0 && log.reads.length >= 2 && !appended) {
        appended = true
        log.append()
      }
      return read(after, limit)
    },
  }
  const { nextBatch } = subscribe({ ...log, changeLog }, 'c0')
  const received = [...(await nextBatch()), ...(await nextBatch())]
  await sleep(5)
  log.append()
  while (!received.includes('c4')) received.push(...(await nextBatch()))
  expect(received).toEqual(['c1', 'c2', 'c3', 'c4'])
})

test('a subscriber that begins now gets nothing of before, and everything from its call on', async () => {
  const log = createMemoryLog(3)
  const { nextBatch } = subscribe(log, null)
  await sleep(5)
  log.append()
  log.append()
  expect(await nextBatch()).toEqual(['c4', 'c5'])
})

test('a slow subscriber is told when it may come again, and with what', async () => {
  const log = createMemoryLog(0)
  const { subscription, nextBatch } = subscribe(log, null, 1)
  await sleep(5)
  for (let more = 0; more < 3; more++) log.append()
  expect(await nextBatch()).toEqual(['c1'])
  await expect(subscription.next()).rejects.toMatchObject({
    message:
      'The subscription ended because more than 1 changes were waiting to be read. Subscribe again with `after` set to the last cursor that you received.',
    retryAfter: 1,
  })
})

test('counts its subscribers in the gauge, and tells of new ones', async () => {
  const gauges: unknown[] = []
  const metrics = { ...noMetrics, set: (...gauge: unknown[]) => void gauges.push(gauge) }
  const stream = createChangeStream({ changeLog: createMemoryLog(0).changeLog, metrics, logger: noLogger })
  let told = 0
  const stopTelling = stream.onSubscribed(() => {
    told += 1
  })
  const abort = new AbortController()
  stream.subscribe({ after: null, signal: abort.signal })
  expect(told).toBe(1)
  const second = stream.subscribe({ after: null, signal: new AbortController().signal })
  stopTelling()
  abort.abort()
  await second.return()
  stream.subscribe({ after: null, signal: new AbortController().signal })
  expect(told).toBe(2)
  expect(gauges.map((gauge) => (gauge as unknown[]).slice(0, 2))).toEqual([
    ['subscribers', 1],
    ['subscribers', 2],
    ['subscribers', 1],
    ['subscribers', 0],
    ['subscribers', 1],
  ])
})

test('a subscription on a signal that has aborted is over and is not counted', async () => {
  const stream = createChangeStream({ changeLog: createMemoryLog(1).changeLog, metrics: noMetrics, logger: noLogger })
  const abort = new AbortController()
  abort.abort()
  const subscription = stream.subscribe({ after: 'c0', signal: abort.signal })
  expect(stream.subscriberCount()).toBe(0)
  expect(await subscription.next()).toEqual({ done: true, value: undefined })
  expect(getEventListeners(abort.signal, 'abort')).toEqual([])
})

test('a subscription that ends stops hearing the log; close ends the tailer', async () => {
  const log = createMemoryLog(0)
  const { stream, subscription } = subscribe(log, null)
  await expect.poll(() => log.reads.length).toBe(1)
  await subscription.return()
  await sleep(5)
  log.append()
  await sleep(5)
  // There is no listener, so the commit was not read.
  expect(log.reads).toEqual([0])
  stream.close()
  expect(log.listenerCount()).toBe(0)
})

test('a log that cannot be read rejects the subscriber, and no rejection stays unhandled', async () => {
  const log = createMemoryLog(0)
  const unhandled: unknown[] = []
  const onUnhandled = (reason: unknown) => void unhandled.push(reason)
  process.on('unhandledRejection', onUnhandled)
  const changeLog = { ...log.changeLog, bounds: async () => Promise.reject(new Error('the database is away')) }
  const { subscription } = subscribe({ ...log, changeLog }, null)
  await sleep(5)
  await expect(subscription.next()).rejects.toThrow('the database is away')
  await sleep(5)
  process.off('unhandledRejection', onUnhandled)
  expect(unhandled).toEqual([])
})

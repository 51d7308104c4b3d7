import { getEventListeners } from 'node:events'
import { expect, test } from 'vitest'
import type { ChangeLog, ChangeLogCommit, ChangeLogEntry } from '../../src/changes/change-log.ts'
import { createChangeStream } from '../../src/changes/change-stream.ts'
import type { Change } from '../../src/domain/events.ts'
import { noLogger, noMetrics } from '../../src/domain/telemetry.ts'

/** A change log in memory. Entry n has the cursor `cn`. */
function createMemoryLog(count: number, prunedThrough = 0) {
  const entryOf = (seq: number): ChangeLogEntry => ({ seq, change: { cursor: `c${seq}`, gap: false } as Change })
  const entries = Array.from({ length: count }, (_, index) => entryOf(index + 1)).filter(({ seq }) => seq > prunedThrough)
  const listeners = new Set<(commit: ChangeLogCommit) => void>()
  const changeLog: ChangeLog = {
    async read(after, limit) {
      const changes = entries.filter(({ seq }) => seq > after).slice(0, limit)
      return { changes, lastSeq: changes.at(-1)?.seq ?? after, hasMore: changes.length === limit }
    },
    bounds: async () => ({ head: entries.at(-1)?.seq ?? prunedThrough, prunedThrough }),
    eventsOf: async () => [],
    eventsByTime: async () => [],
    departmentsOf: async (ids) => ids.map(() => null),
    latestCursor: async () => 'c0',
    findEvents: async (ids) => ids.map(() => null),
    parseCursor: (cursor) => (/^c\d+$/.test(cursor) ? Number(cursor.slice(1)) : null),
    onCommitted(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    shared: false,
  }
  const append = () => {
    const entry = entryOf((entries.at(-1)?.seq ?? prunedThrough) + 1)
    entries.push(entry)
    for (const listener of listeners) listener({ firstSeq: entry.seq, lastSeq: entry.seq, changes: () => [entry] })
  }
  return { changeLog, append }
}

function subscribe(log: ReturnType<typeof createMemoryLog>, after: string | null, capacity?: number) {
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
  const pruned = createMemoryLog(5, 3)
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

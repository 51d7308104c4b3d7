import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import type { ChangeLogEntry } from '../../src/changes/change-log.ts'
import { type ChangeDispatcher, ChangeLogTailer, type ChangeLogTailerDeps } from '../../src/changes/change-log-tailer.ts'
import type { PubSub } from '../../src/changes/pub-sub.ts'
import { noLogger } from '../../src/domain/telemetry.ts'
import { createMemoryLog, type MemoryLog } from './memory-log.ts'

// When the tailer reads, and when it does not, over a change log whose answers the test controls.

/** Longer than the short poll interval of these tests, several times over. */
const severalPolls = 40

function startTailer(log: MemoryLog, overrides: Partial<ChangeLogTailerDeps> = {}) {
  const warnings: string[] = []
  const logger = { ...noLogger, warn: (_fields: object, message: string) => void warnings.push(message) }
  const tailer = new ChangeLogTailer({ changeLog: log.changeLog, logger, ...overrides })
  onTestFinished(() => tailer.close())
  const listen = async () => {
    const received: string[] = []
    const { from, stop } = await tailer.listen(({ change }) => received.push(change.cursor))
    return { received, from, stop }
  }
  return { tailer, listen, warnings }
}

/** Pub/sub whose messages the test sends. */
function createTestPubSub() {
  const listeners = new Set<(seq: number) => void>()
  const published: number[] = []
  const pubSub: PubSub = {
    publish: (seq) => void published.push(seq),
    listen(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    close: async () => {},
  }
  const send = (seq: number): void => {
    for (const listener of listeners) listener(seq)
  }
  return { pubSub, published, send, listenerCount: () => listeners.size }
}

test('begins at the end of the log, and reads on from there', async () => {
  const log = createMemoryLog(3)
  const { listen } = startTailer(log)
  const { from, received } = await listen()
  expect(from).toBe(3)
  // The read that each registration schedules.
  await expect.poll(() => log.reads).toEqual([3])
  await sleep(5)
  log.append()
  expect(received).toEqual(['c4'])
  expect(log.reads).toEqual([3])
})

test('reads nothing while there is no listener, although a replica or this process commits', async () => {
  const log = createMemoryLog(1, { shared: true })
  const { pubSub, send } = createTestPubSub()
  startTailer(log, { pubSub })
  log.append()
  send(3)
  await sleep(severalPolls)
  expect(log.reads).toEqual([])
})

test('polls a shared log, and a log of its own never', async () => {
  const shared = createMemoryLog(0, { shared: true })
  const own = createMemoryLog(0)
  const onShared = await startTailer(shared, { pollMs: 5 }).listen()
  const onOwn = await startTailer(own, { pollMs: 5 }).listen()
  await sleep(severalPolls)
  shared.appendSilently()
  own.appendSilently()
  await expect.poll(() => onShared.received).toEqual(['c1'])
  await sleep(severalPolls)
  expect(onOwn.received).toEqual([])
  expect(own.reads).toEqual([0])
})

test('without an interval of its own it polls five times a second', async () => {
  const log = createMemoryLog(0, { shared: true })
  const { received } = await startTailer(log).listen()
  await expect.poll(() => log.reads.length).toBe(1)
  log.appendSilently()
  await sleep(100)
  expect(received).toEqual([])
  await expect.poll(() => received).toEqual(['c1'])
})

test('with pub/sub, polls only every five seconds: a message brings the read forward', async () => {
  const log = createMemoryLog(2, { shared: true })
  const { pubSub, send } = createTestPubSub()
  const { received } = await startTailer(log, { pubSub, pollMs: 5 }).listen()
  await expect.poll(() => log.reads.length).toBe(1)
  log.appendSilently()
  await sleep(severalPolls)
  expect(received).toEqual([])
  send(3)
  await expect.poll(() => received).toEqual(['c3'])
})

test('a message of an entry that was read already causes no read', async () => {
  const log = createMemoryLog(2, { shared: true })
  const { pubSub, send } = createTestPubSub()
  await startTailer(log, { pubSub }).listen()
  await expect.poll(() => log.reads).toEqual([2])
  send(1)
  send(2)
  await sleep(20)
  expect(log.reads).toEqual([2])
  send(3)
  await expect.poll(() => log.reads).toEqual([2, 2])
})

test('tells the other processes of each commit by its last number', async () => {
  const log = createMemoryLog(4)
  const { pubSub, published } = createTestPubSub()
  startTailer(log, { pubSub })
  log.append()
  log.append()
  expect(published).toEqual([5, 6])
})

test('a listener that stops gets nothing more; the others do', async () => {
  const log = createMemoryLog(0)
  const { listen } = startTailer(log)
  const [one, two] = [await listen(), await listen()]
  await expect.poll(() => log.reads.length).toBeGreaterThan(0)
  await sleep(5)
  one.stop()
  log.append()
  await expect.poll(() => two.received).toEqual(['c1'])
  expect(one.received).toEqual([])
})

test('stops reading when its last listener stops, and begins again at the end with the next', async () => {
  const log = createMemoryLog(0, { shared: true })
  const { listen } = startTailer(log, { pollMs: 5 })
  const first = await listen()
  await expect.poll(() => log.reads.length).toBeGreaterThan(0)
  first.stop()
  await sleep(5)
  const readsBefore = log.reads.length
  log.append()
  log.appendSilently()
  await sleep(severalPolls)
  expect(log.reads).toHaveLength(readsBefore)
  const second = await listen()
  expect(second.from).toBe(2)
  log.appendSilently()
  await expect.poll(() => second.received).toEqual(['c3'])
  expect(first.received).toEqual([])
})

test('a read that began before a pause gives nothing to a later listener, and does not move its place', async () => {
  const log = createMemoryLog(1)
  const { read } = log.changeLog
  const held: (() => void)[] = []
  let hold = true
  const changeLog = {
    ...log.changeLog,
    async read(after: number, limit: number) {
      const slice = await read(after, limit)
      if (hold) await new Promise<void>((resolve) => held.push(resolve))
      return slice
    },
  }
  const { listen } = startTailer(log, { changeLog })
  log.appendSilently()
  const first = await listen()
  await expect.poll(() => held.length).toBe(1)
  first.stop()
  const later = listen()
  log.append()
  const { received, from } = await later
  hold = false
  held[0]!()
  await expect.poll(() => log.reads.length).toBeGreaterThan(1)
  await sleep(5)
  expect(received.every((cursor) => Number(cursor.slice(1)) > from)).toBe(true)
  log.append()
  await expect.poll(() => received.at(-1)).toBe('c4')
  expect(new Set(received).size).toBe(received.length)
})

test('a log whose end is unknown rejects the listener, and the next one starts anew', async () => {
  const log = createMemoryLog(2)
  let failures = 1
  const changeLog = {
    ...log.changeLog,
    async bounds() {
      failures -= 1
      if (failures >= 0) throw new Error('the database is away')
      return log.changeLog.bounds()
    },
  }
  const { tailer, listen } = startTailer(log, { changeLog })
  const received: string[] = []
  await expect(tailer.listen(({ change }) => received.push(change.cursor))).rejects.toThrow('the database is away')
  const second = await listen()
  expect(second.from).toBe(2)
  log.append()
  await expect.poll(() => second.received).toEqual(['c3'])
  expect(received).toEqual([])
})

test('the failure of one opening leaves a newer one alone', async () => {
  const log = createMemoryLog(2)
  const failFirst = Promise.withResolvers<never>()
  let asked = 0
  const changeLog = { ...log.changeLog, bounds: () => (asked++ === 0 ? failFirst.promise : log.changeLog.bounds()) }
  const { tailer, listen } = startTailer(log, { changeLog })
  const rejected = tailer.listen(() => {})
  const alsoRejected = tailer.listen(() => {})
  failFirst.reject(new Error('the database is away'))
  await expect(rejected).rejects.toThrow('away')
  const second = await listen()
  await expect(alsoRejected).rejects.toThrow('away')
  log.append()
  await expect.poll(() => second.received).toEqual(['c3'])
})

test('reads again after a failed read, and says so', async () => {
  const log = createMemoryLog(0)
  let failures = 1
  const changeLog = {
    ...log.changeLog,
    async read(after: number, limit: number) {
      failures -= 1
      if (failures >= 0) throw new Error('the database is away')
      return log.changeLog.read(after, limit)
    },
  }
  const { listen, warnings } = startTailer(log, { changeLog })
  const { received } = await listen()
  await expect.poll(() => warnings).toEqual(['the change log could not be read; it is read again'])
  log.appendSilently()
  await expect.poll(() => received).toEqual(['c1'])
})

test('does not read again after a failed read when no listener is left', async () => {
  const log = createMemoryLog(0)
  let asked = 0
  const changeLog = {
    ...log.changeLog,
    async read(): Promise<never> {
      asked += 1
      throw new Error('the database is away')
    },
  }
  const { listen, warnings } = startTailer(log, { changeLog })
  const { stop } = await listen()
  await expect.poll(() => warnings.length).toBe(1)
  stop()
  await sleep(700)
  expect(asked).toBe(1)
})

test('reads a log of more than one page to its end', async () => {
  const log = createMemoryLog(0)
  const { listen } = startTailer(log)
  const { received } = await listen()
  await expect.poll(() => log.reads).toEqual([0])
  await sleep(5)
  for (let count = 0; count < 450; count++) log.appendSilently()
  log.append()
  await expect.poll(() => received.length).toBe(451)
  // Pages of 200: after 0, 200 and 400.
  expect(log.reads).toEqual([0, 0, 200, 400])
})

test('a listener that throws is named in the log, and the others get the entry', async () => {
  const log = createMemoryLog(0)
  const { tailer, listen, warnings } = startTailer(log)
  await tailer.listen(() => {
    throw new Error('broken')
  })
  const { received } = await listen()
  log.append()
  await expect.poll(() => received).toEqual(['c1'])
  expect(warnings).toEqual(['a listener of the change log threw an error; the others got the change'])
})

test('a pause drops what the dispatcher has not delivered', async () => {
  const log = createMemoryLog(0)
  const dispatched: ChangeLogEntry[][] = []
  let cleared = 0
  const createDispatcher = (): ChangeDispatcher => ({
    dispatch: (entries) => void dispatched.push([...entries]),
    clear: () => {
      cleared += 1
    },
  })
  const { listen } = startTailer(log, { createDispatcher })
  const { stop, received } = await listen()
  await expect.poll(() => log.reads.length).toBe(1)
  await sleep(5)
  log.append()
  expect(dispatched.flat().map(({ seq }) => seq)).toEqual([1])
  expect(cleared).toBe(0)
  stop()
  expect(cleared).toBe(1)
  expect(received).toEqual([])
})

test('close ends reading and hears of nothing more', async () => {
  const log = createMemoryLog(0, { shared: true })
  const { pubSub, listenerCount, published } = createTestPubSub()
  const { tailer, listen } = startTailer(log, { pubSub })
  const { received } = await listen()
  await expect.poll(() => log.reads.length).toBe(1)
  tailer.close()
  expect([log.listenerCount(), listenerCount()]).toEqual([0, 0])
  log.append()
  await sleep(20)
  expect([received, published, log.reads]).toEqual([[], [], [0]])
})

test('close stops the polls of a listener that never stopped, and a listener that comes later starts none', async () => {
  const log = createMemoryLog(0, { shared: true })
  const { tailer, listen } = startTailer(log, { pollMs: 5 })
  await listen()
  await expect.poll(() => log.reads.length).toBeGreaterThan(1)
  tailer.close()
  await sleep(10)
  const readsBefore = log.reads.length
  await sleep(severalPolls)
  expect(log.reads).toHaveLength(readsBefore)
  const late = await listen()
  log.appendSilently()
  await sleep(severalPolls)
  expect(late.received).toEqual([])
  expect(log.reads).toHaveLength(readsBefore)
})

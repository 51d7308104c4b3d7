import { afterEach, describe, expect, test, vi } from 'vitest'
import { DeskgraphError } from '../../src/domain/errors.ts'
import { type Logger, noMetrics } from '../../src/domain/telemetry.ts'
import { createInboxProcessor } from '../../src/ingestion/inbox-processor.ts'
import { createTestClock } from '../support/ingestion-fixture.ts'
import { createMemoryEvents, deskHandler, inboxEventOf, keyOf } from './memory-events.ts'

const storageFault = new DeskgraphError('STORAGE_UNAVAILABLE', 'The database cannot be reached.')
afterEach(() => void vi.useRealTimers())

/** A processor over an inbox with an event for each of these tickets, which arrived at noon. */
function processorOf(tickets: readonly string[], { shared = false } = {}) {
  const clock = createTestClock('2024-06-01T12:00:00.000Z')
  const memory = createMemoryEvents()
  memory.add(tickets.map((id) => inboxEventOf(id)))
  const lines: unknown[][] = []
  const scans: unknown[][] = []
  const { findPendingTickets } = memory.store
  memory.store.findPendingTickets = (...args) => {
    scans.push(args)
    return findPendingTickets(...args)
  }
  const processor = createInboxProcessor({
    events: memory.store,
    webhookHandlers: new Map([['desk', deskHandler]]),
    shared,
    metrics: noMetrics,
    logger: { warn: (...args: unknown[]) => void lines.push(args) } as unknown as Logger,
    clock,
  })
  const done = () => memory.states().filter((state) => state === 'APPLIED').length
  return { memory, processor, clock, lines, scans, done }
}

const many = (count: number) => Array.from({ length: count }, (_, n) => `t${n}`)
const settle = async () => {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
}

describe('scheduled tickets', () => {
  test('are processed in batches of 32, first in, first out, each ticket once', async () => {
    const tickets = many(40)
    const { memory, processor, done } = processorOf(tickets)
    processor.schedule([...tickets, ...tickets].map(keyOf))
    await processor.idle()
    expect(memory.claims).toEqual([tickets.slice(0, 32), tickets.slice(32)])
    expect(done()).toBe(40)
  })

  test('that come during a batch are in the next one, also when they are of the current batch', async () => {
    const { memory, processor } = processorOf(['a', 'b'])
    const release = Promise.withResolvers<void>()
    memory.beforeTransaction = (count) => (count === 1 ? release.promise : undefined)
    processor.schedule([keyOf('a')])
    processor.schedule([keyOf('b'), keyOf('a')])
    release.resolve()
    await processor.idle()
    expect(memory.claims).toEqual([['a'], ['b', 'a']])
  })

  test('that another process has locked wait behind the others', async () => {
    const { memory, processor, done } = processorOf(many(33))
    memory.busy.add('t0')
    memory.beforeTransaction = (count) => {
      if (count === 3) memory.busy.clear()
    }
    processor.schedule(many(33).map(keyOf))
    await processor.idle()
    expect(memory.claims.slice(1)).toEqual([['t32', 't0'], ['t0']])
    expect(done()).toBe(33)
  })

  test('are 20,000 at most; the scan finds the others', async () => {
    const { memory, processor } = processorOf([])
    processor.schedule(many(20_001).map(keyOf))
    await processor.idle()
    expect(memory.claims.reduce((sum, keys) => sum + keys.length, 0)).toBe(20_000)
    expect(memory.claims.at(-1)!.at(-1)).toBe('t19999')
  })

  test('are tried again when the storage failed, which is logged', async () => {
    const { memory, processor, lines, done } = processorOf(['a', 'b'])
    const { transaction } = memory.store
    let failures = 0
    memory.store.transaction = (work) => {
      failures += 1
      return failures === 1 ? Promise.reject(storageFault) : transaction(work)
    }
    processor.schedule(['a', 'b'].map(keyOf))
    await processor.idle()
    expect(done()).toBe(2)
    expect(lines).toEqual([[{ err: storageFault }, 'events could not be applied; they stay in the inbox and are tried again']])
  })

  test('are not processed after a stop, which waits for the current batch', async () => {
    const { memory, processor, done } = processorOf(many(40))
    const release = Promise.withResolvers<void>()
    memory.beforeTransaction = () => release.promise
    processor.schedule(many(40).map(keyOf))
    const stopped = processor.stop()
    processor.schedule([keyOf('t0')])
    release.resolve()
    await stopped
    await settle()
    expect([memory.transactions, done()]).toEqual([1, 32])
  })

  test('that are none begin nothing', async () => {
    const { memory, processor } = processorOf([])
    processor.schedule([])
    await processor.idle()
    expect(memory.transactions).toBe(0)
  })
})

describe('waiting for tickets', () => {
  test('ends when their batch is committed, while others still wait', async () => {
    const { memory, processor, done } = processorOf(many(33))
    const release = Promise.withResolvers<void>()
    memory.beforeTransaction = (count) => (count === 2 ? release.promise : undefined)
    processor.schedule(many(33).map(keyOf))
    await processor.whenProcessed(many(32).map(keyOf))
    expect(done()).toBe(32)
    let isDone = false
    const last = processor.whenProcessed([keyOf('t32')]).then(() => {
      isDone = true
    })
    await settle()
    expect(isDone).toBe(false)
    release.resolve()
    await last
    expect(done()).toBe(33)
  })

  test('lasts until a locked ticket is processed', async () => {
    const { memory, processor, done } = processorOf(['a'])
    memory.busy.add('a')
    memory.beforeTransaction = (count) => {
      if (count === 3) memory.busy.clear()
    }
    processor.schedule([keyOf('a')])
    await processor.whenProcessed([keyOf('a')])
    expect(done()).toBe(1)
  })

  test('ends at once for tickets that do not wait', async () => {
    const { processor } = processorOf([])
    await processor.whenProcessed([keyOf('a')])
    await processor.whenProcessed([])
  })
})

describe('the recovery scan', () => {
  const useTimers = () => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  async function pass(seconds: number) {
    for (let second = 0; second < seconds; second++) {
      await vi.advanceTimersByTimeAsync(1_000)
      await settle()
    }
  }

  test('at the start takes events of any age, 500 tickets at most', async () => {
    const { processor, scans, done } = processorOf(['a'])
    await processor.start()
    expect(scans).toEqual([[['desk'], '2024-06-01T12:00:00.000Z', 500]])
    await processor.idle()
    expect(done()).toBe(1)
    await processor.stop()
  })

  test('later leaves events of the last two seconds to the process where they arrived', async () => {
    useTimers()
    const { processor, scans, clock } = processorOf([], { shared: true })
    await processor.start()
    clock.advance(1_000)
    await pass(1)
    expect(scans[1]).toEqual([['desk'], '2024-06-01T11:59:59.000Z', 500])
  })

  test.each([
    ['every second where other processes share the inbox', true, 15],
    ['every fifteen seconds where none does', false, 1],
  ])('is %s', async (_, shared, expected) => {
    useTimers()
    const { processor, scans } = processorOf([], { shared })
    await processor.start()
    await pass(15)
    expect(scans.length - 1).toBe(expected)
  })

  test('is a second later when it found something', async () => {
    useTimers()
    const { processor, scans } = processorOf(['a'])
    await processor.start()
    await pass(1)
    expect(scans).toHaveLength(2)
    await pass(1)
    expect(scans).toHaveLength(2)
  })

  test('that fails is logged and repeated a second later', async () => {
    useTimers()
    const { memory, processor, scans, lines } = processorOf([])
    await processor.start()
    const { findPendingTickets } = memory.store
    memory.store.findPendingTickets = () => Promise.reject(storageFault)
    await pass(15)
    expect(lines).toEqual([[{ err: storageFault }, 'the inbox could not be scanned for pending events; it is scanned again']])
    memory.store.findPendingTickets = findPendingTickets
    await pass(1)
    expect(scans).toHaveLength(2)
  })

  test('that fails at the start rejects', async () => {
    const { memory, processor } = processorOf([])
    memory.store.findPendingTickets = () => Promise.reject(storageFault)
    await expect(processor.start()).rejects.toThrow(storageFault)
  })

  test('ends with the processor', async () => {
    useTimers()
    const { processor, scans } = processorOf([], { shared: true })
    await processor.start()
    await processor.stop()
    await pass(2)
    expect(scans).toHaveLength(1)
    const stoppedBefore = processorOf([], { shared: true })
    await stoppedBefore.processor.stop()
    await stoppedBefore.processor.start()
    await pass(2)
    expect(stoppedBefore.scans).toHaveLength(1)
  })
})

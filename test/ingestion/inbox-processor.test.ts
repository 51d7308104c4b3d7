import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import type { Store } from '../../src/db/open-store.ts'
import { DeskgraphError } from '../../src/domain/errors.ts'
import { noLogger, noMetrics } from '../../src/domain/telemetry.ts'
import type { EventStore, NewInboxEvent, TicketKey } from '../../src/ingestion/event-store.ts'
import { createInboxProcessor, type InboxProcessor } from '../../src/ingestion/inbox-processor.ts'
import { openTestStore } from '../support/databases.ts'
import { createTestClock, findTestSource, testWebhookHandlers, vccEvent } from '../support/ingestion-fixture.ts'

const clock = createTestClock()
let store: Store
beforeAll(async () => {
  store = await openTestStore({ findSource: findTestSource, clock })
}, 120_000)
afterAll(() => store.close())

interface ProcessorOptions {
  /** Runs before each transaction, with its number: may delay it or throw. */
  readonly beforeTransaction?: (count: number) => Promise<void>
  readonly shared?: boolean
  readonly onScan?: () => void
}

function createProcessor({ beforeTransaction, shared = false, onScan }: ProcessorOptions = {}): InboxProcessor {
  let transactions = 0
  const events: EventStore = {
    ...store.events,
    findPendingTickets: (...args) => {
      onScan?.()
      return store.events.findPendingTickets(...args)
    },
    transaction: async (work) => {
      transactions += 1
      await beforeTransaction?.(transactions)
      return store.events.transaction(work)
    },
  }
  const webhookHandlers = new Map(testWebhookHandlers.map((handler) => [handler.source.key, handler]))
  return createInboxProcessor({ events, webhookHandlers, shared, metrics: noMetrics, logger: noLogger, clock })
}

let nextTicketId = 1
/** Inserts one event for each of `count` new tickets, without scheduling them. */
async function insertEvents(count: number): Promise<readonly TicketKey[]> {
  const events: NewInboxEvent[] = Array.from({ length: count }, () => {
    const ticketId = nextTicketId++
    const raw = Buffer.from(vccEvent('add', ticketId, { title: 't' }))
    const receivedAt = new Date(clock()).toISOString()
    return {
      sourceKey: 'vcc',
      tenant: 'acme',
      externalId: `1-${ticketId}`,
      eventId: null,
      digest: `d${ticketId}`,
      raw,
      receivedAt,
    }
  })
  await store.events.insert(events, [])
  return events
}

async function exists(key: TicketKey): Promise<boolean> {
  return (await store.tickets.find([{ kind: 'ticket', ...key }]))[0] !== null
}

/** Lets everything run that does not wait for the test. A promise that resolves wrongly would have resolved by then. */
const runPending = () => new Promise((resolve) => setTimeout(resolve, 50))

async function isResolved(promise: Promise<unknown>): Promise<boolean> {
  let resolved = false
  void promise.then(() => {
    resolved = true
  })
  await runPending()
  return resolved
}

describe('whenProcessed waits for', () => {
  test('its own tickets only, while the others still wait', async () => {
    const release = Promise.withResolvers<void>()
    const processor = createProcessor({
      beforeTransaction: async (count) => {
        if (count > 1) await release.promise
      },
    })
    const own = await insertEvents(2)
    const others = await insertEvents(100)
    processor.schedule([...own, ...others])
    await processor.whenProcessed(own)
    expect(await Promise.all(own.map(exists))).toEqual([true, true])
    expect(await exists(others.at(-1)!)).toBe(false)
    const othersProcessed = processor.whenProcessed(others)
    expect(await isResolved(othersProcessed)).toBe(false)
    release.resolve()
    await othersProcessed
    expect((await Promise.all(others.map(exists))).every(Boolean)).toBe(true)
    await processor.stop()
  })

  test('a ticket of the current batch, until its commit', async () => {
    const release = Promise.withResolvers<void>()
    const processor = createProcessor({ beforeTransaction: () => release.promise })
    const own = await insertEvents(1)
    processor.schedule(own)
    const processed = processor.whenProcessed(own)
    expect(await isResolved(processed)).toBe(false)
    release.resolve()
    await processed
    expect(await exists(own[0]!)).toBe(true)
    await processor.stop()
  })

  test('a ticket whose commit fails, until it is tried again', async () => {
    const processor = createProcessor({
      beforeTransaction: async (count) => {
        if (count === 1) throw new DeskgraphError('STORAGE_UNAVAILABLE', 'The database is away.')
      },
    })
    const own = await insertEvents(1)
    processor.schedule(own)
    await processor.whenProcessed(own)
    expect(await exists(own[0]!)).toBe(true)
    await processor.stop()
  })

  test('nothing, when the ticket has no new event', async () => {
    const processor = createProcessor()
    await processor.whenProcessed([{ sourceKey: 'vcc', tenant: 'acme', externalId: '1-999999' }])
    await processor.whenProcessed([])
    await processor.stop()
  })
})

test('the events of a ticket that cannot be stored become dead letters, and the other tickets are applied', async () => {
  const tickets = await insertEvents(3)
  const [failing] = await insertEvents(1)
  const events: EventStore = {
    ...store.events,
    transaction: (work) =>
      store.events.transaction((tx) => {
        const saveEffects = tx.saveEffects.bind(tx)
        tx.saveEffects = async (effects) => {
          if (effects.tickets.some(({ ticket }) => ticket.externalId === failing!.externalId)) throw new Error('unstorable')
          await saveEffects(effects)
        }
        return work(tx)
      }),
  }
  const webhookHandlers = new Map(testWebhookHandlers.map((handler) => [handler.source.key, handler]))
  const processor = createInboxProcessor({ events, webhookHandlers, shared: false, metrics: noMetrics, logger: noLogger, clock })
  processor.schedule([tickets[0]!, failing!, ...tickets.slice(1)])
  await processor.idle()
  expect(await Promise.all([...tickets, failing!].map(exists))).toEqual([true, true, true, false])
  const [deadLetter] = await store.events.listDeadLetters({ sourceKeys: ['vcc'], before: null, limit: 1 })
  expect(deadLetter).toMatchObject({
    state: 'HELD',
    problem: 'The event could not be stored because of an internal fault. Replay it after the gateway is repaired.',
  })
  await processor.stop()
})

describe('the recovery scan', () => {
  test.each([
    ['every second when other processes can leave events behind', true, 5],
    ['rarely otherwise, when it found nothing', false, 0],
  ])('runs again %s', async (_when, shared, scansInFiveSeconds) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    let scans = 0
    const processor = createProcessor({ shared, onScan: () => void scans++ })
    await processor.start()
    expect(scans).toBe(1)
    for (let second = 0; second < 5; second++) await passOneSecond()
    expect(scans - 1).toBe(scansInFiveSeconds)
    for (let second = 0; second < 10; second++) await passOneSecond()
    expect(scans - 1).toBeGreaterThan(0)
    vi.useRealTimers()
    await processor.stop()
  })

  test('runs every second while it finds something', async () => {
    await insertEvents(1)
    clock.advance(5_000)
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    let scans = 0
    const processor = createProcessor({ beforeTransaction: () => new Promise(() => {}), onScan: () => void scans++ })
    await processor.start()
    for (let second = 0; second < 3; second++) await passOneSecond()
    expect(scans).toBe(4)
  })
})

/** Advances the timers by a second, then gives the database time to answer. */
async function passOneSecond(): Promise<void> {
  await vi.advanceTimersByTimeAsync(1_000)
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
}

import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import type { Store } from '../../src/db/open-store.ts'
import { DeskgraphError } from '../../src/domain/errors.ts'
import { noLogger, noMetrics } from '../../src/domain/telemetry.ts'
import type { EventStore, NewInboxEvent, TicketKey } from '../../src/ingestion/event-store.ts'
import { createInboxProcessor, type InboxProcessor } from '../../src/ingestion/inbox-processor.ts'
import { openTestStore } from '../support/databases.ts'
import { createTestClock, findTestSource, testWebhookHandlers } from '../support/ingestion-fixture.ts'

const clock = createTestClock()
let store: Store
beforeAll(async () => {
  store = await openTestStore({ findSource: findTestSource, clock })
}, 120_000)
afterAll(() => store.close())

/** Stands before every commit of applied events: lets it through, holds it up until it is told, or breaks it. */
type Gate = (batch: number) => Promise<void>

function processorBehind(gate: Gate, { shared = false, looked = () => {} } = {}): InboxProcessor {
  let batch = 0
  const events: EventStore = {
    ...store.events,
    findPendingTickets: (...asked) => {
      looked()
      return store.events.findPendingTickets(...asked)
    },
    transaction: async (work) => {
      batch += 1
      await gate(batch)
      return store.events.transaction(work)
    },
  }
  const webhookHandlers = new Map(testWebhookHandlers.map((webhookHandler) => [webhookHandler.source.key, webhookHandler]))
  return createInboxProcessor({ events, webhookHandlers, shared, metrics: noMetrics, logger: noLogger, clock })
}

let next = 1
/** Keeps an event for each of so many new tickets, as a request does before it wakes the processor. */
async function keep(count: number): Promise<readonly TicketKey[]> {
  const events: NewInboxEvent[] = Array.from({ length: count }, () => {
    const ticketId = next++
    const raw = Buffer.from(JSON.stringify({ action: 'add', ticket: { ticketId, projectId: 5, title: 't' } }))
    const receivedAt = new Date(clock()).toISOString()
    return {
      sourceKey: 'vcc',
      tenant: 'acme',
      externalId: `5-${ticketId}`,
      eventId: null,
      digest: `d${ticketId}`,
      raw,
      receivedAt,
    }
  })
  await store.events.insert(events, [])
  return events
}

const isThere = async (key: TicketKey): Promise<boolean> => (await store.tickets.find([{ kind: 'ticket', ...key }]))[0] !== null

/** A promise to be kept by hand. */
function createLatch() {
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { open, opened }
}

/** Everything that could have happened by itself has. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 50))

describe('what a sender that is told of every item waits for', () => {
  test('its own tickets, while the whole inbox behind them still waits', async () => {
    const rest = createLatch()
    const processor = processorBehind(async (batch) => {
      if (batch > 1) await rest.opened
    })
    const own = await keep(2)
    const others = await keep(100)
    processor.schedule([...own, ...others])
    await processor.applied(own)
    expect(await Promise.all(own.map(isThere))).toEqual([true, true])
    expect(await isThere(others.at(-1)!)).toBe(false)
    let done = false
    const applied = processor.applied(others).then(() => {
      done = true
    })
    await settle()
    expect(done).toBe(false)
    rest.open()
    await applied
    expect((await Promise.all(others.map(isThere))).every(Boolean)).toBe(true)
    await processor.stop()
  })

  test('a ticket whose commit is under way, and no longer waits to be taken', async () => {
    const commit = createLatch()
    const processor = processorBehind(() => commit.opened)
    const own = await keep(1)
    processor.schedule(own)
    let done = false
    const applied = processor.applied(own).then(() => {
      done = true
    })
    await settle()
    expect(done).toBe(false)
    commit.open()
    await applied
    expect(await isThere(own[0]!)).toBe(true)
    await processor.stop()
  })

  test('a ticket whose commit failed and is tried again', async () => {
    const processor = processorBehind(async (batch) => {
      if (batch === 1) throw new DeskgraphError('STORAGE_UNAVAILABLE', 'away')
    })
    const own = await keep(1)
    processor.schedule(own)
    await processor.applied(own)
    expect(await isThere(own[0]!)).toBe(true)
    await processor.stop()
  })

  test('nothing, for a ticket without a new event', async () => {
    const processor = processorBehind(async () => {})
    await processor.applied([{ sourceKey: 'vcc', tenant: 'acme', externalId: '5-999999' }])
    await processor.applied([])
    await processor.stop()
  })
})

describe('the look-out for what was left behind', () => {
  test.each([
    ['every second where other processes leave events behind', true, 5],
    ['rarely where there are none, once nothing was found', false, 0],
  ])('comes again %s', async (_when, shared, looksInFiveSeconds) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    let looks = 0
    const processor = processorBehind(async () => {}, { shared, looked: () => void looks++ })
    await processor.start()
    expect(looks).toBe(1)
    for (let second = 0; second < 5; second++) await passOneSecond()
    expect(looks - 1).toBe(looksInFiveSeconds)
    for (let second = 0; second < 10; second++) await passOneSecond()
    expect(looks - 1).toBeGreaterThan(0)
    vi.useRealTimers()
    await processor.stop()
  })
  test('goes on every second while there is more', async () => {
    await keep(1)
    clock.advance(5_000)
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    let looks = 0
    const processor = processorBehind(() => new Promise(() => {}), { looked: () => void looks++ })
    await processor.start()
    for (let second = 0; second < 3; second++) await passOneSecond()
    expect(looks).toBe(4)
  })
})

/** A second by the timers, and then time for the database to answer. */
async function passOneSecond(): Promise<void> {
  await vi.advanceTimersByTimeAsync(1_000)
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
}

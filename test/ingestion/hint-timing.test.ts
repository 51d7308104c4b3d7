import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { DeskgraphError } from '../../src/domain/errors.ts'
import { type Logger, noMetrics } from '../../src/domain/telemetry.ts'
import type { Transaction } from '../../src/domain/transaction.ts'
import { createHintService } from '../../src/ingestion/hint-service.ts'
import type { HintStore, NewHint, PendingHint } from '../../src/ingestion/hint-store.ts'
import type { WebhookRequest } from '../../src/sources/webhook-handler.ts'
import { createTestClock } from '../support/ingestion-fixture.ts'
import { createMemorySource } from '../support/memory-source.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance'] }))
afterEach(() => void vi.useRealTimers())

const fault = new DeskgraphError('STORAGE_UNAVAILABLE', 'The database cannot be reached.')

/** The hints of one desk in memory, each due when it was inserted for. */
function serviceOf({ shared = false, delayMs = undefined as number | undefined, withSource = true } = {}) {
  const clock = createTestClock()
  const desk = createMemorySource('desk')
  const due = new Map<string, { hint: PendingHint; dueAt: string }>()
  const state = {
    claims: 0,
    scans: 0,
    claimFails: null as Error | null,
    claimWaits: null as Promise<void> | null,
    scanFails: null as Error | null,
  }
  const lines: unknown[][] = []
  const add = (externalId: string, dueAt: string) => {
    const receivedAt = new Date(clock()).toISOString()
    const hint = {
      sourceKey: 'desk',
      tenant: '',
      externalId,
      removed: false,
      version: 1,
      attempts: 1,
      receivedAt,
      requestId: 'r',
    }
    due.set(externalId, { hint, dueAt })
  }
  const hints: HintStore = {
    async insert(added: readonly NewHint[], dueAt) {
      for (const { tickets } of added) for (const { externalId } of tickets) add(externalId, dueAt)
      return added.map(() => true)
    },
    async claim(_key, { now, limit }) {
      state.claims += 1
      if (state.claimFails) throw state.claimFails
      const found = [...due.values()].flatMap(({ hint, dueAt }) => (dueAt <= now ? [hint] : [])).slice(0, limit)
      if (found.length === 0) await state.claimWaits
      return found
    },
    finish: async (done) => {
      for (const { externalId } of done) due.delete(externalId)
    },
    postpone: async (later, dueAt) => {
      for (const hint of later) due.set(hint.externalId, { hint, dueAt })
    },
    async nextDue(keys) {
      expect(keys).toEqual(['desk'])
      state.scans += 1
      if (state.scanFails) throw state.scanFails
      const [first] = [...due.values()].map(({ dueAt }) => dueAt).sort()
      return new Map(first ? [['desk', first]] : [])
    },
  }
  const tx = { lockTickets: async () => {}, findObserved: async () => [], record: async () => {} } as unknown as Transaction
  const handler = {
    source: desk.info,
    authorise: () => true,
    read: ({ rawBody }: WebhookRequest) => ({ deliveryId: null, ticketIds: rawBody.toString().split(' '), removed: false }),
  }
  const service = createHintService({
    hinted: withSource ? [{ source: desk, handler }] : [],
    store: { transaction: (work) => work(tx), hints, changeLog: { shared } },
    metrics: noMetrics,
    logger: { warn: (...args: unknown[]) => void lines.push(args) } as unknown as Logger,
    clock,
    ...(delayMs !== undefined && { delayMs }),
  })
  const send = (...ids: string[]) =>
    service.receive('desk', { rawBody: Buffer.from(ids.join(' ')), contentType: '', headers: {}, query: {} }, 'r')
  /** Advances the clock and the timers together. */
  const pass = async (ms: number) => {
    clock.advance(ms)
    await vi.advanceTimersByTimeAsync(ms)
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
  }
  return { service, desk, clock, add, due, state, lines, send, pass }
}

describe('a hint', () => {
  test.each([
    ['250 milliseconds, where no delay is set', undefined, 250],
    ['the delay', 40, 40],
  ])('is read after %s', async (_, delayMs, expected) => {
    const { desk, send, pass } = serviceOf({ delayMs })
    await send('a')
    await pass(expected - 1)
    expect(desk.loadedIds()).toEqual([])
    await pass(1)
    expect(desk.loadedIds()).toEqual([['a']])
  })

  test('is read after its own delay when another hint came shortly before it', async () => {
    const { desk, send, pass } = serviceOf()
    await send('a')
    await pass(200)
    await send('b')
    await pass(50)
    expect(desk.loadedIds()).toEqual([['a']])
    await pass(200)
    expect(desk.loadedIds()).toEqual([['a'], ['b']])
  })

  test('that comes during a read is read after it, by the same worker', async () => {
    const { desk, send, pass } = serviceOf()
    const release = Promise.withResolvers<void>()
    const { loadTickets } = desk
    let reading = 0
    let most = 0
    desk.loadTickets = async (...args) => {
      reading += 1
      most = Math.max(most, reading)
      await release.promise
      reading -= 1
      return loadTickets(...args)
    }
    await send('a')
    await pass(250)
    await send('b')
    await pass(250)
    expect([reading, desk.loadedIds()]).toEqual([1, []])
    release.resolve()
    await pass(0)
    expect([most, desk.loadedIds()]).toEqual([1, [['a'], ['b']]])
  })

  test('is read in batches until none is due', async () => {
    const { desk, state, add, clock, send, pass } = serviceOf()
    for (let n = 0; n < 150; n++) add(`t${n}`, new Date(clock()).toISOString())
    await send('last')
    await pass(250)
    expect(desk.loadedIds().map((ids) => ids.length)).toEqual([100, 51])
    expect(state.claims).toBe(3)
  })

  test('is read again a second after a fault of the storage, which is logged', async () => {
    const { desk, state, lines, send, pass } = serviceOf()
    state.claimFails = fault
    await send('a')
    await pass(250)
    expect(lines).toEqual([
      [{ source: 'desk', err: fault }, 'the tickets that webhooks named could not be read; they are read again'],
    ])
    state.claimFails = null
    await pass(999)
    expect(desk.loadedIds()).toEqual([])
    await pass(1)
    expect(desk.loadedIds()).toEqual([['a']])
  })

  test('that is due while the worker looks for further ones in vain is read as well', async () => {
    const { desk, state, send, pass } = serviceOf()
    const release = Promise.withResolvers<void>()
    state.claimWaits = release.promise
    await send('a')
    await pass(250)
    await send('b')
    await pass(250)
    expect([state.claims, desk.loadedIds()]).toEqual([2, [['a']]])
    release.resolve()
    await pass(0)
    expect(desk.loadedIds()).toEqual([['a'], ['b']])
  })

  test('leaves no timer behind when the service stops, which waits for the batch that is read', async () => {
    const { service, desk, add, send, pass } = serviceOf()
    const release = Promise.withResolvers<void>()
    desk.loadTickets = async (refs) => {
      await release.promise
      return refs.map(() => null)
    }
    add('later', '2024-06-01T12:00:30.000Z')
    service.start()
    await pass(0)
    await send('a')
    // The scan's timer, and one for the earlier of both hints.
    expect(vi.getTimerCount()).toBe(2)
    await pass(250)
    let isStopped = false
    const stopped = service.stop().then(() => {
      isStopped = true
    })
    await pass(0)
    expect([isStopped, vi.getTimerCount()]).toEqual([false, 0])
    release.resolve()
    await stopped
  })

  test('is not read after the service has stopped', async () => {
    const { service, state, send, pass } = serviceOf()
    await send('a')
    await service.stop()
    await send('b')
    await pass(1_000)
    expect(state.claims).toBe(0)
  })

  test('ends the batches of a stopped service', async () => {
    const { service, desk, state, send, pass } = serviceOf()
    const { loadTickets } = desk
    let stopped: Promise<void> | null = null
    desk.loadTickets = (...args) => {
      stopped = service.stop()
      return loadTickets(...args)
    }
    await send('a')
    await pass(250)
    await stopped
    expect(state.claims).toBe(1)
  })
})

describe('hints that another process left behind', () => {
  const past = '2024-06-01T11:00:00.000Z'

  test('are read at the start', async () => {
    const { service, desk, add, pass } = serviceOf()
    add('a', past)
    service.start()
    await pass(0)
    await pass(0)
    expect(desk.loadedIds()).toEqual([['a']])
    await service.stop()
  })

  test('and that are due later are read then', async () => {
    const { service, desk, add, pass } = serviceOf()
    add('a', '2024-06-01T12:00:03.000Z')
    service.start()
    await pass(0)
    await pass(2_999)
    expect(desk.loadedIds()).toEqual([])
    await pass(1)
    expect(desk.loadedIds()).toEqual([['a']])
    await service.stop()
  })

  test.each([
    ['every second where other processes share the database', true, 15],
    ['every fifteen seconds where none does', false, 1],
  ])('are looked for %s, until the service stops', async (_, shared, scans) => {
    const { service, state, pass } = serviceOf({ shared })
    service.start()
    for (let second = 0; second < 15; second++) await pass(1_000)
    expect(state.scans - 1).toBe(scans)
    await service.stop()
    await pass(60_000)
    expect(state.scans - 1).toBe(scans)
  })

  test('are looked for again after a fault of the storage, which is logged', async () => {
    const { service, desk, state, lines, add, pass } = serviceOf({ shared: true })
    add('a', past)
    state.scanFails = fault
    service.start()
    await pass(0)
    expect(lines).toEqual([[{ err: fault }, 'the hints of webhooks could not be looked for; they are looked for again']])
    state.scanFails = null
    await pass(1_000)
    await pass(1)
    expect(desk.loadedIds()).toEqual([['a']])
    await service.stop()
  })

  test('are not looked for where no source has webhooks', async () => {
    const { service, state, pass } = serviceOf({ withSource: false })
    service.start()
    await pass(60_000)
    expect([state.scans, vi.getTimerCount()]).toEqual([0, 0])
    await service.stop()
  })
})

test('the service is idle when it reads nothing and waits for no hint', async () => {
  const { service, desk, send, pass } = serviceOf()
  await service.idle()
  await send('a')
  let isIdle = false
  const idle = service.idle().then(() => {
    isIdle = true
  })
  await pass(100)
  expect(isIdle).toBe(false)
  await pass(150)
  await vi.advanceTimersByTimeAsync(20)
  await idle
  expect(desk.loadedIds()).toEqual([['a']])
})

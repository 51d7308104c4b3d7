import { describe, expect, test } from 'vitest'
import { DeskgraphError } from '../../src/domain/errors.ts'
import type { NewChange } from '../../src/domain/events.ts'
import type { EntityRef } from '../../src/domain/ids.ts'
import type { Logger, Metrics } from '../../src/domain/telemetry.ts'
import type { ObservedTicket, Transaction } from '../../src/domain/transaction.ts'
import { HintReader } from '../../src/ingestion/hint-reader.ts'
import type { HintStore, PendingHint } from '../../src/ingestion/hint-store.ts'
import { createTestClock } from '../support/ingestion-fixture.ts'
import { createMemorySource, type MemorySourceOptions } from '../support/memory-source.ts'

const noon = '2024-06-01T12:00:00.000Z'
const hintOf = (externalId: string, changes: Partial<PendingHint> = {}): PendingHint => ({
  sourceKey: 'desk',
  tenant: '',
  externalId,
  removed: false,
  version: 1,
  attempts: 1,
  receivedAt: noon,
  requestId: `request-${externalId}`,
  ...changes,
})

/** A reader over a desk, with these hints due in one batch. */
function readerOf(claimed: readonly PendingHint[], options: MemorySourceOptions = {}) {
  const clock = createTestClock(noon)
  const desk = createMemorySource('desk', { startAt: Date.parse('2024-06-01T11:00:00.000Z'), ...options })
  const batches = [claimed]
  const log: string[] = []
  const claims: unknown[][] = []
  const lines: (readonly [fields: Record<string, unknown>, message: string])[] = []
  const metrics: string[] = []
  const changes: NewChange[] = []
  const observed = new Map<string, ObservedTicket>()
  const idsOf = (hints: readonly PendingHint[]) => hints.map(({ externalId }) => externalId).join(' ')
  const hints: Partial<HintStore> = {
    async claim(...args) {
      claims.push(args)
      return batches.shift() ?? []
    },
    finish: async (done) => void (done.length > 0 && log.push(`finish ${idsOf(done)}`)),
    postpone: async (later, dueAt) => void log.push(`postpone ${idsOf(later)} to ${dueAt.slice(11, 19)}`),
  }
  const tx = {
    lockTickets: async () => {},
    findObserved: async (refs: readonly EntityRef[]) => refs.map(({ externalId }) => observed.get(externalId) ?? null),
    record: async (added: readonly NewChange[]) => {
      log.push(`record ${added.map(({ kind, ticket }) => `${kind} ${ticket.externalId}`).join(', ')}`)
      changes.push(...added)
    },
  } as unknown as Transaction
  const stopping = new AbortController()
  const reader = new HintReader(desk, {
    hints: hints as HintStore,
    store: { transaction: (work) => work(tx) },
    metrics: {
      count: (name: string, labels: object, by = 1) => void metrics.push([name, ...Object.values(labels), by].join(' ')),
      observe: (name: string, value: number, labels: object) =>
        void metrics.push([name, ...Object.values(labels), value].join(' ')),
    } as unknown as Metrics,
    logger: {
      warn: (fields: Record<string, unknown>, message: string) => void lines.push([fields, message]),
    } as unknown as Logger,
    clock,
    signal: stopping.signal,
  })
  return { reader, desk, clock, stopping, claims, log, lines, metrics, changes, observed }
}

describe('a batch of hints', () => {
  test('is claimed for a minute, and none is read when none is due', async () => {
    const { reader, desk, claims } = readerOf([])
    expect(await reader.readBatch()).toBe(false)
    expect(claims).toEqual([['desk', { now: noon, leaseUntil: '2024-06-01T12:01:00.000Z', limit: 100 }]])
    expect(desk.calls.load).toEqual([])
  })

  test.each([
    ['as many tickets as a page of the source has', 20, 20],
    ['a hundred tickets at most', 500, 100],
  ])('has %s', async (_, maxPageSize, limit) => {
    const { reader, claims } = readerOf([], { maxPageSize })
    await reader.readBatch()
    expect(claims).toMatchObject([['desk', { limit }]])
  })

  test('is read afresh in one call, recorded, measured, and finished', async () => {
    const { reader, desk, clock, log, metrics, changes, observed } = readerOf([
      hintOf('a'),
      hintOf('b', { receivedAt: '2024-06-01T11:59:58.000Z' }),
      hintOf('c', { removed: true }),
    ])
    for (const id of ['a', 'b']) desk.put(id)
    observed.set('b', { ticket: desk.tickets()[1]!, recorded: true })
    clock.advance(1_500)
    expect(await reader.readBatch()).toBe(true)
    expect(desk.loadedIds()).toEqual([['a', 'b', 'c']])
    expect(log).toEqual(['record UPDATED a, DELETED c', 'finish a b c'])
    expect(changes.map(({ at }) => at)).toEqual([desk.tickets()[0]!.updatedAt, '2024-06-01T12:00:01.500Z'])
    expect(metrics).toEqual([
      'hint_reads_total desk changed 1',
      'hint_seconds desk 1.5',
      'hint_reads_total desk unchanged 1',
      'hint_seconds desk 3.5',
      'hint_reads_total desk removed 1',
      'hint_seconds desk 1.5',
    ])
  })

  test('is read with the priority of polling, by the account of hints, until the reader stops', async () => {
    const calls: unknown[] = []
    const { reader, stopping } = readerOf([hintOf('a')], {
      methods: {
        async loadTickets(refs, call) {
          calls.push(call)
          return refs.map(() => null)
        },
      },
    })
    await reader.readBatch()
    expect(calls).toMatchObject([
      { fresh: true, priority: 'polling', viewer: { id: 'hints' }, requestId: expect.stringMatching(/^hint-[\da-f-]{36}$/) },
    ])
    const { signal } = calls[0] as { signal: AbortSignal }
    expect(signal.aborted).toBe(false)
    stopping.abort()
    expect(signal.aborted).toBe(true)
  })

  test('is recorded in transactions of 25 tickets, each finished before the next', async () => {
    const ids = Array.from({ length: 26 }, (_, n) => `t${n}`)
    const { reader, desk, log } = readerOf(ids.map((id) => hintOf(id)))
    for (const id of ids) desk.put(id)
    await reader.readBatch()
    expect(log.map((line) => [line.split(' ')[0], line.split(/ t\d/).length - 1])).toEqual([
      ['record', 25],
      ['finish', 25],
      ['record', 1],
      ['finish', 1],
    ])
  })

  test('records a ticket as new that was created up to a minute before the first of its hints', async () => {
    const { reader, desk, changes } = readerOf([hintOf('old'), hintOf('new', { receivedAt: '2024-06-01T12:05:00.000Z' })])
    desk.put('old', { createdAt: '2024-06-01T11:58:59.999Z' })
    desk.put('new', { createdAt: '2024-06-01T11:59:00.000Z' })
    await reader.readBatch()
    expect(changes.map(({ kind, ticket }) => [kind, ticket.externalId])).toEqual([
      ['UPDATED', 'old'],
      ['CREATED', 'new'],
    ])
  })

  test('records a ticket that was gone and is there again, and a change that only a poll has seen', async () => {
    const { reader, desk, changes, observed } = readerOf([hintOf('back'), hintOf('seen')])
    const back = desk.put('back')
    observed.set('back', { ticket: { ...back, deletedAt: noon }, recorded: true })
    observed.set('seen', { ticket: desk.put('seen'), recorded: false })
    await reader.readBatch()
    expect(changes.map(({ kind, ticket }) => [kind, ticket.externalId])).toEqual([
      ['UPDATED', 'back'],
      ['UPDATED', 'seen'],
    ])
  })

  test('does not record a ticket as removed that was never seen and that no hint said was gone', async () => {
    const { reader, log } = readerOf([hintOf('a')])
    await reader.readBatch()
    expect(log).toEqual(['record ', 'finish a'])
  })

  test('rejects with a fault that is none of the source', async () => {
    const { reader, desk, log } = readerOf([hintOf('a')])
    desk.broken = new TypeError('x is undefined')
    await expect(reader.readBatch()).rejects.toThrow('x is undefined')
    expect(log).toEqual([])
  })
})

describe('tickets that could not be read', () => {
  const down = new DeskgraphError('UPSTREAM_UNAVAILABLE', 'It is down.', { source: 'desk' })

  test('are read again later, with one line of the log, and the others are recorded', async () => {
    const hints = ['a', 'b', 'c'].map((id) => hintOf(id))
    const { reader, log, lines, metrics } = readerOf(hints, {
      methods: { loadTickets: async (refs) => refs.map(({ externalId }) => (externalId === 'b' ? null : down)) },
    })
    expect(await reader.readBatch()).toBe(true)
    expect(log).toEqual(['record ', 'finish b', 'postpone a to 12:00:01', 'postpone c to 12:00:01'])
    expect(lines).toEqual([
      [
        expect.objectContaining({ source: 'desk', tickets: 2, requestId: 'request-a', err: down }),
        'tickets that webhooks named could not be read; they are read again later',
      ],
    ])
    expect(metrics).toContain('hint_reads_total desk failed 2')
  })

  test.each([
    [1, '12:00:01'],
    [2, '12:00:05'],
    [3, '12:00:30'],
    [4, '12:02:00'],
    [5, '12:05:00'],
    [6, '12:05:00'],
    [50, '12:05:00'],
  ])('wait longer at each attempt: after %d until %s', async (attempts, time) => {
    const { reader, desk, log } = readerOf([hintOf('a', { attempts })])
    desk.broken = down
    await reader.readBatch()
    expect(log).toEqual([`postpone a to ${time}`])
  })

  test('wait as long as the source asks, where that is longer', async () => {
    const limited = (retryAfter: number) => new DeskgraphError('UPSTREAM_RATE_LIMITED', 'Too many calls.', { retryAfter })
    for (const [seconds, time] of [
      [90, '12:01:30'],
      [2, '12:00:05'],
    ] as const) {
      const { reader, desk, log } = readerOf([hintOf('a', { attempts: 2 })])
      desk.broken = limited(seconds)
      await reader.readBatch()
      expect(log).toEqual([`postpone a to ${time}`])
    }
  })

  test('of a call that failed as a whole are all read again', async () => {
    const { reader, log } = readerOf([hintOf('a'), hintOf('b')], { methods: { loadTickets: () => Promise.reject(down) } })
    await reader.readBatch()
    expect(log).toEqual(['postpone a to 12:00:01', 'postpone b to 12:00:01'])
  })

  test('are given up after a day', async () => {
    const yesterday = '2024-05-31T12:00:00.000Z'
    const { reader, desk, log, lines, metrics } = readerOf([hintOf('a', { receivedAt: yesterday }), hintOf('b')])
    desk.broken = down
    await reader.readBatch()
    expect(log).toEqual(['postpone a to 12:00:01', 'postpone b to 12:00:01'])
    const later = readerOf([hintOf('a', { receivedAt: yesterday }), hintOf('b')])
    later.desk.broken = down
    later.clock.advance(1)
    await later.reader.readBatch()
    expect(later.log).toEqual(['finish a', 'postpone b to 12:00:01'])
    expect(later.lines.map(([{ tickets }, message]) => [tickets, message])).toEqual([
      [1, 'tickets that webhooks named could not be read for a day; polling has to find the changes'],
      [1, 'tickets that webhooks named could not be read; they are read again later'],
    ])
    expect(later.metrics).toEqual(['hint_reads_total desk abandoned 1', 'hint_reads_total desk failed 1'])
    expect([lines.length, metrics.length]).toEqual([1, 1])
  })
})

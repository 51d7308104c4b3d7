import { describe, expect, test } from 'vitest'
import type { DeliveryRecord } from '../../src/delivery/delivery-store.ts'
import { createDeliveryWorker } from '../../src/delivery/delivery-worker.ts'
import type { AttemptOutcome, GuardedEndpoint } from '../../src/delivery/send-attempt.ts'
import { DeskgraphError } from '../../src/domain/errors.ts'
import type { NewChange } from '../../src/domain/events.ts'
import type { EntityRef } from '../../src/domain/ids.ts'
import type { Logger, Metrics } from '../../src/domain/telemetry.ts'
import type { Transaction } from '../../src/domain/transaction.ts'
import { toSourceInfo, toTicket } from '../support/memory-ticket.ts'
import { createLoggingOutbox, createMemoryDeliveries, createMemoryDirectory, deliveryOf } from './memory-deliveries.ts'

const startMs = Date.parse('2026-03-01T12:00:00.000Z')
const url = 'https://careco.example/hook'
const delivered: AttemptOutcome = { delivered: true, status: 204, error: null, retryAfterMs: null, gone: false }
const failed: AttemptOutcome = { ...delivered, delivered: false, status: 500, error: 'The partner answered 500.' }
const gone: AttemptOutcome = { ...failed, status: 410, error: 'The partner answered 410.', gone: true }

interface Setup {
  readonly delivery?: Partial<DeliveryRecord>
  readonly outcome?: AttemptOutcome
  readonly urls?: Record<string, string>
  /** Runs while the attempt is under way. */
  readonly during?: (deliveries: ReturnType<typeof createMemoryDeliveries>) => void
  /** The errors of the first transactions. */
  readonly storeErrors?: readonly Error[]
  readonly erased?: boolean
}

/** A worker with one delivery, and everything that it does, in its order. An attempt takes 1.5 seconds. */
function workerOf({ delivery = {}, outcome = delivered, urls = { 'plk-eu/careco': url }, ...setup }: Setup = {}) {
  const deliveries = createMemoryDeliveries([deliveryOf(delivery)])
  const { outbox, log } = createLoggingOutbox()
  const changes: NewChange[] = []
  const calls: (readonly [GuardedEndpoint, string, string])[] = []
  const lines: (readonly [level: string, fields: object, message: string])[] = []
  const metrics: unknown[][] = []
  const locked: EntityRef[][] = []
  const errors = [...(setup.storeErrors ?? [])]
  let nowMs = startMs
  const ticket = toTicket(toSourceInfo('rbi'), 't-1', { tenant: 'plk-eu' })
  const tx = {
    lockTickets: async (refs: EntityRef[]) => void locked.push(refs),
    findTickets: async (refs: EntityRef[]) => refs.map(() => (setup.erased ? null : { ticket })),
    record: async (added: readonly NewChange[]) => void changes.push(...added),
  } as unknown as Transaction
  const logger = Object.fromEntries(
    ['debug', 'info', 'warn', 'error'].map((level) => [
      level,
      (fields: object, message: string) => void lines.push([level, fields, message]),
    ]),
  ) as unknown as Logger
  const worker = createDeliveryWorker({
    store: {
      async transaction(work) {
        const error = errors.shift()
        if (error) throw error
        return work(tx)
      },
    },
    deliveries: deliveries.store,
    outbox,
    directories: [createMemoryDirectory('other', {}), createMemoryDirectory('rbi', urls)],
    async sendAttempt(endpoint, id, body) {
      calls.push([endpoint, id, body])
      nowMs += 1_500
      setup.during?.(deliveries)
      return outcome
    },
    config: { scheduleSeconds: [0, 10, 300] },
    clock: () => nowMs,
    logger,
    metrics: {
      count: (...args: unknown[]) => void metrics.push(args),
      observe: (...args: unknown[]) => void metrics.push(args),
    } as unknown as Metrics,
    random: () => 0.5,
  })
  const signal = new AbortController()
  const run = (job: object = { id: 'd-1', run: 0, attempts: 0 }) => worker(job, signal.signal)
  return { run, signal, deliveries, log, changes, calls, lines, metrics, locked }
}

describe('an attempt of a delivery', () => {
  test('that succeeds is saved, recorded at its ticket, measured, and not planned again', async () => {
    const { run, deliveries, changes, calls, lines, metrics, locked, log } = workerOf()
    await run()
    expect(calls.map(([endpoint, id, body]) => [endpoint.url, endpoint.secrets, id, body])).toEqual([
      [url, ['s3cret'], 'd-1', '{"a":1}'],
    ])
    expect(calls[0]![0].guard.checkAddress('10.0.0.1', 443, 'https:')).not.toBeNull()
    expect(deliveries.get('d-1')).toMatchObject({ state: 'DELIVERED', attempts: 1, deliveredAt: '2026-03-01T12:00:01.500Z' })
    expect(locked).toEqual([[{ kind: 'ticket', sourceKey: 'rbi', tenant: 'plk-eu', externalId: 't-1' }]])
    expect(changes).toMatchObject([
      {
        kind: 'DELIVERED',
        ticket: { externalId: 't-1' },
        before: { externalId: 't-1' },
        at: '2026-03-01T12:00:01.500Z',
        actor: { kind: 'SYSTEM', externalId: null, name: null },
        summary: 'Delivered to careco at attempt 1.',
      },
    ])
    expect(metrics).toEqual([
      ['delivery_attempt_seconds', 1.5, { partner: 'careco' }],
      ['delivery_attempts_total', { partner: 'careco', outcome: 'delivered' }],
    ])
    const fields = { delivery: 'd-1', partner: 'careco', state: 'DELIVERED', attempts: 1, status: 204, reason: null }
    expect(lines).toEqual([['debug', fields, 'a delivery was made']])
    expect(log).toEqual([])
  })

  test('that fails is planned again after the wait of the schedule', async () => {
    const { run, deliveries, changes, lines, metrics, log } = workerOf({ outcome: failed })
    await run()
    // The attempt ended 1.5 s after twelve; the second wait of the schedule is 10 s, and 0.5 is no jitter.
    expect(deliveries.get('d-1')).toMatchObject({ state: 'FAILED', attempts: 1, nextAttemptAt: '2026-03-01T12:00:11.500Z' })
    expect(log).toEqual(['enqueue d-1 0/1'])
    expect(changes.map(({ kind }) => kind)).toEqual(['DELIVERY_FAILED'])
    expect(metrics[1]).toEqual(['delivery_attempts_total', { partner: 'careco', outcome: 'failed' }])
    expect(lines).toMatchObject([['warn', { status: 500, reason: 'The partner answered 500.' }, 'an attempt to deliver failed']])
  })

  test('that was the last one gives the delivery up', async () => {
    const { run, deliveries, lines, log } = workerOf({ outcome: failed, delivery: { attempts: 2 } })
    await run({ id: 'd-1', run: 0, attempts: 2 })
    expect(deliveries.get('d-1')).toMatchObject({ state: 'DEAD', attempts: 3, nextAttemptAt: null })
    expect(lines).toMatchObject([['warn', {}, 'a delivery was given up']])
    expect(log).toEqual([])
  })

  test('that is answered by 410 switches the endpoint off, and the next delivery to it is held without a call', async () => {
    const { run, deliveries, calls, lines, log, metrics } = workerOf({ outcome: gone })
    await run()
    expect(deliveries.get('d-1').state).toBe('HELD')
    expect([...deliveries.disabled]).toEqual([`deliveries/rbi/plk-eu/careco ${url}`])
    deliveries.records.set('d-2', deliveryOf({ id: 'd-2' }))
    await run({ id: 'd-2', run: 0, attempts: 0 })
    expect(deliveries.get('d-2')).toMatchObject({
      state: 'HELD',
      attempts: 0,
      lastStatus: null,
      lastError: 'The endpoint answered 410 before and is switched off.',
    })
    expect(calls).toHaveLength(1)
    expect(metrics).toHaveLength(2)
    expect(lines.map(([, , message]) => message)).toEqual(
      Array.from({ length: 2 }, () => 'a delivery is held: its endpoint is switched off'),
    )
    expect(log).toEqual([])
  })

  test('that fails otherwise leaves the endpoint on', async () => {
    const { run, deliveries } = workerOf({ outcome: failed })
    await run()
    expect(deliveries.disabled.size).toBe(0)
  })

  test.each<[string, Record<string, string>]>([
    ['no partner at all', {}],
    ['the partner in another market', { 'plk-us/careco': url }],
  ])('is not made where the routing file names %s', async (_, urls) => {
    const { run, deliveries, calls, metrics } = workerOf({ urls })
    await run()
    expect(calls).toEqual([])
    expect(metrics).toEqual([])
    expect(deliveries.get('d-1')).toMatchObject({
      state: 'FAILED',
      attempts: 1,
      lastStatus: null,
      lastError: 'The routing file names no such partner now.',
    })
  })
})

describe('a job is ignored', () => {
  test.each<[string, object, Partial<DeliveryRecord>]>([
    ['that names no delivery', { id: 'unknown', run: 0, attempts: 0 }, {}],
    ['from before a replay', { id: 'd-1', run: 0, attempts: 0 }, { run: 1 }],
    ['that comes a second time', { id: 'd-1', run: 0, attempts: 0 }, { attempts: 1 }],
    ['of a delivery that is done', { id: 'd-1', run: 0, attempts: 0 }, { state: 'DELIVERED', nextAttemptAt: null }],
  ])('%s', async (_, job, delivery) => {
    const { run, calls, changes, locked } = workerOf({ delivery })
    await run(job)
    expect([calls, changes, locked]).toEqual([[], [], []])
  })

  test('and refused when it has no valid data', async () => {
    await expect(workerOf().run({ id: 'd-1' })).rejects.toThrow()
  })
})

describe('the outcome of an attempt', () => {
  test('is dropped when the delivery was replayed or erased meanwhile', async () => {
    const replayed = workerOf({ during: ({ records }) => void records.set('d-1', deliveryOf({ run: 1 })) })
    await replayed.run()
    expect(replayed.deliveries.get('d-1')).toEqual(deliveryOf({ run: 1 }))
    const erased = workerOf({ during: ({ records }) => void records.delete('d-1') })
    await erased.run()
    expect(erased.deliveries.records.size).toBe(0)
    for (const { changes, lines, log } of [replayed, erased]) expect([changes, lines, log]).toEqual([[], [], []])
  })

  test('is saved without an entry in the change log when the ticket was erased', async () => {
    const { run, deliveries, changes } = workerOf({ erased: true })
    await run()
    expect(deliveries.get('d-1').state).toBe('DELIVERED')
    expect(changes).toEqual([])
  })

  test('of a stopped process is saved when an answer came, else the job is repeated', async () => {
    const answered = workerOf({ outcome: delivered })
    answered.signal.abort()
    await answered.run()
    expect(answered.deliveries.get('d-1').state).toBe('DELIVERED')
    const unanswered = workerOf({ outcome: { ...failed, status: null } })
    unanswered.signal.abort(new Error('stopped'))
    await expect(unanswered.run()).rejects.toThrow('stopped')
    expect(unanswered.deliveries.get('d-1')).toEqual(deliveryOf())
  })

  test('is saved again after a fault of the storage, without a second call', async () => {
    const fault = new DeskgraphError('STORAGE_UNAVAILABLE', 'The database cannot be reached.')
    const { run, deliveries, calls } = workerOf({ storeErrors: [fault] })
    await run()
    expect(deliveries.get('d-1').state).toBe('DELIVERED')
    expect(calls).toHaveLength(1)
  })

  test('is not saved again after another fault', async () => {
    const { run, deliveries } = workerOf({ storeErrors: [new Error('a fault of our own')] })
    await expect(run()).rejects.toThrow('a fault of our own')
    expect(deliveries.get('d-1')).toEqual(deliveryOf())
  })
})

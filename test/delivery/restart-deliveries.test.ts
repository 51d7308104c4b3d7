import { describe, expect, test } from 'vitest'
import { createDeliveryRestart } from '../../src/delivery/restart-deliveries.ts'
import type { DeliveryState } from '../../src/domain/delivery.ts'
import { DeskgraphError } from '../../src/domain/errors.ts'
import type { Transaction } from '../../src/domain/transaction.ts'
import { createLoggingOutbox, createMemoryDeliveries, createMemoryDirectory, deliveryOf } from './memory-deliveries.ts'

const nowMs = Date.parse('2026-03-01T12:00:00.000Z')
const tx = {} as Transaction

/** `count` deliveries, named `{prefix}0`, `{prefix}1`, … */
const many = (count: number, prefix: string, changes: Parameters<typeof deliveryOf>[0]) =>
  Array.from({ length: count }, (_, n) => deliveryOf({ id: `${prefix}${n}`, nextAttemptAt: null, ...changes }))

/** Restarts over two markets with the partner `careco`, one of them with `helpco`, and a source of another team. */
function restartsOf(deliveries: readonly ReturnType<typeof deliveryOf>[], storeErrors: Record<number, Error> = {}) {
  const memory = createMemoryDeliveries(deliveries)
  const { outbox, log } = createLoggingOutbox()
  let transactions = 0
  const restarts = createDeliveryRestart({
    store: {
      async transaction(work) {
        transactions += 1
        const error = storeErrors[transactions]
        if (error) throw error
        return work(tx)
      },
    },
    deliveries: memory.store,
    outbox,
    directories: [
      createMemoryDirectory('rbi', {
        'plk-eu/careco': 'https://careco.example/eu',
        'plk-eu/helpco': 'https://helpco.example/',
        'plk-us/careco': 'https://careco.example/us',
      }),
      createMemoryDirectory('secret', { 'plk-eu/careco': 'https://careco.example/secret' }),
    ],
    clock: () => nowMs,
  })
  const statesOf = () => Map.groupBy(memory.records.values(), ({ state }) => state)
  const count = (state: DeliveryState) => statesOf().get(state)?.length ?? 0
  return { ...memory, restarts, log, count, transactions: () => transactions }
}

const selection = { partner: 'careco', states: ['DEAD'], sourceKeys: ['rbi'], limit: 100 } as const
const euOff = 'deliveries/rbi/plk-eu/careco https://careco.example/eu'
const usOff = 'deliveries/rbi/plk-us/careco https://careco.example/us'

describe('a replay of many deliveries', () => {
  test('begins a new run of those in the given states, in every market of the given sources', async () => {
    const { restarts, log, get } = restartsOf([
      deliveryOf({ id: 'eu', state: 'DEAD', attempts: 10 }),
      deliveryOf({ id: 'us', state: 'DEAD', market: 'plk-us' }),
      deliveryOf({ id: 'held', state: 'HELD' }),
      deliveryOf({ id: 'help', state: 'DEAD', partner: 'helpco' }),
      deliveryOf({ id: 'secret', state: 'DEAD', sourceKey: 'secret' }),
    ])
    expect(await restarts.replayMany(selection)).toEqual({ subject: 'careco', done: 2, failed: 0, userErrors: [] })
    expect(log).toEqual([
      'open deliveries/rbi/plk-eu/careco',
      'enqueue eu 1/0',
      'open deliveries/rbi/plk-us/careco',
      'enqueue us 1/0',
    ])
    expect(get('eu')).toMatchObject({ state: 'PENDING', nextAttemptAt: '2026-03-01T12:00:00.000Z' })
    expect(['held', 'help', 'secret'].map((id) => get(id).state)).toEqual(['HELD', 'DEAD', 'DEAD'])
  })

  test.each(['FAILED', 'HELD', 'DEAD'] as const)('takes the state %s', async (state) => {
    const { restarts } = restartsOf([deliveryOf({ state })])
    expect(await restarts.replayMany({ ...selection, states: [state] })).toMatchObject({ done: 1 })
  })

  test.each(['PENDING', 'DELIVERED'] as const)('refuses the state %s, also beside others', async (state) => {
    const { restarts, log } = restartsOf([deliveryOf({ state }), deliveryOf({ id: 'd-2', state: 'DEAD' })])
    expect(await restarts.replayMany({ ...selection, states: ['DEAD', state] })).toEqual({
      subject: null,
      done: 0,
      failed: 0,
      userErrors: [
        {
          code: 'INVALID',
          message: 'Only deliveries that are FAILED, HELD or DEAD can be replayed together.',
          field: ['state'],
        },
      ],
    })
    expect(log).toEqual([])
  })

  test.each([
    ['that no routing file names', { ...selection, partner: 'unknown' }],
    ['of a source that the caller may not see', { ...selection, sourceKeys: [] }],
  ])('refuses a partner %s', async (_, chosen) => {
    const { restarts } = restartsOf([deliveryOf({ state: 'DEAD' })])
    expect(await restarts.replayMany(chosen)).toEqual({
      subject: null,
      done: 0,
      failed: 0,
      userErrors: [
        {
          code: 'NOT_FOUND',
          message: 'No routing file that you may see names a partner with this key.',
          field: ['partner'],
        },
      ],
    })
  })

  test('works in transactions of 50 up to its limit, over all markets', async () => {
    const deliveries = [...many(120, 'eu', { state: 'DEAD' }), ...many(100, 'us', { state: 'DEAD', market: 'plk-us' })]
    const { restarts, count, transactions } = restartsOf(deliveries)
    expect(await restarts.replayMany({ ...selection, limit: 180 })).toMatchObject({ done: 180 })
    expect([count('PENDING'), count('DEAD')]).toEqual([180, 40])
    // 50, 50 and 20 of the first market, 50 and 10 of the second.
    expect(transactions()).toBe(5)
  })

  test('ends at its limit although the endpoint has more', async () => {
    const { restarts, count, transactions } = restartsOf(many(101, 'eu', { state: 'DEAD' }))
    expect(await restarts.replayMany(selection)).toMatchObject({ done: 100 })
    expect([count('DEAD'), transactions()]).toEqual([1, 2])
  })

  test('switches on an endpoint only when it starts one of its deliveries', async () => {
    const { restarts, disabled } = restartsOf([deliveryOf({ state: 'DEAD' })])
    disabled.add(euOff).add(usOff)
    await restarts.replayMany(selection)
    expect([...disabled]).toEqual([usOff])
  })

  test('that meets a fault of the storage tells what was done before it', async () => {
    const fault = new DeskgraphError('STORAGE_UNAVAILABLE', 'The database cannot be reached.', { retryAfter: 3 })
    const { restarts } = restartsOf(many(80, 'eu', { state: 'DEAD' }), { 2: fault })
    expect(await restarts.replayMany(selection)).toEqual({
      subject: 'careco',
      done: 50,
      failed: 0,
      userErrors: [
        {
          code: 'STORAGE_UNAVAILABLE',
          message: 'The database cannot be reached.',
          field: null,
          retryable: true,
          retryAt: '2026-03-01T12:00:03.000Z',
        },
      ],
      failure: fault,
    })
  })

  test('rejects with any other error', async () => {
    const { restarts } = restartsOf([deliveryOf({ state: 'DEAD' })], { 1: new Error('a fault of our own') })
    await expect(restarts.replayMany(selection)).rejects.toThrow('a fault of our own')
  })
})

describe('switching a partner on', () => {
  test('sends what was held in every market of the source, and nothing else', async () => {
    const { restarts, disabled, get } = restartsOf([
      deliveryOf({ id: 'held', state: 'HELD' }),
      deliveryOf({ id: 'dead', state: 'DEAD' }),
      deliveryOf({ id: 'us', state: 'HELD', market: 'plk-us' }),
      deliveryOf({ id: 'secret', state: 'HELD', sourceKey: 'secret' }),
    ])
    disabled.add(euOff).add(usOff)
    expect(await restarts.enablePartner('rbi', 'careco')).toEqual({ subject: 'rbi/careco', done: 2, failed: 0, userErrors: [] })
    expect(disabled.size).toBe(0)
    expect(['held', 'dead', 'us', 'secret'].map((id) => get(id).state)).toEqual(['PENDING', 'DEAD', 'PENDING', 'HELD'])
  })

  test('also works when nothing is held', async () => {
    const { restarts, disabled } = restartsOf([])
    disabled.add(euOff)
    expect(await restarts.enablePartner('rbi', 'careco')).toMatchObject({ done: 0, userErrors: [] })
    expect(disabled.size).toBe(0)
  })

  test('sends 500 at most; the rest is released later', async () => {
    const { restarts, count } = restartsOf(many(501, 'eu', { state: 'HELD' }))
    expect(await restarts.enablePartner('rbi', 'careco')).toMatchObject({ done: 500 })
    expect(count('HELD')).toBe(1)
  })

  test('refuses a partner that the routing file of the source does not name', async () => {
    const { restarts, disabled } = restartsOf([])
    disabled.add(euOff)
    for (const [source, partner] of [
      ['rbi', 'unknown'],
      ['secret', 'helpco'],
    ] as const)
      expect(await restarts.enablePartner(source, partner)).toMatchObject({ subject: null, userErrors: [{ code: 'NOT_FOUND' }] })
    expect(disabled.size).toBe(1)
  })
})

describe('the release of held deliveries', () => {
  test('sends those whose endpoint is on, in their own market and source, and leaves it as it is', async () => {
    const { restarts, disabled, get, log } = restartsOf([
      deliveryOf({ id: 'eu', state: 'HELD' }),
      deliveryOf({ id: 'us', state: 'HELD', market: 'plk-us' }),
      deliveryOf({ id: 'dead', state: 'DEAD', partner: 'helpco' }),
      deliveryOf({ id: 'old', state: 'HELD', partner: 'not-configured' }),
    ])
    disabled.add(usOff)
    await restarts.releaseHeld()
    expect(['eu', 'us', 'dead', 'old'].map((id) => get(id).state)).toEqual(['PENDING', 'HELD', 'DEAD', 'HELD'])
    expect([...disabled]).toEqual([usOff])
    expect(log).toEqual(['open deliveries/rbi/plk-eu/careco', 'enqueue eu 1/0'])
  })

  test('sends 5,000 of a partner at most', async () => {
    const { restarts, count } = restartsOf(many(5_001, 'eu', { state: 'HELD' }))
    await restarts.releaseHeld()
    expect(count('HELD')).toBe(1)
  })
})

import { describe, expect, test, vi } from 'vitest'
import { deliveriesConfig } from '../../src/delivery/config.ts'
import { createDeliveryService } from '../../src/delivery/delivery-service.ts'
import { encodeId } from '../../src/domain/ids.ts'
import type { Logger, Metrics } from '../../src/domain/telemetry.ts'
import type { Transaction } from '../../src/domain/transaction.ts'
import type { Jobs } from '../../src/jobs/jobs.ts'
import { createLoggingOutbox, createMemoryDeliveries, createMemoryDirectory, deliveryOf } from './memory-deliveries.ts'

const nowMs = Date.parse('2026-03-01T12:00:00.000Z')
const careco = 'deliveries/rbi/plk-eu/careco'

interface Setup {
  readonly deliveries?: readonly ReturnType<typeof deliveryOf>[]
  readonly urls?: Record<string, string>
  readonly queueNames?: readonly string[]
}

/** The service over a job queue and metrics that only write down what they are asked. */
function serviceOf({ deliveries = [], urls = { 'plk-eu/careco': 'https://careco.example/' }, queueNames = [] }: Setup = {}) {
  const memory = createMemoryDeliveries(deliveries)
  const { outbox, log } = createLoggingOutbox(queueNames)
  const directory = createMemoryDirectory('rbi', urls)
  const sweeps: (() => Promise<void>)[] = []
  const schedules: string[][] = []
  const gauges = new Map<string, number>()
  const errors: (readonly [object, string])[] = []
  const jobs = {
    work: async (queue: string, concurrency: number) => void log.push(`work ${queue} by ${concurrency}`),
    async schedule(name: string, cron: string, handler: () => Promise<void>) {
      schedules.push([name, cron])
      sweeps.push(handler)
    },
  } as unknown as Jobs
  const service = createDeliveryService({
    store: { transaction: (work) => work({} as Transaction) },
    deliveries: memory.store,
    jobs,
    outbox,
    directories: [directory],
    config: deliveriesConfig.parse({ concurrencyPerPartner: 3 }),
    clock: () => nowMs,
    logger: { error: (fields: object, message: string) => void errors.push([fields, message]) } as unknown as Logger,
    metrics: {
      set: (name: string, value: number, labels: object = {}) =>
        void gauges.set([name, ...Object.values(labels)].join(' '), value),
    } as unknown as Metrics,
  })
  const clear = () => log.splice(0)
  return { ...memory, service, directory, outbox, log, clear, gauges, errors, schedules, sweep: () => sweeps[0]!() }
}

const idOf = (id: string) => encodeId('delivery', 'rbi', 'plk-eu', id)

describe('the workers', () => {
  test('begin once on the queue of every partner, and on queues of partners that are no longer configured', async () => {
    const { service, log } = serviceOf({ queueNames: [careco, 'deliveries/rbi/plk-eu/old'] })
    await service.start()
    expect(log).toEqual([`open ${careco}`, `work ${careco} by 3`, 'work deliveries/rbi/plk-eu/old by 3'])
  })

  test('begin on the queue of a new partner when the configuration changes', async () => {
    const { service, directory, log, clear } = serviceOf()
    await service.start()
    clear()
    directory.urls['plk-us/helpco'] = 'https://helpco.example/'
    directory.change()
    await vi.waitFor(() => expect(log).toContain('work deliveries/rbi/plk-us/helpco by 3'))
    expect(log).not.toContain(`work ${careco} by 3`)
  })

  test('a new address of a partner releases what the old one held', async () => {
    const { service, directory, disabled, get } = serviceOf({ deliveries: [deliveryOf({ state: 'HELD', nextAttemptAt: null })] })
    disabled.add(`${careco} https://careco.example/`)
    await service.start()
    directory.urls['plk-eu/careco'] = 'https://careco.example/new'
    directory.change()
    await vi.waitFor(() => expect(get('d-1').state).toBe('PENDING'))
  })

  test('that cannot begin on the queue of a new partner are logged', async () => {
    const { service, directory, errors, outbox } = serviceOf()
    await service.start()
    const fault = new Error('no database')
    outbox.open = () => Promise.reject(fault)
    directory.change()
    await vi.waitFor(() => expect(errors).toEqual([[{ err: fault }, 'the queue of a new partner could not be opened']]))
  })

  test('a sweep every minute plans lost deliveries, releases held ones and begins on new queues', async () => {
    const deliveries = [
      deliveryOf({ id: 'lost', nextAttemptAt: '2026-03-01T11:54:00.000Z' }),
      deliveryOf({ id: 'held', state: 'HELD', nextAttemptAt: null }),
    ]
    const queueNames: string[] = []
    const { service, schedules, sweep, log, clear } = serviceOf({ deliveries, queueNames })
    await service.start()
    expect(schedules).toEqual([['deliveries-sweep', '* * * * *']])
    clear()
    queueNames.push('deliveries/rbi/plk-eu/new')
    await sweep()
    expect(log).toEqual([
      `open ${careco}`,
      'enqueue lost 0/0',
      `open ${careco}`,
      'enqueue held 1/0',
      `open ${careco}`,
      'work deliveries/rbi/plk-eu/new by 3',
    ])
  })
})

test('deliveries that are overdue by more than five minutes are planned again, those of one partner together', async () => {
  const { service, log } = serviceOf({
    deliveries: [
      deliveryOf({ id: 'a', nextAttemptAt: '2026-03-01T11:54:59.999Z' }),
      deliveryOf({ id: 'b', partner: 'helpco', nextAttemptAt: '2026-03-01T11:50:00.000Z' }),
      deliveryOf({ id: 'c', run: 1, attempts: 2, state: 'FAILED', nextAttemptAt: '2026-03-01T11:00:00.000Z' }),
      deliveryOf({ id: 'd', nextAttemptAt: '2026-03-01T11:55:00.000Z' }),
    ],
  })
  await service.requeueLost()
  expect(log).toEqual([`open ${careco}`, 'enqueue a 0/0', 'enqueue c 1/2', 'open deliveries/rbi/plk-eu/helpco', 'enqueue b 0/0'])
})

describe('a delivery for the graph', () => {
  const shown = {
    id: idOf('d-1'),
    event: 'STORE_SUPPORT_TICKET_EVENT',
    partner: 'careco',
    state: 'PENDING',
    attempts: 0,
    lastStatus: null,
    lastError: null,
    nextAttemptAt: '2026-03-01T12:00:00.000Z',
    deliveredAt: null,
    createdAt: '2026-03-01T12:00:00.000Z',
  }

  test('has a global id, and neither its body nor the data of its ticket', async () => {
    const { service } = serviceOf({ deliveries: [deliveryOf()] })
    expect(await service.find([idOf('d-1')])).toEqual([shown])
    expect(await service.ofTickets([deliveryOf().ticketId, 'another'])).toEqual([[shown], []])
    expect(await service.list({ first: 1, after: null, states: null, sourceKeys: null })).toEqual({
      items: [{ cursor: 'c-d-1', node: shown }],
      hasNextPage: true,
    })
  })

  test('is found in the order of the ids, and only by an id that is right in every part', async () => {
    const { service } = serviceOf({ deliveries: [deliveryOf(), deliveryOf({ id: 'd-2' })] })
    const ids = [
      'nonsense',
      idOf('d-2'),
      encodeId('delivery', 'rbi', 'plk-us', 'd-1'),
      encodeId('ticket', 'rbi', 'plk-eu', 'd-1'),
      idOf('d-1'),
      idOf('d-3'),
    ]
    expect((await service.find(ids)).map((delivery) => delivery?.id ?? null)).toEqual([
      null,
      idOf('d-2'),
      null,
      null,
      idOf('d-1'),
      null,
    ])
  })
})

describe('a replay', () => {
  const off = `${careco} https://careco.example/`

  test('begins a new run, switches the endpoint on, and releases what else is held there', async () => {
    const { service, disabled, get, log } = serviceOf({
      deliveries: [
        deliveryOf({ state: 'HELD', attempts: 4, lastStatus: 410, lastError: 'The partner answered 410.', nextAttemptAt: null }),
        deliveryOf({ id: 'd-2', state: 'HELD', nextAttemptAt: null }),
      ],
    })
    disabled.add(off)
    expect(await service.replay(idOf('d-1'))).toMatchObject({
      id: idOf('d-1'),
      state: 'PENDING',
      attempts: 0,
      lastStatus: null,
      lastError: null,
      nextAttemptAt: '2026-03-01T12:00:00.000Z',
    })
    expect(disabled.size).toBe(0)
    expect(get('d-1')).toMatchObject({ state: 'PENDING', run: 1 })
    await vi.waitFor(() => expect(get('d-2').state).toBe('PENDING'))
    expect(log.slice(0, 2)).toEqual([`open ${careco}`, 'enqueue d-1 1/0'])
  })

  test('of a partner that is no longer configured still plans the delivery', async () => {
    const { service, log } = serviceOf({ deliveries: [deliveryOf({ state: 'DEAD', nextAttemptAt: null })], urls: {} })
    expect(await service.replay(idOf('d-1'))).toMatchObject({ state: 'PENDING' })
    expect(log).toEqual([`open ${careco}`, 'enqueue d-1 1/0'])
  })

  test('of an id that names no delivery, or one that was removed meanwhile, is null', async () => {
    const { service, store, log } = serviceOf({ deliveries: [deliveryOf()] })
    expect(await service.replay(idOf('d-9'))).toBeNull()
    store.lock = async () => null
    expect(await service.replay(idOf('d-1'))).toBeNull()
    expect(log).toEqual([`open ${careco}`])
  })

  test('of many, and switching a partner on, release the rest afterwards', async () => {
    for (const act of ['replayMany', 'enablePartner'] as const) {
      const { service, get } = serviceOf({
        deliveries: [deliveryOf({ state: 'DEAD', nextAttemptAt: null }), deliveryOf({ id: 'd-2', state: 'HELD' })],
      })
      const result =
        act === 'replayMany'
          ? await service.replayMany({ partner: 'careco', states: ['DEAD'], sourceKeys: ['rbi'], limit: 10 })
          : await service.enablePartner('rbi', 'careco')
      expect(result.done).toBe(1)
      await vi.waitFor(() => expect(get('d-2').state).toBe('PENDING'))
    }
  })

  test('whose release fails is answered, and the failure is logged', async () => {
    const { service, store, errors } = serviceOf({ deliveries: [deliveryOf({ state: 'DEAD' })] })
    const fault = new Error('no database')
    store.countStopped = () => Promise.reject(fault)
    expect(await service.replay(idOf('d-1'))).toMatchObject({ state: 'PENDING' })
    await vi.waitFor(() => expect(errors).toEqual([[{ err: fault }, 'held deliveries could not be sent']]))
  })
})

describe('the gauges', () => {
  test('are zero without deliveries and with a valid routing file', async () => {
    const { service, gauges } = serviceOf()
    await service.measure()
    expect(Object.fromEntries(gauges)).toEqual({
      'routing_file_broken rbi': 0,
      outbox_depth: 0,
      outbox_overdue_seconds: 0,
      'deliveries_held rbi plk-eu careco': 0,
      'deliveries_dead rbi plk-eu careco': 0,
      'partner_disabled rbi plk-eu careco': 0,
    })
  })

  test('count what waits, how late the earliest is, and what is stopped, by partner', async () => {
    const { service, gauges, disabled, directory } = serviceOf({
      deliveries: [
        deliveryOf({ id: 'a', nextAttemptAt: '2026-03-01T11:59:30.000Z' }),
        deliveryOf({ id: 'b', nextAttemptAt: '2026-03-01T12:05:00.000Z', state: 'FAILED' }),
        deliveryOf({ id: 'c', state: 'HELD', nextAttemptAt: null }),
        deliveryOf({ id: 'd', state: 'HELD', nextAttemptAt: null }),
        deliveryOf({ id: 'e', state: 'DEAD', nextAttemptAt: null, partner: 'old' }),
      ],
    })
    directory.broken = 'line 3 is wrong'
    disabled.add(`${careco} https://careco.example/`)
    await service.measure()
    expect(Object.fromEntries(gauges)).toEqual({
      'routing_file_broken rbi': 1,
      outbox_depth: 2,
      outbox_overdue_seconds: 30,
      'deliveries_held rbi plk-eu careco': 2,
      'deliveries_dead rbi plk-eu careco': 0,
      'partner_disabled rbi plk-eu careco': 1,
      'deliveries_held rbi plk-eu old': 0,
      'deliveries_dead rbi plk-eu old': 1,
      'partner_disabled rbi plk-eu old': 0,
    })
  })

  test('are not late for a delivery of the future', async () => {
    const { service, gauges } = serviceOf({ deliveries: [deliveryOf({ nextAttemptAt: '2026-03-01T12:05:00.000Z' })] })
    await service.measure()
    expect([gauges.get('outbox_depth'), gauges.get('outbox_overdue_seconds')]).toEqual([1, 0])
  })

  test('of a partner that has left the configuration return to zero', async () => {
    const { service, gauges, disabled, directory, records } = serviceOf({ deliveries: [deliveryOf({ state: 'DEAD' })] })
    disabled.add(`${careco} https://careco.example/`)
    await service.measure()
    expect([gauges.get('deliveries_dead rbi plk-eu careco'), gauges.get('partner_disabled rbi plk-eu careco')]).toEqual([1, 1])
    directory.urls = {}
    records.clear()
    await service.measure()
    expect([gauges.get('deliveries_dead rbi plk-eu careco'), gauges.get('partner_disabled rbi plk-eu careco')]).toEqual([0, 0])
  })
})

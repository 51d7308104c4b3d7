import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import type { DeliveryRecord, DeliveryStore, NewDelivery } from '../../src/delivery/delivery-store.ts'
import { createOutbox } from '../../src/delivery/outbox.ts'
import type { Transaction } from '../../src/domain/transaction.ts'
import type { Jobs } from '../../src/jobs/jobs.ts'
import { deliveryOf } from './memory-deliveries.ts'

const nowMs = Date.parse('2026-03-01T12:00:00.000Z')
const tx = {} as Transaction

/** An outbox over a job queue and a delivery store that only write down what they are asked. */
function outboxOf({ timeoutMs = 15_000, stored = [] as readonly DeliveryRecord[] } = {}) {
  const log: unknown[][] = []
  const jobs = {
    openQueue: async (...args: unknown[]) => void log.push(['openQueue', ...args]),
    queueNames: async () => ['deliveries/rbi/plk-eu/careco', 'deliveries-sweep', 'exports'],
    send: async (_tx: Transaction, queue: string, job: object) => void log.push(['send', queue, job]),
    notifyAfter: (...args: unknown[]) => void log.push(['notifyAfter', ...args]),
  } as unknown as Jobs
  const deliveries = { add: async () => stored } as unknown as DeliveryStore
  return { log, outbox: createOutbox({ deliveries, jobs, timeoutMs, clock: () => nowMs }) }
}

const sent = (log: readonly unknown[][]) => log.filter(([name]) => name === 'send').map(([, queue, job]) => [queue, job])

test.each([
  ['15 seconds', 15_000, 20],
  ['a part of a second', 100, 6],
])('the queue of a partner leases a job for 5 seconds longer than an attempt of %s', async (_, timeoutMs, leaseSeconds) => {
  const { log, outbox } = outboxOf({ timeoutMs })
  expect(await outbox.open({ sourceKey: 'rbi', market: 'plk-eu', partner: 'careco' })).toBe('deliveries/rbi/plk-eu/careco')
  expect(log).toEqual([['openQueue', 'deliveries/rbi/plk-eu/careco', { leaseSeconds }]])
})

test('only queues of partners are named', async () => {
  expect(await outboxOf().outbox.queueNames()).toEqual(['deliveries/rbi/plk-eu/careco'])
})

test('a delivery that is due is planned at once, and the workers need no timer', async () => {
  const { log, outbox } = outboxOf()
  await outbox.enqueue(tx, deliveryOf({ nextAttemptAt: '2026-03-01T12:00:00.000Z' }))
  await outbox.enqueue(tx, deliveryOf({ nextAttemptAt: null }))
  await outbox.enqueue(tx, deliveryOf({ nextAttemptAt: '2026-03-01T11:00:00.000Z' }))
  expect(log.map(([name, , job]) => [name, (job as { at: unknown }).at])).toEqual([
    ['send', null],
    ['send', null],
    ['send', null],
  ])
})

test('a later attempt is planned for its time, and the workers look then', async () => {
  const { log, outbox } = outboxOf()
  await outbox.enqueue(tx, deliveryOf({ id: 'd-1', run: 2, attempts: 3, nextAttemptAt: '2026-03-01T12:00:05.000Z' }))
  expect(log).toEqual([
    [
      'send',
      'deliveries/rbi/plk-eu/careco',
      {
        id: expect.any(String),
        data: { id: 'd-1', run: 2, attempts: 3 },
        at: new Date('2026-03-01T12:00:05.000Z'),
      },
    ],
    ['notifyAfter', 'deliveries/rbi/plk-eu/careco', 5_000],
  ])
})

test('the id of a job is a UUID of version 8 from the hash of the delivery, its run and its attempts', async () => {
  const { log, outbox } = outboxOf()
  await outbox.enqueue(tx, deliveryOf({ id: 'd-1', run: 2, attempts: 3 }))
  // RFC 9562, section 5.8: the version is the digit 13, the variant the two highest bits of the digit 17. The rest is ours.
  const digits = [...createHash('sha256').update('["d-1",2,3]').digest('hex').slice(0, 32)]
  digits[12] = '8'
  digits[16] = '8'
  const id = digits.join('').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
  expect(sent(log)).toMatchObject([['deliveries/rbi/plk-eu/careco', { id }]])
})

test('each new delivery gets a job in the queue of its partner, one that was stored before gets none', async () => {
  const stored = [deliveryOf({ id: 'd-1' }), deliveryOf({ id: 'd-3', partner: 'helpco' })]
  const { log, outbox } = outboxOf({ stored })
  await outbox.add(tx, [{ id: 'd-1' }, { id: 'd-2' }, { id: 'd-3' }] as NewDelivery[])
  expect(sent(log)).toMatchObject([
    ['deliveries/rbi/plk-eu/careco', { data: { id: 'd-1', run: 0, attempts: 0 } }],
    ['deliveries/rbi/plk-eu/helpco', { data: { id: 'd-3', run: 0, attempts: 0 } }],
  ])
})

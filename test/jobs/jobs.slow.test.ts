import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { openStore, type Store } from '../../src/db/open-store.ts'
import { noLogger, noMetrics } from '../../src/domain/telemetry.ts'
import { createJobs, type Jobs } from '../../src/jobs/jobs.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

let store: Store
let jobs: Jobs
beforeAll(async () => {
  store = await openStore({ dataDir: undefined, findSource: () => null, logger: noLogger, metrics: noMetrics })
  jobs = createJobs({ database: store.engine, logger: noLogger, pollSeconds: 0.5, superviseSeconds: 1, stopTimeoutMs: 500 })
  await jobs.start()
})
afterAll(async () => {
  await jobs.stop()
  await store.close()
})

/** Works on a new queue; `received` holds the data of every job that its handler was given, in order. */
async function openTestQueue(handler: (data: unknown) => void = () => {}) {
  const queue = `test/${randomUUID()}`
  const received: unknown[] = []
  await jobs.openQueue(queue, { leaseSeconds: 30 })
  await jobs.work(queue, 1, async (data) => {
    received.push(data)
    handler(data)
  })
  return { queue, received }
}
const toJob = (data: object, id: string = randomUUID()) => ({ id, data, at: null })

describe('a job', () => {
  it('runs when its transaction commits, and never after a rollback', async () => {
    const { queue, received } = await openTestQueue()
    const rolledBack = store.transaction(async (tx) => {
      await jobs.send(tx, queue, toJob({ n: 1 }))
      throw new Error('rolled back')
    })
    await expect(rolledBack).rejects.toThrow('rolled back')
    await store.transaction((tx) => jobs.send(tx, queue, toJob({ n: 2 })))
    await vi.waitFor(() => expect(received).toEqual([{ n: 2 }]), { timeout: 20_000 })
  })

  it('whose id exists already is not added again', async () => {
    const { queue, received } = await openTestQueue()
    const job = toJob({ n: 1 })
    await store.transaction((tx) => jobs.send(tx, queue, job))
    await store.transaction((tx) => jobs.send(tx, queue, job))
    await store.transaction((tx) => jobs.send(tx, queue, toJob({ n: 2 })))
    await vi.waitFor(() => expect(received).toEqual([{ n: 1 }, { n: 2 }]), { timeout: 20_000 })
  })

  it('is repeated when its handler throws', async () => {
    let failures = 0
    const { queue, received } = await openTestQueue(() => {
      if (failures++ === 0) throw new Error('failed once')
    })
    await store.transaction((tx) => jobs.send(tx, queue, toJob({ n: 1 })))
    await vi.waitFor(() => expect(received).toEqual([{ n: 1 }, { n: 1 }]), { timeout: 40_000 })
  })
})

it('a queue appears among the names when it was opened', async () => {
  await jobs.openQueue('test/named', { leaseSeconds: 30 })
  expect(await jobs.queueNames()).toContain('test/named')
})

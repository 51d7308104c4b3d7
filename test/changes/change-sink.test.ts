import { getEventListeners } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'
import { BoundedQueue } from '../../src/changes/bounded-queue.ts'
import { type ChangeSinkDeps, startChangeSink } from '../../src/changes/change-sink.ts'
import type { Change } from '../../src/domain/events.ts'
import { noLogger } from '../../src/domain/telemetry.ts'

const changeOf = (cursor: string) => ({ cursor }) as Change

/** A sink over a stream of the changes c1 to c3, whose parts a test can replace. */
function startSink(overrides: Partial<ChangeSinkDeps> = {}) {
  const written: string[] = []
  const checkpoints = new Map<string, unknown>()
  const subscriptions: { readonly after: string | null; readonly signal: AbortSignal }[] = []
  const sink = startChangeSink({
    name: 'test',
    changes: {
      subscribe({ after, signal }) {
        subscriptions.push({ after, signal })
        const queue = new BoundedQueue<Change>({ capacity: 10, signal, slowConsumerError: () => new Error('too slow') })
        for (const cursor of ['c1', 'c2', 'c3']) if (after === null || cursor > after) queue.push(changeOf(cursor))
        return queue
      },
    },
    checkpoints: {
      findCheckpoint: async (name) => checkpoints.get(name) ?? null,
      saveCheckpoint: async (name, body) => void checkpoints.set(name, body),
    },
    leases: { acquire: async () => true, release: async () => {} },
    toLine: ({ cursor }) => `line of ${cursor}`,
    writeLine: async (line) => void written.push(line),
    holder: 'replica-1',
    logger: noLogger,
    retryMs: 1,
    ...overrides,
  })
  onTestFinished(() => sink.stop())
  return { sink, written, checkpoints, subscriptions }
}

test('writes every change in order and saves a checkpoint after each', async () => {
  const { written, checkpoints } = startSink()
  await expect.poll(() => checkpoints.get('sink:test')).toBe('c3')
  expect(written).toEqual(['line of c1', 'line of c2', 'line of c3'])
})

test('leaves out changes without a line, and moves its checkpoint past them', async () => {
  const { written, checkpoints } = startSink({ toLine: ({ cursor }) => (cursor === 'c2' ? cursor : null) })
  await expect.poll(() => checkpoints.get('sink:test')).toBe('c3')
  expect(written).toEqual(['c2'])
})

test('writes a line again after an error, beginning after the checkpoint', async () => {
  const attempts: string[] = []
  const { checkpoints, subscriptions } = startSink({
    async writeLine(line) {
      attempts.push(line)
      if (attempts.length === 2) throw new Error('the disk is full')
    },
  })
  await expect.poll(() => checkpoints.get('sink:test')).toBe('c3')
  expect(attempts).toEqual(['line of c1', 'line of c2', 'line of c2', 'line of c3'])
  expect(subscriptions.map(({ after }) => after)).toEqual([null, 'c1'])
})

test('writes nothing while another replica holds the lease', async () => {
  let asked = 0
  const { written, subscriptions } = startSink({
    leases: {
      acquire: async () => {
        asked += 1
        return false
      },
      release: async () => {},
    },
  })
  await expect.poll(() => asked).toBeGreaterThan(3)
  expect([written, subscriptions]).toEqual([[], []])
})

test('pauses leave no listener on the abort signal, however often it waits for the lease', async () => {
  let asked = 0
  const leases = {
    // Only the first subscription is allowed: it shows the signal that all pauses use.
    acquire: async () => {
      asked += 1
      return asked === 1
    },
    release: async () => {},
  }
  const { subscriptions } = startSink({
    leases,
    writeLine: async () => {
      throw new Error('the disk is full')
    },
  })
  await expect.poll(() => asked).toBeGreaterThan(20)
  expect(getEventListeners(subscriptions[0]!.signal, 'abort').length).toBeLessThanOrEqual(1)
})

test('stop ends a pause at once and releases the lease', async () => {
  let released = ''
  const leases = {
    acquire: async () => false,
    release: async (name: string, holder: string) => {
      released = `${name} of ${holder}`
    },
  }
  const { sink } = startSink({ leases, retryMs: 3_600_000 })
  await sink.stop()
  expect(released).toBe('sink:test of replica-1')
})

import { getEventListeners } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { BoundedQueue } from '../../src/changes/bounded-queue.ts'
import { type ChangeSinkDeps, startChangeSink, startFileSinks } from '../../src/changes/change-sink.ts'
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

test('an error is logged with the sink and its kind, never with its text', async () => {
  const warnings: unknown[] = []
  const { checkpoints } = startSink({
    logger: { ...noLogger, warn: (fields, message) => void warnings.push([fields, message]) },
    async writeLine(line) {
      if (warnings.length === 0) throw new RangeError(`secret text of ${line}`)
      // A library may throw what is no error.
      if (warnings.length === 1) throw 'text'
    },
  })
  await expect.poll(() => checkpoints.get('sink:test')).toBe('c3')
  const message = 'the sink could not write a change; it tries again after its checkpoint'
  expect(warnings).toEqual([
    [{ sink: 'test', cause: 'RangeError' }, message],
    [{ sink: 'test', cause: 'unknown' }, message],
  ])
})

test('stop ends writing after the line that is being written', async () => {
  const lines: string[] = []
  const { sink, checkpoints } = startSink({
    async writeLine(line) {
      lines.push(line)
      void sink.stop()
    },
  })
  await expect.poll(() => lines.length).toBeGreaterThan(0)
  await sink.stop()
  expect(lines).toEqual(['line of c1'])
  expect(checkpoints.get('sink:test')).toBe('c1')
})

/** A sink whose every line takes `seconds` of the clock, and what it asked of its lease (15 seconds long). */
async function writeSlowly(seconds: number, keepsLease: boolean) {
  vi.useFakeTimers({ toFake: ['Date'], now: 0 })
  onTestFinished(() => void vi.useRealTimers())
  const acquisitions: unknown[] = []
  const { written, sink } = startSink({
    leases: {
      acquire: async (...asked) => {
        acquisitions.push(asked)
        return keepsLease || acquisitions.length === 1
      },
      release: async () => {},
    },
    async writeLine(line) {
      written.push(line)
      vi.setSystemTime(Date.now() + seconds * 1_000)
    },
    retryMs: 3_600_000,
  })
  await expect.poll(() => (keepsLease ? written.length : acquisitions.length)).toBe(keepsLease ? 3 : 2)
  await sink.stop()
  return { written, acquisitions: acquisitions.length, asked: acquisitions[0] }
}

test('renews its lease when half of its time is over, and not before', async () => {
  // Lines begin at 0 s, 7.5 s and 15 s: only the third begins later than 7.5 s after the lease was taken.
  const slow = await writeSlowly(7.5, true)
  expect(slow).toMatchObject({ acquisitions: 2, asked: ['sink:test', 'replica-1', 15_000] })
  expect(slow.written).toHaveLength(3)
})

test('a renewed lease is renewed again only half of its time later', async () => {
  // Lines begin at 0 s, 8 s (renewed) and 16 s (renewed); at 4 s each they begin at 0, 4 and 8 s (renewed once).
  expect((await writeSlowly(8, true)).acquisitions).toBe(3)
  expect((await writeSlowly(4, true)).acquisitions).toBe(2)
})

test('writes nothing more once another replica has its lease', async () => {
  expect((await writeSlowly(8, false)).written).toEqual(['line of c1'])
})

test('file sinks append one line for each change, each to its own file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sinks-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const checkpoints = new Map<string, unknown>()
  const holders = new Set<string>()
  const released: string[] = []
  const sinks = startFileSinks(
    ['one', 'two'].map((name) => ({ name, file: join(folder, name), toLine: ({ cursor }: Change) => `${name} ${cursor}` })),
    {
      changes: {
        subscribe({ after, signal }) {
          const queue = new BoundedQueue<Change>({ capacity: 10, signal, slowConsumerError: () => new Error('too slow') })
          for (const cursor of ['c1', 'c2']) if (after === null || cursor > after) queue.push(changeOf(cursor))
          return queue
        },
      },
      checkpoints: {
        findCheckpoint: async (name) => checkpoints.get(name) ?? null,
        saveCheckpoint: async (name, body) => void checkpoints.set(name, body),
      },
      leases: {
        acquire: async (_name, holder) => {
          holders.add(holder)
          return true
        },
        release: async (name) => void released.push(name),
      },
      logger: noLogger,
    },
  )
  await expect
    .poll(() => [...checkpoints.entries()].sort())
    .toEqual([
      ['sink:one', 'c2'],
      ['sink:two', 'c2'],
    ])
  await sinks.stop()
  expect(await readFile(join(folder, 'one'), 'utf8')).toBe('one c1\none c2\n')
  expect(await readFile(join(folder, 'two'), 'utf8')).toBe('two c1\ntwo c2\n')
  expect(released.sort()).toEqual(['sink:one', 'sink:two'])
  // One process is one holder.
  expect(holders.size).toBe(1)
})

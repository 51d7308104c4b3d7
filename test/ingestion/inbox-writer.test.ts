import { expect, test } from 'vitest'
import type { NewInboxEvent } from '../../src/ingestion/event-store.ts'
import { InboxWriter } from '../../src/ingestion/inbox-writer.ts'
import type { ReceivedEvent } from '../../src/ingestion/received-event.ts'

const receivedAt = '2024-06-01T12:00:00.000Z'

function eventOf(externalId: string, bytes = 1): ReceivedEvent {
  const raw = Buffer.alloc(bytes)
  return { kind: 'event', event: { sourceKey: 'vcc', tenant: '', externalId, eventId: null, digest: '', raw, receivedAt } }
}

const deadLetter: ReceivedEvent = {
  kind: 'deadLetter',
  deadLetter: { sourceKey: 'vcc', eventId: null, raw: Buffer.from('?'), problem: 'not JSON', receivedAt },
}

/** A writer whose commits wait until the test finishes them, each by hand. */
function createWriter() {
  const commits: { readonly tickets: readonly string[]; readonly finish: () => void; readonly fail: (error: Error) => void }[] =
    []
  let lastId = 0
  const writer = new InboxWriter({
    insert(events: readonly NewInboxEvent[]) {
      const { promise, resolve, reject } = Promise.withResolvers<readonly number[]>()
      commits.push({
        tickets: events.map(({ externalId }) => externalId),
        finish: () => resolve(events.map(() => ++lastId)),
        fail: reject,
      })
      return promise
    },
  })
  const finishNext = async (expectedCommits: number) => {
    await expect.poll(() => commits.length).toBe(expectedCommits)
    commits.at(-1)!.finish()
  }
  return { writer, commits, finishNext }
}

test('requests that arrive during a commit share the next one, and each gets the ids of its own events', async () => {
  const { writer, commits, finishNext } = createWriter()
  const first = writer.write([eventOf('1')])
  const second = writer.write([eventOf('2'), deadLetter, eventOf('3')])
  const third = writer.write([eventOf('4')])
  await finishNext(1)
  await finishNext(2)
  const ids = (await Promise.all([first, second, third])).map((stored) => stored.map(({ id }) => id))
  expect(ids).toEqual([[1], [2, null, 3], [4]])
  expect(commits.map(({ tickets }) => tickets)).toEqual([['1'], ['2', '3', '4']])
})

test('a commit holds at most 100 requests, and at most 4 MiB unless one request is larger', async () => {
  const { writer, commits, finishNext } = createWriter()
  const large = 3 * 1024 * 1024
  const writes = [
    writer.write([eventOf('first')]),
    ...Array.from({ length: 100 }, () => writer.write([eventOf('small')])),
    writer.write([eventOf('large', large)]),
    writer.write([eventOf('large too', large)]),
    writer.write([eventOf('too large', 2 * large)]),
  ]
  for (let commit = 1; commit <= 5; commit++) await finishNext(commit)
  await Promise.all(writes)
  expect(commits.map(({ tickets }) => tickets.length)).toEqual([1, 100, 1, 1, 1])
})

test('a failed commit rejects its requests, and the next ones are stored', async () => {
  const { writer, commits, finishNext } = createWriter()
  const first = writer.write([eventOf('1')])
  const second = writer.write([eventOf('2')])
  commits[0]!.fail(new Error('the database is away'))
  await expect(first).rejects.toThrow('the database is away')
  await finishNext(2)
  expect((await second).map(({ id }) => id)).toEqual([1])
})

test('more than 64 MiB that wait are refused with RATE_LIMITED until they are stored (WEBHOOK-15)', async () => {
  const { writer, finishNext } = createWriter()
  const stored = [writer.write([eventOf('1')]), writer.write([eventOf('2', 60 * 1024 * 1024)])]
  writer.checkCapacity(1024)
  expect(() => writer.checkCapacity(5 * 1024 * 1024)).toThrow(
    expect.objectContaining({
      code: 'RATE_LIMITED',
      message: 'Too many events are waiting to be stored. Send this request again after one second.',
    }),
  )
  await finishNext(1)
  await finishNext(2)
  await Promise.all(stored)
  writer.checkCapacity(5 * 1024 * 1024)
})

test('dead letters are stored in the commit of their request', async () => {
  const inserted: unknown[][] = []
  const writer = new InboxWriter({
    async insert(...args) {
      inserted.push(args)
      return [7]
    },
  })
  const event = eventOf('1')
  expect(await writer.write([deadLetter, event])).toEqual([
    { received: deadLetter, id: null },
    { received: event, id: 7 },
  ])
  expect(inserted).toEqual([
    [event.kind === 'event' ? [event.event] : [], deadLetter.kind === 'deadLetter' ? [deadLetter.deadLetter] : []],
  ])
})

test('a request after the queue was empty is committed at once again', async () => {
  const { writer, finishNext } = createWriter()
  for (const commit of [1, 2]) {
    const written = writer.write([eventOf(String(commit))])
    await finishNext(commit)
    expect((await written).map(({ id }) => id)).toEqual([commit])
  }
})

test('the capacity is exactly 64 MiB, each waiting event counts 512 bytes more than its body, and the wait is a second', async () => {
  const { writer, finishNext } = createWriter()
  const mib = 1024 * 1024
  writer.checkCapacity(64 * mib)
  expect(() => writer.checkCapacity(64 * mib + 1)).toThrow(expect.objectContaining({ code: 'RATE_LIMITED', retryAfter: 1 }))
  const writes = [writer.write([eventOf('1')]), writer.write([eventOf('2', mib)])]
  writer.checkCapacity(63 * mib - 512)
  expect(() => writer.checkCapacity(63 * mib - 511)).toThrow()
  await finishNext(1)
  await finishNext(2)
  await Promise.all(writes)
})

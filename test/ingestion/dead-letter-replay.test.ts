import { describe, expect, test } from 'vitest'
import { DeskgraphError } from '../../src/domain/errors.ts'
import { encodeId } from '../../src/domain/ids.ts'
import { createDeadLetters } from '../../src/ingestion/dead-letters.ts'
import type { NewDeadLetter, TicketKey } from '../../src/ingestion/event-store.ts'
import { createMemoryEvents, deskHandler, deskInfo, keyOf, said } from './memory-events.ts'

const nowMs = Date.parse('2024-06-02T00:00:00.000Z')
const letterOf = (raw: string, changes: Partial<NewDeadLetter> = {}): NewDeadLetter => ({
  sourceKey: 'desk',
  eventId: 'e-1',
  raw: Buffer.from(raw),
  problem: 'old',
  receivedAt: '2024-06-01T12:00:00.000Z',
  ...changes,
})
const idOf = (number: number, sourceKey = 'desk') => encodeId('deadLetter', sourceKey, '', String(number))
const cursorOf = (text: string) => Buffer.from(text).toString('base64url')

/** Dead letters with the numbers 1, 2, …, and the tickets that were scheduled after their replays. */
async function lettersOf(letters: readonly NewDeadLetter[]) {
  const memory = createMemoryEvents()
  await memory.store.insert([], letters)
  const scheduled: string[][] = []
  const schedule = (keys: readonly TicketKey[]) => void scheduled.push(keys.map(({ externalId }) => externalId))
  const deadLetters = createDeadLetters({
    store: { events: memory.store },
    webhookHandlers: [deskHandler],
    ingestion: { schedule },
    clock: () => nowMs,
  })
  return { memory, deadLetters, scheduled }
}

describe('a dead letter is shown', () => {
  test('with its source, its problem and its body as JSON, or as text with U+FFFD for bytes that are none', async () => {
    const { deadLetters } = await lettersOf([letterOf('{"a":[1]}'), letterOf('', { raw: Buffer.from([0x61, 0xff, 0x00]) })])
    const shown = { source: deskInfo, receivedAt: '2024-06-01T12:00:00.000Z', problem: 'old', state: 'HELD' }
    expect(await deadLetters.find([idOf(1), idOf(2)])).toEqual([
      { ...shown, id: idOf(1), body: { a: [1] } },
      { ...shown, id: idOf(2), body: 'a\ufffd\ufffd' },
    ])
  })

  test('in the place of its id, and null for every id that names none of this source', async () => {
    const { deadLetters } = await lettersOf([letterOf('1'), letterOf('2'), letterOf('3', { sourceKey: 'old' })])
    const ids = [
      idOf(2),
      idOf(9),
      idOf(1, 'other'),
      idOf(3, 'old'),
      encodeId('ticket', 'desk', '', '1'),
      encodeId('deadLetter', 'desk', '', 'x1'),
      encodeId('deadLetter', 'desk', '', '1x'),
      idOf(1),
    ]
    const found = await deadLetters.find(ids)
    expect(found.map((letter) => letter?.body ?? null)).toEqual([2, null, null, null, null, null, null, 1])
  })
})

describe('the list of dead letters', () => {
  test('has pages, newest first, of the configured sources that are asked for', async () => {
    const { deadLetters } = await lettersOf([letterOf('1'), letterOf('2'), letterOf('3', { sourceKey: 'old' }), letterOf('4')])
    const bodies = async (request: Parameters<typeof deadLetters.list>[0]) => {
      const { items, hasNextPage } = await deadLetters.list(request)
      return [items.map(({ node }) => node.body), hasNextPage]
    }
    expect(await bodies({ first: 2, after: null, sourceKeys: null })).toEqual([[4, 2], true])
    expect(await bodies({ first: 3, after: null, sourceKeys: ['desk'] })).toEqual([[4, 2, 1], false])
    expect(await bodies({ first: 3, after: null, sourceKeys: ['old'] })).toEqual([[], false])
    const [first] = (await deadLetters.list({ first: 1, after: null, sourceKeys: null })).items
    expect(await bodies({ first: 1, after: first!.cursor, sourceKeys: null })).toEqual([[2], true])
  })

  test.each(['x1', 'q', 'qx', 'q1x', 'xq1', `q${'1'.repeat(16)}`])('refuses the cursor %s', async (text) => {
    const { deadLetters } = await lettersOf([])
    await expect(deadLetters.list({ first: 1, after: cursorOf(text), sourceKeys: null })).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      message: 'The cursor does not belong to this list. Use a cursor that it returned.',
    })
  })
})

describe('the replay of a dead letter', () => {
  test('puts its event into the inbox as a late one, and its ticket is processed', async () => {
    const { memory, deadLetters, scheduled } = await lettersOf([letterOf(said('t-1'))])
    expect(await deadLetters.replay(idOf(1))).toMatchObject({ state: 'REPLAYED', problem: 'old' })
    expect(scheduled).toEqual([['t-1']])
    const { events } = await memory.store.transaction((tx) => tx.claim([keyOf('t-1')], 10))
    expect(events).toMatchObject([{ eventId: 'e-1', receivedAt: '2024-06-01T12:00:00.000Z', late: true }])
  })

  test('that fails again keeps it held, with the new problem', async () => {
    const { memory, deadLetters, scheduled } = await lettersOf([letterOf('{}')])
    expect(await deadLetters.replay(idOf(1))).toMatchObject({ state: 'HELD', problem: 'It has no id.' })
    expect([scheduled, memory.states()]).toEqual([[], []])
  })

  test('has no effect on one that was replayed or discarded before, or whose source is not configured', async () => {
    const { memory, deadLetters, scheduled } = await lettersOf([
      letterOf(said('t-1')),
      letterOf(said('t-2')),
      letterOf(said('t-3'), { sourceKey: 'old' }),
    ])
    await deadLetters.replay(idOf(1))
    await deadLetters.discard(idOf(2), 'not ours')
    expect(await deadLetters.replay(idOf(1))).toMatchObject({ state: 'REPLAYED' })
    expect(await deadLetters.replay(idOf(2))).toMatchObject({ state: 'DISCARDED' })
    expect(await deadLetters.replay(idOf(3, 'old'))).toBeNull()
    expect(scheduled).toEqual([['t-1']])
    expect(memory.states()).toEqual(['PENDING'])
  })

  test.each(['nonsense', idOf(9)])('of the id %s is null', async (id) => {
    const { deadLetters, scheduled } = await lettersOf([letterOf(said('t-1'))])
    expect(await deadLetters.replay(id)).toBeNull()
    expect(scheduled).toEqual([])
  })
})

describe('a dead letter that is discarded', () => {
  test('keeps the reason', async () => {
    const { memory, deadLetters } = await lettersOf([letterOf('{}')])
    expect(await deadLetters.discard(idOf(1), 'not ours')).toMatchObject({ state: 'DISCARDED' })
    expect(memory.letters()).toMatchObject([{ state: 'DISCARDED', reason: 'not ours' }])
  })

  test('and was replayed before stays replayed', async () => {
    const { memory, deadLetters } = await lettersOf([letterOf(said('t-1'))])
    await deadLetters.replay(idOf(1))
    expect(await deadLetters.discard(idOf(1), 'too late')).toMatchObject({ state: 'REPLAYED' })
    expect(memory.letters()[0]).not.toHaveProperty('reason')
  })

  test('under an id that names none is null', async () => {
    const { deadLetters } = await lettersOf([])
    expect(await deadLetters.discard('nonsense', 'x')).toBeNull()
    expect(await deadLetters.discard(idOf(9), 'x')).toBeNull()
  })
})

describe('the replay of many dead letters', () => {
  const three = [letterOf(said('t-1')), letterOf('{}'), letterOf(said('t-3'))]

  test('counts those that fail again, and processes the others together', async () => {
    const { deadLetters, scheduled } = await lettersOf(three)
    expect(await deadLetters.replayMany('desk', 10)).toEqual({ subject: 'desk', done: 2, failed: 1, userErrors: [] })
    expect(scheduled).toEqual([['t-1', 't-3']])
  })

  test('has a limit', async () => {
    const { deadLetters, scheduled } = await lettersOf(three)
    expect(await deadLetters.replayMany('desk', 1)).toMatchObject({ done: 1, failed: 0 })
    expect(scheduled).toEqual([['t-1']])
  })

  test('of a source that is not configured replays none', async () => {
    const { deadLetters } = await lettersOf([letterOf(said('t-1'), { sourceKey: 'old' })])
    expect(await deadLetters.replayMany('old', 10)).toEqual({ subject: 'old', done: 0, failed: 0, userErrors: [] })
  })

  test('counts one that another call replays meanwhile as done', async () => {
    const { memory, deadLetters, scheduled } = await lettersOf([letterOf(said('t-1'))])
    memory.beforeTransaction = async () => {
      memory.beforeTransaction = null
      await memory.store.transaction((tx) => tx.resolveDeadLetter(1, 'REPLAYED', {}))
    }
    expect(await deadLetters.replayMany('desk', 10)).toMatchObject({ done: 1, failed: 0 })
    expect(scheduled).toEqual([[]])
  })

  test('that meets a fault of the storage tells what was done, and processes it', async () => {
    const { memory, deadLetters, scheduled } = await lettersOf(three)
    const fault = new DeskgraphError('STORAGE_UNAVAILABLE', 'The database cannot be reached.', { retryAfter: 5 })
    memory.beforeTransaction = (count) => {
      if (count === 3) throw fault
    }
    expect(await deadLetters.replayMany('desk', 10)).toEqual({
      subject: 'desk',
      done: 1,
      failed: 1,
      userErrors: [
        {
          code: 'STORAGE_UNAVAILABLE',
          message: 'The database cannot be reached.',
          field: null,
          retryable: true,
          retryAt: '2024-06-02T00:00:05.000Z',
        },
      ],
      failure: fault,
    })
    expect(scheduled).toEqual([['t-1']])
  })

  test('rejects with any other error, and still processes what was done', async () => {
    const { memory, deadLetters, scheduled } = await lettersOf(three)
    memory.beforeTransaction = (count) => {
      if (count === 3) throw new Error('a fault of our own')
    }
    await expect(deadLetters.replayMany('desk', 10)).rejects.toThrow('a fault of our own')
    expect(scheduled).toEqual([['t-1']])
  })
})

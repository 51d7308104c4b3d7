import { describe, expect, test } from 'vitest'
import type { Ticket } from '../../src/domain/ticket.ts'
import type { StoredTicket } from '../../src/domain/transaction.ts'
import { reduceEvents } from '../../src/ingestion/event-reducer.ts'
import type { ClaimedEvent, EventTransaction, NewDeadLetter } from '../../src/ingestion/event-store.ts'
import { type EchoMark, EventProblem, type ReduceContext, type WebhookHandler } from '../../src/sources/webhook-handler.ts'
import { toSourceInfo, toTicket } from '../support/memory-ticket.ts'

const info = toSourceInfo('desk', { mode: 'EVENT_FED' })
const noon = '2024-06-01T12:00:00.000Z'

/** What an event of the tests says: a new title, or nothing new, or something that cannot be reduced. */
interface Said {
  readonly title?: string
  readonly echoOf?: EchoMark
  readonly unchanged?: 'SUPERSEDED' | 'DUPLICATE' | 'ECHO'
  readonly note?: string
  readonly unknown?: readonly string[]
  readonly fails?: 'decode' | 'reduce' | 'fault'
  /** The state of an event that changes nothing. */
  readonly keeps?: unknown
}

let lastId = 0
function eventOf(said: Said, changes: Partial<ClaimedEvent> = {}): ClaimedEvent {
  lastId += 1
  return {
    id: lastId,
    sourceKey: 'desk',
    tenant: '',
    externalId: 't-1',
    eventId: `e-${lastId}`,
    digest: `digest-${lastId}`,
    raw: Buffer.from(JSON.stringify(said)),
    receivedAt: noon,
    repeatedAt: null,
    firstDigest: null,
    stored: null,
    ...changes,
  }
}

/** A handler whose state is the number of applied events. */
function handlerOf(duplicateWindowMs: number | null = 60_000) {
  const contexts: ReduceContext[] = []
  const handler = {
    source: info,
    duplicateWindowMs,
    decode({ raw }: { raw: Buffer }) {
      const said = JSON.parse(raw.toString()) as Said
      if (said.fails === 'decode') throw new EventProblem('It cannot be decoded.')
      return { tenant: '', externalId: '', payload: said, echoOf: said.echoOf ?? null }
    },
    reduce({ payload }: { payload: unknown }, context: ReduceContext) {
      contexts.push(context)
      const { title = 'same', unchanged, fails, note, unknown = [], keeps } = payload as Said
      if (fails === 'reduce') throw new EventProblem('It cannot be reduced.')
      if (fails === 'fault') throw new TypeError('x is undefined')
      if (unchanged) return { outcome: 'UNCHANGED', why: unchanged, state: keeps === undefined ? context.state : keeps }
      const ticket: Ticket = { ...(context.ticket ?? toTicket(info, 't-1')), title }
      const kind = context.ticket ? 'UPDATED' : 'CREATED'
      return { outcome: 'APPLIED', ticket, state: Number(context.state ?? 0) + 1, kind, actor: null, note, unknown }
    },
  } as unknown as WebhookHandler
  return { handler, contexts }
}

/** Reduces events. `echoes` are the marks of tickets that this gateway created. */
async function reduce(events: readonly ClaimedEvent[], { handler, contexts } = handlerOf(), echoes: readonly EchoMark[] = []) {
  const deadLetters: NewDeadLetter[] = []
  const asked: unknown[][] = []
  const tx = {
    insertDeadLetters: async (added: readonly NewDeadLetter[]) => void deadLetters.push(...added),
    async isEcho(sourceKey: string, mark: EchoMark, since: string) {
      asked.push([sourceKey, mark, since])
      return echoes.some((echo) => JSON.stringify(echo) === JSON.stringify(mark))
    },
  } as unknown as EventTransaction
  const reduced = await reduceEvents(tx, events, new Map([['desk', handler]]))
  const states = reduced.effects.processed.map(({ state }) => state)
  return { ...reduced, ...reduced.effects, states, deadLetters, asked, contexts }
}

const storedOf = (known: Partial<Ticket>, state: unknown = 7): StoredTicket => ({
  ticket: toTicket(info, 't-1', known),
  state,
  submission: 'print',
})

describe('events of one ticket', () => {
  test('are reduced in their order, each on what the one before left, and the ticket is saved once', async () => {
    const { tickets, changes, processed, contexts } = await reduce([
      eventOf({ title: 'first' }, { id: 11 }),
      eventOf({ title: 'second' }, { id: 12 }),
    ])
    expect(tickets).toMatchObject([{ ticket: { title: 'second' }, state: 2, submission: null }])
    expect(processed).toEqual([
      { id: 11, state: 'APPLIED' },
      { id: 12, state: 'APPLIED' },
    ])
    expect(changes.map(({ kind, before, ticket }) => [kind, before?.title ?? null, ticket.title])).toEqual([
      ['CREATED', null, 'first'],
      ['UPDATED', 'first', 'second'],
    ])
    expect(contexts.map(({ ticket, state, late }) => [ticket?.title ?? null, state, late])).toEqual([
      [null, null, false],
      ['first', 1, false],
    ])
  })

  test('begin at the stored ticket and its state, and keep the mark of its creation', async () => {
    const { tickets, changes, contexts } = await reduce([
      eventOf({ title: 'new' }, { stored: storedOf({ title: 'old' }), late: true, receivedAt: '2024-06-01T12:00:01.000Z' }),
    ])
    expect(contexts).toMatchObject([{ ticket: { title: 'old' }, state: 7, late: true, receivedAt: '2024-06-01T12:00:01.000Z' }])
    expect(tickets).toMatchObject([{ state: 8, submission: 'print' }])
    expect(changes).toMatchObject([{ at: '2024-06-01T12:00:01.000Z', actor: null, summary: 'Updated title' }])
  })

  test('leave tickets of another tenant and of another id alone', async () => {
    const { tickets } = await reduce([
      eventOf({ title: 'a' }),
      eventOf({ title: 'b' }, { tenant: 'second' }),
      eventOf({ title: 'c' }, { externalId: 't-2' }),
    ])
    expect(tickets.map(({ ticket, state }) => [ticket.title, state])).toEqual([
      ['a', 1],
      ['b', 1],
      ['c', 1],
    ])
  })

  test('put the note of the handler in brackets behind the summary', async () => {
    const { changes } = await reduce([eventOf({ title: 'x', note: 'by the night shift' })])
    expect(changes.map(({ summary }) => summary)).toEqual(['Created (by the night shift)'])
  })

  test('report fields with a value that the model has no word for', async () => {
    const { unknownFields } = await reduce([
      eventOf({ unknown: ['status', 'channel'] }),
      eventOf({ unchanged: 'SUPERSEDED', unknown: ['priority'] }),
    ])
    expect(unknownFields).toEqual([
      { sourceKey: 'desk', field: 'status' },
      { sourceKey: 'desk', field: 'channel' },
    ])
  })
})

describe('an event that changes nothing', () => {
  test.each(['SUPERSEDED', 'DUPLICATE', 'ECHO'] as const)('is marked %s and saves nothing', async (unchanged) => {
    const { states, tickets, changes } = await reduce([eventOf({ unchanged }, { stored: storedOf({}) })])
    expect([states, tickets, changes]).toEqual([[unchanged], [], []])
  })

  test('saves the new state of the reduction with the ticket as it was', async () => {
    const { tickets, changes } = await reduce([
      eventOf({ unchanged: 'SUPERSEDED', keeps: 'later' }, { stored: storedOf({ title: 'old' }) }),
    ])
    expect(tickets).toMatchObject([{ ticket: { title: 'old' }, state: 'later', submission: 'print' }])
    expect(changes).toEqual([])
  })

  test('about a ticket that does not exist saves nothing', async () => {
    const { states, tickets } = await reduce([eventOf({ unchanged: 'SUPERSEDED', keeps: 'later' })])
    expect([states, tickets]).toEqual([['SUPERSEDED'], []])
  })
})

describe('the same bytes again', () => {
  const repeatedAt = '2024-06-01T11:59:00.000Z'
  const again = (receivedAt: string) => eventOf({ title: 'x' }, { repeatedAt, receivedAt })

  test.each<[string, number | null, string, string]>([
    ['just inside the window are a duplicate', 60_000, '2024-06-01T11:59:59.999Z', 'DUPLICATE'],
    ['at the end of the window are a new event', 60_000, '2024-06-01T12:00:00.000Z', 'APPLIED'],
    ['without a window are a duplicate years later', null, '2034-06-01T12:00:00.000Z', 'DUPLICATE'],
  ])('%s', async (_, windowMs, receivedAt, state) => {
    expect((await reduce([again(receivedAt)], handlerOf(windowMs))).states).toEqual([state])
  })

  test('under the same event id are a duplicate at any time', async () => {
    const event = eventOf({ title: 'x' }, { digest: 'same', firstDigest: 'same', receivedAt: '2034-06-01T12:00:00.000Z' })
    const { states, tickets } = await reduce([event])
    expect([states, tickets]).toEqual([['DUPLICATE'], []])
  })
})

describe('an echo of a ticket that this gateway created', () => {
  const mark: EchoMark = { by: 'fingerprint', fingerprint: 'f' }

  test('is looked for in the ten minutes before it arrived, and changes nothing', async () => {
    const { states, asked, tickets } = await reduce([eventOf({ title: 'x', echoOf: mark })], handlerOf(), [mark])
    expect(asked).toEqual([['desk', mark, '2024-06-01T11:50:00.000Z']])
    expect([states, tickets]).toEqual([['ECHO'], []])
  })

  test('is told apart from an event that only could be one, and from one that cannot', async () => {
    const other: EchoMark = { by: 'id', externalId: 'another' }
    const events = [eventOf({ title: 'a', echoOf: other }), eventOf({ title: 'b', echoOf: mark }), eventOf({ title: 'c' })]
    const { states, asked } = await reduce(events, handlerOf(), [mark])
    expect(states).toEqual(['APPLIED', 'ECHO', 'APPLIED'])
    expect(asked).toHaveLength(2)
  })
})

describe('an event becomes a dead letter', () => {
  const used = { digest: 'new', firstDigest: 'old' }
  const internal = 'The event could not be processed because of an internal fault. Replay it after the gateway is repaired.'
  test.each<[string, ClaimedEvent, string]>([
    ['that cannot be decoded', eventOf({ fails: 'decode' }), 'It cannot be decoded.'],
    ['that cannot be reduced', eventOf({ fails: 'reduce' }), 'It cannot be reduced.'],
    ['that meets a fault of the gateway, without its details', eventOf({ fails: 'fault' }), internal],
    [
      'that uses the event id of another one',
      eventOf({ title: 'x' }, used),
      'An earlier event has the same event id and a different body. Send each new event with an id of its own.',
    ],
    [
      'of a source that is not configured any more',
      eventOf({}, { sourceKey: 'old' }),
      'The source "old" is not configured any more. Configure it, then replay the event.',
    ],
  ])('%s', async (_, event, problem) => {
    const { states, deadLetters, failures, tickets } = await reduce([event])
    const { sourceKey, eventId, raw, receivedAt } = event
    expect([states, tickets]).toEqual([['QUARANTINED'], []])
    expect(deadLetters).toEqual([{ sourceKey, eventId, raw, receivedAt, problem }])
    expect(failures.map(({ deadLetter }) => deadLetter)).toEqual(deadLetters)
    expect(failures[0]!.cause).toBeInstanceOf(Error)
  })

  test('and the events around it are applied', async () => {
    const { states, tickets } = await reduce([eventOf({ title: 'a' }), eventOf({ fails: 'reduce' }), eventOf({ title: 'c' })])
    expect(states).toEqual(['APPLIED', 'QUARANTINED', 'APPLIED'])
    expect(tickets).toMatchObject([{ ticket: { title: 'c' }, state: 2 }])
  })
})

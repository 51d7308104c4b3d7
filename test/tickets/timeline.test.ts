import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Delivery } from '../../src/domain/delivery.ts'
import {
  type EventBound,
  type EventWindow,
  type NumberedEvent,
  type TicketEventKind,
  ticketEventKinds,
} from '../../src/domain/events.ts'
import { encodeId } from '../../src/domain/ids.ts'
import type { Range } from '../../src/domain/page.ts'
import type { ThreadMessage } from '../../src/domain/ticket.ts'
import { readTimeline, type TimelineParts } from '../../src/tickets/timeline.ts'

const at = (minute: number) => `2026-01-01T00:${String(minute).padStart(2, '0')}:00.000Z`

function message(name: string, minute: number | null): ThreadMessage {
  const createdAt = minute === null ? null : at(minute)
  const id = encodeId('message', 'a', '', name)
  return { id, author: null, body: name, format: 'TEXT', visibility: 'PUBLIC', createdAt, attachments: null }
}

function event(seq: number, minute: number, kind: TicketEventKind = 'UPDATED'): NumberedEvent {
  const id = encodeId('event', 'a', '', String(seq))
  return { seq, event: { id, kind, at: at(minute), actor: null, summary: `event ${seq}`, changes: [] } }
}

function delivery(name: string, minute: number): Delivery {
  const id = encodeId('delivery', 'a', '', name)
  const progress = { attempts: 0, lastStatus: null, lastError: null, nextAttemptAt: null, deliveredAt: null }
  return { id, event: name, partner: name, state: 'PENDING', ...progress, createdAt: at(minute) }
}

/** Events as the change log gives them. `reads` are the windows that were asked for. */
function history(events: readonly NumberedEvent[]) {
  const reads: EventWindow[] = []
  const compare = (a: EventBound, b: EventBound) => (a.at === b.at ? a.seq - b.seq : a.at < b.at ? -1 : 1)
  const boundOf = ({ seq, event }: NumberedEvent): EventBound => ({ at: event.at, seq })
  const readEvents = async (window: EventWindow) => {
    reads.push(window)
    const inWindow = events
      .filter(({ event }) => window.kinds.includes(event.kind))
      .filter((one) => window.after === null || compare(boundOf(one), window.after) > 0)
      .filter((one) => window.before === null || compare(boundOf(one), window.before) < 0)
      .sort((a, b) => compare(boundOf(a), boundOf(b)))
    return window.from === 'start' ? inWindow.slice(0, window.limit) : inWindow.slice(-window.limit)
  }
  return { reads, readEvents }
}

const end = (size: number, before: string | null = null): Range => ({ from: 'end', size, after: null, before })
const start = (size: number, after: string | null = null): Range => ({ from: 'start', size, after, before: null })
const nameOf = (node: object) =>
  'body' in node ? node.body : 'summary' in node ? node.summary : `delivery ${(node as Delivery).partner}`

interface Given {
  readonly messages?: readonly ThreadMessage[]
  readonly deliveries?: readonly Delivery[]
  readonly readEvents?: TimelineParts['readEvents']
}
const partsOf = ({ messages = [], deliveries = [], readEvents = () => [] }: Given): TimelineParts => ({
  readMessages: () => messages,
  readDeliveries: async () => deliveries,
  readEvents,
})

async function namesOf(given: Given, range: Range = end(50)) {
  const { items, ...page } = await readTimeline(partsOf(given), range)
  return { names: items.map(({ node }) => nameOf(node)), ...page }
}

describe('a timeline', () => {
  it('has messages, events and deliveries in the order of their times; what happened comes before what it caused', async () => {
    const { readEvents } = history([event(1, 1, 'CREATED'), event(2, 4, 'ROUTED'), event(3, 3, 'STATUS_CHANGED')])
    const messages = [message('question', 1), message('answer', 5)]
    expect(await namesOf({ messages, deliveries: [delivery('careco', 4)], readEvents })).toEqual({
      names: ['event 1', 'question', 'event 3', 'event 2', 'delivery careco', 'answer'],
      hasNextPage: false,
      hasPreviousPage: false,
    })
  })

  it('leaves an event out where its own message or delivery is shown, and only there', async () => {
    const { readEvents } = history([
      event(1, 1, 'MESSAGE'),
      event(2, 2, 'DELIVERED'),
      event(3, 3, 'DELIVERY_FAILED'),
      event(4, 4),
    ])
    expect((await namesOf({ readEvents })).names).toEqual(['event 1', 'event 2', 'event 3', 'event 4'])
    const messages = [message('answer', 1)]
    expect((await namesOf({ messages, readEvents })).names).toEqual(['answer', 'event 2', 'event 3', 'event 4'])
    const deliveries = [delivery('careco', 2)]
    expect((await namesOf({ deliveries, readEvents })).names).toEqual(['event 1', 'delivery careco', 'event 4'])
  })

  it('puts an entry without a time behind the entry before it in its source', async () => {
    const { readEvents } = history([event(1, 1), event(2, 3)])
    const messages = [message('first of all', null), message('at 2', 2), message('then', null), message('at 4', 4)]
    expect((await namesOf({ messages, readEvents })).names).toEqual([
      'first of all',
      'event 1',
      'at 2',
      'then',
      'event 2',
      'at 4',
    ])
  })

  it('reads no more events than the page needs', async () => {
    const { reads, readEvents } = history(Array.from({ length: 100 }, (_, index) => event(index, index % 60)))
    await namesOf({ readEvents }, end(5))
    expect(reads.map(({ from, limit }) => [from, limit])).toEqual([
      ['end', 6],
      ['end', 6],
      ['end', 6],
    ])
    // Each kind once.
    const kinds = reads.flatMap((window) => window.kinds)
    expect([...kinds].sort()).toEqual([...ticketEventKinds].sort())
  })

  it.each(['garbage', '', Buffer.from('2026-01-01T00:00:00.000Z 3 1').toString('base64url')])(
    'refuses %j as a cursor',
    async (cursor) => {
      await expect(namesOf({}, end(5, cursor))).rejects.toMatchObject({ code: 'BAD_USER_INPUT' })
    },
  )

  const size = fc.integer({ min: 1, max: 7 })
  const given = fc.record({
    messages: fc.array(fc.option(fc.nat(20)), { maxLength: 12 }),
    events: fc.array(
      fc.tuple(fc.nat(20), fc.constantFrom<TicketEventKind>('UPDATED', 'MESSAGE', 'DELIVERED', 'DELIVERY_FAILED')),
      {
        maxLength: 12,
      },
    ),
    deliveries: fc.array(fc.nat(20), { maxLength: 4 }),
  })

  /** The order by hand: minute, then events before messages before deliveries, then the order in which each list has them. */
  function expectedOf({
    messages,
    events,
    deliveries,
  }: typeof given extends fc.Arbitrary<infer Value> ? Value : never): string[] {
    let minute = -1
    const hidden = (kind: TicketEventKind) =>
      kind === 'MESSAGE' ? messages.length > 0 : kind !== 'UPDATED' && deliveries.length > 0
    const entries = [
      ...events.flatMap(([at, kind], place) =>
        hidden(kind) ? [] : [{ minute: at, rank: 0, place, id: event(place, at).event.id }],
      ),
      ...messages.map((at, place) => {
        minute = at ?? minute
        return { minute, rank: 1, place, id: message(`m${place}`, at).id }
      }),
      ...deliveries.map((at, place) => ({ minute: at, rank: 2, place, id: delivery(`d${place}`, at).id })),
    ]
    return entries.sort((a, b) => a.minute - b.minute || a.rank - b.rank || a.place - b.place).map(({ id }) => id)
  }

  /** Reads page after page from this end. */
  async function walk(parts: TimelineParts, from: Range['from'], sizeOf: () => number): Promise<string[]> {
    const ids: string[] = []
    for (let cursor: string | null = null, more = true; more; ) {
      const page = await readTimeline(parts, from === 'end' ? end(sizeOf(), cursor) : start(sizeOf(), cursor))
      const found = page.items.map(({ node }) => node.id)
      if (from === 'end') ids.unshift(...found)
      else ids.push(...found)
      cursor = (from === 'end' ? page.items[0] : page.items.at(-1))?.cursor ?? cursor
      more = from === 'end' ? page.hasPreviousPage : page.hasNextPage
    }
    return ids
  }

  it('gives every entry once, in one order, when it is paged from either end with pages of any size', async () => {
    await fc.assert(
      fc.asyncProperty(given, fc.array(size, { minLength: 1 }), async (made, sizes) => {
        made.deliveries.sort((a, b) => a - b)
        const parts = partsOf({
          messages: made.messages.map((minute, index) => message(`m${index}`, minute)),
          deliveries: made.deliveries.map((minute, index) => delivery(`d${index}`, minute)),
          readEvents: history(made.events.map(([minute, kind], seq) => event(seq, minute, kind))).readEvents,
        })
        let page = 0
        const sizeOf = () => sizes[page++ % sizes.length]!
        const expected = expectedOf(made)
        expect(await walk(parts, 'end', sizeOf)).toEqual(expected)
        expect(await walk(parts, 'start', sizeOf)).toEqual(expected)
      }),
      { numRuns: 300 },
    )
  })

  it('misses nothing and repeats nothing of what was there, while new entries come in between two pages', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(20), { minLength: 1, maxLength: 15 }),
        fc.array(fc.nat(25), { maxLength: 8 }),
        size,
        async (first, later, pageSize) => {
          const events = first.map((minute, seq) => event(seq, minute))
          const arriving = later.map((minute, index) => event(first.length + index, minute))
          const parts = partsOf({
            readEvents(window) {
              const next = arriving.shift()
              if (next && window.kinds.includes('UPDATED')) events.push(next)
              return history(events).readEvents(window)
            },
          })
          const ids = await walk(parts, 'end', () => pageSize)
          expect(new Set(ids).size).toBe(ids.length)
          const there = new Set(first.map((minute, seq) => event(seq, minute).event.id))
          expect(ids.filter((id) => there.has(id)).length).toBe(first.length)
        },
      ),
      { numRuns: 200 },
    )
  })
})

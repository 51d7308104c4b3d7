import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Delivery } from '../../src/domain/delivery.ts'
import type { EventBound, EventWindow, NumberedEvent, TicketEventKind } from '../../src/domain/events.ts'
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
      .filter(({ event }) => !window.without.includes(event.kind))
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

async function namesOf(parts: Partial<TimelineParts>, range: Range = end(50)) {
  const { items, ...page } = await readTimeline({ messages: [], deliveries: [], readEvents: null, ...parts }, range)
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
    expect(reads.map(({ from, limit }) => [from, limit])).toEqual([['end', 6]])
  })

  it.each(['garbage', '', Buffer.from('2026-01-01T00:00:00.000Z 3 1').toString('base64url')])(
    'refuses %j as a cursor',
    async (cursor) => {
      await expect(namesOf({}, end(5, cursor))).rejects.toMatchObject({ code: 'BAD_USER_INPUT' })
    },
  )

  const parts = fc.record({
    messages: fc.array(fc.option(fc.nat(20)), { maxLength: 12 }),
    events: fc.array(fc.tuple(fc.nat(20), fc.constantFrom<TicketEventKind>('UPDATED', 'MESSAGE', 'DELIVERED')), {
      maxLength: 12,
    }),
    deliveries: fc.array(fc.nat(20), { maxLength: 4 }),
    size: fc.integer({ min: 1, max: 7 }),
  })

  it('gives every entry once when it is paged from its end, and the same order when it is paged from its start', async () => {
    await fc.assert(
      fc.asyncProperty(parts, async ({ messages, events, deliveries, size }) => {
        const made = {
          messages: messages.map((minute, index) => message(`m${index}`, minute)),
          deliveries: deliveries.sort((a, b) => a - b).map((minute, index) => delivery(`d${index}`, minute)),
          readEvents: history(events.map(([minute, kind], seq) => event(seq, minute, kind))).readEvents,
        }
        const whole = (await readTimeline(made, start(100))).items.map(({ node }) => node.id)
        const backwards: string[] = []
        for (let before: string | null = null, more = true; more; ) {
          const page = await readTimeline(made, end(size, before))
          backwards.unshift(...page.items.map(({ node }) => node.id))
          before = page.items[0]?.cursor ?? before
          more = page.hasPreviousPage
        }
        const forwards: string[] = []
        for (let after: string | null = null, more = true; more; ) {
          const page = await readTimeline(made, start(size, after))
          forwards.push(...page.items.map(({ node }) => node.id))
          after = page.items.at(-1)?.cursor ?? after
          more = page.hasNextPage
        }
        expect(backwards).toEqual(whole)
        expect(forwards).toEqual(whole)
        expect(new Set(whole).size).toBe(whole.length)
      }),
      { numRuns: 300 },
    )
  })
})

import type { Delivery } from '../domain/delivery.ts'
import { DeskgraphError } from '../domain/errors.ts'
import {
  type EventBound,
  type EventWindow,
  type NumberedEvent,
  type TicketEvent,
  type TicketEventKind,
  ticketEventKinds,
} from '../domain/events.ts'
import type { Range, RangePage } from '../domain/page.ts'
import type { ThreadMessage } from '../domain/ticket.ts'

export type TimelineKind = 'MESSAGES' | 'EVENTS' | 'DELIVERIES'
export type TimelineNode = ThreadMessage | TicketEvent | Delivery

/** What a timeline is made of. A kind that is not asked for is empty. Every part is asked for at once, so that loaders can batch. */
export interface TimelineParts {
  /** All messages of the ticket, in its source's order. */
  readMessages(): readonly ThreadMessage[] | Promise<readonly ThreadMessage[]>
  /** All deliveries of the ticket, oldest first. */
  readDeliveries(): readonly Delivery[] | Promise<readonly Delivery[]>
  /** Events of the ticket. */
  readEvents(window: EventWindow): readonly NumberedEvent[] | Promise<readonly NumberedEvent[]>
}

/** Where an entry stands: by time, at the same time by rank, at the same rank by its place in its own list. */
type Key = readonly [at: string, rank: number, place: number]
interface Entry {
  readonly key: Key
  readonly node: TimelineNode
}

/** The kinds of events whose messages or deliveries may stand in the timeline themselves. */
const messageKinds: readonly TicketEventKind[] = ['MESSAGE']
const deliveryKinds: readonly TicketEventKind[] = ['DELIVERED', 'DELIVERY_FAILED']
const otherKinds = ticketEventKinds.filter((kind) => !messageKinds.includes(kind) && !deliveryKinds.includes(kind))

/** An event comes before what it caused. */
const ranks = { event: 0, message: 1, delivery: 2 }

/**
 * One order over messages, events and deliveries, oldest first. An event is left out where its own message or delivery is shown. An entry
 * without a time follows the entry before it in its source. It reads no more events than the page needs. Rejects with BAD_USER_INPUT for a
 * cursor of another list.
 */
export async function readTimeline(parts: TimelineParts, range: Range): Promise<RangePage<TimelineNode>> {
  const { from, size } = range
  const after = range.after === null ? null : decodeCursor(range.after, 'after')
  const before = range.before === null ? null : decodeCursor(range.before, 'before')
  const window = { from, limit: size + 1, after: toBound(after), before: toBound(before) }
  // The events that may be left out are read apart: whether they are is known only with the messages and the deliveries.
  const [messages, deliveries, events, ofMessages, ofDeliveries] = await Promise.all([
    parts.readMessages(),
    parts.readDeliveries(),
    parts.readEvents({ ...window, kinds: otherKinds }),
    parts.readEvents({ ...window, kinds: messageKinds }),
    parts.readEvents({ ...window, kinds: deliveryKinds }),
  ])
  const entries = [
    ...toMessageEntries(messages),
    ...deliveries.map(toDeliveryEntry),
    ...events.map(toEventEntry),
    ...(messages.length > 0 ? [] : ofMessages.map(toEventEntry)),
    ...(deliveries.length > 0 ? [] : ofDeliveries.map(toEventEntry)),
  ]
    .filter(({ key }) => (after === null || compare(key, after) > 0) && (before === null || compare(key, before) < 0))
    .sort((a, b) => compare(a.key, b.key))
  const page = from === 'start' ? entries.slice(0, size) : entries.slice(Math.max(0, entries.length - size))
  const hasMore = entries.length > size
  return {
    items: page.map(({ key, node }) => ({ cursor: encodeCursor(key), node })),
    hasNextPage: from === 'start' ? hasMore : before !== null,
    hasPreviousPage: from === 'end' ? hasMore : after !== null,
  }
}

function toMessageEntries(messages: readonly ThreadMessage[]): readonly Entry[] {
  let at = ''
  return messages.map((node, place) => {
    at = node.createdAt ?? at
    return { key: [at, ranks.message, place], node }
  })
}

function toDeliveryEntry(node: Delivery, place: number): Entry {
  return { key: [node.createdAt, ranks.delivery, place], node }
}

function toEventEntry({ seq, event }: NumberedEvent): Entry {
  return { key: [event.at, ranks.event, seq], node: event }
}

/** Events have the lowest rank: all events of a moment come before a message or delivery of it. */
function toBound(key: Key | null): EventBound | null {
  if (key === null) return null
  const [at, rank, place] = key
  return { at, seq: rank === ranks.event ? place : Number.MAX_SAFE_INTEGER }
}

function compare([atA, rankA, placeA]: Key, [atB, rankB, placeB]: Key): number {
  if (atA !== atB) return atA < atB ? -1 : 1
  return rankA - rankB || placeA - placeB
}

function encodeCursor([at, rank, place]: Key): string {
  return Buffer.from(`${at} ${rank} ${place}`).toString('base64url')
}

function decodeCursor(cursor: string, argument: string): Key {
  const text = Buffer.from(cursor, 'base64url').toString('utf8')
  const [, at = '', rank, place] = /^((?:\d{4}-\d\d-\d\dT[\d:.]{12}Z)?) ([012]) (\d{1,15})$/.exec(text) ?? []
  const key: Key = [at, Number(rank), Number(place)]
  if (rank !== undefined && encodeCursor(key) === cursor) return key
  throw new DeskgraphError('BAD_USER_INPUT', `"${argument}" is not a cursor of this timeline.`)
}

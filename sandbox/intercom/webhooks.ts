import { randomUUID } from 'node:crypto'
import { toEpochSeconds } from '../times.ts'
import type { Part, Ticket } from './records.ts'
import { type Change, findAdmin, type IntercomState } from './state.ts'
import type { Subscription, WebhookSender } from './webhook-sender.ts'
import { type Printing, printTicket } from './wire.ts'
import { workspaceId } from './workspace.ts'

/** The topics of tickets. */
export const ticketTopics = [
  ...([
    'ticket.created',
    'ticket.state.updated',
    'ticket.note.created',
    'ticket.admin.assigned',
    'ticket.team.assigned',
  ] as const),
  ...(['ticket.attribute.updated', 'ticket.admin.replied', 'ticket.contact.replied', 'ticket.contact.attached'] as const),
  'ticket.closed' as const,
]

export type Topic = (typeof ticketTopics)[number] | 'ping'

/** What a subscriber gets. Only the number of attempts and the time of the first one differ when it is sent again. */
export interface Notification {
  readonly id: string
  readonly topic: Topic
  readonly createdAt: number
  readonly item: unknown
}

export interface Webhooks {
  /** In the vendor's product a page of the developer's account does this: the API has no call for it. It sends a ping. */
  subscribe(url: string, topics?: readonly Topic[]): Subscription
  subscriptions(): readonly Subscription[]
}

/** Tells the subscribers about the changes of tickets. */
export function createWebhooks(state: IntercomState, sender: WebhookSender, printingAt: (now: number) => Printing): Webhooks {
  const subscriptions: Subscription[] = []
  const send = (subscription: Subscription, events: readonly (readonly [Topic, unknown])[]) =>
    sender.send(
      subscription,
      events.map(([topic, item]) => ({ id: `notif_${randomUUID()}`, topic, createdAt: state.now(), item })),
    )
  state.onChange((change) => {
    const item = itemOf(change, printingAt(state.now()))
    const events = topicsOf(change).map((topic) => [topic, item] as const)
    for (const subscription of subscriptions) {
      send(
        subscription,
        events.filter(([topic]) => subscription.topics.includes(topic)),
      )
    }
  })
  return {
    subscribe(url, topics = ticketTopics) {
      const subscription = { id: `nsub_${randomUUID()}`, url, topics }
      subscriptions.push(subscription)
      send(subscription, [['ping', { type: 'ping', message: 'something something interzen' }]])
      return subscription
    },
    subscriptions: () => [...subscriptions],
  }
}

/** The notification as it is sent. */
export function printNotification({ id, topic, createdAt, item }: Notification, attempts: number, firstSentAt: number) {
  return {
    ...{ type: 'notification_event', app_id: workspaceId, id, topic, created_at: toEpochSeconds(createdAt) },
    data: { type: 'notification_event_data', item },
    ...{ delivery_status: 'pending', delivery_attempts: attempts, delivered_at: 0, first_sent_at: toEpochSeconds(firstSentAt) },
    ...{ links: {}, self: null },
  }
}

/** The ticket, with the parts that are new. */
function itemOf({ before, after }: Change, printing: Printing): unknown {
  return printTicket(after, printing, newParts({ before, after }))
}

function newParts({ before, after }: Change): readonly Part[] {
  const known = new Set(before?.parts.map(({ id }) => id))
  return after.parts.filter(({ id }) => !known.has(id))
}

function topicsOf(change: Change): readonly Topic[] {
  const { before, after } = change
  if (!before) return ['ticket.created']
  const topics = newParts(change).flatMap((part) => topicOf(part) ?? [])
  if (hasNewContact(before, after)) topics.push('ticket.contact.attached')
  if (before.isOpen && !after.isOpen) topics.push('ticket.closed')
  return [...new Set(topics)]
}

function hasNewContact(before: Ticket, after: Ticket): boolean {
  return after.contactIds.some((id) => !before.contactIds.includes(id))
}

function topicOf({ type, author, assignedTo, states }: Part): Topic | undefined {
  switch (type) {
    case 'note':
      return 'ticket.note.created'
    case 'comment':
    case 'quick_reply':
      return author.type === 'user' ? 'ticket.contact.replied' : 'ticket.admin.replied'
    case 'assignment':
      if (!assignedTo) return 'ticket.admin.assigned'
      return findAdmin(assignedTo.id) ? 'ticket.admin.assigned' : 'ticket.team.assigned'
    case 'ticket_attribute_updated_by_admin':
      return 'ticket.attribute.updated'
    default:
      return states ? 'ticket.state.updated' : undefined
  }
}

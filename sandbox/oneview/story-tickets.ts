import type { Random } from '../random.ts'
import { type StoryTicket, toMirrorText } from '../story.ts'
import { minuteMs, toEpochSeconds } from '../times.ts'
import { markets } from './fixtures.ts'
import type { OneViewTicket } from './wire.ts'

/** A ticket of the story. OneView has the last message of the customer, and a link for each other desk's ticket. */
export function toTold(told: StoryTicket, random: Random, agents: readonly string[]): OneViewTicket {
  const { customer, order, state, messages, createdAt, mirrors } = told
  const { id, firstName, lastName, name, email } = customer
  const market = markets.find(({ country }) => country === told.country.toLowerCase()) ?? markets[0]
  const said = messages.findLast(({ by }) => by === 'customer') ?? messages[0]!
  return {
    id: told.id,
    Assignee: state === 'new' ? null : random.pick(agents)!,
    UpdatedAt: toEpochSeconds(told.updatedAt),
    createdAt: toEpochSeconds(createdAt),
    ...{ queue: `chat-${market.country}-${market.languages[0]}`, channel: 'chat' },
    content: { subject: told.title, lastMessage: said.text, chatRoomId: random.uuid() },
    metadata: {
      ...{ ccr: told.title, country: market.country, language: told.language.split('-')[0]!, orderId: order.id, sla: 64 },
      ...{ tags: [told.reason], entityId: market.entityId, localCcr: told.title },
      childrenLinks: mirrors.map((mirror) => ({
        ...{
          ticketId: toMirrorText(mirror),
          ticketIdType: mirror.system.toUpperCase(),
          ticketCategory: 'ESCALATED',
          creator: 'workflow',
        },
        ...{
          createdAt: toEpochSeconds(createdAt + minuteMs),
          reason: messages.find(({ by }) => by === 'note')?.text ?? told.title,
        },
      })),
    },
    status: state === 'solved' ? 'CLOSED' : 'ASSIGNED',
    statusReason: state === 'solved' ? 'refund issued' : 'picked by agent',
    priority: 1,
    customer: { id, firstName, lastName, name, email },
    vendor: { id: order.shop.toLowerCase().replaceAll(/[^\p{L}\d]+/gu, '-'), vertical: 'restaurants' },
    ...{ source: `fp-${market.country}`, type: 'chat' },
  }
}

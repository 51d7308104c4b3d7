import { type Reason, type StoryTicket, toMirrorText } from '../story.ts'
import { dayMs } from '../times.ts'
import type { Topic } from './conversations.ts'
import { mirrorFields, staff } from './installation.ts'
import type { Comment, FieldValue, Status, User } from './records.ts'
import type { ZendeskState } from './state.ts'

// The tickets that the story tells, in the words of the account.

const about: Readonly<Record<Reason, readonly [reason: string, group: string, tags: readonly string[]]>> = {
  late: ['reason_late', 'Orders and Delivery', ['delivery', 'late']],
  missing: ['reason_missing', 'Orders and Delivery', ['delivery', 'missing_item', 'refund']],
  'wrong-item': ['reason_missing', 'Orders and Delivery', ['delivery', 'wrong_item']],
  address: ['reason_address', 'Orders and Delivery', ['delivery', 'address', 'refund']],
  refund: ['reason_refund', 'Payments', ['payment', 'refund']],
  'double-charge': ['reason_refund', 'Payments', ['payment', 'double_charge', 'refund']],
  voucher: ['reason_voucher', 'Payments', ['payment', 'voucher', 'refund']],
  allergy: ['reason_allergy', 'Second Line', ['safety', 'allergy', 'escalated']],
  invoice: ['reason_invoice', 'Payments', ['invoice', 'business']],
  menu: ['reason_menu', 'Customer Support', ['menu']],
  privacy: ['reason_privacy', 'Second Line', ['privacy']],
  'app-fault': ['reason_app', 'Customer Support', ['app', 'crash']],
  damaged: ['reason_damaged', 'Orders and Delivery', ['delivery', 'damaged', 'refund']],
  'identity-check': ['reason_app', 'Second Line', ['rider', 'identity']],
}

export function toTopic({ reason, country, language, customer }: StoryTicket): Topic {
  const [code, group, tags] = about[reason]
  return {
    ...{ region: customer.region, locale: language.toLowerCase(), country: `country_${country.toLowerCase()}`, reason: code },
    ...{ group, tags, subject: '', opening: '', replies: [], note: '' },
  }
}

/** As an automation of the account closes solved tickets after four weeks. */
export function toldStatus({ state }: StoryTicket, age: number): Status {
  if (state === 'solved') return age > 30 * dayMs ? 'closed' : 'solved'
  return state === 'waiting' ? 'pending' : state
}

interface Speakers {
  readonly requester: User
  readonly assignee: User | null
  readonly channel: string
}

export function toldComments(
  state: ZendeskState,
  told: StoryTicket,
  { requester, assignee, channel }: Speakers,
): readonly Comment[] {
  return told.messages.map(({ by, text, at }) => {
    const author = by === 'customer' ? requester : (assignee ?? staff[0]!)
    return {
      ...{ id: state.nextId(), auditId: state.nextId(), authorId: author.id, body: text, html: null, isPublic: by !== 'note' },
      ...{ channel: by === 'customer' ? channel : 'web', attachments: [], at },
    }
  })
}

/** What other systems call it, by the field's id. */
export function toldFields({ mirrors }: StoryTicket): Readonly<Record<string, FieldValue>> {
  return Object.fromEntries(
    mirrorFields.flatMap(({ id, system }) => {
      const mirror = mirrors.find((one) => one.system === system)
      return mirror ? [[String(id), toMirrorText(mirror)]] : []
    }),
  )
}

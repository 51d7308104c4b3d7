import type { FieldChange } from '../../domain/events.ts'
import type { Actor, Agent, Ticket, TicketReason } from '../../domain/ticket.ts'
import { withFields } from '../../domain/ticket-view.ts'
import type { DataSubject } from './subject.ts'

/** What replaces an erased text where the shape of a value must stay. */
export const erased = '[erased]'

/** Searches texts for a subject. Case does not matter. */
export interface SubjectMatcher {
  /** True when this text of one of the subject's own tickets holds anything that names them. */
  mentions(text: string): boolean
  /** True when this text holds the subject's e-mail address or phone number. It may belong to another person's record. */
  identifies(text: string): boolean
  /** True when the whole text is an id of the subject. */
  isId(text: string): boolean
}

/** A shorter name or id ("Li", "42") matches only as a whole text. Inside a longer text it would be a coincidence. */
const minSubstringLength = 5

/** Matches what the subject holds at this moment. */
export function createMatcher({ emails, ids, externalIds, knownIds, phones, names }: DataSubject): SubjectMatcher {
  const allIds = new Set(toLower([...ids, ...externalIds, ...knownIds]))
  const contacts = toLower([...emails, ...phones]).filter((term) => term.length >= minSubstringLength)
  const terms = new Set([...allIds, ...contacts, ...toLower([...names])])
  const substrings = [...terms].filter((term) => term.length >= minSubstringLength)
  return {
    mentions: (text) => terms.has(text.toLowerCase()) || includesAny(text, substrings),
    identifies: (text) => includesAny(text, contacts),
    isId: (text) => allIds.has(text.toLowerCase()),
  }
}

function toLower(texts: readonly string[]): string[] {
  return texts.map((text) => text.toLowerCase())
}

function includesAny(text: string, terms: readonly string[]): boolean {
  const lower = text.toLowerCase()
  return terms.some((term) => lower.includes(term))
}

const toNames = (text: string) => new Set(text.split(/\s+/))

/** Field names of any vendor whose content is about the customer. Compared without case, dashes and underscores. */
const customerNames = toNames(
  `customer customerid customername customeremail client guest contact contactid entityid user
   email mail phone phonenumber mobile name firstname lastname fullname address cc bcc`,
)
/** Field names of free text, and of what the customer bought. */
const freeTextNames = toNames(
  `title subject description comment comments content message messages threads body text note
   notes attachments order orders orderid orderids subscriptioncontractids metadata`,
)
/** Field names of the ticket's own ids. A number of the customer can be the number of another ticket. */
const ticketIdNames = toNames('id ticketid ticketno externalid projectid eventid number')

/**
 * Removes personal data from a JSON value of one of the subject's tickets: everything below a personal field's name, and
 * every other text that mentions the subject. The shape stays, so that the code that reads the value still can.
 */
export function redactJson(value: unknown, matcher: SubjectMatcher): unknown {
  const redact = (item: unknown, name: string, isPersonal: boolean): unknown => {
    if (Array.isArray(item)) return isPersonal ? [] : item.map((element) => redact(element, name, false))
    if (typeof item === 'object' && item !== null) return redactFields(item, isPersonal)
    if (typeof item !== 'string' && typeof item !== 'number') return item
    const isRemoved = isPersonal || (!ticketIdNames.has(name) && matcher.mentions(String(item)))
    if (!isRemoved) return item
    return typeof item === 'string' ? erased : null
  }
  const redactFields = (record: object, isPersonal: boolean): unknown =>
    Object.fromEntries(
      Object.entries(record).map(([key, item]) => {
        const name = toPlainName(key)
        return [key, redact(item, name, isPersonal || customerNames.has(name) || freeTextNames.has(name))]
      }),
    )
  return redact(value, '', false)
}

/**
 * True when a JSON value of any person certainly names the subject: an e-mail address or phone number anywhere, or an id
 * in a customer's field. A name alone can be another person's.
 */
export function namesSubject(value: unknown, matcher: SubjectMatcher): boolean {
  const names = (item: unknown, name: string, isCustomer: boolean): boolean => {
    if (typeof item === 'object' && item !== null) {
      return Object.entries(item).some(([key, element]) => {
        const ownName = Array.isArray(item) ? name : toPlainName(key)
        return names(element, ownName, isCustomer || customerNames.has(ownName))
      })
    }
    if (typeof item !== 'string' && typeof item !== 'number') return false
    return matcher.identifies(String(item)) || (isCustomer && matcher.isId(String(item)))
  }
  return names(value, '', false)
}

function toPlainName(name: string): string {
  return name.toLowerCase().replaceAll(/[-_]/g, '')
}

/** The ticket without its customer. What the agents did and when stays; who the customer was and what they wrote goes. */
export function redactTicket(ticket: Ticket, matcher: SubjectMatcher): Ticket {
  const redact = (text: string | null) => redactText(text, matcher)
  return withFields(ticket, {
    url: redact(ticket.url),
    title: null,
    description: null,
    statusReason: redact(ticket.statusReason),
    sourceStatus: redact(ticket.sourceStatus),
    origin: redact(ticket.origin),
    queue: redact(ticket.queue),
    tags: ticket.tags?.filter((tag) => !matcher.mentions(tag)) ?? null,
    reason: ticket.reason && redactReason(ticket.reason),
    assignee: redactAgent(ticket.assignee, matcher),
    followers: ticket.followers?.filter((follower) => !isSubject(follower, matcher)) ?? null,
    organization: null,
    createdBy: redactAgent(ticket.createdBy, matcher),
    updatedBy: redactAgent(ticket.updatedBy, matcher),
    customer: null,
    orders: null,
    links: ticket.links?.map((link) => ({ ...link, reason: null, creator: redact(link.creator) })) ?? null,
    messages: null,
    customFields: null,
    satisfaction: ticket.satisfaction && { ...ticket.satisfaction, comment: null },
    attachments: null,
    escalation: ticket.escalation && { ...ticket.escalation, reason: null },
    resolution: ticket.resolution && { ...ticket.resolution, reason: null },
    raw: null,
  })
}

/** The text, or null when it mentions the subject. */
function redactText(text: string | null, matcher: SubjectMatcher): string | null {
  return text !== null && matcher.mentions(text) ? null : text
}

function redactReason(reason: TicketReason): TicketReason {
  if (reason.kind === 'ORDER') return { ...reason, orders: [] }
  return reason.kind === 'CANCELLATION' ? { ...reason, subscriptionContractIds: [] } : reason
}

/** An agent stays, unless the customer raised the ticket and stands in the agent's field. */
function redactAgent(agent: Agent | null, matcher: SubjectMatcher): Agent | null {
  const isCustomer = agent !== null && [agent.name, agent.email].some((name) => name !== null && matcher.mentions(name))
  return isCustomer ? null : agent
}

function isSubject({ kind, externalId, name }: Actor, matcher: SubjectMatcher): boolean {
  return kind === 'CUSTOMER' || [externalId, name].some((text) => text !== null && matcher.mentions(text))
}

/** The actor of a change. Of a customer only the kind stays. */
export function redactActor(actor: Actor | null): Actor | null {
  return actor?.kind === 'CUSTOMER' ? { kind: 'CUSTOMER', externalId: null, name: null } : actor
}

/** The changes of a change-log entry. Of an erased field, or a value that mentions the subject, only the fact stays. */
export function redactChanges(changes: readonly FieldChange[], matcher: SubjectMatcher): readonly FieldChange[] {
  return changes.map(({ field, before, after }) =>
    field === 'title' || field === 'orders'
      ? { field, before: null, after: null }
      : { field, before: redactText(before, matcher), after: redactText(after, matcher) },
  )
}

import { type Instant, toEpochMs } from '../../domain/instant.ts'
import type { RoutingDecision, RoutingType } from '../../domain/ticket.ts'
import {
  type CategoryGroup,
  type Market,
  type Partner,
  type SubCategory,
  type SupportType,
  supportEvents,
} from './routing-file.ts'

/** What the rules of one market look at. */
export interface RoutableTicket {
  readonly group: CategoryGroup
  readonly subCategory: SubCategory
  readonly storeId: string | null
  readonly order: { readonly placedAt: Instant | null } | null
}

type RoutingRule =
  | 'STORE_SUBSCRIBED'
  | 'GENERAL_SUBSCRIBED'
  | 'NO_ORDER'
  | 'ORDER_TIME_UNKNOWN'
  | 'PAST_THRESHOLD'
  | 'SWITCH_OFF'
  | 'NO_PARTNER'

export interface Route {
  readonly decision: RoutingDecision
  /** What the ticket is to the partners, also where none receives it. */
  readonly type: SupportType
  /** Every partner that receives it, in the file's order. */
  readonly partners: readonly Partner[]
}

/**
 * Who receives a ticket submitted at `submittedAt` in this market. Pure. The rules are those of the RBI configuration guide:
 * the switch, the group's type, STORE → GENERAL without an order or past the threshold, and the subscriptions.
 */
export function decideRoute(market: Market, ticket: RoutableTicket, submittedAt: Instant): Route {
  const trace: string[] = []
  const { type, rule } = decideType(market, ticket, submittedAt, trace)
  if (!ticket.subCategory.submitToExternalPartners) {
    trace.push(`The sub-category "${ticket.subCategory.key}" is not submitted to external partners: nobody is called.`)
    return { decision: toDecision('NONE', [], 'SWITCH_OFF', trace), type, partners: [] }
  }
  const partners = findPartners(market, type, ticket.storeId)
  trace.push(describePartners(market, type, ticket.storeId, partners))
  if (partners.length === 0) return { decision: toDecision('NONE', [], 'NO_PARTNER', trace), type, partners }
  return { decision: toDecision(type, partners, rule, trace), type, partners }
}

/** STORE or GENERAL, and the rule that said so. */
function decideType(
  market: Market,
  ticket: RoutableTicket,
  submittedAt: Instant,
  trace: string[],
): { type: SupportType; rule: RoutingRule } {
  const { group } = ticket
  trace.push(`The category "${group.key}" has the ticket type ${group.ticketType}.`)
  if (group.ticketType === 'GENERAL') return { type: 'GENERAL', rule: 'GENERAL_SUBSCRIBED' }
  const refusal = whyNotStore(market, ticket, submittedAt, trace)
  return refusal ? { type: 'GENERAL', rule: refusal } : { type: 'STORE', rule: 'STORE_SUBSCRIBED' }
}

function whyNotStore(
  market: Market,
  { subCategory, order }: RoutableTicket,
  submittedAt: Instant,
  trace: string[],
): RoutingRule | null {
  if (!subCategory.selectRecentOrder) {
    trace.push(`The sub-category "${subCategory.key}" does not let the guest select an order: STORE becomes GENERAL.`)
    return 'NO_ORDER'
  }
  if (!order) {
    trace.push('The ticket has no order: STORE becomes GENERAL.')
    return 'NO_ORDER'
  }
  if (!order.placedAt) {
    trace.push('It is not known when the order was placed: STORE becomes GENERAL.')
    return 'ORDER_TIME_UNKNOWN'
  }
  return compareWithThreshold(market.storeSupportTicketTimeThresholdMinutes, order.placedAt, submittedAt, trace)
}

function compareWithThreshold(
  limitMinutes: number,
  placedAt: Instant,
  submittedAt: Instant,
  trace: string[],
): RoutingRule | null {
  const elapsedMs = toEpochMs(submittedAt) - toEpochMs(placedAt)
  const elapsed = `Submitted ${describeMinutes(elapsedMs)} after the order was placed`
  // Exactly at the threshold is still STORE.
  if (elapsedMs > limitMinutes * 60_000) {
    trace.push(`${elapsed}, past the threshold of ${limitMinutes} minutes: STORE becomes GENERAL.`)
    return 'PAST_THRESHOLD'
  }
  trace.push(`${elapsed}, within the threshold of ${limitMinutes} minutes.`)
  return null
}

/** Rounded up, so that one millisecond past the threshold never reads as within it. */
function describeMinutes(ms: number): string {
  const minutes = Math.max(0, Math.ceil(ms / 60_000))
  return minutes === 1 ? '1 minute' : `${minutes} minutes`
}

function findPartners(market: Market, type: SupportType, storeId: string | null): Partner[] {
  return market.partners.filter(
    ({ events, stores }) =>
      events.includes(supportEvents[type]) && (type === 'GENERAL' || (storeId !== null && (stores ?? []).includes(storeId))),
  )
}

function describePartners(market: Market, type: SupportType, storeId: string | null, partners: readonly Partner[]): string {
  const where =
    type === 'GENERAL'
      ? `the region "${market.region}"`
      : storeId === null
        ? 'a store that was not named'
        : `the store "${storeId}"`
  if (partners.length === 0)
    return `No partner is subscribed to ${supportEvents[type]} for ${where}: the ticket is kept and can be routed later.`
  return `Subscribed to ${supportEvents[type]} for ${where}: ${nameAll(partners)}.`
}

function toDecision(
  type: RoutingType,
  partners: readonly Partner[],
  rule: RoutingRule,
  trace: readonly string[],
): RoutingDecision {
  return { type, partner: partners.length > 0 ? nameAll(partners) : null, rule, trace }
}

function nameAll(partners: readonly Partner[]): string {
  return partners.map(({ key }) => key).join(', ')
}

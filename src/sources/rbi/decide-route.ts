import { type Instant, toEpochMs } from '../../domain/instant.ts'
import type { RoutingDecision } from '../../domain/ticket.ts'
import {
  type CategoryGroup,
  type Market,
  type Partner,
  type SubCategory,
  type SupportType,
  supportEvents,
} from './routing-file.ts'

/** The part of a ticket that the routing rules of its market read. */
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
  /** The ticket's type for partners, also when no partner receives it. */
  readonly type: SupportType
  /** Every partner that receives the ticket, in the file's order. */
  readonly partners: readonly Partner[]
}

/** A rule that applied, and its line of the trace. */
interface Finding {
  readonly rule: RoutingRule
  readonly text: string
}

/**
 * Decides who receives a ticket that was submitted at `submittedAt`. Pure. The rules are those of the RBI configuration guide
 * (RBI-02, RBI-03): the group's type, STORE → GENERAL without an order or past the threshold, the switch, the subscriptions.
 */
export function decideRoute(market: Market, ticket: RoutableTicket, submittedAt: Instant): Route {
  const { group, subCategory, storeId } = ticket
  const order = group.ticketType === 'STORE' ? checkOrder(market, ticket, submittedAt) : null
  const type = order === null || order.rule !== 'STORE_SUBSCRIBED' ? 'GENERAL' : 'STORE'
  const trace = [`The category "${group.key}" has the ticket type ${group.ticketType}.`, ...(order === null ? [] : [order.text])]
  if (!subCategory.submitToExternalPartners) {
    const text = `The sub-category "${subCategory.key}" is not submitted to external partners: no partner is called.`
    return { decision: toDecision('NONE', [], 'SWITCH_OFF', [...trace, text]), type, partners: [] }
  }
  const partners = findPartners(market, type, storeId)
  trace.push(describePartners(market, type, storeId, partners))
  if (partners.length === 0) return { decision: toDecision('NONE', [], 'NO_PARTNER', trace), type, partners }
  return { decision: toDecision(type, partners, order?.rule ?? 'GENERAL_SUBSCRIBED', trace), type, partners }
}

/** Whether a ticket of a STORE category stays STORE: only with an order placed within the threshold. */
function checkOrder(market: Market, { subCategory, order }: RoutableTicket, submittedAt: Instant): Finding {
  if (!subCategory.selectRecentOrder) {
    const text = `The sub-category "${subCategory.key}" does not let the guest select an order: STORE becomes GENERAL.`
    return { rule: 'NO_ORDER', text }
  }
  if (!order) return { rule: 'NO_ORDER', text: 'The ticket has no order: STORE becomes GENERAL.' }
  if (!order.placedAt)
    return { rule: 'ORDER_TIME_UNKNOWN', text: 'It is not known when the order was placed: STORE becomes GENERAL.' }
  return compareWithThreshold(market.storeSupportTicketTimeThresholdMinutes, order.placedAt, submittedAt)
}

function compareWithThreshold(thresholdMinutes: number, placedAt: Instant, submittedAt: Instant): Finding {
  const elapsedMs = toEpochMs(submittedAt) - toEpochMs(placedAt)
  const elapsed = `Submitted ${describeMinutes(elapsedMs)} after the order was placed`
  // Exactly at the threshold is still STORE (DECISION-28).
  if (elapsedMs <= thresholdMinutes * 60_000)
    return { rule: 'STORE_SUBSCRIBED', text: `${elapsed}, within the threshold of ${thresholdMinutes} minutes.` }
  const text = `${elapsed}, past the threshold of ${thresholdMinutes} minutes: STORE becomes GENERAL.`
  return { rule: 'PAST_THRESHOLD', text }
}

/** Rounded up, so that one millisecond past the threshold does not read as within it. */
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
  const place = describePlace(market, type, storeId)
  if (partners.length === 0)
    return `No partner is subscribed to ${supportEvents[type]} for ${place}: the ticket is stored and can be routed later.`
  return `Subscribed to ${supportEvents[type]} for ${place}: ${joinKeys(partners)}.`
}

function describePlace(market: Market, type: SupportType, storeId: string | null): string {
  if (type === 'GENERAL') return `the region "${market.region}"`
  return storeId === null ? 'a store that was not named' : `the store "${storeId}"`
}

function toDecision(
  type: RoutingDecision['type'],
  partners: readonly Partner[],
  rule: RoutingRule,
  trace: readonly string[],
): RoutingDecision {
  return { type, partners: partners.map(({ key }) => key), rule, trace }
}

function joinKeys(partners: readonly Partner[]): string {
  return partners.map(({ key }) => key).join(', ')
}

import { randomUUID } from 'node:crypto'
import type { NewDelivery } from '../../delivery/delivery-store.ts'
import type { Outbox } from '../../delivery/outbox.ts'
import type { Call, Viewer } from '../../domain/call.ts'
import { type Clock, now } from '../../domain/clock.ts'
import type { NewChange } from '../../domain/events.ts'
import type { EntityRef } from '../../domain/ids.ts'
import type { Instant } from '../../domain/instant.ts'
import type { Actor, RoutingDecision, Ticket } from '../../domain/ticket.ts'
import { withFields } from '../../domain/ticket-view.ts'
import type { UnitOfWork } from '../../domain/transaction.ts'
import { applied, type CreateTicket, rejected, type WriteResult } from '../../domain/writes.ts'
import type { RoutePreview, SourceInfo } from '../source.ts'
import { decideRoute } from './decide-route.ts'
import { toEchoFingerprint } from './decode.ts'
import { type SupportTicketData, toDeliveryBody, toRoutedTicket, toSupportTicket } from './mapping.ts'
import type { RoutingConfigStore } from './routing-config-store.ts'
import { type Market, type Partner, supportEvents } from './routing-file.ts'
import { type StoredSubmission, type Submission, toStoredSubmission, toSubmission } from './submission.ts'

/** Decides who receives a new ticket, stores it, and hands it to the outbox. */
export interface TicketRouter {
  /** The decision that `create` would take now. It stores and sends nothing. */
  preview(input: CreateTicket): RoutePreview
  /** Stores the ticket and its deliveries in one transaction: QUEUED when a partner will receive it, else APPLIED. */
  create(input: CreateTicket, call: Call): Promise<WriteResult>
  /**
   * Decides again for a ticket that no partner received, by the present routing file and as of when the ticket was submitted:
   * waiting for a partner does not turn STORE into GENERAL.
   */
  route(ref: EntityRef, call: Call): Promise<WriteResult>
}

export interface TicketRouterDeps {
  readonly source: SourceInfo
  readonly routingConfig: RoutingConfigStore
  readonly store: UnitOfWork
  readonly outbox: Outbox
  readonly clock: Clock
}

/** Routes the tickets of one rbi source by its routing file. */
export function createTicketRouter(deps: TicketRouterDeps): TicketRouter {
  return {
    preview(input) {
      const submission = toSubmission(deps.routingConfig, input)
      if ('userErrors' in submission) return submission
      return { decision: decideRoute(submission.market, submission, now(deps.clock)).decision }
    },
    async create(input, call) {
      const submission = toSubmission(deps.routingConfig, input)
      if ('userErrors' in submission) return { outcome: 'REJECTED', ticket: null, ref: null, userErrors: submission.userErrors }
      return create(deps, submission, call)
    },
    route: (ref, call) => route(deps, ref, call),
  }
}

async function create(deps: TicketRouterDeps, submission: Submission, { viewer }: Call): Promise<WriteResult> {
  const at = now(deps.clock)
  const routed = toRouted(deps.source, { submission, id: randomUUID(), submittedAt: at }, at)
  const { ticket } = routed
  await openQueues(deps, submission.market)
  await deps.store.transaction(async (tx) => {
    await tx.saveTickets([{ ticket, state: null, submission: toEchoFingerprint(routed.data) }])
    await deps.outbox.add(tx, routed.deliveries)
    await tx.record([toCreatedChange(routed, at, viewer), ...toRoutedChanges(routed, ticket, at, viewer)])
  })
  return toResult(routed)
}

async function route(deps: TicketRouterDeps, ref: EntityRef, { viewer }: Call): Promise<WriteResult> {
  const at = now(deps.clock)
  const market = deps.routingConfig.current().markets.find(({ key }) => key === ref.tenant)
  if (!market) return rejectId('INVALID', 'The market of this ticket is not in the routing file now.')
  await openQueues(deps, market)
  return deps.store.transaction(async (tx) => {
    await tx.lockTickets([ref])
    const [stored] = await tx.findTickets([ref])
    if (!stored) return rejectId('NOT_FOUND', 'There is no such ticket.')
    const routed = reroute(deps.source, market, stored.ticket, at)
    if ('outcome' in routed) return routed
    const submission = stored.submission ?? toEchoFingerprint(routed.data)
    await tx.saveTickets([{ ticket: routed.ticket, state: stored.state, submission }])
    await deps.outbox.add(tx, routed.deliveries)
    await tx.record(toRoutedChanges(routed, stored.ticket, at, viewer))
    return toResult(routed)
  })
}

/** The ticket with its new decision, or why it cannot be routed. */
function reroute(source: SourceInfo, market: Market, ticket: Ticket, at: Instant): RoutedTicket | WriteResult {
  if (ticket.routing?.type !== 'NONE') return rejectId('CONFLICT', 'Only a ticket that no partner received can be routed.')
  const stored = toStoredSubmission(market, ticket)
  if (typeof stored === 'string') return rejectId('INVALID', stored)
  const routed = toRouted(source, stored, at)
  const { rule, trace } = routed.decision
  if (routed.partners.length === 0) return rejectId('INVALID', `Still no partner receives it (${rule}): ${trace.at(-1)}`)
  // Other fields may have changed since the ticket was created: keep them.
  const { type, raw } = routed.ticket
  return { ...routed, ticket: withFields(ticket, { routing: routed.decision, type, raw, updatedAt: at }) }
}

function rejectId(code: Parameters<typeof rejected>[0], message: string): WriteResult {
  return rejected(code, message, ['input', 'id'])
}

/** A decision with everything that has to be committed for it. */
interface RoutedTicket {
  readonly decision: RoutingDecision
  readonly partners: readonly Partner[]
  readonly data: SupportTicketData
  readonly ticket: Ticket
  readonly deliveries: readonly NewDelivery[]
}

/** Decides as of when the ticket was submitted; `at` is when it is sent. */
function toRouted(source: SourceInfo, { submission, id, submittedAt }: StoredSubmission, at: Instant): RoutedTicket {
  const { market } = submission
  const { decision, type, partners } = decideRoute(market, submission, submittedAt)
  const data = toSupportTicket(submission, type, id, submittedAt)
  const ticket = toRoutedTicket(data, { source, tenant: market.key, observedAt: at }, decision)
  return { decision, partners, data, ticket, deliveries: toDeliveries(ticket, data, partners, at) }
}

function toDeliveries(ticket: Ticket, data: SupportTicketData, partners: readonly Partner[], at: Instant): NewDelivery[] {
  const body = toDeliveryBody(data, at)
  return partners.map((partner) => ({
    id: `msg_${randomUUID()}`,
    sourceKey: ticket.source.key,
    market: ticket.tenant,
    ticketId: ticket.id,
    partner: partner.key,
    event: supportEvents[data.type],
    body,
    createdAt: at,
  }))
}

/** Creates the queues before the transaction: inside it the job engine cannot look them up. */
async function openQueues({ outbox, routingConfig }: TicketRouterDeps, market: Market): Promise<void> {
  for (const { key } of market.partners)
    await outbox.open({ sourceKey: routingConfig.sourceKey, market: market.key, partner: key })
}

function toCreatedChange({ ticket, decision }: RoutedTicket, at: Instant, viewer: Viewer): NewChange {
  const summary = decision.type === 'NONE' ? `Created, and sent to no partner (${decision.rule})` : 'Created'
  return { kind: 'CREATED', ticket, before: null, at, actor: toActor(viewer), summary }
}

/** Empty when no partner receives the ticket. */
function toRoutedChanges({ ticket, decision }: RoutedTicket, before: Ticket, at: Instant, viewer: Viewer): NewChange[] {
  if (decision.type === 'NONE') return []
  const summary = `Routed as ${decision.type} to ${decision.partners.join(', ')} (${decision.rule})`
  return [{ kind: 'ROUTED', ticket, before, at, actor: toActor(viewer), summary }]
}

function toActor({ id, name }: Viewer): Actor {
  return { kind: 'AGENT', externalId: id, name }
}

function toResult({ ticket, partners }: RoutedTicket): WriteResult {
  return partners.length > 0 ? { ...applied(ticket), outcome: 'QUEUED' } : applied(ticket)
}

import { randomUUID } from 'node:crypto'
import type { Outbox } from '../../delivery/outbox.ts'
import type { Call } from '../../domain/call.ts'
import { type Clock, now } from '../../domain/clock.ts'
import { type EntityRef } from '../../domain/ids.ts'
import type { UnitOfWork } from '../../domain/transaction.ts'
import { applied, type CreateTicket, rejected, type WriteResult } from '../../domain/writes.ts'
import type { RoutePreview } from '../source.ts'
import { decideRoute } from './decide-route.ts'
import { rerouteTicket } from './reroute-ticket.ts'
import { fingerprintOf, type RoutedTicket, routeSubmission, type ToTicket, toCreated, toRoutedChanges } from './routed-ticket.ts'
import type { RoutingConfigStore } from './routing-config-store.ts'
import type { Market } from './routing-file.ts'
import { type Submission, toSubmission } from './submission.ts'

/** Decides who receives a new ticket, stores it, and hands it to the delivery queues. */
export interface TicketRouter {
  /** The decision that `create` would take now. It stores and sends nothing. */
  preview(input: CreateTicket): RoutePreview
  /** Stores the ticket and its deliveries in one transaction: QUEUED when a partner will receive it, else APPLIED. */
  create(input: CreateTicket, call: Call): Promise<WriteResult>
  /** Decides again for a ticket that no partner received. */
  route(ref: EntityRef, call: Call): Promise<WriteResult>
}

export interface TicketRouterDeps {
  readonly routingConfig: RoutingConfigStore
  readonly store: UnitOfWork
  readonly outbox: Outbox
  readonly toTicket: ToTicket
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

async function create(deps: TicketRouterDeps, submission: Submission, call: Call): Promise<WriteResult> {
  const at = now(deps.clock)
  const routed = routeSubmission(deps.toTicket, submission, randomUUID(), at, at)
  const { ticket } = routed
  await openQueues(deps, submission.market)
  await deps.store.transaction(async (tx) => {
    await tx.saveTickets([{ ticket, state: null, submission: fingerprintOf(routed.data) }])
    await deps.outbox.add(tx, routed.deliveries)
    await tx.record([toCreated(routed, at, call.viewer), ...toRoutedChanges(routed, ticket, at, call.viewer)])
  })
  return toResult(routed)
}

async function route(deps: TicketRouterDeps, ref: EntityRef, call: Call): Promise<WriteResult> {
  const at = now(deps.clock)
  const market = deps.routingConfig.current().markets.find(({ key }) => key === ref.tenant)
  if (!market) return rejected('INVALID', 'The market of this ticket is not in the routing file now.', ['input', 'id'])
  await openQueues(deps, market)
  return deps.store.transaction(async (tx) => {
    await tx.lockTickets([ref])
    const [kept] = await tx.findTickets([ref])
    if (!kept) return rejected('NOT_FOUND', 'There is no such ticket.', ['input', 'id'])
    const routed = rerouteTicket(deps.toTicket, market, kept.ticket, at)
    if ('outcome' in routed) return routed
    await tx.saveTickets([
      { ticket: routed.ticket, state: kept.state, submission: kept.submission ?? fingerprintOf(routed.data) },
    ])
    await deps.outbox.add(tx, routed.deliveries)
    await tx.record(toRoutedChanges(routed, kept.ticket, at, call.viewer))
    return toResult(routed)
  })
}

/** Before the transaction: from inside it the job engine may not look anything up. */
async function openQueues({ outbox, routingConfig }: TicketRouterDeps, market: Market): Promise<void> {
  for (const { key } of market.partners)
    await outbox.open({ sourceKey: routingConfig.sourceKey, market: market.key, partner: key })
}

/** QUEUED while somebody will receive it. */
function toResult({ ticket, partners }: RoutedTicket): WriteResult {
  return partners.length > 0 ? { ...applied(ticket), outcome: 'QUEUED' } : applied(ticket)
}

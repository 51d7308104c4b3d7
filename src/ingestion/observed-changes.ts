import type { Call } from '../domain/call.ts'
import { kindOf, summarize } from '../domain/change-description.ts'
import { type Clock, now } from '../domain/clock.ts'
import type { DeskgraphError } from '../domain/errors.ts'
import type { NewChange } from '../domain/events.ts'
import type { EntityRef } from '../domain/ids.ts'
import type { Instant } from '../domain/instant.ts'
import type { Ticket } from '../domain/ticket.ts'
import { changesOf, diffTickets } from '../domain/ticket-diff.ts'
import { withFields } from '../domain/ticket-view.ts'
import type { ObservedTicket, UnitOfWork } from '../domain/transaction.ts'
import { toUnknownTicket } from '../sources/mapped-ticket.ts'
import type { TicketSource } from '../sources/source.ts'

/** What a read of one ticket of a pulled source has shown. */
export type Observation =
  /** `told`: a webhook said that the ticket has changed. */
  | { readonly ref: EntityRef; readonly ticket: Ticket; readonly told?: boolean }
  /** The source has no such ticket. `told`: its sender said that it is gone, so that it is recorded also where it was never seen. */
  | { readonly ref: EntityRef; readonly ticket: null; readonly told: boolean }

/** What an observation has changed in the change log. UNCHANGED: it was known, or another one was faster. */
export type ObservationOutcome = 'CHANGED' | 'REMOVED' | 'UNCHANGED'

export interface ObservedChangesDeps {
  readonly store: UnitOfWork
  readonly clock: Clock
}

export interface ObservationOptions {
  /** A ticket that was never seen is a new one when it was created at or after this time. */
  readonly newSince: Instant
  /** A ticket that was never seen and was last updated before this time is not reported. Absent: all are. */
  readonly changedSince?: Instant
  /** True for tickets read by their ids. A list may still show a ticket that is gone, so it brings none back. */
  readonly readById: boolean
}

/**
 * Records what differs from the states last seen, in the order of the observations, in one transaction: of a poll, a webhook and a write
 * that show the same change, on any replica, the first is recorded. A state that is older than the known one is ignored.
 */
export function recordObservations(
  { store, clock }: ObservedChangesDeps,
  source: TicketSource,
  observations: readonly Observation[],
  options: ObservationOptions,
): Promise<readonly ObservationOutcome[]> {
  if (observations.length === 0) return Promise.resolve([])
  return store.transaction(async (tx) => {
    const refs = observations.map(({ ref }) => ref)
    await tx.lockTickets(refs)
    const known = await tx.findObserved(refs)
    const changes = observations.map((observation, index) =>
      toChange(source, observation, known[index] ?? null, now(clock), options),
    )
    await tx.record(changes.filter((change) => change !== null))
    return changes.map((change) => (change === null ? 'UNCHANGED' : change.kind === 'DELETED' ? 'REMOVED' : 'CHANGED'))
  })
}

function toChange(
  source: TicketSource,
  observation: Observation,
  known: ObservedTicket | null,
  at: Instant,
  options: ObservationOptions,
): NewChange | null {
  const { ref, ticket } = observation
  if (ticket === null) return toRemoval(source, ref, known?.ticket ?? null, observation.told, at)
  const seen = known && withListFields(source, known.ticket, ticket)
  const isChanged = seen ? hasChanged(seen, ticket, options) : (ticket.updatedAt ?? '') >= (options.changedSince ?? '')
  // The first poll may see a change before the webhook that tells it: no state before the change is known then.
  const isUntold = observation.told === true && known?.recorded === false && known.ticket.updatedAt === ticket.updatedAt
  if (!isChanged && !isUntold) return null
  const before = isChanged ? seen : null
  const isNew = before === null && ticket.createdAt !== null && ticket.createdAt >= options.newSince
  const kind = ticket.deletedAt !== null && before?.deletedAt == null ? 'DELETED' : isNew ? 'CREATED' : kindOf(before, ticket)
  const changedAt = ticket.updatedAt !== null && ticket.updatedAt !== before?.updatedAt ? ticket.updatedAt : at
  return { kind, ticket, before, at: changedAt, actor: null, summary: summarize(kind, changesOf({ before, ticket })) }
}

function toRemoval(source: TicketSource, ref: EntityRef, known: Ticket | null, told: boolean, at: Instant): NewChange | null {
  if (known ? known.deletedAt !== null : !told) return null
  const origin = { source: source.info, tenant: ref.tenant, observedAt: at }
  const before = known ?? toUnknownTicket(ref.externalId, origin, null)
  const ticket = withFields(before, { deletedAt: at, freshness: { ...before.freshness, observedAt: at } })
  return { kind: 'DELETED', ticket, before: known, at, actor: null, summary: summarize('DELETED', null) }
}

/** True when a read of a ticket shows what is not known of it. */
export function isChange(
  source: TicketSource,
  ticket: Ticket,
  known: ObservedTicket | null,
  options: ObservationOptions,
): boolean {
  return toChange(source, { ref: toRef(ticket), ticket }, known, '', options) !== null
}

export function toRef({ source, tenant, externalId }: Ticket): EntityRef {
  return { kind: 'ticket', sourceKey: source.key, tenant, externalId }
}

/** The known state to compare a ticket with: without the fields that its kind of read omits. */
function withListFields(source: TicketSource, known: Ticket, ticket: Ticket): Ticket {
  if (!known.isSummary && !ticket.isSummary) return known
  const omitted = Object.fromEntries(source.lazyFields.map((field) => [field, ticket[field]]))
  return withFields(known, { ...omitted, isSummary: ticket.isSummary })
}

/** A state that is older than the known one is no change. A ticket that was gone and is there again is one. */
function hasChanged(before: Ticket, after: Ticket, { readById }: ObservationOptions): boolean {
  if (after.updatedAt !== before.updatedAt) return (after.updatedAt ?? '') > (before.updatedAt ?? '')
  if (before.deletedAt !== null && !readById) return false
  // Several changes within one second of the vendor: the answer that arrived last is the state.
  if (after.freshness.observedAt < before.freshness.observedAt) return false
  return diffTickets(before, after).length > 0
}

/** A change is told by what lists show. */
const nothingCostly: ReadonlySet<keyof Ticket> = new Set()

/**
 * Reads tickets of a source in as few calls as it allows, as lists have them where it has such a call. null, in the order of the
 * references: a single read has found none. An error stands for a ticket that could not be read.
 */
export async function readByIds(
  source: TicketSource,
  refs: readonly EntityRef[],
  call: Call,
): Promise<readonly (Ticket | DeskgraphError | null)[]> {
  if (refs.length === 0) return []
  const summaries = source.loadSummaries ? await source.loadSummaries(refs, call) : refs.map(() => null)
  // Only a single read proves that there is none.
  const missing = refs.filter((_, index) => summaries[index] === null)
  const read = missing.length === 0 ? [] : await source.loadTickets(missing, call, nothingCostly)
  const rest = read.values()
  return summaries.map((summary) => summary ?? rest.next().value ?? null)
}

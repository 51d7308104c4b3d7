import type { Call } from '../../domain/call.ts'
import type { EntityRef } from '../../domain/ids.ts'
import type { TicketStatus } from '../../domain/ticket.ts'
import { type CloseTicket, type ReopenTicket, rejected, type UpdateTicket, type WriteResult } from '../../domain/writes.ts'
import { type Prepared, type Wish, writeVerified } from '../verified-write.ts'
import { changedSince, isChangedSince, toWrite } from './changes.ts'
import type { JiraIssue, JiraTransition } from './decode.ts'
import type { Jira } from './index.ts'
import { toTicketStatus } from './mapping.ts'
import { readTransitions } from './requests.ts'
import { readResolutions } from './site.ts'

// Statuses change by the transitions that the workflow offers now.

/** A status is changed by a transition, which is a call of its own: no part of it may be done without the other. */
export function updateStatus(jira: Jira, ref: EntityRef, input: UpdateTicket, call: Call): Promise<WriteResult> {
  const { status, statusOption, ifUpdatedAt = null, ...others } = input
  const other = Object.entries(others).find(([, value]) => value != null)
  if (other || (status != null && statusOption != null)) {
    const message = 'Jira changes the status by a call of its own: send it without other changes.'
    return Promise.resolve(rejected('INVALID', message, ['input', other?.[0] ?? 'status']))
  }
  const field = statusOption == null ? 'status' : 'statusOption'
  return transition(jira, ref, { operation: 'status', field: ['input', field], ifUpdatedAt }, call, (moves, statusOf) =>
    moves.find((move) => (statusOption == null ? statusOf(move) === status : move.id === statusOption)),
  )
}

interface Move {
  readonly operation: string
  readonly field: readonly string[] | null
  readonly ifUpdatedAt?: string | null
  readonly resolution?: string | null
}
type ChooseMove = (
  moves: readonly JiraTransition[],
  statusOf: (move: JiraTransition) => TicketStatus,
  before: JiraIssue,
) => JiraTransition | undefined

function transition(
  jira: Jira,
  ref: EntityRef,
  { operation, field, ifUpdatedAt, resolution = null }: Move,
  call: Call,
  choose: ChooseMove,
) {
  const { dialect } = jira.config
  const { label } = jira.info
  const prepare = async (before: JiraIssue, fresh: Call): Promise<Prepared<JiraIssue, object>> => {
    if (isChangedSince(before, ifUpdatedAt ?? null)) return changedSince
    const move = choose(
      await readTransitions(jira, before.id, fresh),
      ({ to }) => toTicketStatus(to, before.resolution, dialect),
      before,
    )
    if (!move)
      return rejected('CONFLICT', `${label} does not offer this now. The ticket's statusOptions has what it offers.`, field)
    const given =
      resolution === null
        ? undefined
        : (await readResolutions(jira, fresh)).find(({ id, name }) => id === resolution || name === resolution)
    const place = ['input', 'resolutionStatus']
    if (resolution !== null && (!given || !move.fields.includes('resolution')))
      return rejected('INVALID', `${label} does not take this resolution here.`, place)
    const missing = move.required.filter((key) => key !== 'resolution' || !given)
    if (missing.includes('resolution')) return rejected('REQUIRED', `${label} asks for a resolution.`, place)
    if (missing.length > 0)
      return rejected(
        'REQUIRED',
        `${label} asks for further fields with this change: ${missing.join(', ')}. Set them in Jira.`,
        field,
      )
    const body = { transition: { id: move.id }, ...(given && { fields: { resolution: { id: given.id } } }) }
    const wish: Wish<JiraIssue> = { field: field ?? ['input'], isMet: ({ status }) => status?.id === move.to.id }
    const resolved: Wish<JiraIssue>[] = given ? [{ field: place, isMet: (after) => after.resolution?.id === given.id }] : []
    return { body, wishes: [wish, ...resolved] }
  }
  const path = `/rest/api/3/issue/${ref.externalId}/transitions`
  return writeVerified(toWrite<object>(jira, ref, { operation, method: 'POST', path }, prepare, call), call)
}

const isDone = ({ status }: JiraIssue) => status?.category === 'done'

/**
 * A status of the category "done" that is no cancellation; one whose screen asks for no other field comes first. Where the workflow only offers a
 * cancellation, such as "Declined", the close is a CONFLICT: a viewer who means it names it as `statusOption`.
 */
export function closeTicket(jira: Jira, ref: EntityRef, { resolutionStatus }: CloseTicket, call: Call): Promise<WriteResult> {
  return transition(
    jira,
    ref,
    { operation: 'close', field: null, resolution: resolutionStatus ?? null },
    call,
    (moves, statusOf, before) => {
      const done = isDone(before) ? [] : moves.filter(({ to }) => to.category === 'done')
      const kept = done.filter((move) => statusOf(move) !== 'CANCELLED')
      const isFree = ({ required }: JiraTransition) => required.every((key) => key === 'resolution')
      return kept.find(isFree) ?? kept[0]
    },
  )
}

export function reopenTicket(jira: Jira, ref: EntityRef, _: ReopenTicket, call: Call): Promise<WriteResult> {
  return transition(jira, ref, { operation: 'reopen', field: null }, call, (moves, statusOf, before) => {
    const open = isDone(before) ? moves.filter(({ to }) => to.category !== 'done') : []
    return ['OPEN', 'IN_PROGRESS', 'NEW'].flatMap((wanted) => open.find((move) => statusOf(move) === wanted) ?? [])[0] ?? open[0]
  })
}

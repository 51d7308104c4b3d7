import type { TicketStatus } from '../../domain/ticket.ts'
import { createVocabulary } from '../vocabulary.ts'

/** A status, "/" and a sub-status; either may be absent, because updates are sparse (VCC-09). */
export const statuses = createVocabulary<TicketStatus>({
  park: 'OPEN',
  'park/waiting4agent': 'OPEN',
  'park/waiting4entity': 'PENDING',
  'park/successful': 'OPEN',
  'park/unsuccessful': 'OPEN',
  closed: 'CLOSED',
  'closed/waiting4agent': 'CLOSED',
  'closed/waiting4entity': 'CLOSED',
  'closed/successful': 'CLOSED',
  'closed/unsuccessful': 'CLOSED',
  waiting4agent: 'OPEN',
  waiting4entity: 'PENDING',
  successful: 'CLOSED',
  unsuccessful: 'CLOSED',
})

const outcomes: readonly unknown[] = ['successful', 'unsuccessful']
const subStatuses: readonly unknown[] = ['waiting4agent', 'waiting4entity', ...outcomes]

/** True for a status with a documented meaning. */
export function isKnownStatus(status: string): boolean {
  return statuses.words.includes(status) && !isKnownSubStatus(status)
}

/** True for a sub-status with a documented meaning. */
export function isKnownSubStatus(subStatus: unknown): subStatus is string {
  return subStatuses.includes(subStatus)
}

/** True for a sub-status that says how a ticket ended. */
export function isOutcome(subStatus: string | null): boolean {
  return outcomes.includes(subStatus)
}

/** The word for both, as the table has it; null: the ticket has neither. */
export function joinStatus(status: string | null, subStatus: string | null): string | null {
  return [status, subStatus].filter((part) => part !== null).join('/') || null
}

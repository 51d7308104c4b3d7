import type { ChangeRecorder, TicketHistory } from '../domain/events.ts'
import type { UnitOfWork } from '../domain/transaction.ts'
import type { ChangeLog } from './change-log.ts'

/** Journals changes that no event brought: our own writes, and what the poller finds. */
export function createChangeRecorder(store: UnitOfWork): ChangeRecorder {
  return { record: (change) => store.transaction((tx) => tx.record([change])) }
}

/** A ticket's entries in the journal. */
export function createTicketHistory(changeLog: ChangeLog): TicketHistory {
  return { eventsOf: (ticketId, page) => changeLog.eventsOf(ticketId, page) }
}

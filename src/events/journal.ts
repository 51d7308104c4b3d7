import type { ChangeRecorder, TicketHistory } from '../domain/events.ts'
import type { JournalLog } from '../domain/journal.ts'
import type { UnitOfWork } from '../domain/unit-of-work.ts'

/** Journals changes that no event brought: our own writes, and what the poller finds. */
export function createChangeRecorder(store: UnitOfWork): ChangeRecorder {
  return { record: (change) => store.transaction((tx) => tx.record([change])) }
}

/** A ticket's entries in the journal. */
export function createTicketHistory(journal: JournalLog): TicketHistory {
  return { eventsOf: (ticketId, page) => journal.eventsOf(ticketId, page) }
}

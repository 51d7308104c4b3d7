import { createHash } from 'node:crypto'
import type { Store } from '../../db/open-store.ts'
import { createDeliveryStore } from '../../db/repositories/deliveries.ts'
import { kyselyOf } from '../../db/transaction.ts'
import { type Clock, now } from '../../domain/clock.ts'
import { decodeId, type EntityRef } from '../../domain/ids.ts'
import { eraseRecord } from './erase-record.ts'
import { eraseAnswers, eraseInbox, eraseJournal, eraseQuarantine } from './erase-rows.ts'
import { eraseTicket } from './erase-ticket.ts'
import { findTickets } from './find-tickets.ts'
import { type Subject, toSubject } from './subject.ts'

/** What was done, without naming whom it was done to. */
export interface ErasureReceipt {
  readonly at: string
  /** SHA-256 of what was given: proves whom the receipt is about to who knows it, and tells nobody else. */
  readonly customerSha256: string
  /** Global ids of the tickets that were the customer's. */
  readonly ticketIds: readonly string[]
  /** Changed rows per table. */
  readonly rows: Readonly<Record<'tickets' | 'journal' | 'inbox' | 'quarantine' | 'deliveries' | 'idempotency', number>>
}

/**
 * Removes a customer's personal data from this gateway, in one transaction: their tickets, the journal, the inbox, quarantine,
 * submissions to partners and stored answers. Other customers' tickets are not touched. `customer` is an e-mail address, a
 * global id or a source's own id. Asking again finds what came since.
 */
export async function eraseCustomer(store: Store, customer: string, clock: Clock): Promise<ErasureReceipt> {
  return store.transaction(async (tx) => {
    const db = kyselyOf(tx)
    const subject = toSubject(customer)
    const ticketIds = [...(await findTickets(db, subject)).keys()]
    const refs = ticketIds.flatMap((id) => decodeId(id) ?? [])
    const ids = ticketIds.length > 0 ? ticketIds : ['']
    return {
      at: now(clock),
      customerSha256: createHash('sha256').update(customer.trim()).digest('hex'),
      ticketIds,
      rows: {
        tickets: await eraseTickets(tx, refs, subject),
        journal: await eraseJournal(db, ids, subject),
        inbox: await eraseInbox(db, refs, subject),
        quarantine: await eraseQuarantine(db, subject, now(clock)),
        deliveries: await createDeliveryStore(db).erase(tx, ticketIds),
        idempotency: await eraseAnswers(db, ids),
      },
    }
  })
}

type Tx = Parameters<Parameters<Store['transaction']>[0]>[0]

async function eraseTickets(tx: Tx, refs: readonly EntityRef[], subject: Subject): Promise<number> {
  if (refs.length === 0) return 0
  await tx.lockTickets(refs)
  const kept = (await tx.findTickets(refs)).filter((found) => found !== null)
  await tx.saveTickets(
    kept.map(({ ticket, state, submission }) => ({
      ticket: eraseTicket(ticket, subject),
      state: eraseRecord(state, subject),
      submission,
    })),
  )
  return kept.length
}

import type { TicketEventKind } from '../domain/events.ts'
import { decodeId, type EntityRef } from '../domain/ids.ts'
import type { Instant } from '../domain/instant.ts'
import type { Transaction } from '../domain/transaction.ts'
import type { DeliveryRecord, DeliveryStore } from './delivery-store.ts'

/** A delivery and its ticket, both held until the transaction ends. */
export interface LockedDelivery {
  readonly delivery: DeliveryRecord
  /** Journals what became of it. A ticket that is no longer kept has no journal. Call it last. */
  record(kind: TicketEventKind, summary: string, at: Instant): Promise<void>
}

/** Holds a delivery with its ticket, the ticket first as every writer does. null: there is no such delivery. */
export async function lockDelivery(
  tx: Transaction,
  deliveries: DeliveryStore,
  { id, ticketId }: Pick<DeliveryRecord, 'id' | 'ticketId'>,
): Promise<LockedDelivery | null> {
  const refs = toRefs(ticketId)
  await tx.lockTickets(refs)
  const delivery = await deliveries.lock(tx, id)
  if (!delivery) return null
  return {
    delivery,
    async record(kind, summary, at) {
      const [kept] = await tx.findTickets(refs)
      if (!kept) return
      const { ticket } = kept
      await tx.record([{ kind, ticket, before: ticket, at, actor: { kind: 'SYSTEM', id: null, name: null }, summary }])
    },
  }
}

function toRefs(ticketId: string): readonly EntityRef[] {
  const ref = decodeId(ticketId)
  return ref ? [ref] : []
}

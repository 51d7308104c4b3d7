import type { DeliveryStore } from '../../delivery/delivery-store.ts'
import { kyselyOf } from '../transaction.ts'
import { toEndpointKey, toNewRow, toProgressRow, toRecord } from './deliveries-rows.ts'

type Writes = Pick<DeliveryStore, 'add' | 'lock' | 'update' | 'disableEndpoint' | 'enableEndpoint' | 'erase'>

/** What is written about deliveries, each in the caller's transaction. */
export const deliveryWrites: Writes = {
  async add(tx, deliveries) {
    if (deliveries.length === 0) return []
    const rows = await kyselyOf(tx)
      .insertInto('deliveries')
      .values(deliveries.map(toNewRow))
      .onConflict((conflict) => conflict.columns(['ticket_id', 'partner', 'event']).doNothing())
      .returningAll()
      .execute()
    return rows.map(toRecord)
  },
  async lock(tx, id) {
    const row = await kyselyOf(tx).selectFrom('deliveries').selectAll().where('id', '=', id).forUpdate().executeTakeFirst()
    return row ? toRecord(row) : null
  },
  async update(tx, id, progress) {
    await kyselyOf(tx).updateTable('deliveries').set(toProgressRow(progress)).where('id', '=', id).execute()
  },
  async disableEndpoint(tx, endpoint, at) {
    await kyselyOf(tx)
      .insertInto('disabled_endpoints')
      .values({ ...toEndpointKey(endpoint), disabled_at: at })
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  },
  async enableEndpoint(tx, endpoint) {
    await kyselyOf(tx)
      .deleteFrom('disabled_endpoints')
      .where((e) => e.and(toEndpointKey(endpoint)))
      .execute()
  },
  async erase(tx, ticketIds) {
    if (ticketIds.length === 0) return 0
    const gone = await kyselyOf(tx).deleteFrom('deliveries').where('ticket_id', 'in', ticketIds).returning('id').execute()
    return gone.length
  },
}

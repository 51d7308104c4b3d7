import type { Kysely } from 'kysely'
import type { DeliveryStore } from '../../delivery/delivery-store.ts'
import type { Database } from '../schema.ts'
import {
  countBacklog,
  findDeliveries,
  findDeliveriesOfTickets,
  findOverdue,
  isEndpointDisabled,
  listDeliveries,
  removeDoneDeliveries,
} from './deliveries-reads.ts'
import { deliveryWrites } from './deliveries-writes.ts'

/** The deliveries in this database. `db` runs what needs no transaction. */
export function createDeliveryStore(db: Kysely<Database>): DeliveryStore {
  return {
    ...deliveryWrites,
    isDisabled: (endpoint) => isEndpointDisabled(db, endpoint),
    list: (page) => listDeliveries(db, page),
    find: (ids) => findDeliveries(db, ids),
    ofTickets: (ticketIds) => findDeliveriesOfTickets(db, ticketIds),
    backlog: () => countBacklog(db),
    overdue: (before, limit) => findOverdue(db, before, limit),
    removeDone: (before) => removeDoneDeliveries(db, before),
  }
}

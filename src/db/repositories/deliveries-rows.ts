import { createHash } from 'node:crypto'
import type { Insertable, Selectable } from 'kysely'
import type { DeliveryProgress, DeliveryRecord, EndpointRef, NewDelivery } from '../../delivery/delivery-store.ts'
import type { DeliveriesTable, DisabledEndpointsTable } from '../deliveries-schema.ts'

export type DeliveryRow = Selectable<DeliveriesTable>

export function toNewRow(delivery: NewDelivery): Insertable<DeliveriesTable> {
  return {
    id: delivery.id,
    source_key: delivery.sourceKey,
    market: delivery.market,
    ticket_id: delivery.ticketId,
    partner: delivery.partner,
    event: delivery.event,
    body: delivery.body,
    state: 'PENDING',
    attempts: 0,
    run: 0,
    next_attempt_at: delivery.createdAt,
    created_at: delivery.createdAt,
  }
}

export function toProgressRow(progress: DeliveryProgress) {
  return {
    state: progress.state,
    attempts: progress.attempts,
    run: progress.run,
    last_status: progress.lastStatus,
    last_error: progress.lastError,
    next_attempt_at: progress.nextAttemptAt,
    delivered_at: progress.deliveredAt,
  }
}

export function toRecord(row: DeliveryRow): DeliveryRecord {
  return {
    id: row.id,
    sourceKey: row.source_key,
    market: row.market,
    ticketId: row.ticket_id,
    partner: row.partner,
    event: row.event,
    body: row.body,
    state: row.state,
    attempts: row.attempts,
    run: row.run,
    lastStatus: row.last_status,
    lastError: row.last_error,
    nextAttemptAt: row.next_attempt_at,
    deliveredAt: row.delivered_at,
    createdAt: row.created_at,
  }
}

export function toEndpointKey({ sourceKey, market, partner, url }: EndpointRef): Omit<DisabledEndpointsTable, 'disabled_at'> {
  return { source_key: sourceKey, market, partner, url_digest: createHash('sha256').update(url).digest('hex') }
}

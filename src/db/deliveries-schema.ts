import type { Generated } from 'kysely'

export interface DeliveriesTable {
  seq: Generated<number>
  id: string
  source_key: string
  market: string
  ticket_id: string
  partner: string
  event: string
  /** Exactly what is sent and signed: text, so that no byte changes. */
  body: string
  state: 'PENDING' | 'DELIVERED' | 'FAILED' | 'DEAD'
  attempts: number
  run: number
  last_status: number | null
  last_error: string | null
  next_attempt_at: string | null
  delivered_at: string | null
  created_at: string
}

export interface DisabledEndpointsTable {
  source_key: string
  market: string
  partner: string
  /** A hash: addresses of partners may hold tokens. */
  url_digest: string
  disabled_at: string
}

/** The tables of deliveries. */
export interface DeliveriesDatabase {
  deliveries: DeliveriesTable
  disabled_endpoints: DisabledEndpointsTable
}

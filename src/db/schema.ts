import type { Generated } from 'kysely'
import type { DeliveriesDatabase } from './deliveries-schema.ts'

// The tables as both engines have them. Times are instants (UTC text: text order is time order), documents are
// JSON text: jsonb would refuse NUL and lone surrogates, and nothing here looks inside them by SQL.

export interface TicketsTable {
  source_key: string
  tenant: string
  external_id: string
  /** The ticket without its SourceInfo. */
  body: string
  state: string | null
  submission: string | null
  status: string
  priority: string | null
  /** 1 LOW to 4 URGENT; null for none and UNKNOWN. */
  priority_order: number | null
  channel: string | null
  category: string | null
  assignees: string[]
  /** Global ids: an external id may repeat in another project. */
  customer_id: string | null
  customer_external_id: string | null
  customer_email: string | null
  vendor_id: string | null
  order_ids: string[]
  tags: string[]
  search: string
  created_at: string | null
  updated_at: string | null
  deleted_at: string | null
  kept_at: string
}

export interface InboxTable {
  id: Generated<number>
  source_key: string
  tenant: string
  external_id: string
  event_id: string | null
  digest: string
  raw: Uint8Array
  received_at: string
  late: Generated<boolean>
  state: 'PENDING' | 'APPLIED' | 'SUPERSEDED' | 'DUPLICATE' | 'ECHO' | 'QUARANTINED'
}

export interface JournalTable {
  seq: number
  source_key: string
  ticket_id: string
  kind: string
  at: string
  actor: string | null
  summary: string
  changes: string
  before: string | null
  ticket: string
  recorded_at: string
}

export interface QuarantineTable {
  id: Generated<number>
  source_key: string
  event_id: string | null
  raw: Uint8Array
  problem: string
  received_at: string
  state: 'HELD' | 'REPLAYED' | 'DISCARDED'
  reason: string | null
  decided_at: string | null
}

export interface IdempotencyTable {
  viewer_id: string
  key: string
  mutation: string
  fingerprint: string
  answer: string | null
  created_at: string
}

export interface LeasesTable {
  name: string
  holder: string
  expires_at: string
}

export interface CheckpointsTable {
  name: string
  body: string
  updated_at: string
}

export interface MarksTable {
  name: string
  value: number
}

export interface Database extends DeliveriesDatabase {
  tickets: TicketsTable
  inbox: InboxTable
  journal: JournalTable
  quarantine: QuarantineTable
  idempotency: IdempotencyTable
  leases: LeasesTable
  checkpoints: CheckpointsTable
  marks: MarksTable
}

import type { Generated } from 'kysely'

// The tables as both engines have them. Times are instants as UTC text, whose order is the order of time. Documents are JSON
// as text: jsonb refuses NUL and lone surrogates, and no statement looks inside them.

/** `tickets`: the tickets of event-fed sources. */
export interface TicketsTable {
  source_key: string
  tenant: string
  external_id: string
  /** The ticket as JSON, without its SourceInfo. */
  body: string
  state: string | null
  submission: string | null
  status: string
  priority: string | null
  /** 1 LOW to 4 URGENT; null for none and UNKNOWN. */
  priority_order: number | null
  channel: string | null
  category: string | null
  /** In lower case. */
  assignees: string[]
  /** What counts group by, and the name for people beside it: at most 128 characters each. */
  assignee_id: string | null
  assignee_name: string | null
  queue_key: string | null
  queue_name: string | null
  /** Global ids: an external id may repeat in another project. */
  customer_id: string | null
  customer_external_id: string | null
  customer_email: string | null
  vendor_id: string | null
  order_ids: string[]
  tags: string[]
  /** The text that the `text` filter searches, in lower case. */
  search: string
  created_at: string | null
  updated_at: string | null
  deleted_at: string | null
  /** When the row was written last. */
  kept_at: string
}

/** `inbox`: every event that was acknowledged, with its bytes as received. */
export interface InboxTable {
  id: Generated<number>
  source_key: string
  tenant: string
  external_id: string
  event_id: string | null
  /** SHA-256 of `raw`, in hex. */
  digest: string
  raw: Uint8Array
  received_at: string
  /** The event was a dead letter before it came to the inbox. */
  late: Generated<boolean>
  state: 'PENDING' | 'APPLIED' | 'SUPERSEDED' | 'DUPLICATE' | 'ECHO' | 'QUARANTINED'
}

/** `journal`: the change log. */
export interface ChangeLogTable {
  /** Grows in commit order. */
  seq: number
  source_key: string
  /** The ticket's global id. */
  ticket_id: string
  kind: string
  at: string
  actor: string | null
  summary: string
  changes: string
  /** The ticket before and after the change, as JSON. */
  before: string | null
  ticket: string
  recorded_at: string
}

/** `quarantine`: dead letters, the events that could not be applied, with their bytes as received. */
export interface DeadLettersTable {
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

/** `idempotency`: the answers of writes that carried a key. */
export interface IdempotencyTable {
  viewer_id: string
  key: string
  mutation: string
  fingerprint: string
  /** null while the first use runs. */
  answer: string | null
  created_at: string
}

/** `leases`: which replica does a named task. */
export interface LeasesTable {
  name: string
  holder: string
  expires_at: string
}

/** `checkpoints`: how far a named long task has come. */
export interface CheckpointsTable {
  name: string
  body: string
  updated_at: string
}

/** `marks`: named numbers. */
export interface MarksTable {
  name: string
  value: number
}

/** `deliveries`: the outbox of events to partners. */
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
  /** A delivery that is HELD is DEAD here, and `held_run` is its `run`. */
  state: 'PENDING' | 'DELIVERED' | 'FAILED' | 'DEAD'
  attempts: number
  run: number
  /** The run in which it was held. A replay begins another run, so that the mark ends with it. null: it was never held. */
  held_run: number | null
  last_status: number | null
  last_error: string | null
  next_attempt_at: string | null
  delivered_at: string | null
  created_at: string
}

/** `uploads`: files on their way to a source. */
export interface UploadsTable {
  id: string
  secret_digest: string
  /** JSON: id, email, name. */
  viewer: string
  viewer_id: string
  source_key: string
  ticket_id: string | null
  filename: string
  content_type: string | null
  size: number | null
  state: 'NEW' | 'RECEIVING' | 'RECEIVED'
  source_ref: string | null
  expires_at: string
  created_at: string
}

/** `upload_parts`: the bytes of files that the gateway keeps until a write attaches them. */
export interface UploadPartsTable {
  upload_id: string
  /** From 0 on, in the order of the bytes. */
  number: number
  bytes: Uint8Array
}

/** `disabled_endpoints`: the partners' endpoints that answered 410. */
export interface DisabledEndpointsTable {
  source_key: string
  market: string
  partner: string
  /** A hash: addresses of partners may hold tokens. */
  url_digest: string
  disabled_at: string
}

/** `hints`: tickets of pulled sources that have to be read because a webhook named them. */
export interface HintsTable {
  source_key: string
  tenant: string
  external_id: string
  removed: boolean
  version: number
  attempts: number
  received_at: string
  request_id: string
  /** When it may be claimed: while a process reads the ticket, the end of its lease. */
  due_at: string
}

/** `hint_deliveries`: the webhooks of pulled sources that were stored, by the sender's id. */
export interface HintDeliveriesTable {
  source_key: string
  delivery_id: string
  received_at: string
}

/** `observed_tickets`: the tickets of pulled sources as the change log last knew them. */
export interface ObservedTicketsTable {
  source_key: string
  tenant: string
  external_id: string
  /** The ticket as JSON, without its SourceInfo. */
  body: string
  updated_at: string | null
  deleted_at: string | null
  /** The change log has this state. False: it was seen only. */
  recorded: boolean
  observed_at: string
}

/** `source_tokens`: the tokens by which the gateway signs in at sources. */
export interface SourceTokensTable {
  source_key: string
  /** The claim under which the tokens were obtained. */
  version: number
  state: 'READY' | 'REFUSED'
  sealed: Uint8Array
  key_id: string
  access_expires_at: string | null
  refresh_expires_at: string | null
  obtained_at: string
  /** The last claim. */
  claim: number
  claimed_by: string | null
  claimed_at: string | null
  claimed_until: Date | null
  uncertain_since: string | null
}

/** All tables, as Kysely needs them. */
export interface Database {
  tickets: TicketsTable
  inbox: InboxTable
  journal: ChangeLogTable
  quarantine: DeadLettersTable
  idempotency: IdempotencyTable
  leases: LeasesTable
  checkpoints: CheckpointsTable
  marks: MarksTable
  deliveries: DeliveriesTable
  disabled_endpoints: DisabledEndpointsTable
  uploads: UploadsTable
  upload_parts: UploadPartsTable
  hints: HintsTable
  hint_deliveries: HintDeliveriesTable
  observed_tickets: ObservedTicketsTable
  source_tokens: SourceTokensTable
}

import type { TicketAction } from './ticket.ts'
import type {
  CloseTicket,
  CreateTicket,
  EscalateTicket,
  ReassignTicket,
  ReopenTicket,
  ReplyToTicket,
  UpdateTicket,
} from './writes.ts'

/** `PULL`: the gateway reads the vendor's API. `EVENT_FED`: the vendor's events bring the tickets, and reads go to the store. */
export type SourceMode = 'PULL' | 'EVENT_FED'

/** The public description of a source, fixed while the process runs. */
export interface SourceInfo {
  /** The global id. */
  readonly id: string
  /** The key in the configuration. */
  readonly key: string
  /** The vendor's system, which several sources may share. */
  readonly system: string
  /** The name for people. */
  readonly label: string
  readonly mode: SourceMode
  /** The actions on tickets that this source has, as configured. */
  readonly actions: readonly TicketAction[]
  readonly canCreate: boolean
  /** The filter fields that the source applies itself. The gateway applies the others. */
  readonly filters: readonly FilterField[]
  readonly capabilities: SourceCapabilities
}

/** What a source can do, as configured. */
export interface SourceCapabilities {
  /** The fields of the graph's `Ticket` that the source fills. The others are null on all its tickets. */
  readonly reads: readonly TicketField[]
  /** The same as `SourceInfo.actions`. */
  readonly writes: readonly TicketAction[]
  /** The optional fields of the inputs that the source takes. The gateway refuses any other field that is set (WRITE-07). */
  readonly takes: TakenFields
  /** The fields of the graph's `UpdateTicketInput` that the source can change. Empty where it has no UPDATE. */
  readonly updatableFields: readonly (keyof UpdateTicket)[]
  readonly lookups: readonly LookupName[]
  readonly notes: NoteSupport
  readonly attachments: AttachmentSupport
  /** True when the source tells how many of its tickets match a filter: `countsBy` is not empty. */
  readonly counts: boolean
  /** What it counts by. With SOURCE, it tells how many tickets match in all. */
  readonly countsBy: readonly CountKey[]
  /** The most calls to the vendor that one count needs. */
  readonly callsPerCount: number
  readonly live: LiveSupport
}

/** The fields of the graph's `Ticket` that every source fills. */
export const commonTicketFields = [
  'id',
  'source',
  'externalId',
  'status',
  'freshness',
  'events',
  'timeline',
  'actions',
  'raw',
] as const

/** The others: which of them a source fills is in its table. */
export const sourceTicketFields = [
  ...(['number', 'url', 'title', 'description', 'sourceStatus', 'statusReason', 'statusChangedAt', 'statusOptions'] as const),
  ...(['priority', 'sourcePriority', 'priorityRank', 'category', 'reason', 'type', 'channel', 'origin'] as const),
  ...(['queue', 'queueKey', 'country', 'language', 'tags', 'assignee', 'group', 'followers', 'organization'] as const),
  ...(['createdBy', 'updatedBy', 'customer', 'vendor', 'orders', 'links', 'threads', 'attachments', 'customFields'] as const),
  ...(['escalation', 'resolution', 'satisfaction', 'routing', 'slaTargets', 'sla', 'dueAt', 'firstReplyTimeInMinutes'] as const),
  ...(['createdAt', 'updatedAt', 'firstOpenedAt', 'lastOpenedAt', 'resolvedAt', 'deletedAt'] as const),
] as const
export type SourceTicketField = (typeof sourceTicketFields)[number]
export type TicketField = (typeof commonTicketFields)[number] | SourceTicketField

/** What tickets can be counted by: the keys of the graph's `ticketCounts`. */
export const countKeys = ['STATUS', 'SOURCE', 'PRIORITY', 'CHANNEL', 'ASSIGNEE', 'QUEUE'] as const
export type CountKey = (typeof countKeys)[number]

/** The lists that a source offers for inputs, by their names in the graph's `Source`. */
export const lookupNames = [
  'escalationDepartments',
  'transferQueues',
  'resolutionStatuses',
  'contactReasons',
  'agents',
  'groups',
  'createForm',
  'customFieldDefinitions',
] as const
export type LookupName = (typeof lookupNames)[number]

/** `VERIFIED`: a note is proven to be internal before it is sent. `UNVERIFIED`: that cannot be proven, so the gateway refuses notes. */
export type NoteSupport = 'NONE' | 'UNVERIFIED' | 'VERIFIED'
/** `URL`: the source fetches a file from an address. `UPLOAD`: the gateway hands the bytes over. */
export type AttachmentSupport = 'NONE' | 'URL' | 'UPLOAD'
/** How a change in the source becomes known here. `POLLING`: only while a client subscribes. */
export type LiveSupport = 'NONE' | 'POLLING' | 'WEBHOOK'

export type WriteName = TicketAction | 'CREATE'

type OptionalFields<T> = readonly { [K in keyof T]-?: undefined extends T[K] ? K : never }[keyof T][]

/** By write. An absent write takes no optional field. */
export interface TakenFields extends Readonly<Partial<Record<WriteName, readonly string[]>>> {
  readonly CREATE?: OptionalFields<CreateTicket>
  readonly UPDATE?: OptionalFields<UpdateTicket>
  readonly REPLY?: OptionalFields<ReplyToTicket>
  readonly NOTE?: OptionalFields<ReplyToTicket>
  readonly ESCALATE?: OptionalFields<EscalateTicket>
  readonly CLOSE?: OptionalFields<CloseTicket>
  readonly REOPEN?: OptionalFields<ReopenTicket>
  readonly REASSIGN?: OptionalFields<ReassignTicket>
}

/** The conditions of the graph's `TicketFilter`. A condition with two bounds is one field. */
export const filterFields = [
  'SOURCES',
  'STATUS',
  'PRIORITY',
  'CHANNEL',
  'CATEGORY',
  'ASSIGNEE',
  'CUSTOMER',
  'CUSTOMER_EMAIL',
  'VENDOR',
  'ORDER',
  'TAGS',
  'TEXT',
  'CREATED',
  'UPDATED',
  'IDS',
] as const
export type FilterField = (typeof filterFields)[number]

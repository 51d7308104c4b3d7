import type { Call } from '../domain/call.ts'
import type { Agent, CustomFieldType, Group } from '../domain/ticket.ts'

// What a source offers as choices: for menus, and for the form of a new ticket.

/** The look-ups of a source. An absent method is a look-up that it does not have. Each rejects with DeskgraphError when it fails. */
export interface SourceLookups {
  escalationDepartments?(call: Call): Promise<readonly EscalationDepartment[]>
  transferQueues?(call: Call): Promise<readonly TransferQueue[]>
  resolutionStatuses?(call: Call): Promise<readonly ResolutionOption[]>
  contactReasons?(request: ContactReasonRequest, call: Call): Promise<readonly ContactReason[]>
  agents?(request: { readonly search: string | null; readonly first: number }, call: Call): Promise<readonly Agent[]>
  groups?(request: { readonly first: number }, call: Call): Promise<readonly Group[]>
  /** What `createTicket` needs and takes, in the order in which a person fills it in. */
  createForm?(request: FormRequest, call: Call): Promise<readonly FormField[]>
  customFieldDefinitions?(request: Omit<FormRequest, 'market'>, call: Call): Promise<readonly CustomFieldDefinition[]>
}

export interface EscalationDepartment {
  readonly key: string
  readonly label: string
}
export interface TransferQueue {
  readonly key: string
  readonly name: string
  readonly language: string | null
}
export interface ContactReasonRequest {
  /** null: every contact reason. */
  readonly search: string | null
  /** The preferred language of the labels. */
  readonly language: string | null
  /** How many to return at most. */
  readonly first: number
}
export interface ContactReason {
  readonly code: string
  readonly label: string
  readonly language: string | null
  /** 1 is the most general. */
  readonly level: number
  /** From the most general to the nearest. */
  readonly parents: readonly ContactReason[]
}

/** A value that closing a ticket accepts as its resolution. */
export interface ResolutionOption {
  readonly key: string
  readonly label: string
}

/** Where a new ticket goes. null: not chosen yet. */
export interface FormRequest {
  readonly queue: string | null
  readonly type: string | null
  readonly market: string | null
}

/** A field of the form for a new ticket. */
export interface FormField {
  /** A field of the graph's `CreateTicketInput`, or the key of a custom field. */
  readonly key: string
  readonly label: string
  readonly type: CustomFieldType
  readonly required: boolean
  /** null: any value. */
  readonly options: readonly FormOption[] | null
  /** The key of the field whose value decides which options there are: those with it as their `parent`. */
  readonly dependsOn: string | null
}
export interface FormOption {
  readonly key: string
  readonly label: string
  readonly parent: string | null
}
export interface CustomFieldDefinition {
  readonly key: string
  readonly label: string
  readonly type: CustomFieldType
  readonly required: boolean
  readonly writable: boolean
  readonly options: readonly FormOption[] | null
}

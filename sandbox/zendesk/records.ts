import type { Id } from './json.ts'

// The records as the simulator keeps them. Times are milliseconds since 1970; Zendesk prints whole seconds.

export type Role = 'end-user' | 'agent' | 'admin'

export interface User {
  readonly id: Id
  readonly name: string
  readonly email: string
  readonly phone: string | null
  readonly role: Role
  readonly locale: string
  readonly organizationId: Id | null
  readonly groupIds: readonly Id[]
  /** Which tickets an agent sees; null: all. */
  readonly restriction: 'assigned' | 'groups' | null
  /** An agent who writes private comments only. */
  readonly isLight: boolean
  readonly externalId: string | null
  readonly createdAt: number
  readonly updatedAt: number
}

export type Category = 'new' | 'open' | 'pending' | 'hold' | 'solved'
/** `closed` cannot be set back. `deleted` tickets are in the export only. */
export type Status = Category | 'closed' | 'deleted'
export type Priority = 'low' | 'normal' | 'high' | 'urgent'
export type TicketType = 'question' | 'incident' | 'problem' | 'task'

export interface Attachment {
  readonly id: Id
  readonly name: string
  readonly contentType: string
  readonly bytes: Buffer
}

export interface Comment {
  readonly id: Id
  readonly auditId: Id
  readonly authorId: Id
  readonly body: string
  /** The HTML that its author sent, or null. */
  readonly html: string | null
  readonly isPublic: boolean
  readonly channel: string
  readonly attachments: readonly Attachment[]
  readonly at: number
}

export interface Satisfaction {
  readonly id: Id
  readonly score: 'unoffered' | 'offered' | 'good' | 'bad'
  readonly comment: string | null
  readonly reason: string | null
}

/** One change of a ticket, as the audits print it. */
export interface Audit {
  readonly id: Id
  readonly authorId: Id
  readonly channel: string
  readonly at: number
  readonly events: readonly Readonly<Record<string, unknown>>[]
}

export type FieldValue = string | boolean | number | readonly string[] | null

export interface Ticket {
  readonly id: Id
  readonly externalId: string | null
  readonly subject: string
  readonly status: Status
  readonly customStatusId: Id
  readonly priority: Priority | null
  readonly type: TicketType | null
  readonly requesterId: Id
  readonly submitterId: Id
  readonly assigneeId: Id | null
  readonly groupId: Id | null
  readonly organizationId: Id | null
  readonly brandId: Id
  readonly formId: Id
  readonly channel: string
  readonly recipient: string | null
  readonly tags: readonly string[]
  readonly fields: Readonly<Record<string, FieldValue>>
  readonly problemId: Id | null
  readonly followupSourceId: Id | null
  readonly followupIds: readonly Id[]
  readonly followerIds: readonly Id[]
  readonly emailCcIds: readonly Id[]
  readonly dueAt: number | null
  readonly satisfaction: Satisfaction | null
  readonly isArchived: boolean
  /** Null unless the status is `deleted`. */
  readonly deletion: { readonly at: number; readonly actorId: Id; readonly previous: Status } | null
  readonly createdAt: number
  readonly updatedAt: number
  /** Also moved by changes of the system, which leave `updatedAt` as it is. */
  readonly generatedAt: number
  readonly comments: readonly Comment[]
  readonly audits: readonly Audit[]
}

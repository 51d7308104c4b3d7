// The records of a workspace. Times are milliseconds since 1970; ids are texts, as the API has them.

export type TicketCategory = 'Customer' | 'Back-office' | 'Tracker'
export type StateCategory = 'submitted' | 'in_progress' | 'waiting_on_customer' | 'resolved'

/** A teammate. */
export interface Admin {
  readonly id: string
  readonly name: string
  readonly email: string
  readonly jobTitle: string
  readonly teamIds: readonly string[]
  readonly hasSeat: boolean
  readonly isAway: boolean
}

export interface Team {
  readonly id: string
  readonly name: string
  readonly distribution: 'round_robin' | 'balanced'
}

export interface TicketState {
  readonly id: string
  readonly category: StateCategory
  readonly internalLabel: string
  readonly externalLabel: string
  readonly isArchived: boolean
}

export type DataType = 'string' | 'list' | 'integer' | 'decimal' | 'boolean' | 'datetime' | 'files'

/** A field of a ticket type. Title and description are fields too. */
export interface Attribute {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly dataType: DataType
  /** The choices of a list. */
  readonly choices: readonly string[]
  readonly isMultiline: boolean
  readonly isRequired: boolean
  readonly isForContacts: boolean
}

export interface TicketType {
  readonly id: string
  readonly category: TicketCategory
  readonly name: string
  readonly description: string
  readonly icon: string
  readonly isArchived: boolean
  readonly attributes: readonly Attribute[]
  readonly stateIds: readonly string[]
}

export interface Company {
  readonly id: string
  readonly companyId: string
  readonly name: string
  readonly plan: string | null
  readonly size: number
  readonly industry: string
}

/** A customer: a user, or a lead that the workspace knows by the address alone. */
export interface Contact {
  readonly id: string
  readonly externalId: string | null
  readonly role: 'user' | 'lead'
  readonly email: string
  readonly name: string | null
  readonly phone: string | null
  readonly language: string | null
  readonly country: string | null
  readonly companyIds: readonly string[]
  readonly custom: Readonly<Record<string, string | number | boolean>>
  readonly ownerId: string | null
  readonly isUnsubscribed: boolean
  readonly createdAt: number
  readonly updatedAt: number
  readonly lastRepliedAt: number | null
}

export interface Author {
  readonly type: 'admin' | 'bot' | 'team' | 'user'
  readonly id: string
  readonly name: string | null
  readonly email: string
}

export interface Attachment {
  readonly id: string
  readonly name: string
  readonly contentType: string
  /** Absent: the file lies where the caller said. */
  readonly bytes?: Buffer
  readonly url?: string
  readonly width?: number
  readonly height?: number
}

/** One entry of a ticket's or a conversation's history. Most are events: only comments, notes and quick replies are messages. */
export interface Part {
  readonly id: string
  readonly type: string
  /** HTML; null for events. */
  readonly body: string | null
  readonly at: number
  readonly author: Author
  readonly attachments: readonly Attachment[]
  readonly assignedTo?: { readonly type: 'admin' | 'team'; readonly id: string } | null
  readonly states?: { readonly before: StateCategory; readonly after: StateCategory }
  readonly attribute?: { readonly id: string; readonly label: string; readonly value: string | readonly string[] }
  readonly choices?: readonly { readonly text: string; readonly uuid: string }[]
  /** Written by a program through the API. */
  readonly isByApp?: boolean
}

export interface Link {
  readonly type: 'ticket' | 'conversation'
  readonly id: string
}

export type AttributeValue = string | number | boolean | readonly Attachment[] | null

export interface Ticket {
  /** For the API. */
  readonly id: string
  /** What people say. */
  readonly number: string
  readonly typeId: string
  readonly stateId: string
  readonly contactIds: readonly string[]
  /** By the names of the attributes. */
  readonly attributes: Readonly<Record<string, AttributeValue>>
  /** `0`: none. */
  readonly adminId: string
  /** `0`: none. */
  readonly teamId: string
  readonly isOpen: boolean
  readonly snoozedUntil: number | null
  readonly isShared: boolean
  readonly companyId: string | null
  readonly links: readonly Link[]
  readonly tagIds: readonly string[]
  readonly createdAt: number
  readonly updatedAt: number
  readonly parts: readonly Part[]
}

export interface Conversation {
  readonly id: string
  readonly title: string | null
  readonly source: {
    readonly id: string
    readonly type: 'conversation' | 'email' | 'whatsapp'
    readonly body: string
    readonly author: Author
  }
  readonly contactId: string
  readonly adminId: string | null
  readonly teamId: string | null
  readonly isOpen: boolean
  readonly isRead: boolean
  readonly isPriority: boolean
  readonly snoozedUntil: number | null
  readonly waitingSince: number | null
  readonly rating: { readonly score: number; readonly remark: string; readonly at: number } | null
  readonly links: readonly Link[]
  readonly tagIds: readonly string[]
  readonly createdAt: number
  readonly updatedAt: number
  readonly parts: readonly Part[]
}

// The records as the simulator keeps them. Times are milliseconds since 1970; Freshdesk prints whole seconds.

/** A file. The address that it is read at is made for each answer. */
export interface Attachment {
  readonly id: number
  readonly name: string
  readonly contentType: string
  readonly bytes: Buffer
  readonly at: number
}

/** 0 reply, 2 note, 5 tweet, 6 survey feedback, 7 Facebook post, 8 forwarded e-mail, 9 phone, 11 e-commerce. */
export type ConversationSource = 0 | 2 | 5 | 6 | 7 | 8 | 9 | 11

export interface Conversation {
  readonly id: number
  /** HTML. */
  readonly body: string
  /** Written by the customer. */
  readonly incoming: boolean
  readonly private: boolean
  readonly source: ConversationSource
  readonly userId: number
  readonly fromEmail: string | null
  readonly toEmails: readonly string[]
  readonly ccEmails: readonly string[]
  readonly bccEmails: readonly string[]
  readonly attachments: readonly Attachment[]
  readonly createdAt: number
  readonly updatedAt: number
  readonly edited: { readonly at: number; readonly userId: number } | null
}

export interface Rating {
  readonly id: number
  readonly feedback: string | null
  /** 103 extremely happy to -103 extremely unhappy, by question. */
  readonly ratings: Readonly<Record<string, number>>
  readonly agentId: number | null
  readonly groupId: number | null
  readonly userId: number
  readonly at: number
}

/** When something last happened to a ticket; null: never. */
export interface Stats {
  readonly agentRespondedAt: number | null
  readonly requesterRespondedAt: number | null
  readonly firstRespondedAt: number | null
  readonly statusUpdatedAt: number
  readonly reopenedAt: number | null
  readonly resolvedAt: number | null
  readonly closedAt: number | null
  readonly pendingSince: number | null
}

/** When the ticket and its first response are due; null: not yet known. */
export interface Due {
  readonly by: number | null
  readonly firstBy: number | null
}

export type FieldValue = string | number | boolean | null

export interface Ticket {
  readonly id: number
  readonly subject: string | null
  /** HTML. */
  readonly description: string
  /** 2 open, 3 pending, 4 resolved, 5 closed; 6 and more are the account's own. */
  readonly status: number
  readonly priority: number
  readonly source: number
  readonly type: string | null
  readonly requesterId: number
  readonly responderId: number | null
  readonly groupId: number | null
  readonly companyId: number | null
  readonly productId: number | null
  readonly emailConfigId: number | null
  readonly internalAgentId: number | null
  readonly internalGroupId: number | null
  readonly ccEmails: readonly string[]
  readonly toEmails: readonly string[] | null
  readonly spam: boolean
  readonly deleted: boolean
  readonly tags: readonly string[]
  readonly customFields: Readonly<Record<string, FieldValue>>
  readonly attachments: readonly Attachment[]
  readonly conversations: readonly Conversation[]
  readonly watcherIds: readonly number[]
  readonly ratings: readonly Rating[]
  readonly parentId: number | null
  readonly trackerId: number | null
  readonly stats: Stats
  readonly due: Due
  /** What `due` becomes: the service level is worked out some seconds after a change. */
  readonly nextDue: (Due & { readonly from: number }) | null
  readonly createdAt: number
  readonly updatedAt: number
}

export interface Contact {
  readonly id: number
  readonly name: string
  readonly email: string | null
  readonly phone: string | null
  readonly mobile: string | null
  readonly uniqueExternalId: string | null
  readonly companyId: number | null
  readonly language: string
  readonly createdAt: number
  readonly updatedAt: number
}

export interface Agent {
  readonly id: number
  readonly name: string
  readonly email: string
  readonly groupIds: readonly number[]
  readonly isAdmin: boolean
  /** Which tickets the agent sees: 1 all, 2 those of the own groups, 3 the own ones. */
  readonly ticketScope: 1 | 2 | 3
  readonly occasional: boolean
  readonly language: string
  readonly timeZone: string
}

import type { AdfDocument } from './adf.ts'

// An issue as the simulator keeps it. Times are milliseconds since 1970.

export interface JiraComment {
  readonly id: number
  readonly authorId: string
  readonly body: AdfDocument
  /** The property `sd.public.comment` without `internal`: the portal shows the comment. */
  readonly isPublic: boolean
  readonly created: number
  readonly updated: number
  /** Who of the agents may see it. It does not hide the comment from the portal. */
  readonly visibility: { readonly type: 'role' | 'group'; readonly value: string } | null
  readonly properties: Readonly<Record<string, unknown>>
  readonly attachmentIds: readonly number[]
}

export interface JiraAttachment {
  readonly id: number
  readonly authorId: string
  readonly filename: string
  readonly mimeType: string
  readonly bytes: Buffer
  readonly created: number
}

export interface HistoryItem {
  readonly field: string
  readonly fieldtype: 'jira' | 'custom'
  readonly fieldId: string
  readonly from: string | null
  readonly fromString: string | null
  readonly to: string | null
  readonly toString: string | null
}

/** One change: what one account did in one call. */
export interface HistoryEntry {
  readonly id: number
  readonly authorId: string
  readonly created: number
  readonly items: readonly HistoryItem[]
}

/** One of the two ends of a link. `outward`: this issue does the type's outward words to the other. */
export interface JiraLink {
  readonly id: number
  readonly typeId: string
  readonly outwardId: number
  readonly inwardId: number
}

export interface RemoteLink {
  readonly id: number
  readonly globalId: string
  readonly url: string
  readonly title: string
  readonly relationship: string | null
}

export interface JiraIssue {
  readonly id: number
  readonly key: string
  /** Keys of the projects where it was before. They still lead to it. */
  readonly oldKeys: readonly string[]
  readonly projectId: number
  readonly issueTypeId: string
  /** Null: raised by an agent, or of a software project. */
  readonly requestTypeId: string | null
  readonly summary: string
  readonly description: AdfDocument | null
  readonly statusId: string
  readonly statusChangedAt: number
  readonly priorityId: string
  readonly resolutionId: string | null
  readonly resolvedAt: number | null
  readonly reporterId: string
  readonly creatorId: string
  readonly assigneeId: string | null
  readonly labels: readonly string[]
  /** A day: "2026-03-14". */
  readonly dueDate: string | null
  readonly organizationIds: readonly number[]
  readonly participantIds: readonly string[]
  readonly watcherIds: readonly string[]
  /** `portal`, `email`, `api`, `jira` or `chat`: the request's channel. */
  readonly channel: string
  /** Values of custom fields by the field's id. */
  readonly custom: Readonly<Record<string, unknown>>
  readonly comments: readonly JiraComment[]
  readonly attachments: readonly JiraAttachment[]
  readonly remoteLinks: readonly RemoteLink[]
  readonly history: readonly HistoryEntry[]
  readonly feedback: { readonly rating: number; readonly comment: string | null; readonly at: number } | null
  readonly created: number
  readonly updated: number
}

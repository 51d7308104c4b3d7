export interface VerifikTicket {
  readonly _id: string
  title: string
  description: string
  status: string
  priority: string
  category: string
  client: string | Named
  assignedTo?: string | Named | null
  /** The name of `assignedTo` in older records. */
  assignee?: string | Named | null
  threads: VerifikMessage[]
  attachments: VerifikAttachment[]
  tags?: string[]
  resolution: string | null
  createdAt: string
  updatedAt: string
  resolvedAt: string | null
}

export interface Named {
  readonly _id: string
  readonly name: string
}

export interface VerifikMessage {
  readonly author: string
  readonly message: string
  readonly timestamp: string
  readonly type: string
  readonly attachments?: string[]
}

export interface VerifikAttachment {
  readonly filename: string
  readonly url: string
  readonly size: number
  readonly type: string
}

export const statuses = ['open', 'pending', 'in_progress', 'resolved', 'closed'] as const
export const priorities = ['low', 'medium', 'high', 'urgent'] as const
export const categories = ['technical', 'billing', 'account', 'feature_request', 'general'] as const

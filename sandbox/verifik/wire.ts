/** Verifik's support ticket. */
export interface VerifikTicket {
  readonly _id: string
  title: string
  description: string
  status: string
  priority: string
  category: string
  client: string | Named
  assignedTo?: string | Named | null
  /** `assignedTo` in older records. */
  assignee?: string | Named | null
  threads: VerifikMessage[]
  attachments: VerifikAttachment[]
  tags?: string[]
  resolution: string | null
  createdAt: string
  updatedAt: string
  resolvedAt: string | null
}

/** A client or an agent as an object. */
export interface Named {
  readonly _id: string
  readonly name: string
}

/** One message of `threads`. */
export interface VerifikMessage {
  readonly author: string
  readonly message: string
  readonly timestamp: string
  readonly type: string
  readonly attachments?: string[]
}

/** One file of `attachments`. */
export interface VerifikAttachment {
  readonly filename: string
  readonly url: string
  readonly size: number
  readonly type: string
}

/** The documented values. */
export const statuses = ['open', 'pending', 'in_progress', 'resolved', 'closed'] as const
export const priorities = ['low', 'medium', 'high', 'urgent'] as const
export const categories = ['technical', 'billing', 'account', 'feature_request', 'general'] as const

/** The example object of the vendor's page, with every field as printed. */
export function documentedTicket(): VerifikTicket {
  return {
    _id: 'support_ticket_123456789',
    title: 'API Integration Issue',
    description: 'Having trouble integrating the biometric validation API. Getting 401 errors.',
    status: 'in_progress',
    priority: 'high',
    category: 'technical',
    client: 'client_123456789',
    assignedTo: 'agent_123456789',
    threads: [
      {
        author: 'client_123456789',
        message: "I'm getting 401 errors when trying to use the biometric validation endpoint.",
        timestamp: '2024-01-15T10:30:00Z',
        type: 'user',
      },
      {
        author: 'agent_123456789',
        message: "I've reviewed your API key and it appears to be valid. Let me check the logs.",
        timestamp: '2024-01-15T11:00:00Z',
        type: 'agent',
      },
    ],
    attachments: [
      {
        filename: 'error_logs.txt',
        url: 'https://storage.verifik.co/attachments/error_logs.txt',
        size: 1024,
        type: 'text/plain',
      },
    ],
    tags: ['api', 'authentication', 'biometric'],
    resolution: null,
    createdAt: '2024-01-15T10:30:00Z',
    updatedAt: '2024-01-15T11:00:00Z',
    resolvedAt: null,
  }
}

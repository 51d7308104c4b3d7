import type { SourceTable } from '../source-table.ts'

/** The most pages that one count reads: one for each combination of values that it counts. */
export const maxCallsPerCount = 16

/** What Verifik can do. Updates come from an older revision of the documents, replies from the legacy ones. */
export const verifikTable = {
  fields: [
    ...([
      'title',
      'description',
      'sourceStatus',
      'priority',
      'sourcePriority',
      'category',
      'channel',
      'tags',
      'assignee',
    ] as const),
    ...(['customer', 'threads', 'attachments', 'resolution', 'createdAt', 'updatedAt', 'resolvedAt'] as const),
  ],
  operations: ['CREATE', 'UPDATE', 'REPLY', 'createForm'],
  takes: {
    CREATE: ['title', 'description', 'priority', 'category', 'tags', 'attachments'],
    UPDATE: ['title', 'description', 'priority', 'category', 'status', 'tags'],
  },
  // One value of each: `filters` of the mapping.
  filters: ['STATUS', 'PRIORITY', 'CATEGORY'],
  // The client reads every message of a thread.
  notes: 'NONE',
  attachments: 'URL',
  // Its lists have a total, also with one value of a condition: `countTickets`.
  counts: { by: ['SOURCE', 'STATUS', 'PRIORITY', 'CHANNEL'], callsPerCount: maxCallsPerCount },
  live: 'POLLING',
} as const satisfies SourceTable

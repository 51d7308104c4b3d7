import type { SourceTable } from '../source-table.ts'
import { storedSourceTable } from '../stored-source.ts'

/** What is known of tickets of Wasabi: what its events hold. */
export const wasabiTable = {
  ...storedSourceTable,
  fields: [
    ...(['title', 'sourceStatus', 'reason', 'channel', 'origin', 'tags', 'customer', 'orders', 'resolution'] as const),
    ...(['firstReplyTimeInMinutes', 'createdAt', 'updatedAt', 'resolvedAt'] as const),
  ],
} as const satisfies SourceTable

import type { SourceTable } from '../source-table.ts'
import { storedSourceTable } from '../stored-source.ts'

/** What is known of tickets of Wasabi: what its events hold. */
export const wasabiTable: SourceTable = {
  ...storedSourceTable,
  fields: [
    ...(['title', 'sourceStatus', 'reason', 'channel', 'origin', 'tags', 'customer', 'orders', 'resolution'] as const),
    ...(['firstReplyTimeInMinutes', 'createdAt', 'updatedAt', 'resolvedAt'] as const),
  ],
}

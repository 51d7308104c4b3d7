import type { SourceTable } from '../source-table.ts'
import { storedSourceTable } from '../stored-source.ts'

/** What is known of tickets of VCC Live: what its webhook sends. */
export const vccTable = {
  ...storedSourceTable,
  fields: [
    ...(['number', 'title', 'description', 'sourceStatus', 'type', 'queue', 'assignee', 'createdBy', 'updatedBy'] as const),
    ...(['customer', 'resolution', 'slaTargets', 'dueAt', 'createdAt', 'updatedAt', 'firstOpenedAt', 'lastOpenedAt'] as const),
    'deletedAt',
  ],
} as const satisfies SourceTable

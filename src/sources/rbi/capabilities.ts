import type { SourceTable } from '../source-table.ts'
import { storedSourceTable } from '../stored-source.ts'

/** What the middleware can do: it creates tickets and routes them to partners. */
export const rbiTable = {
  ...storedSourceTable,
  fields: [
    ...(['title', 'description', 'sourceStatus', 'category', 'reason', 'type', 'channel', 'origin', 'customer'] as const),
    ...(['vendor', 'orders', 'threads', 'routing', 'createdAt', 'updatedAt'] as const),
  ],
  operations: ['CREATE', 'ROUTE', 'createForm'],
  // The title of a routed ticket is always the label of its category: docs/routing.md.
  takes: { CREATE: ['market', 'title', 'description', 'category', 'subcategory', 'customer', 'storeId', 'order'] },
} as const satisfies SourceTable

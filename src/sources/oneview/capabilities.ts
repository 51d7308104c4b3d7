import type { SourceTable } from '../source-table.ts'

/** What OneView can do. Escalating and its departments are documented, the rest is inferred from documented data structures. */
export const oneViewTable = {
  fields: [
    ...([
      'title',
      'sourceStatus',
      'statusReason',
      'statusChangedAt',
      'sourcePriority',
      'priorityRank',
      'reason',
      'type',
    ] as const),
    ...(['channel', 'origin', 'queue', 'country', 'language', 'tags', 'assignee', 'customer', 'vendor', 'orders'] as const),
    ...(['links', 'escalation', 'sla', 'createdAt', 'updatedAt'] as const),
  ],
  operations: [
    ...(['UPDATE', 'ESCALATE', 'CLOSE', 'REASSIGN', 'TRANSFER'] as const),
    ...(['escalationDepartments', 'transferQueues', 'resolutionStatuses', 'contactReasons'] as const),
  ],
  takes: {
    UPDATE: ['contactReasonCode', 'orderId', 'entityId', 'event'],
    ESCALATE: ['department', 'statusReason', 'resolutionReason'],
    CLOSE: ['statusReason', 'resolutionStatus', 'resolutionReason'],
    REASSIGN: ['assignee', 'reason'],
  },
  filters: [],
  notes: 'NONE',
  attachments: 'NONE',
  counts: null,
  live: 'POLLING',
} as const satisfies SourceTable

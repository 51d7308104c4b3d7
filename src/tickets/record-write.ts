import type { Call } from '../domain/call.ts'
import { type Clock, now } from '../domain/clock.ts'
import type { ChangeRecorder, TicketEventKind } from '../domain/events.ts'
import type { Logger, Metrics } from '../domain/telemetry.ts'
import type { Ticket } from '../domain/ticket.ts'
import type { ValidatedWrite } from './idempotent-write.ts'

/** Journals a write that was done. Never rejects: the write stays done. */
export type RecordWrite = (write: ValidatedWrite, ticket: Ticket | null, before: Ticket | null) => Promise<void>

export interface JournalDeps {
  readonly recorder: ChangeRecorder
  readonly metrics: Metrics
  readonly logger: Logger
  readonly clock: Clock
}

const entries: Readonly<Record<ValidatedWrite['action'], { readonly kind: TicketEventKind; readonly summary: string }>> = {
  CREATE: { kind: 'CREATED', summary: 'Created' },
  UPDATE: { kind: 'UPDATED', summary: 'Updated' },
  REPLY: { kind: 'MESSAGE', summary: 'Replied to' },
  ESCALATE: { kind: 'ESCALATED', summary: 'Escalated' },
  CLOSE: { kind: 'CLOSED', summary: 'Closed' },
  REASSIGN: { kind: 'REASSIGNED', summary: 'Reassigned' },
  TRANSFER: { kind: 'TRANSFERRED', summary: 'Transferred' },
  ROUTE: { kind: 'ROUTED', summary: 'Routed' },
}

/** Event-fed sources are left out: their tickets are ours, and the store journals each change with the ticket. */
export function createRecordWrite(call: Call, deps: JournalDeps): RecordWrite {
  return async (write, ticket, before) => {
    const source = write.source.info
    if (source.mode === 'EVENT_FED') return
    try {
      if (ticket === null) throw new Error('the ticket could not be read again')
      const { kind, summary } = entries[write.action]
      const actor = { kind: 'AGENT', id: call.viewer.id, name: call.viewer.name } as const
      await deps.recorder.record({ kind, ticket, before, at: now(deps.clock), actor, summary })
    } catch (error) {
      deps.metrics.count('journal_failures_total', { source: source.key })
      deps.logger.error(
        { source: source.key, action: write.action, requestId: call.requestId, err: error },
        'a write is not in the journal',
      )
    }
  }
}

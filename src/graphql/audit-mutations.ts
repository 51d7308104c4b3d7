import type { GraphQLSchema } from 'graphql'
import { DeskgraphError } from '../domain/errors.ts'
import { decodeId } from '../domain/ids.ts'
import type { AuditEntry, AuditLog, Logger } from '../domain/telemetry.ts'
import { type BulkResult, toBulkAuditLine } from '../domain/writes.ts'
import type { GraphContext } from './context.ts'
import { type Resolve, resolveOf } from './schema/fields.ts'

/**
 * Writes one line to the audit log for every mutation that a viewer tried, with its outcome. Writes and administrative actions are all
 * mutations. Call it after `applyPermissions`, so that forbidden mutations are recorded too.
 */
export function auditMutations(schema: GraphQLSchema, audit: AuditLog, logger: Logger): void {
  for (const field of Object.values(schema.getMutationType()?.getFields() ?? {})) {
    field.resolve = audited(field.name, resolveOf(field), audit, logger)
  }
}

function audited(what: string, resolve: Resolve, audit: AuditLog, logger: Logger): Resolve {
  return async (source, args, context, info) => {
    const record = (line: Omit<Line, 'what'>) => append(audit, logger, context, { what, ...line })
    try {
      const result: unknown = await resolve(source, args, context, info)
      record(
        isBulk(result) ? toBulkAuditLine(result) : { outcome: outcomeOf(result), subject: subjectOf(result) ?? namedId(args) },
      )
      return result
    } catch (error) {
      const outcome = error instanceof DeskgraphError ? error.code : 'INTERNAL_SERVER_ERROR'
      record({ outcome, subject: namedId(args) })
      throw error
    }
  }
}

type Line = Omit<AuditEntry, 'who' | 'requestId'>

/** A failure of the audit log is logged as an error. The response stays as it is, because the mutation was executed. */
function append(audit: AuditLog, logger: Logger, { viewer, call }: GraphContext, line: Line): void {
  try {
    audit.record({ who: viewer.id, requestId: call.requestId, ...line })
  } catch (error) {
    logger.error({ err: error, requestId: call.requestId, ...line }, 'The audit log could not be written')
  }
}

function isBulk(result: unknown): result is BulkResult {
  return typeof result === 'object' && result !== null && 'done' in result && 'failed' in result
}

/** The outcome of a payload, or the state of a delivery or a dead letter; APPLIED for a result with neither. */
function outcomeOf(result: unknown): string {
  const { outcome, state } = (result ?? {}) as { outcome?: unknown; state?: unknown }
  return typeof outcome === 'string' ? outcome : typeof state === 'string' ? state : 'APPLIED'
}

function subjectOf(result: unknown): string | null {
  const { ticket, id } = (result ?? {}) as { ticket?: { id?: unknown } | null; id?: unknown }
  const subject = ticket?.id ?? id
  return typeof subject === 'string' ? subject : null
}

/** The id in the client's input when it is a global id; null: other text could be personal data. */
function namedId(args: { readonly id?: unknown; readonly input?: { readonly id?: unknown } }): string | null {
  const id = args.id ?? args.input?.id
  return typeof id === 'string' && decodeId(id) !== null ? id : null
}

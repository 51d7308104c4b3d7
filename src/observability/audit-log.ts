import { appendFileSync } from 'node:fs'
import { type Clock, now } from '../domain/clock.ts'
import type { AuditEntry, AuditLog } from '../domain/telemetry.ts'

export interface AuditLogOptions {
  /** The file to append to, created when missing and readable by its owner alone. Without it, `write` receives the lines. */
  readonly file?: string | undefined
  /** Receives one line with its line break; the standard output by default. */
  readonly write?: ((line: string) => void) | undefined
  readonly clock: Clock
}

/**
 * Creates the audit log: one JSON line per write and administrative action, with time, viewer, action, ticket, outcome and
 * request id. A line is handed to the operating system before the answer is sent, so a crash of the process cannot lose it.
 */
export function createAuditLog({ file, write, clock }: AuditLogOptions): AuditLog {
  const append = file === undefined ? (write ?? ((line) => process.stdout.write(line))) : appendTo(file)
  return {
    record({ who, what, subject, outcome, count, requestId }: AuditEntry) {
      append(`${JSON.stringify({ audit: true, at: now(clock), who, what, subject, outcome, count, requestId })}\n`)
    },
  }
}

function appendTo(file: string): (line: string) => void {
  return (line) => appendFileSync(file, line, { mode: 0o600 })
}

import { appendFileSync } from 'node:fs'
import { type Clock, now } from '../domain/clock.ts'
import type { AuditEntry, AuditLog } from '../domain/telemetry.ts'

export interface AuditLogOptions {
  /** Appended to, made when missing, readable by its owner alone. Absent: `write` gets each line. */
  readonly file?: string | undefined
  /** Takes one line with its line break; the standard output otherwise. */
  readonly write?: ((line: string) => void) | undefined
  readonly clock: Clock
}

/**
 * One JSON line per write and administrative action: when, who, what, which ticket, outcome, request id. Append-only: the
 * line is handed to the operating system before the answer goes out, so that a crash cannot lose it.
 */
export function createAuditLog({ file, write, clock }: AuditLogOptions): AuditLog {
  const append = file === undefined ? (write ?? ((line) => process.stdout.write(line))) : appendTo(file)
  return {
    record({ who, what, subject, outcome, requestId }: AuditEntry) {
      append(`${JSON.stringify({ audit: true, at: now(clock), who, what, subject, outcome, requestId })}\n`)
    },
  }
}

function appendTo(file: string): (line: string) => void {
  return (line) => appendFileSync(file, line, { mode: 0o600 })
}

import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { AuditEntry } from '../../src/domain/telemetry.ts'
import { createAuditLog } from '../../src/observability/audit-log.ts'

const clock = () => Date.UTC(2026, 10, 20, 12)
const entry: AuditEntry = { who: 'agent-1', what: 'closeTicket', subject: 'VG9uZXZpZXc', outcome: 'APPLIED', requestId: 'r-1' }
let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'deskgraph-audit-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

it('appends one JSON line per action to a file that its owner alone may read', () => {
  const file = join(directory, 'audit.log')
  createAuditLog({ file, clock }).record(entry)
  createAuditLog({ file, clock }).record({ ...entry, what: 'replayDelivery', subject: null, outcome: 'FORBIDDEN' })
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    { audit: true, at: '2026-11-20T12:00:00.000Z', ...entry },
    { audit: true, at: '2026-11-20T12:00:00.000Z', ...entry, what: 'replayDelivery', subject: null, outcome: 'FORBIDDEN' },
  ])
  expect(statSync(file).mode & 0o777).toBe(0o600)
})
it('writes the fields of an entry alone, and one line for any value', () => {
  const lines: string[] = []
  const log = createAuditLog({ write: (line) => void lines.push(line), clock })
  log.record({ ...entry, who: 'x"}\n{"audit":true', body: 'canary' } as AuditEntry)
  expect(lines).toHaveLength(1)
  expect(lines[0]!.trimEnd()).not.toContain('\n')
  expect(lines[0]).not.toContain('canary')
})
it('throws when it cannot write', () => {
  expect(() => createAuditLog({ file: join(directory, 'absent', 'audit.log'), clock }).record(entry)).toThrow('ENOENT')
})

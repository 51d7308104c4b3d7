import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { TicketStatus } from '../../generated/graphql.ts'

// The samples of docs/schema-changes.md, as a client has them. The last test holds the two together.

/** The value, or 'UNKNOWN' for one that this build of the client does not have. */
function toKnown<Value extends string>(known: Readonly<Record<Value, unknown>>, value: string): Value | 'UNKNOWN' {
  return isKnown(known, value) ? value : 'UNKNOWN'
}

function isKnown<Value extends string>(known: Readonly<Record<Value, unknown>>, value: string): value is Value {
  return Object.hasOwn(known, value)
}

// `Record<TicketStatus, …>`: the compiler says which label is missing after the next generation of types.
const labels: Readonly<Record<TicketStatus, string>> = {
  NEW: 'New',
  OPEN: 'Open',
  IN_PROGRESS: 'In progress',
  PENDING: 'Pending',
  ON_HOLD: 'On hold',
  ESCALATED: 'Escalated',
  RESOLVED: 'Resolved',
  CLOSED: 'Closed',
  CANCELLED: 'Cancelled',
  UNKNOWN: 'Unknown',
}

function statusLabel(ticket: { readonly status: string; readonly sourceStatus: string | null }): string {
  const status = toKnown(labels, ticket.status)
  return status === 'UNKNOWN' ? (ticket.sourceStatus ?? labels.UNKNOWN) : labels[status]
}

const ticket = { sourceStatus: 'parked by the supplier' }

test("RELEASE-06: a value of a later graph has the source's own word, or the label of UNKNOWN", () => {
  expect(statusLabel({ ...ticket, status: 'OPEN' })).toBe('Open')
  expect(statusLabel({ ...ticket, status: 'PARKED' })).toBe('parked by the supplier')
  expect(statusLabel({ status: 'PARKED', sourceStatus: null })).toBe('Unknown')
  // No key of the record, although every object has it.
  expect(toKnown(labels, 'constructor')).toBe('UNKNOWN')
})

test('docs/schema-changes.md has these samples', () => {
  const page = readFileSync('docs/schema-changes.md', 'utf8').replaceAll('export function', 'function')
  const samples = [...page.matchAll(/```ts\n(.*?)```/gs)].map(([, code = '']) => code)
  const here = readFileSync(import.meta.filename, 'utf8')
  expect(samples.map((code) => here.includes(code))).toEqual([true, true])
})

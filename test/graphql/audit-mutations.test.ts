import { beforeEach, describe, expect, it } from 'vitest'
import { DeskgraphError } from '../../src/domain/errors.ts'
import { type AuditEntry, type AuditLog, noLogger } from '../../src/domain/telemetry.ts'
import { rejected } from '../../src/domain/writes.ts'
import { auditMutations } from '../../src/graphql/audit-mutations.ts'
import { createTestGraph } from '../support/graph/graph.ts'
import { createGraphFixture, ids, oneview, theTicket } from '../support/graph/graph-fixture.ts'
import { createMemorySource } from '../support/memory-source.ts'

let lines: AuditEntry[] = []
let broken = false
const logged: unknown[] = []
const audit: AuditLog = {
  record(entry) {
    if (broken) throw new Error('ENOSPC')
    lines.push(entry)
  },
}
const updateTicket = async (_ref: unknown, { title }: { title?: string | null }) => {
  if (title === 'failure') throw new DeskgraphError('UPSTREAM_UNAVAILABLE', 'canary')
  return rejected('CONFLICT', 'canary')
}
const closeTicket = async () => ({ outcome: 'APPLIED', ticket: theTicket, ref: null, userErrors: [] }) as const
const graph = createTestGraph({
  sources: [createMemorySource(oneview, { tickets: [theTicket], methods: { updateTicket, closeTicket } })],
})
const fixture = createGraphFixture()
for (const schema of new Set([graph.schema, fixture.graph.schema])) {
  auditMutations(schema, audit, { ...noLogger, error: (fields) => void logged.push(fields) })
}
const update = (title: string) => `mutation { updateTicket(input: { id: "${ids.ticket}", title: "${title}" }) { outcome } }`
const close = `mutation { closeTicket(input: { id: "${ids.ticket}", statusReason: "canary" }) { outcome } }`

beforeEach(() => {
  lines = []
  broken = false
})

describe('every mutation adds one line to the audit log', () => {
  it('with who, what, which ticket, the outcome and the request', async () => {
    await graph.ask(close, { scopes: ['tickets:read', 'tickets:write', 'source:*'] })
    expect(lines).toEqual([{ who: 'ann', what: 'closeTicket', subject: ids.ticket, outcome: 'APPLIED', requestId: 'req-1' }])
  })
  it('when the source rejects it, when it fails, and when it is forbidden', async () => {
    await graph.ask(update('canary'))
    await graph.ask(update('failure'))
    await graph.ask(update('canary'), { scopes: ['tickets:read', 'source:*'] })
    expect(lines.map(({ who, outcome, subject }) => [who, outcome, subject])).toEqual([
      ['anonymous', 'REJECTED', ids.ticket],
      ['anonymous', 'REJECTED', ids.ticket],
      ['ann', 'FORBIDDEN', ids.ticket],
    ])
  })
  it('for each mutation field of an operation', async () => {
    await graph.ask(`mutation { a: ${close.slice(11, -2)} b: ${close.slice(11, -2)} }`)
    expect(lines.map(({ what }) => what)).toEqual(['closeTicket', 'closeTicket'])
  })
  it('for administrative actions too', async () => {
    await fixture.graph.ask(`mutation { replayDelivery(id: "${ids.delivery}") { id } }`)
    await fixture.graph.ask('mutation { replayDelivery(id: "garbage canary") { id } }')
    expect(lines.map(({ what, subject, outcome }) => [what, subject, outcome])).toEqual([
      ['replayDelivery', ids.delivery, 'PENDING'],
      ['replayDelivery', null, 'BAD_USER_INPUT'],
    ])
  })
  it('DELIVERY-11 with the number of records of an action on many, and the key of what it was for', async () => {
    const bulk = createGraphFixture()
    await bulk.graph.ask('mutation { replayDeliveries(partner: "careco") { done } }')
    await bulk.graph.ask('mutation { replayAllQuarantined(source: "vcc") { done } }')
    await bulk.graph.ask('mutation { enablePartner(source: "canary", partner: "canary") { done } }')
    expect(lines.map(({ what, subject, outcome, count }) => [what, subject, outcome, count])).toEqual([
      ['replayDeliveries', 'careco', 'APPLIED', 1],
      ['replayAllQuarantined', 'vcc', 'APPLIED', 1],
      ['enablePartner', null, 'REJECTED', 0],
    ])
  })
  it('without any text of a user', async () => {
    await graph.ask(update('canary'))
    await graph.ask(update('failure'))
    await graph.ask(close)
    expect(lines).toHaveLength(3)
    expect(JSON.stringify(lines)).not.toContain('canary')
  })
  it('and queries add none', async () => {
    await graph.ask('{ viewer { key } tickets { nodes { id } } }')
    expect(lines).toEqual([])
  })
  it('or an error to the log when the audit log cannot be written; the response stays', async () => {
    broken = true
    const { data } = await graph.ask(close)
    expect(data).toEqual({ closeTicket: { outcome: 'APPLIED' } })
    expect(logged).toEqual([expect.objectContaining({ what: 'closeTicket', subject: ids.ticket })])
  })
})

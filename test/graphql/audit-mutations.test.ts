import { beforeEach, describe, expect, it } from 'vitest'
import { DeskgraphError } from '../../src/domain/errors.ts'
import { type AuditEntry, type AuditLog, noLogger } from '../../src/domain/telemetry.ts'
import { rejected } from '../../src/domain/writes.ts'
import { auditMutations } from '../../src/graphql/audit-mutations.ts'
import { createTestGraph } from '../support/graph/graph.ts'
import { createSmallWorld, ids, oneview, theTicket } from '../support/graph/small-world.ts'
import { createMemorySource } from '../support/memory-source.ts'

let lines: AuditEntry[] = []
let broken = false
const shouted: unknown[] = []
const audit: AuditLog = {
  record(entry) {
    if (broken) throw new Error('ENOSPC')
    lines.push(entry)
  },
}
const updateTicket = async (_ref: unknown, { title }: { title?: string | null }) => {
  if (title === 'fault') throw new DeskgraphError('UPSTREAM_UNAVAILABLE', 'canary')
  return rejected('CONFLICT', 'canary')
}
const closeTicket = async () => ({ outcome: 'APPLIED', ticket: theTicket, ref: null, userErrors: [] }) as const
const graph = createTestGraph({
  sources: [createMemorySource(oneview, { tickets: [theTicket], methods: { updateTicket, closeTicket } })],
})
const world = createSmallWorld()
for (const schema of new Set([graph.schema, world.graph.schema])) {
  auditMutations(schema, audit, { ...noLogger, error: (fields) => void shouted.push(fields) })
}
const update = (title: string) => `mutation { updateTicket(input: { id: "${ids.ticket}", title: "${title}" }) { outcome } }`
const close = `mutation { closeTicket(input: { id: "${ids.ticket}", statusReason: "canary" }) { outcome } }`

beforeEach(() => {
  lines = []
  broken = false
})

describe('every mutation leaves one line', () => {
  it('with who, what, which ticket, the outcome and the request', async () => {
    await graph.ask(close, { scopes: ['tickets:read', 'tickets:write', 'source:*'] })
    expect(lines).toEqual([{ who: 'ann', what: 'closeTicket', subject: ids.ticket, outcome: 'APPLIED', requestId: 'req-1' }])
  })
  it('when the source refused, when it failed, and when the viewer may not', async () => {
    await graph.ask(update('canary'))
    await graph.ask(update('fault'))
    await graph.ask(update('canary'), { scopes: ['tickets:read', 'source:*'] })
    expect(lines.map(({ who, outcome, subject }) => [who, outcome, subject])).toEqual([
      ['anonymous', 'REJECTED', ids.ticket],
      ['anonymous', 'UPSTREAM_UNAVAILABLE', ids.ticket],
      ['ann', 'FORBIDDEN', ids.ticket],
    ])
  })
  it('for each of several in one operation', async () => {
    await graph.ask(`mutation { a: ${close.slice(11, -2)} b: ${close.slice(11, -2)} }`)
    expect(lines.map(({ what }) => what)).toEqual(['closeTicket', 'closeTicket'])
  })
  it('for administrative actions too', async () => {
    await world.graph.ask(`mutation { replayDelivery(id: "${ids.delivery}") { id } }`)
    await world.graph.ask('mutation { replayDelivery(id: "garbage canary") { id } }')
    expect(lines.map(({ what, subject, outcome }) => [what, subject, outcome])).toEqual([
      ['replayDelivery', ids.delivery, 'PENDING'],
      ['replayDelivery', null, 'BAD_USER_INPUT'],
    ])
  })
  it('and never holds what somebody wrote', async () => {
    await graph.ask(update('canary'))
    await graph.ask(update('fault'))
    await graph.ask(close)
    expect(lines).toHaveLength(3)
    expect(JSON.stringify(lines)).not.toContain('canary')
  })
  it('reads leave none', async () => {
    await graph.ask('{ viewer { id } tickets { nodes { id } } }')
    expect(lines).toEqual([])
  })
  it('a log that cannot be written is shouted about, and the answer of what was done still comes', async () => {
    broken = true
    const { data } = await graph.ask(close)
    expect(data).toEqual({ closeTicket: { outcome: 'APPLIED' } })
    expect(shouted).toEqual([expect.objectContaining({ what: 'closeTicket', subject: ids.ticket })])
  })
})

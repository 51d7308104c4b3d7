import { expect, test } from 'vitest'
import { anonymous } from '../../src/domain/permissions.ts'
import { type AccessEntry, noLogger } from '../../src/domain/telemetry.ts'
import { createAccessLog } from '../../src/observability/access-log.ts'

function createLog(config = { linesPerSecond: 2, slowMs: 1_000 }) {
  const lines: string[] = []
  let now = 0
  const write = (level: string) => (fields: object, message: string) =>
    void lines.push(`${level} ${message} ${(fields as { requestId: string }).requestId} ${JSON.stringify(fields)}`)
  const logger = { ...noLogger, debug: write('debug'), info: write('info'), warn: write('warn') }
  const accessLog = createAccessLog({ logger, config, elapsed: () => now })
  const record = (requestId: string, more: Partial<AccessEntry> = {}) =>
    accessLog.record({
      ...{ requestId, transport: 'http', method: 'POST', route: '/graphql', status: 200, code: null, durationMs: 3.4 },
      ...more,
    })
  return { lines, record, advance: (ms: number) => (now += ms) }
}

const callWith = (...outcomes: ('ok' | 'partial' | 'failed')[]): AccessEntry['call'] => ({
  viewer: { ...anonymous, id: 'ann' },
  stats: {
    upstreamCalls: 3,
    operations: outcomes.map((outcome) => ({ name: 'A', type: 'query', outcome, codes: outcome === 'ok' ? [] : ['X'] })),
    sources: { vcc: { calls: 3, ms: 12.6 } },
  },
})

test('OPS-11: a line has who asked, the operations and the sources, with whole milliseconds', () => {
  const { lines, record } = createLog()
  record('r1', { call: callWith('ok') })
  expect(JSON.parse(lines[0]!.slice('info request r1 '.length))).toEqual({
    ...{ requestId: 'r1', transport: 'http', method: 'POST', route: '/graphql', status: 200, durationMs: 3 },
    viewer: 'ann',
    operations: [{ name: 'A', type: 'query', outcome: 'ok' }],
    sources: { vcc: { calls: 3, ms: 13 } },
  })
})

test('OPS-13: over the limit of a second, requests that went well are left out and counted', () => {
  const { lines, record, advance } = createLog()
  for (const id of ['r1', 'r2', 'r3', 'r4']) record(id)
  expect(lines).toHaveLength(2)
  advance(1_000)
  record('r5')
  expect(lines[2]).toContain('"notLogged":2')
  record('r6')
  expect(lines[3]).not.toContain('notLogged')
  expect(lines.map((line) => line.split(' ')[2])).toEqual(['r1', 'r2', 'r5', 'r6'])
})

test('OPS-13: a request that failed or was slow has a line at any rate', () => {
  const { lines, record } = createLog({ linesPerSecond: 0, slowMs: 1_000 })
  record('well')
  record('refused', { status: 401, code: 'UNAUTHENTICATED' })
  record('partial', { call: callWith('ok', 'partial') })
  record('unavailable', { status: 503, code: 'OVERLOADED' })
  record('almost slow', { durationMs: 999.9 })
  record('slow', { durationMs: 1_000 })
  expect(lines.map((line) => line.split(' ').slice(0, 3).join(' '))).toEqual([
    'info request partial',
    'info request unavailable',
    'warn slow request',
  ])
  expect(lines[2]).toContain('"requestId":"slow"')
})

test('a stream or a subscription is not slow because it is long', () => {
  const { lines, record } = createLog()
  const subscription = callWith()!
  record('sse', { transport: 'sse', durationMs: 3_600_000 })
  const operations = [{ name: null, type: 'subscription', outcome: 'ok', codes: [] }] as const
  const call = { ...subscription, stats: { upstreamCalls: 0, operations: [...operations] } }
  record('socket', { transport: 'websocket', method: null, status: null, durationMs: 3_600_000, call })
  expect(lines.map((line) => line.split(' ').slice(0, 3).join(' '))).toEqual(['info request sse', 'info request socket'])
  // Over WebSocket there is neither a method nor a status.
  expect(Object.keys(JSON.parse(lines[1]!.slice('info request socket '.length)))).toEqual(
    expect.not.arrayContaining(['method', 'status']),
  )
})

test('health and metrics are at debug, unless they fail', () => {
  const { lines, record } = createLog()
  record('r1', { route: '/health' })
  record('r2', { route: '/metrics' })
  record('r3', { route: '/health', status: 503 })
  expect(lines.map((line) => line.split(' ').slice(0, 3).join(' '))).toEqual([
    'debug request r1',
    'debug request r2',
    'info request r3',
  ])
})

import { describe, expect, it } from 'vitest'
import { DeskgraphError } from '../../src/domain/errors.ts'
import { type Failure, noFailureLog } from '../../src/domain/telemetry.ts'
import { createFailureLog } from '../../src/observability/failure-log.ts'
import { createLogger } from '../../src/observability/logger.ts'

/** The lines that one failure leaves in the real logger's output. */
function linesOf(changes: Partial<Failure>): string[] {
  const lines: string[] = []
  const logger = createLogger({ level: 'debug', stream: { write: (line) => void lines.push(line) } })
  createFailureLog(logger).report({
    requestId: 'r-1',
    operationName: 'TicketById',
    path: ['ticket', 'threads', 0, 'body'],
    code: 'UPSTREAM_UNAVAILABLE',
    source: 'oneview',
    error: new DeskgraphError('UPSTREAM_UNAVAILABLE', 'OneView could not be reached.'),
    transport: 'http',
    ...changes,
  })
  return lines
}

function logged(changes: Partial<Failure>) {
  const lines = linesOf(changes)
  expect(lines).toHaveLength(1)
  return JSON.parse(lines[0]!)
}

describe('a failure log', () => {
  it('writes one warning for a failed source: request, operation, path, code, source, transport and the chain of causes', () => {
    const refused = Object.assign(new Error('connect ECONNREFUSED 10.0.0.1:443'), { code: 'ECONNREFUSED' })
    const wrapped = new TypeError('refused', { cause: refused })
    const error = new DeskgraphError('UPSTREAM_UNAVAILABLE', 'OneView could not be reached.', { cause: wrapped })
    expect(logged({ error })).toEqual({
      level: 40,
      time: expect.any(String),
      message: 'source failed',
      requestId: 'r-1',
      transport: 'http',
      operationName: 'TicketById',
      path: 'ticket.threads.0.body',
      code: 'UPSTREAM_UNAVAILABLE',
      source: 'oneview',
      causes: [
        { name: 'DeskgraphError', code: 'UPSTREAM_UNAVAILABLE', message: 'OneView could not be reached.' },
        { name: 'TypeError', message: 'refused' },
        { name: 'Error', code: 'ECONNREFUSED', message: 'connect ECONNREFUSED 10.0.0.1:443' },
      ],
    })
  })

  it('writes one error with the stack for an INTERNAL_SERVER_ERROR', () => {
    const line = logged({ code: 'INTERNAL_SERVER_ERROR', source: null, error: new RangeError('index 7 of 3') })
    expect(line).toMatchObject({
      level: 50,
      message: 'request failed',
      causes: [{ name: 'RangeError', message: 'index 7 of 3' }],
    })
    expect(line.stack).toContain('failure-log.test.ts')
    expect(line.stack).not.toContain('index 7')
  })

  it.each(['STORAGE_UNAVAILABLE', 'AUTH_UNAVAILABLE', 'OVERLOADED', 'A_CODE_THAT_NO_TABLE_HOLDS'])(
    'writes an error without a stack for %s',
    (code) => {
      const line = logged({ code, path: '/graphql', operationName: null, source: null, transport: 'sse' })
      expect(line).toMatchObject({ level: 50, code, path: '/graphql', operationName: null, transport: 'sse' })
      expect(line).not.toHaveProperty('stack')
    },
  )

  it.each(['UPSTREAM_TIMEOUT', 'UPSTREAM_RATE_LIMITED', 'UPSTREAM_AUTH_FAILED', 'CIRCUIT_OPEN'])(
    'writes a warning without a stack for %s',
    (code) => {
      expect(logged({ code })).toMatchObject({ level: 40, code })
      expect(logged({ code })).not.toHaveProperty('stack')
    },
  )

  it.each(['BAD_USER_INPUT', 'FORBIDDEN', 'UNAUTHENTICATED', 'RATE_LIMITED', 'GRAPHQL_PARSE_FAILED'])(
    "ignores %s, the client's own mistake",
    (code) => {
      expect(linesOf({ code })).toEqual([])
    },
  )

  it('follows an AggregateError to the first of its errors', () => {
    const refused = Object.assign(new Error('connect ECONNREFUSED ::1:443'), { code: 'ECONNREFUSED' })
    const { causes } = logged({ error: new AggregateError([refused, new Error('other')], '') })
    expect(causes).toEqual([
      { name: 'AggregateError', message: '' },
      { name: 'Error', code: 'ECONNREFUSED', message: 'connect ECONNREFUSED ::1:443' },
    ])
  })

  it('is bounded: a long message, a long path, a chain without end, a thrown text', () => {
    const circular = new Error('m'.repeat(100_000))
    circular.cause = circular
    const line = logged({ error: circular, path: Array(5_000).fill('a'), code: 'INTERNAL_SERVER_ERROR' })
    expect(line.causes).toHaveLength(8)
    expect(JSON.stringify(line).length).toBeLessThan(12_000)
    expect(logged({ error: 'a thrown text' }).causes).toEqual([{ name: 'string', message: 'a thrown text' }])
    expect(logged({ error: undefined }).causes).toEqual([])
  })

  it('does not throw for an error whose fields throw', () => {
    const hostile = new Error('hostile')
    Object.defineProperty(hostile, 'message', {
      get() {
        throw new Error('no message')
      },
    })
    expect(logged({ error: hostile })).toMatchObject({ level: 50, requestId: 'r-1', message: 'a failure could not be described' })
  })

  it('that does nothing takes every failure', () => {
    const failure = { requestId: 'r', operationName: null, path: null, code: 'X', source: null, error: null } as const
    expect(noFailureLog.report({ ...failure, transport: 'websocket' })).toBeUndefined()
  })
})

const jwt = `eyJ${'hbGciOiJFUzI1NiJ9'}.eyJzdWIiOiJjYW5hcnkifQ.c2lnbmF0dXJl`

describe('INPUT-08: a failure log never shows', () => {
  it.each([
    ['a token', new Error(`refused ${jwt}`), jwt],
    ['a bearer token', new Error('Authorization: Bearer canary-token'), 'canary-token'],
    ['a URL', new Error('GET https://desk.canary.example/v1/tickets/42?q=x failed'), 'canary'],
    ['a URL of another scheme', new Error('postgresql://user:canary@db/desk is not reachable'), 'canary'],
    ['credentials in a URL', new Error('at http://canary:secret@desk.example/'), 'canary'],
    ['a mail address', new Error('no user canary@example.com'), 'canary'],
    ['a phone number', new Error('customer +49 170 1234567 not found'), '1234567'],
    ['a value that PostgreSQL rejected', new Error('invalid input syntax for type uuid: "canary"'), 'canary'],
    ['a long value that PostgreSQL rejected', new Error(`invalid input syntax: "canary${'x'.repeat(1_000)}"`), 'canary'],
    ['a body that is not JSON', parseErrorOf('{"note":canary'), 'canary'],
    ['a thrown object', { body: 'canary', message: 'canary' }, 'canary'],
    ['other fields of an error', Object.assign(new Error('failed'), { body: 'canary', response: { text: 'canary' } }), 'canary'],
  ])('%s, be it the error or a cause', (_, error, canary) => {
    for (const code of ['INTERNAL_SERVER_ERROR', 'UPSTREAM_BAD_RESPONSE']) {
      expect(linesOf({ code, error }).join('')).not.toContain(canary)
      expect(linesOf({ code, error: new Error('outer', { cause: error }) }).join('')).not.toContain(canary)
    }
  })
})

function parseErrorOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    expect((error as Error).message).toContain('canary')
    return error
  }
}

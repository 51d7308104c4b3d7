import { describe, expect, it } from 'vitest'
import { DeskgraphError } from '../../src/domain/errors.ts'
import { createLogger } from '../../src/observability/logger.ts'

function logged(level: 'debug' | 'info' = 'info') {
  const lines: string[] = []
  return { log: createLogger({ level, stream: { write: (line) => void lines.push(line) } }), lines, text: () => lines.join('') }
}

const jwt = `eyJ${'hbGciOiJFUzI1NiJ9'}.eyJzdWIiOiJjYW5hcnkifQ.c2lnbmF0dXJl`

describe('a log line', () => {
  it('is one JSON object with level, time, message and fields', () => {
    const { log, lines } = logged()
    log.info({ requestId: 'r-1', source: 'oneview', tookMs: 12 }, 'Read a ticket')
    expect(lines).toHaveLength(1)
    expect(JSON.parse(lines[0]!)).toEqual({
      level: 30,
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      requestId: 'r-1',
      source: 'oneview',
      tookMs: 12,
      message: 'Read a ticket',
    })
  })
  it('is not written below the configured level', () => {
    const { log, lines } = logged()
    log.debug({}, 'details')
    expect(lines).toEqual([])
    const verbose = logged('debug')
    verbose.log.debug({}, 'details')
    expect(verbose.lines).toHaveLength(1)
  })
  it('shows an error with its code, frames and causes', () => {
    const { log, lines } = logged()
    const cause = Object.assign(new Error('connect ECONNREFUSED 10.0.0.1:443'), { code: 'ECONNREFUSED' })
    log.error({ err: new DeskgraphError('UPSTREAM_UNAVAILABLE', 'oneview cannot be reached.', { cause }) }, 'failed')
    expect(JSON.parse(lines[0]!)).toMatchObject({
      err: {
        name: 'DeskgraphError',
        code: 'UPSTREAM_UNAVAILABLE',
        message: 'oneview cannot be reached.',
        stack: expect.stringContaining('logger.test.ts'),
        cause: { code: 'ECONNREFUSED', message: 'connect ECONNREFUSED 10.0.0.1:443' },
      },
    })
  })
  it('OPS-04: shows every cause of a failure, without URLs and quoted values', () => {
    const { log, lines } = logged()
    const refused = Object.assign(new Error('connect ECONNREFUSED 10.0.0.1:5432'), { code: 'ECONNREFUSED' })
    const cause = new AggregateError([refused], 'all addresses failed')
    const err = new DeskgraphError('STORAGE_UNAVAILABLE', 'Not now.', { cause })
    log.warn({ err }, 'the job engine met an error and goes on')
    log.warn({ err: new Error('invalid input syntax for type uuid: "Ada Canary"') }, 'a row could not be removed')
    log.warn({ err: new Error('no answer of https://upstream.example/tickets/canary') }, 'a source failed')
    expect(lines).toHaveLength(3)
    expect(JSON.parse(lines[0]!).err.cause.cause).toMatchObject({ code: 'ECONNREFUSED', message: refused.message })
    expect(lines.join('')).not.toMatch(/canary/i)
  })
  it('keeps ids, times, versions, numbers and hosts', () => {
    const fields = {
      requestId: '550e8400-e29b-41d4-a716-446655440000',
      at: '2026-11-20T12:00:00.000Z',
      ticket: 'vsba-nhas',
      node: 'v24.21.0',
      address: '192.168.100.200',
      route: '/webhooks/vcc',
      bytes: 1_048_576,
    }
    const { log, lines } = logged()
    log.info(fields, 'Listening on http://127.0.0.1:4000')
    expect(JSON.parse(lines[0]!)).toMatchObject({ ...fields, message: 'Listening on http://127.0.0.1:4000' })
  })
  it('accepts values that JSON lacks: cycles, big integers, buffers, functions', () => {
    const cycle: Record<string, unknown> = { big: 1n, bytes: Buffer.from('canary'), call: () => 'canary' }
    cycle.self = cycle
    const { log, text } = logged()
    log.info(cycle, 'odd')
    expect(text()).toContain('"big":"1"')
    expect(text()).not.toContain('canary')
  })
})

describe('INPUT-08: canaries never reach the log', () => {
  it.each([
    ['a token in a header', { headers: { authorization: 'Bearer canary-1234' } }],
    ['a token under a name of its own', { accessToken: 'canary' }],
    ['a token in a text', { note: `got ${jwt} from the client` }],
    ['a bearer token in a text', { note: 'Authorization: Bearer canary.x.y' }],
    ['a secret in the query of a URL', { url: '/webhooks/vcc?secret-key=canary&x=1' }],
    ['credentials in a URL', { url: 'https://user:canary@host.example/path' }],
    ['a signing secret', { note: 'whsec_canaryBase64+/=' }],
    ['a body', { body: { title: 'canary' } }],
    ['a body as bytes', { data: Buffer.from('canary') }],
    ['variables', { variables: { input: { description: 'canary' } } }],
    ['an e-mail address', { note: 'no answer from canary@example.com yet' }],
    ['an e-mail address in a list, deep down', { tickets: [{ by: [{ who: 'x.canary+tag@sub.example.co' }] }] }],
    ['a field of an e-mail address', { customer_email: 'canary at example' }],
    ['a phone number', { phone: '+49 canary' }],
    ['a customer', { customer: { name: 'Canary', id: 1 } }],
    ['a title and a description', { ticket: { title: 'canary', description: 'canary' } }],
    ["an error's own properties", { err: Object.assign(new Error('refused'), { response: { text: 'canary' }, body: 'canary' }) }],
    ["an error's message", { err: new Error('invalid: canary@example.com') }],
    ["an error's cause", { err: new Error('outer', { cause: new Error(`token ${jwt} canary@x.example`) }) }],
  ])('%s', (_what, fields) => {
    const { log, text } = logged('debug')
    log.error(fields, 'something happened')
    log.debug(fields, 'something happened')
    expect(text()).toContain('something happened')
    expect(text().toLowerCase()).not.toContain('canary')
    expect(text()).not.toContain(jwt)
  })
  it.each(['+4915112345678', '0151 123 456 78', '+49 (151) 123-456-78', '(555) 123-4567', '00 44 20 7946 0958'])(
    'the phone number %s in a text',
    (phone) => {
      const { log, text } = logged()
      log.info({ note: `call ${phone} back` }, `called ${phone}`)
      expect(text()).not.toContain(phone)
      expect(text()).toContain('[number]')
    },
  )
  it('in the message of a line', () => {
    const { log, text } = logged()
    log.info({}, `GET /webhooks/vcc?secret-key=canary by canary@example.com with ${jwt}`)
    expect(text()).not.toMatch(/canary|eyJ/)
  })
})

describe('INPUT-07: cleaning hostile text', () => {
  it.each([
    'a'.repeat(1_000_000),
    '@'.repeat(1_000_000),
    'a@'.repeat(500_000),
    '1 '.repeat(500_000),
    'eyJ-'.repeat(250_000),
    '://'.repeat(300_000),
  ])('keeps a bounded length and does not backtrack (%#)', (hostile) => {
    const { log, text } = logged()
    log.info({ hostile }, 'x')
    expect(text().length).toBeLessThan(10_000)
  })
})

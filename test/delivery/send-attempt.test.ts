import { createHmac } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { createServer, type Server, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { createSendAttempt, toSignatureHeaders } from '../../src/delivery/send-attempt.ts'
import { createSsrfGuard } from '../../src/delivery/ssrf-guard.ts'
import { startPartner, status } from './fake-partner.ts'

const guard = createSsrfGuard(['127.0.0.1/32'])
const never = new AbortController().signal
const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

/** A server that answers each connection with these bytes and nothing else. */
async function startRaw(answer: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.once('data', () => answer(socket))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  closing.push(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`
}

const attempt = createSendAttempt({ timeoutMs: 15_000, clock: Date.now })
const post = (url: string, signal = never) => attempt({ url, secrets: ['s3cret'], guard }, 'msg_1', '{}', signal)
/** For servers that never answer. */
const impatient = createSendAttempt({ timeoutMs: 100, clock: Date.now })

describe('an attempt', () => {
  it('is signed with the time of this attempt, not of an earlier one (DELIVERY-01)', async () => {
    const partner = await startPartner()
    closing.push(partner.close)
    let nowMs = Date.parse('2026-03-01T12:00:00.900Z')
    const clocked = createSendAttempt({ timeoutMs: 5_000, clock: () => nowMs })
    await clocked({ url: partner.url, secrets: ['s3cret'], guard }, 'msg_1', '{"a":1}', never)
    nowMs += 60_000
    await clocked({ url: partner.url, secrets: ['s3cret'], guard }, 'msg_1', '{"a":1}', never)
    expect(partner.received.map(({ headers }) => [headers['webhook-id'], headers['webhook-timestamp']])).toEqual([
      ['msg_1', '1772366400'],
      ['msg_1', '1772366460'],
    ])
    expect(partner.received[0]!.headers['webhook-signature']).not.toBe(partner.received[1]!.headers['webhook-signature'])
    expect(partner.received[0]!.headers['content-type']).toBe('application/json')
  })

  it.each([
    [200, true],
    [204, true],
    [299, true],
    [304, false],
    [400, false],
    [404, false],
    [410, false],
    [429, false],
    [503, false],
  ])('that is answered %d is a success: %s', async (code, delivered) => {
    const partner = await startPartner(status(code))
    closing.push(partner.close)
    expect(await post(partner.url)).toMatchObject({ delivered, status: code, gone: code === 410 })
  })

  it('tells how long the partner asked to wait', async () => {
    const partner = await startPartner(status(429, { 'retry-after': '7' }))
    closing.push(partner.close)
    expect(await post(partner.url)).toMatchObject({ delivered: false, retryAfterMs: 7_000 })
  })

  it('counts when the status came, although the rest of the answer broke off', async () => {
    const broken = await startRaw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nabc')
      socket.destroy()
    })
    expect(await post(broken)).toMatchObject({ delivered: true, status: 200 })
  })

  it('ends after 4 kB of an answer that is longer', async () => {
    const long = await startRaw(
      (socket) => void socket.write(`HTTP/1.1 202 OK\r\ncontent-length: 100000\r\n\r\n${'x'.repeat(4096)}`),
    )
    const patient = createSendAttempt({ timeoutMs: 120_000, clock: Date.now })
    const outcome = await patient({ url: long, secrets: ['s3cret'], guard }, 'msg_1', '{}', never)
    expect(outcome).toMatchObject({ delivered: true, status: 202 })
  })

  it.each<[string, (socket: Socket) => void, string]>([
    ['a reset', (socket) => socket.resetAndDestroy(), 'The connection was reset.'],
    ['a closed connection', (socket) => socket.end(), 'The connection was closed before an answer came.'],
    ['garbage', (socket) => socket.end('SSH-2.0-canary\r\n\r\n'), 'The answer was not HTTP.'],
    [
      'too many headers',
      (socket) => socket.end(`HTTP/1.1 200 OK\r\nx: ${'canary'.repeat(12_000)}\r\n\r\n`),
      'The answer had too many headers.',
    ],
  ])('that meets %s is a failure with a plain text', async (_, answer, error) => {
    expect(await post(await startRaw(answer))).toEqual({ delivered: false, status: null, error, retryAfterMs: null, gone: false })
  })

  it.each<[string, (socket: Socket) => void]>([
    ['nothing', () => {}],
    ['half a header', (socket) => void socket.write('HTTP/1.1 200 OK\r\nx: can')],
  ])('that meets %s until its deadline is a failure', async (_, answer) => {
    const url = await startRaw(answer)
    const outcome = await impatient({ url, secrets: ['s3cret'], guard }, 'msg_1', '{}', never)
    expect(outcome).toEqual({ delivered: false, status: null, error: 'No answer came in time.', retryAfterMs: null, gone: false })
  })

  it('that the gateway aborts is a failure, and is not sent', async () => {
    const partner = await startPartner()
    closing.push(partner.close)
    expect(await post(partner.url, AbortSignal.abort())).toMatchObject({ delivered: false, error: 'No answer came in time.' })
    expect(partner.received).toEqual([])
  })

  it('to a closed port, an unknown name or without TLS is a failure that names no address', async () => {
    const partner = await startPartner()
    await partner.close()
    expect(await post(partner.url)).toMatchObject({ status: null, error: 'The connection was refused.' })
    const tls = await startRaw((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
    expect(await post(tls.replace('http:', 'https:'))).toMatchObject({ error: 'The connection could not be secured.' })
    const unknown = createSsrfGuard([], async () => {
      throw Object.assign(new Error('getaddrinfo ENOTFOUND canary.example'), { code: 'ENOTFOUND' })
    })
    const outcome = await attempt({ url: 'https://canary.example/', secrets: ['s'], guard: unknown }, 'msg_1', '{}', never)
    expect(outcome.error).toBe('The name of the host could not be resolved.')
  })

  it('to an address that is not permitted is never made', async () => {
    const partner = await startPartner()
    closing.push(partner.close)
    const strict = createSsrfGuard([])
    const outcome = await attempt({ url: partner.url, secrets: ['s'], guard: strict }, 'msg_1', '{}', never)
    expect(outcome).toMatchObject({
      delivered: false,
      status: null,
      error: expect.stringContaining('its address is not public (loopback)'),
    })
    expect(outcome.error).not.toContain('127.0.0.1')
    expect(partner.received).toHaveLength(0)
  })
})

describe('the signatures', () => {
  it('are those of the Standard Webhooks specification', () => {
    // The example of https://github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md.
    const headers = toSignatureHeaders(
      ['whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD'],
      'msg_27UH4WbU6Z5A5EzD8u03UvzRbpk',
      new Date(1_649_367_553_000),
      '{"email":"test@example.com","username":"test_user"}',
    )
    expect(headers['webhook-signature']).toBe('v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=')
    expect(headers['webhook-timestamp']).toBe('1649367553')
  })

  it('use the same key bytes: base64 after whsec_, else the text itself (DECISION-30)', () => {
    const { 'x-signature': hex } = toSignatureHeaders(['whsec_AAEC'], 'msg_1', new Date(0), 'body')
    expect(hex).toBe(
      createHmac('sha256', Buffer.from([0, 1, 2]))
        .update('body')
        .digest('hex'),
    )
  })
})

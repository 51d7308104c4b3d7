import { createHmac } from 'node:crypto'
import { afterEach, describe, expect, test } from 'vitest'
import { createSendAttempt, toSignatureHeaders } from '../../src/delivery/send-attempt.ts'
import { createSsrfGuard, type SsrfGuard } from '../../src/delivery/ssrf-guard.ts'
import { startPartner, status } from './fake-partner.ts'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

const never = new AbortController().signal
const attempt = createSendAttempt({ timeoutMs: 15_000, clock: () => Date.parse('2026-03-01T12:00:00.000Z') })

async function outcomeOf(code: number, headers: Record<string, string> = {}) {
  const partner = await startPartner(status(code, headers))
  closing.push(partner.close)
  return attempt({ url: partner.url, secrets: ['s3cret'], guard: createSsrfGuard(['127.0.0.1/32']) }, 'msg_1', '{}', never)
}

describe('the text of an answer', () => {
  test.each([
    [300, 'The partner answered 300: redirects are not followed.'],
    [399, 'The partner answered 399: redirects are not followed.'],
    [400, 'The partner answered 400.'],
    [410, 'The partner answered 410: it wants no more deliveries here.'],
    [500, 'The partner answered 500.'],
  ])('%d', async (code, error) => {
    expect(await outcomeOf(code)).toEqual({ delivered: false, status: code, error, retryAfterMs: null, gone: code === 410 })
  })

  test('is none for a success, whose Retry-After has no meaning', async () => {
    const outcome = await outcomeOf(299, { 'retry-after': '7' })
    expect(outcome).toEqual({ delivered: true, status: 299, error: null, retryAfterMs: null, gone: false })
  })

  test('leaves the wait to a Retry-After, which may be a date', async () => {
    const outcome = await outcomeOf(503, { 'retry-after': 'Sun, 01 Mar 2026 12:00:30 GMT' })
    expect(outcome.retryAfterMs).toBe(30_000)
  })
})

describe('the text of a failure', () => {
  test.each([
    ['ECONNREFUSED', 'The connection was refused.'],
    ['ECONNRESET', 'The connection was reset.'],
    ['ENOTFOUND', 'The name of the host could not be resolved.'],
    ['EAI_AGAIN', 'The name of the host could not be resolved.'],
    ['EHOSTUNREACH', 'The host could not be reached.'],
    ['ENETUNREACH', 'The host could not be reached.'],
    ['UND_ERR_CONNECT_TIMEOUT', 'The connection was not made in time.'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'The connection could not be secured.'],
    ['ERR_TLS_HANDSHAKE_TIMEOUT', 'The connection could not be secured.'],
    ['CERT_HAS_EXPIRED', 'The connection could not be secured.'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'The connection could not be secured.'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'The connection could not be secured.'],
    ['E_CANARY', 'The call failed.'],
    [undefined, 'The call failed.'],
  ])('with the code %s names no details', async (code, text) => {
    const guard = createSsrfGuard([], () => Promise.reject(Object.assign(new Error('canary'), { code })))
    const outcome = await attempt({ url: 'https://canary.example/', secrets: ['s'], guard }, 'msg_1', '{}', never)
    expect(outcome).toEqual({ delivered: false, status: null, error: text, retryAfterMs: null, gone: false })
  })

  test('of a refused address says why', async () => {
    const guard = createSsrfGuard([], async () => [])
    const outcome = await attempt({ url: 'https://canary.example/', secrets: ['s'], guard }, 'msg_1', '{}', never)
    expect(outcome.error).toBe('The partner may not be called: the name has no address.')
  })
})

test.each([
  ['http://partner.example/hook', ['partner.example', 80, 'http:']],
  ['http://partner.example:443/hook', ['partner.example', 443, 'http:']],
  ['https://partner.example/hook', ['partner.example', 443, 'https:']],
])('the address of %s is checked with its port and protocol', async (url, checked) => {
  const asked: unknown[][] = []
  const guard: SsrfGuard = {
    ...createSsrfGuard([]),
    async resolve(...args) {
      asked.push(args)
      throw new Error('refused')
    },
  }
  expect(await attempt({ url, secrets: ['s'], guard }, 'msg_1', '{}', never)).toMatchObject({ delivered: false })
  expect(asked).toEqual([checked])
})

describe('the headers of a delivery', () => {
  test('are those of JSON from this gateway, and the body is as it was stored', async () => {
    const partner = await startPartner()
    closing.push(partner.close)
    const endpoint = { url: partner.url, secrets: ['s3cret'], guard: createSsrfGuard(['127.0.0.1/32']) }
    await attempt(endpoint, 'msg_1', '{"text":"aä€"}', never)
    expect(partner.received).toMatchObject([
      {
        method: 'POST',
        path: '/hook',
        body: '{"text":"aä€"}',
        headers: { 'content-type': 'application/json', 'user-agent': 'deskgraph' },
      },
    ])
  })

  test('have a signature of every secret in their order, and that of the first one in hex', () => {
    // Standard Webhooks, "Signature scheme": HMAC-SHA256 of `id.timestamp.body`, in base64.
    const sign = (key: string) => `v1,${createHmac('sha256', key).update('msg_1.1772366400.{}').digest('base64')}`
    const headers = toSignatureHeaders(['first', 'second'], 'msg_1', new Date('2026-03-01T12:00:00.900Z'), '{}')
    expect(headers).toEqual({
      'webhook-id': 'msg_1',
      'webhook-timestamp': '1772366400',
      'webhook-signature': `${sign('first')} ${sign('second')}`,
      'x-signature': createHmac('sha256', 'first').update('{}').digest('hex'),
    })
  })

  test('leave out a secret that is not base64 after whsec_', () => {
    const headers = toSignatureHeaders(['whsec_?', 'second'], 'msg_1', new Date(0), '{}')
    expect(headers['webhook-signature']!.split(' ')).toHaveLength(1)
    expect(headers['x-signature']).toBe(createHmac('sha256', 'second').update('{}').digest('hex'))
  })
})

import { describe, expect, test } from 'vitest'
import type { WebhookRequest } from '../../src/sources/webhook-handler.ts'
import {
  hasHubSignature,
  hasSharedSecret,
  hasSignedToken,
  hasTimestampedSignature,
  webhookSecrets,
} from '../../src/sources/webhook-signature.ts'

// The expected signatures were computed with openssl, for example
// `printf '%s%s' 2026-11-29T10:00:00Z "$body" | openssl dgst -sha256 -hmac an-old-secret-of-16 -binary | base64`.
const [old, next] = ['an-old-secret-of-16', 'a-new-secret-of-16b']
const body = '{"id":"ev-1","subject":"zen:ticket:42"}'
const timestamp = '2026-11-29T10:00:00Z'

const requestOf = (headers: WebhookRequest['headers'], text = body): WebhookRequest => ({
  rawBody: Buffer.from(text),
  contentType: 'application/json',
  headers,
  query: {},
})

describe('HINT-01 a webhook of a pulled source is verified by its vendor’s formula', () => {
  const names = { signature: 'x-zendesk-webhook-signature', timestamp: 'x-zendesk-webhook-signature-timestamp' }
  const zendesk = (signature: string, at = timestamp, text = body) =>
    requestOf({ [names.signature]: signature, [names.timestamp]: at }, text)
  const oldSignature = 'apMERiazfyRk67feL5fRups+tOiFnzHyHvHTo/TNbcE='
  const newSignature = 'egHTHt+9i98oJkX6omxO+Be7t9Tpdn6Z3me0nB8YDI4='

  test('Zendesk: base64 of HMAC-SHA256 over timestamp and body, with either secret while it is changed', () => {
    expect(hasTimestampedSignature(zendesk(oldSignature), names, [old])).toBe(true)
    expect(hasTimestampedSignature(zendesk(newSignature), names, [old])).toBe(false)
    for (const signature of [oldSignature, newSignature])
      expect(hasTimestampedSignature(zendesk(signature), names, [next, old])).toBe(true)
  })

  test.each([
    ['another body', zendesk(oldSignature, timestamp, `${body} `)],
    ['another time', zendesk(oldSignature, '2026-11-29T10:00:01Z')],
    ['no signature', requestOf({ [names.timestamp]: timestamp })],
    ['no time', requestOf({ [names.signature]: oldSignature })],
    ['two signatures', requestOf({ [names.signature]: [oldSignature, oldSignature], [names.timestamp]: timestamp })],
  ])('Zendesk: %s is refused', (_, request) => {
    expect(hasTimestampedSignature(request, names, [old])).toBe(false)
  })

  const sha256 = 'sha256=58163563dbd5a23966ef0fc9a350b14a1ef3dbcc2d89aa2060ed10f1af38bd36'
  const sha1 = 'sha1=4194098dc0905786b2a5ec063b0659657a3d57cb'
  const hub = (signature: string) => requestOf({ 'x-hub-signature': signature })

  test('Jira and Intercom: the method is read from the prefix, and only the vendor’s own is accepted', () => {
    expect(hasHubSignature(hub(sha256), { methods: ['sha256'] }, [next, old])).toBe(true)
    expect(hasHubSignature(hub(sha1), { methods: ['sha1'] }, [old])).toBe(true)
    expect(hasHubSignature(hub(sha1), { methods: ['sha256'] }, [old])).toBe(false)
    expect(hasHubSignature(hub(sha256), { methods: ['sha256'] }, [next])).toBe(false)
  })

  test.each([['', 'sha256=', sha256.slice(7), sha256.replace('sha256', 'md5'), `${sha256}00`, sha256.slice(0, -1)]])(
    'a malformed X-Hub-Signature is refused',
    (...signatures) => {
      for (const signature of signatures)
        expect(hasHubSignature(hub(signature), { methods: ['sha256', 'sha1'] }, [old])).toBe(false)
    },
  )

  // Header {"alg":"HS256","typ":"JWT"}, claims {"iss":"jira","iat":1796000000,"exp":1796000900}.
  const token =
    'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJqaXJhIiwiaWF0IjoxNzk2MDAwMDAwLCJleHAiOjE3OTYwMDA5MDB9.LCUIx91idd_4-ZHh09p7IrQmXzVpGuVYBCgu1sBDlEw'
  // The same claims under {"alg":"none"}, signed all the same.
  const unsigned =
    'eyJhbGciOiJub25lIn0.eyJpc3MiOiJqaXJhIiwiaWF0IjoxNzk2MDAwMDAwLCJleHAiOjE3OTYwMDA5MDB9.daWH-g5qhx5xiQ2MI_rKSQ5Ke0Gg_pEKQ1Gvst6vUz4'
  // Claims {"iss":"jira"}: it never ends.
  const endless = 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJqaXJhIn0.KNhURAIJJd7KGFnnIdDmO3vrOkiBibobKf1nQ963MYo'
  const during = 1_796_000_100_000
  const signedBy = (value: string, now: number, secrets = [old]) =>
    hasSignedToken(requestOf({ authorization: value }), secrets, now)

  test('Jira: a JWT with HS256 by the client secret, until it expires', () => {
    expect(signedBy(`Bearer ${token}`, during)).toBe(true)
    expect(signedBy(`JWT ${token}`, during, [next, old])).toBe(true)
    expect(signedBy(`Bearer ${token}`, 1_796_000_929_000)).toBe(true)
    expect(signedBy(`Bearer ${token}`, 1_796_000_931_000)).toBe(false)
    expect(signedBy(`Bearer ${token}`, during, [next])).toBe(false)
  })

  test('Jira: another algorithm, no end, and a text that is no token are refused', () => {
    for (const value of [`Bearer ${unsigned}`, `Bearer ${endless}`, 'Bearer a.b.c', `Basic ${token}`, ''])
      expect(signedBy(value, during)).toBe(false)
  })

  test('Freshdesk: a secret in a header of its own, or as the password of Basic', () => {
    const header = { header: 'x-deskgraph-secret' }
    expect(hasSharedSecret(requestOf({ 'x-deskgraph-secret': old }), header, [next, old])).toBe(true)
    expect(hasSharedSecret(requestOf({ 'x-deskgraph-secret': '' }), header, [old])).toBe(false)
    expect(hasSharedSecret(requestOf({}), header, [old])).toBe(false)
    // printf 'deskgraph:an-old-secret-of-16' | base64
    const basic = requestOf({ authorization: 'Basic ZGVza2dyYXBoOmFuLW9sZC1zZWNyZXQtb2YtMTY=' })
    expect(hasSharedSecret(basic, { basicUser: 'deskgraph' }, [old])).toBe(true)
    expect(hasSharedSecret(basic, { basicUser: 'another' }, [old])).toBe(false)
    expect(hasSharedSecret(basic, { basicUser: 'deskgraph' }, [next])).toBe(false)
  })

  test('the configuration takes one secret or two, of at least 16 bytes', () => {
    expect(webhookSecrets.parse(old)).toEqual([old])
    expect(webhookSecrets.parse([next, old])).toEqual([next, old])
    for (const value of ['short', [], [old, next, 'a-third-secret-of-16'], [old, '']])
      expect(webhookSecrets.safeParse(value).success).toBe(false)
  })
})

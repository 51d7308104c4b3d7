import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { hasHubSignature, hasSharedSecret, hasSignedToken, hasTimestampedSignature } from '../../src/sources/webhook-signature.ts'

const secret = 'an-old-secret-of-16'
const body = '{"id":"ev-1"}'
const nowSeconds = 1_796_000_000

const requestOf = (headers: Readonly<Record<string, string | readonly string[]>>) => ({
  rawBody: Buffer.from(body),
  contentType: 'application/json',
  headers,
  query: {},
})

/** A JSON Web Token as a sender makes it (RFC 7515, appendix A.1). */
function tokenOf(claims: unknown, head: unknown = { alg: 'HS256' }): string {
  const toPart = (value: unknown) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')
  const signed = `${toPart(head)}.${toPart(claims)}`
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`
}
const isAccepted = (authorization: string | readonly string[], atSeconds = nowSeconds) =>
  hasSignedToken(requestOf({ authorization }), [secret], atSeconds * 1000)

describe('HINT-01 the token of a webhook', () => {
  it('counts from 30 s before its begin to 30 s after its end', () => {
    const token = `Bearer ${tokenOf({ nbf: nowSeconds, exp: nowSeconds + 100 })}`
    const answers = [-31, -30, 0, 130, 131].map((seconds) => isAccepted(token, nowSeconds + seconds))
    expect(answers).toEqual([false, true, true, true, false])
  })

  it('counts from 1970 on where it names no begin', () => {
    const token = `Bearer ${tokenOf({ exp: nowSeconds })}`
    expect([isAccepted(token), isAccepted(token, 1)]).toEqual([true, true])
  })

  it.each([
    ['an end that is text', { exp: String(nowSeconds + 100) }],
    ['a begin that is text', { nbf: '0', exp: nowSeconds + 100 }],
    ['no end', {}],
    ['claims that are null', 'null'],
    ['claims that are a number', '7'],
    ['claims that are no JSON', '{'],
  ])('is refused with %s', (_, claims) => {
    expect(isAccepted(`Bearer ${tokenOf(claims)}`)).toBe(false)
  })

  it.each([
    ['another algorithm', { alg: 'HS512' }],
    ['no algorithm', {}],
    ['a head that is null', 'null'],
    ['a head that is no JSON', 'x'],
  ])('is refused with %s, though it is signed', (_, head) => {
    expect(isAccepted(`Bearer ${tokenOf({ exp: nowSeconds + 100 }, head)}`)).toBe(false)
  })

  const token = tokenOf({ exp: nowSeconds + 100 })
  it.each([`Bearer ${token}`, `bearer  ${token}`, `JWT ${token} `, `jwt ${token}  `])('may be written as "%s"', (value) => {
    expect(isAccepted(value)).toBe(true)
  })

  it.each([
    ['no scheme', token],
    ['no blank', `Bearer${token}`],
    ['text before the scheme', `x Bearer ${token}`],
    ['text behind it', `Bearer ${token} x`],
    ['a fourth part', `Bearer ${token}.x`],
    ['no signature', `Bearer ${token.slice(0, token.lastIndexOf('.') + 1)}`],
    ['an empty head', `Bearer .${token.split('.').slice(1).join('.')}`],
  ])('is refused with %s', (_, value) => {
    expect(isAccepted(value)).toBe(false)
  })

  it('is refused where the header came twice', () => {
    expect(isAccepted([`Bearer ${token}`, `Bearer ${token}`])).toBe(false)
  })
})

describe('HINT-01 the header of a signature', () => {
  const hex = createHmac('sha256', secret).update(body).digest('hex')
  const hub = (value: string, name = 'x-hub-signature') =>
    hasHubSignature(requestOf({ [name]: value }), { methods: ['sha256'] }, [secret])

  it('may be in capital letters', () => {
    expect([hub(`SHA256=${hex}`), hub(`sha256=${hex.toUpperCase()}`)]).toEqual([true, true])
  })

  it('is one signature, with nothing before or behind it', () => {
    for (const value of [`x sha256=${hex}`, `sha256=${hex} x`, `sha256=${hex}=`]) expect(hub(value)).toBe(false)
  })

  it('has the name that the source is configured with', () => {
    const request = requestOf({ 'x-signature': `sha256=${hex}` })
    expect(hasHubSignature(request, { header: 'x-signature', methods: ['sha256'] }, [secret])).toBe(true)
    expect(hub(`sha256=${hex}`, 'x-signature')).toBe(false)
  })

  it('is needed with a time that is not empty, though the signature fits', () => {
    const names = { signature: 'x-signature', timestamp: 'x-time' }
    const withoutTime = createHmac('sha256', secret).update(body).digest('base64')
    expect(hasTimestampedSignature(requestOf({ 'x-signature': withoutTime, 'x-time': '' }), names, [secret])).toBe(false)
    expect(hasTimestampedSignature(requestOf({ 'x-signature': '', 'x-time': '7' }), names, [secret])).toBe(false)
  })
})

describe('HINT-01 the secret of a webhook', () => {
  // printf 'deskgraph:an-old-secret-of-16' | base64
  const encoded = 'ZGVza2dyYXBoOmFuLW9sZC1zZWNyZXQtb2YtMTY='
  const basic = (authorization: string) => hasSharedSecret(requestOf({ authorization }), { basicUser: 'deskgraph' }, [secret])

  it('may come as the password of Basic, in any casing of the scheme and with blanks', () => {
    expect([`Basic ${encoded}`, `basic  ${encoded}`, `BASIC ${encoded}  `].map(basic)).toEqual([true, true, true])
  })

  it('is refused with text before or behind it', () => {
    expect([`x Basic ${encoded}`, `Basic ${encoded} x`, `Basic${encoded}`, 'Basic ', ''].map(basic)).toEqual(Array(5).fill(false))
  })

  it('is never the empty text, also where that is configured', () => {
    expect(hasSharedSecret(requestOf({ 'x-secret': '' }), { header: 'x-secret' }, [''])).toBe(false)
  })
})

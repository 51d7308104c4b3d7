import { describe, expect, it } from 'vitest'
import { authConfig, problemWithHost } from '../../src/auth/config.ts'

const least = { mode: 'jwt', issuer: 'https://issuer.example', audience: 'deskgraph' }
const withUrl = { ...least, jwksUrl: 'https://issuer.example/jwks.json' }

describe('the auth configuration', () => {
  it('has safe defaults', () => {
    expect(authConfig.parse(withUrl)).toEqual({
      ...withUrl,
      algorithms: ['RS256', 'ES256', 'EdDSA'],
      typ: ['JWT', 'at+jwt'],
      maxLifetimeSeconds: 43_200,
      clockSkewSeconds: 30,
      claims: { scopes: 'scope', identity: 'email', name: 'name' },
      scopeMap: {},
    })
  })
  it.each(['HS256', 'HS512', 'none', 'RS1'])('cannot switch on %s', (algorithm) => {
    expect(authConfig.safeParse({ ...withUrl, algorithms: [algorithm] }).success).toBe(false)
  })
  it('takes plain http for the keys on loopback alone', () => {
    expect(authConfig.safeParse({ ...least, jwksUrl: 'http://127.0.0.1:9000/jwks' }).success).toBe(true)
    expect(authConfig.safeParse({ ...least, jwksUrl: 'http://[::1]:9000/jwks' }).success).toBe(true)
    expect(authConfig.safeParse({ ...least, jwksUrl: 'http://issuer.example/jwks' }).success).toBe(false)
    expect(authConfig.safeParse({ ...least, jwksUrl: 'http://127.0.0.1.example/jwks' }).success).toBe(false)
  })
  it.each(['file:///etc/passwd', 'https://user:pass@issuer.example/jwks', 'ftp://issuer.example'])(
    'does not take %s',
    (jwksUrl) => {
      expect(authConfig.safeParse({ ...least, jwksUrl }).success).toBe(false)
    },
  )
  it('needs exactly one place for the keys, and knows no other settings', () => {
    expect(authConfig.safeParse(least).success).toBe(false)
    expect(authConfig.safeParse({ ...withUrl, publicKeyFile: './key.pem' }).success).toBe(false)
    expect(authConfig.safeParse({ ...withUrl, secret: 'x' }).success).toBe(false)
  })
})

describe('without identity', () => {
  it.each(['127.0.0.1', '127.1.2.3', '::1', '[::1]', 'localhost', 'LOCALHOST'])('the gateway may listen on %s', (host) => {
    expect(problemWithHost({ mode: 'none' }, host)).toBeNull()
  })
  it.each([
    '0.0.0.0',
    '::',
    '',
    '10.0.0.1',
    '192.168.1.1',
    'example.com',
    'localhost.example.com',
    '127.0.0.1.nip.io',
    '2130706433',
  ])('the gateway may not listen on "%s"', (host) => {
    expect(problemWithHost({ mode: 'none' }, host)).toContain('auth.mode')
  })
  it('is no matter once tokens are asked for', () => {
    expect(problemWithHost(authConfig.parse(withUrl), '0.0.0.0')).toBeNull()
  })
})

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, type JWTHeaderParameters, type JWTPayload, SignJWT } from 'jose'
import { authConfig, type JwtAuthConfig } from '../../src/auth/config.ts'

export const startOfTime = Date.UTC(2026, 10, 20, 12, 0, 0)

/** The default of `limits.slowClients`. */
export const limits = { maxHeaderBytes: 16_384 }

export interface Signer {
  readonly kid: string
  readonly alg: string
  readonly publicJwk: JWK
  readonly privateKey: CryptoKey
}

export async function createSigner(kid: string, alg = 'ES256'): Promise<Signer> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true })
  return { kid, alg, privateKey, publicJwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } }
}

/** An issuer whose key set is served over real HTTP on loopback. */
export async function startIssuer(signers: readonly Signer[]) {
  let published = signers
  let down = false
  let fetches = 0
  const server = createServer((_request, response) => {
    fetches++
    if (down) return response.writeHead(500).end('down')
    response.setHeader('content-type', 'application/json')
    return response.end(JSON.stringify({ keys: published.map((signer) => signer.publicJwk) }))
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`
  return {
    url,
    fetches: () => fetches,
    publish: (next: readonly Signer[]) => {
      published = next
    },
    setDown: (isDown: boolean) => {
      down = isDown
    },
    close: () => new Promise<void>((closed) => server.close(() => closed())),
  }
}

export function configFor(jwksUrl: string, more: object = {}): JwtAuthConfig {
  const config = authConfig.parse({ mode: 'jwt', issuer: 'https://issuer.example', audience: 'deskgraph', jwksUrl, ...more })
  if (config.mode !== 'jwt') throw new Error('a jwt configuration was meant')
  return config
}

const seconds = startOfTime / 1000

/** The claims of a good token at `startOfTime`. */
export const goodClaims: JWTPayload = {
  iss: 'https://issuer.example',
  aud: 'deskgraph',
  sub: 'agent-1',
  iat: seconds - 60,
  exp: seconds + 3_600,
  email: 'agent@example.com',
  name: 'Ada Agent',
  scope: 'tickets:read source:oneview',
}

/** Signs the good claims with changes; a claim that is undefined is left out. */
export function sign(signer: Signer, claims: object = {}, header: Partial<JWTHeaderParameters> = {}): Promise<string> {
  return signExactly(signer, { ...goodClaims, ...claims }, { alg: signer.alg, kid: signer.kid, typ: 'JWT', ...header })
}

/** Signs these claims and this header and no more; a claim that is undefined is left out. */
export function signExactly(signer: Signer, claims: object, header: JWTHeaderParameters): Promise<string> {
  const payload = Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined))
  return new SignJWT(payload).setProtectedHeader(header).sign(signer.privateKey)
}

export function bearer(token: string): { authorization: string } {
  return { authorization: `Bearer ${token}` }
}

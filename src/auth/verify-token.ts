import { errors, type JWTPayload, type JWTVerifyResult, jwtVerify } from 'jose'
import type { Viewer } from '../domain/call.ts'
import type { Clock } from '../domain/clock.ts'
import type { JwtAuthConfig } from './config.ts'
import type { KeySource } from './keys.ts'

/**
 * Verifies a token and returns its claims. It must be signed by a known key with a configured algorithm; `iss`, `aud`, `exp`
 * and `iat` must be present and valid; `typ` must be one of the configured types; its lifetime must not exceed the limit.
 * Rejects otherwise, with AUTH_UNAVAILABLE when there are no keys yet.
 */
export async function verifyToken(token: string, auth: JwtAuthConfig, keys: KeySource, clock: Clock): Promise<JWTPayload> {
  const verified = await jwtVerify(token, (header, jws) => keys.keyFor(header, jws), {
    algorithms: auth.algorithms,
    issuer: auth.issuer,
    audience: auth.audience,
    requiredClaims: ['exp', 'iat'],
    clockTolerance: auth.clockSkewSeconds,
    // Makes jose check `iat`: not in the future, and not longer ago than this.
    maxTokenAge: auth.maxLifetimeSeconds,
    currentDate: new Date(clock()),
  })
  requireType(verified, auth.typ)
  requireLifetime(verified.payload, auth.maxLifetimeSeconds)
  return verified.payload
}

function requireType({ protectedHeader }: JWTVerifyResult, allowed: readonly string[]): void {
  const typ = normalizeType(protectedHeader.typ ?? '')
  if (!allowed.some((one) => normalizeType(one) === typ)) throw new errors.JWTInvalid('unexpected typ')
}

/** Media types are compared without case, and "application/" may be left out. RFC 7515 §4.1.9. */
function normalizeType(typ: string): string {
  return typ.toLowerCase().replace(/^application\//, '')
}

function requireLifetime({ exp, iat }: JWTPayload, maxSeconds: number): void {
  if (exp === undefined || iat === undefined || exp - iat > maxSeconds) throw new errors.JWTInvalid('lives too long')
}

/**
 * Translates verified claims into a viewer. The id is the subject, or the identity claim where there is no subject; null when
 * both are missing. The e-mail is the identity claim unchanged: the HTTP client refuses what a header cannot hold.
 * Scopes are a list, or text separated by blanks (RFC 8693 §4.2).
 */
export function toViewer(payload: JWTPayload, claims: JwtAuthConfig['claims']): Viewer | null {
  const identity = toText(payload[claims.identity])
  const id = toText(payload.sub) ?? (identity && `identity:${identity}`)
  if (id === null || payload.exp === undefined) return null
  return {
    id,
    email: identity,
    name: toText(payload[claims.name]),
    scopes: new Set(toScopes(payload[claims.scopes])),
    expiresAt: payload.exp,
  }
}

function toText(claim: unknown): string | null {
  return typeof claim === 'string' && claim !== '' ? claim : null
}

function toScopes(claim: unknown): string[] {
  if (Array.isArray(claim)) return claim.filter((scope): scope is string => typeof scope === 'string' && scope !== '')
  return typeof claim === 'string' ? claim.split(' ').filter((scope) => scope !== '') : []
}

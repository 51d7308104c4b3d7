import { errors, type JWTPayload, type JWTVerifyResult, jwtVerify } from 'jose'
import type { Viewer } from '../domain/call.ts'
import type { Clock } from '../domain/clock.ts'
import { isStorable } from '../domain/sanitize-text.ts'
import { type JwtAuthConfig, noType } from './config.ts'
import type { KeySource } from './keys.ts'

/**
 * Verifies a token and returns its claims. It must be signed by a known key with a configured algorithm; `iss`, `exp` and `iat` must be
 * present and valid, and the audience and `typ` as configured; its lifetime must not exceed the limit. Rejects otherwise, with
 * AUTH_UNAVAILABLE when there are no keys yet.
 */
export async function verifyToken(token: string, auth: JwtAuthConfig, keys: KeySource, clock: Clock): Promise<JWTPayload> {
  const verified = await jwtVerify(token, (header, jws) => keys.keyFor(header, jws), {
    algorithms: auth.algorithms,
    issuer: auth.issuer,
    requiredClaims: ['exp', 'iat'],
    clockTolerance: auth.clockSkewSeconds,
    // Makes jose check `iat`: not in the future, and not longer ago than this.
    maxTokenAge: auth.maxLifetimeSeconds,
    currentDate: new Date(clock()),
  })
  requireType(verified, auth.typ)
  requireAudience(verified.payload, auth)
  requireLifetime(verified.payload, auth.maxLifetimeSeconds)
  return verified.payload
}

function refuse(payload: JWTPayload, claim: string, reason: 'missing' | 'check_failed'): never {
  throw new errors.JWTClaimValidationFailed(`unexpected ${claim}`, payload, claim, reason)
}

function requireType({ protectedHeader: { typ }, payload }: JWTVerifyResult, allowed: readonly string[]): void {
  if (typ === undefined && allowed.includes(noType)) return
  if (typ === undefined) refuse(payload, 'typ', 'missing')
  const isAllowed = allowed.some((one) => one !== noType && normalizeType(one) === normalizeType(typ))
  if (!isAllowed) refuse(payload, 'typ', 'check_failed')
}

/** Media types are compared without case, and "application/" may be left out. RFC 7515 §4.1.9. */
function normalizeType(typ: unknown): string {
  return String(typ)
    .toLowerCase()
    .replace(/^application\//, '')
}

/**
 * `aud` must name the gateway (RFC 7519 §4.1.3). With `audienceClaim`, that claim must do so in its place. An `aud` that is present must
 * do so all the same: the token is for another recipient otherwise.
 */
function requireAudience(payload: JWTPayload, { audience, audienceClaim }: JwtAuthConfig): void {
  const accepted = new Set([audience].flat())
  const required = new Set([audienceClaim ?? 'aud', ...(payload.aud === undefined ? [] : ['aud'])])
  for (const claim of required) {
    const named = readClaim(payload, claim)
    if (named === undefined) refuse(payload, claim, 'missing')
    if (![named].flat().some((one) => accepted.has(one as string))) refuse(payload, claim, 'check_failed')
  }
}

function requireLifetime(payload: JWTPayload, maxSeconds: number): void {
  const { exp, iat } = payload
  if (exp === undefined || iat === undefined || exp - iat > maxSeconds) refuse(payload, 'exp', 'check_failed')
}

/**
 * Translates verified claims into a viewer. The id is the subject, or the identity claim where there is no subject; null when
 * both are missing, or when no store can keep the id: two viewers could become one. The e-mail is the identity claim unchanged: the
 * HTTP client refuses what a header cannot hold.
 */
export function toViewer(payload: JWTPayload, { claims, scopeMap }: Pick<JwtAuthConfig, 'claims' | 'scopeMap'>): Viewer | null {
  const identity = toText(readClaim(payload, claims.identity))
  const id = toText(payload.sub) ?? (identity && `identity:${identity}`)
  if (id === null || !isStorable(id) || payload.exp === undefined) return null
  const granted = toValues(readClaim(payload, claims.scopes))
  return {
    id,
    email: identity,
    name: toText(readClaim(payload, claims.name)),
    scopes: new Set(granted.flatMap((value) => (Object.hasOwn(scopeMap, value) ? scopeMap[value]! : [value]))),
    expiresAt: payload.exp,
  }
}

/**
 * Reads a claim by its exact name, else as a path with dots: `realm_access.roles` (DECISION-52). A key on the path may have dots itself:
 * `resource_access.desk.example.roles`. undefined: there is no such claim.
 */
function readClaim(claims: object, name: string): unknown {
  if (Object.hasOwn(claims, name)) return (claims as Record<string, unknown>)[name]
  for (let dot = name.indexOf('.'); dot !== -1; dot = name.indexOf('.', dot + 1)) {
    const key = name.slice(0, dot)
    const inner = Object.hasOwn(claims, key) ? (claims as Record<string, unknown>)[key] : null
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) continue
    const found = readClaim(inner, name.slice(dot + 1))
    if (found !== undefined) return found
  }
  return undefined
}

function toText(claim: unknown): string | null {
  return typeof claim === 'string' && claim !== '' ? claim : null
}

/** A list, or text separated by blanks (RFC 6749 §3.3, RFC 8693 §4.2). */
function toValues(claim: unknown): string[] {
  const values: unknown[] = typeof claim === 'string' ? claim.split(' ') : Array.isArray(claim) ? claim : []
  return values.filter((value): value is string => typeof value === 'string' && value !== '')
}

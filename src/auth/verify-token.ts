import { errors, type JWTPayload, type JWTVerifyResult, jwtVerify } from 'jose'
import type { Clock } from '../domain/clock.ts'
import type { JwtAuthConfig } from './config.ts'
import type { KeySource } from './key-source.ts'

/**
 * The claims of a token that is signed by a known key and meant for us, now: `iss`, `aud`, `exp` and `iat` are there and
 * right, `typ` is one of those asked for, it is no older and lives no longer than allowed. Rejects for any other.
 */
export async function verifyToken(token: string, auth: JwtAuthConfig, keys: KeySource, clock: Clock): Promise<JWTPayload> {
  const verified = await jwtVerify(token, (header, jws) => keys.keyFor(header, jws), {
    algorithms: auth.algorithms,
    issuer: auth.issuer,
    audience: auth.audience,
    requiredClaims: ['exp', 'iat'],
    clockTolerance: auth.clockSkewSeconds,
    // Asks for `iat`, and that it is neither in the future nor too long ago.
    maxTokenAge: auth.maxLifetimeSeconds,
    currentDate: new Date(clock()),
  })
  requireType(verified, auth.typ)
  requireLifetime(verified.payload, auth.maxLifetimeSeconds)
  return verified.payload
}

function requireType({ protectedHeader }: JWTVerifyResult, allowed: readonly string[]): void {
  const typ = plainType(protectedHeader.typ ?? '')
  if (!allowed.some((one) => plainType(one) === typ)) throw new errors.JWTInvalid('unexpected typ')
}

/** Media types are compared without case, and "application/" may be left out. RFC 7515 §4.1.9. */
function plainType(typ: string): string {
  return typ.toLowerCase().replace(/^application\//, '')
}

function requireLifetime({ exp, iat }: JWTPayload, maxSeconds: number): void {
  if (exp === undefined || iat === undefined || exp - iat > maxSeconds) throw new errors.JWTInvalid('lives too long')
}

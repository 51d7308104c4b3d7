import type { JWTPayload } from 'jose'
import type { Viewer } from '../domain/call.ts'
import type { JwtAuthConfig } from './config.ts'

/**
 * Who a verified token speaks for: its subject, or its identity where it has no subject; null when it names nobody. The identity is
 * the claim's own text: whoever passes it on refuses what cannot stand in a header.
 * Scopes are a list, or text with blanks (RFC 8693 §4.2).
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

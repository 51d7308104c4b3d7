import type { Viewer } from './call.ts'

/** The scopes of a token, and what each allows. In addition, `source:<key>` allows one source and `source:*` every source. */
export const scopes = {
  'tickets:read': 'read tickets, customers, vendors and lists of the granted sources',
  'tickets:write': 'create and change tickets of the granted sources',
  'tickets:raw': "read a source's own record behind a ticket",
  'customers:pii': "read customers' names, e-mail addresses and phone numbers",
  'routing:admin': 'read and replay deliveries and quarantined events, switch partners on again, and reconcile sources',
} as const
export type Scope = keyof typeof scopes

/** True for a scope that opens something: one of `scopes`, `source:<key>` or `source:*`. */
export function isScope(text: string): boolean {
  return Object.hasOwn(scopes, text) || /^source:(?:\*|[a-z][a-z0-9-]*)$/.test(text)
}

/** The viewer of every request when authentication is off (loopback only). It has all scopes. */
export const anonymous: Viewer = {
  id: 'anonymous',
  email: null,
  name: null,
  scopes: new Set([...Object.keys(scopes), 'source:*']),
  expiresAt: null,
}

/** True when the viewer has the scope. */
export function may(viewer: Viewer, scope: Scope): boolean {
  return viewer.scopes.has(scope)
}

/** True when the viewer has the scope of this source. For a viewer without it, the source does not exist. */
export function maySee(viewer: Viewer, sourceKey: string): boolean {
  return viewer.scopes.has('source:*') || viewer.scopes.has(`source:${sourceKey}`)
}

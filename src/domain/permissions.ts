import type { Viewer } from './call.ts'

/** The rights that a token can carry, and what each opens. `source:<key>` opens one source, `source:*` every one. */
export const scopes = {
  'tickets:read': 'read tickets, customers, vendors and lists of the granted sources',
  'tickets:write': 'create and change tickets of the granted sources',
  'tickets:raw': "read a source's own record behind a ticket",
  'customers:pii': "read customers' names, e-mail addresses and phone numbers",
  'routing:admin': 'read and replay deliveries and quarantined events',
} as const
export type Scope = keyof typeof scopes

/** Who asks when identity is switched off (loopback only): every right. */
export const anonymous: Viewer = {
  id: 'anonymous',
  email: null,
  name: null,
  scopes: new Set([...Object.keys(scopes), 'source:*']),
  expiresAt: null,
}

export function may(viewer: Viewer, scope: Scope): boolean {
  return viewer.scopes.has(scope)
}

/** A source that a viewer may not see does not exist for it. */
export function maySee(viewer: Viewer, sourceKey: string): boolean {
  return viewer.scopes.has('source:*') || viewer.scopes.has(`source:${sourceKey}`)
}

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

/**
 * What a field needs.
 * - `forbid`: without the scopes the field is a FORBIDDEN error (root fields: an action or a whole list).
 * - `hide`: without them the field is null; for customers:pii the response says so once in `extensions.redacted`.
 */
export interface FieldRule {
  readonly needs: readonly Scope[]
  readonly otherwise: 'forbid' | 'hide'
  /** The rule holds only where the object's `kind` is this one. */
  readonly ofKind?: string
}

/** The one table of what a field needs. */
export const fieldRules: Readonly<Record<string, FieldRule>> = {
  'Query.node': { needs: ['tickets:read'], otherwise: 'forbid' },
  'Query.nodes': { needs: ['tickets:read'], otherwise: 'forbid' },
  'Query.ticket': { needs: ['tickets:read'], otherwise: 'forbid' },
  'Query.ticketByExternalId': { needs: ['tickets:read'], otherwise: 'forbid' },
  'Query.tickets': { needs: ['tickets:read'], otherwise: 'forbid' },
  'Query.customer': { needs: ['tickets:read'], otherwise: 'forbid' },
  'Query.vendor': { needs: ['tickets:read'], otherwise: 'forbid' },
  'Query.sources': { needs: ['tickets:read'], otherwise: 'forbid' },
  'Query.escalationDepartments': { needs: ['tickets:read'], otherwise: 'forbid' },
  'Query.transferQueues': { needs: ['tickets:read'], otherwise: 'forbid' },
  'Query.resolutionStatuses': { needs: ['tickets:read'], otherwise: 'forbid' },
  'Query.contactReasons': { needs: ['tickets:read'], otherwise: 'forbid' },
  'Query.previewRoute': { needs: ['tickets:read'], otherwise: 'forbid' },
  'Query.deliveries': { needs: ['routing:admin'], otherwise: 'forbid' },
  'Query.quarantine': { needs: ['routing:admin'], otherwise: 'forbid' },
  'Mutation.createTicket': { needs: ['tickets:write'], otherwise: 'forbid' },
  'Mutation.updateTicket': { needs: ['tickets:write'], otherwise: 'forbid' },
  'Mutation.replyToTicket': { needs: ['tickets:write'], otherwise: 'forbid' },
  'Mutation.escalateTicket': { needs: ['tickets:write'], otherwise: 'forbid' },
  'Mutation.closeTicket': { needs: ['tickets:write'], otherwise: 'forbid' },
  'Mutation.reassignTicket': { needs: ['tickets:write'], otherwise: 'forbid' },
  'Mutation.transferTicket': { needs: ['tickets:write'], otherwise: 'forbid' },
  'Mutation.routeTicket': { needs: ['tickets:write'], otherwise: 'forbid' },
  'Mutation.replayDelivery': { needs: ['routing:admin'], otherwise: 'forbid' },
  'Mutation.replayQuarantined': { needs: ['routing:admin'], otherwise: 'forbid' },
  'Mutation.discardQuarantined': { needs: ['routing:admin'], otherwise: 'forbid' },
  'Subscription.ticketChanged': { needs: ['tickets:read'], otherwise: 'forbid' },
  'Ticket.raw': { needs: ['tickets:raw', 'customers:pii'], otherwise: 'hide' },
  'Customer.name': { needs: ['customers:pii'], otherwise: 'hide' },
  'Customer.firstName': { needs: ['customers:pii'], otherwise: 'hide' },
  'Customer.lastName': { needs: ['customers:pii'], otherwise: 'hide' },
  'Customer.email': { needs: ['customers:pii'], otherwise: 'hide' },
  'Customer.phone': { needs: ['customers:pii'], otherwise: 'hide' },
  'Actor.name': { needs: ['customers:pii'], otherwise: 'hide', ofKind: 'CUSTOMER' },
  'QuarantinedEvent.body': { needs: ['customers:pii'], otherwise: 'hide' },
}

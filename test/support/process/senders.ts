import { createHmac } from 'node:crypto'
import type { Dispatcher } from 'undici'
import { encodeId } from '../../../src/domain/ids.ts'
import { secrets } from './gateway-files.ts'

/** What must be true in the graph after the acknowledgement. */
export interface Claim {
  readonly ticketId: string
  /** A field of the source's record that the event sets. */
  readonly field: string
}

/** One request of a sender. */
export interface Sending {
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly claim: Claim
}

const json = { 'content-type': 'application/json' }

/** A sparse update of VCC. Each sets its own field, so that a lost event is visible. Ten events are one ticket. */
export function vccEvent(n: number): Sending {
  const ticketId = Math.floor(n / 10)
  const field = `f${n}`
  const action = n % 10 === 0 ? 'add' : 'update'
  const ticket = { ticketId, projectId: 7, title: 'bug', status: 'park', [field]: n }
  return {
    path: `/webhooks/vcc?secret-key=${secrets.vcc}`,
    headers: json,
    body: JSON.stringify({ action, ticket }),
    claim: { ticketId: encodeId('ticket', 'vcc', 'acme', `7-${ticketId}`), field },
  }
}

const at = '2026-01-05T10:00:00Z'

/** A new ticket of Wasabi. */
export function wasabiEvent(n: number): Sending {
  const body = {
    ticketId: `W${n}`,
    customerId: 'c1',
    status: 'OPEN',
    reason: { type: 'WRONG_PRODUCT' },
    createdAt: at,
    updatedAt: at,
  }
  return {
    path: '/webhooks/wasabi',
    headers: { ...json, authorization: `Bearer ${secrets.wasabi}` },
    body: JSON.stringify({ eventType: 'CUSTOMER_CARE_TICKET', eventAction: 'CREATED', version: 1, body }),
    claim: { ticketId: encodeId('ticket', 'wasabi', '', `W${n}`), field: 'ticketId' },
  }
}

/** A new ticket of RBI. */
export function rbiEvent(n: number): Sending {
  const data = {
    id: `R${n}`,
    type: 'GENERAL',
    category: 'other',
    subcategory: 'app',
    comments: `It crashes, ${n}.`,
    createdAt: at,
  }
  const body = JSON.stringify({ type: 'GENERAL_SUPPORT_TICKET_EVENT', timestamp: at, data })
  const signature = createHmac('sha256', secrets.rbi).update(body).digest('hex')
  return {
    path: '/webhooks/rbi',
    headers: { ...json, 'x-signature': signature },
    body,
    claim: { ticketId: encodeId('ticket', 'rbi', '', `R${n}`), field: 'id' },
  }
}

/** Events of all three sources in turn. */
export function mixedEvent(n: number): Sending {
  const make = [vccEvent, vccEvent, wasabiEvent, rbiEvent][n % 4]!
  return make(n)
}

/** Sends the event. True when it was acknowledged; false after a refusal or a connection error. */
export async function isAcknowledged(http: Dispatcher, origin: string, { path, headers, body }: Sending): Promise<boolean> {
  try {
    const answer = await http.request({ origin, path, method: 'POST', headers: { ...headers }, body })
    await answer.body.dump()
    return answer.statusCode >= 200 && answer.statusCode < 300
  } catch {
    return false
  }
}

import type { Instant } from '../../domain/instant.ts'
import { type JsonRecord, toInstantFromIso, toNumber, toRecord, toText, toTexts } from '../decode.ts'
import { EventProblem } from '../webhook-handler.ts'

// "Customer Care Tickets Import Schema": an envelope around a full snapshot of one ticket.

export interface WasabiEvent {
  readonly action: 'CREATED' | 'UPDATED'
  readonly ticketId: string
  readonly customerId: string
  readonly status: string
  readonly reason: WasabiReason | null
  readonly ticketOrigin: string | null
  readonly resolvedAt: Instant | null
  readonly firstReplyTimeInMinutes: number | null
  readonly tags: readonly string[] | null
  readonly createdAt: Instant
  readonly updatedAt: Instant
  /** Fields whose time came without an offset and was taken as UTC. */
  readonly assumedUtc: readonly string[]
  /** The body as sent. */
  readonly record: JsonRecord
}

export interface WasabiReason {
  readonly type: string
  readonly orderIds: readonly string[] | null
  readonly subscriptionContractIds: readonly string[] | null
  readonly subtype: string | null
}

function fail(place: string, problem: string): never {
  throw new EventProblem(`\`${place}\` ${problem}.`)
}

function requireText(body: JsonRecord, field: string): string {
  return toText(body[field]) ?? fail(`body.${field}`, 'is not a text')
}

/** null when absent. A time that is there and is none is a problem: order depends on it. */
function optionalTime(body: JsonRecord, field: string): Instant | null {
  const value = body[field]
  if (value === undefined || value === null) return null
  return toInstantFromIso(value) ?? fail(`body.${field}`, 'is not an ISO 8601 time')
}

function requireTime(body: JsonRecord, field: string): Instant {
  return optionalTime(body, field) ?? fail(`body.${field}`, 'is missing')
}

const hasOffset = /(?:Z|[+-]\d{2}:?\d{2})$/i
const timeFields = ['createdAt', 'updatedAt', 'resolvedAt'] as const

function toReason(value: unknown): WasabiReason | null {
  if (value === undefined || value === null) return null
  const reason = toRecord(value) ?? fail('body.reason', 'is not an object')
  const type = toText(reason.type) ?? fail('body.reason.type', 'is not a text')
  const subscriptionContractIds = toTexts(reason.subscriptionContractIds)
  if (type === 'CANCELLATION' && subscriptionContractIds === null) {
    fail('body.reason.subscriptionContractIds', 'is missing (it may be empty)')
  }
  return { type, orderIds: toTexts(reason.orderIds), subscriptionContractIds, subtype: toText(reason.subtype) }
}

function toAction(value: unknown): WasabiEvent['action'] {
  return value === 'CREATED' || value === 'UPDATED' ? value : fail('eventAction', 'is neither CREATED nor UPDATED')
}

/** Decodes one envelope. Throws EventProblem that names the place. */
export function toWasabiEvent(value: unknown): WasabiEvent {
  const envelope = toRecord(value)
  if (!envelope) throw new EventProblem('The record is not a JSON object.')
  if (envelope.eventType !== 'CUSTOMER_CARE_TICKET') fail('eventType', 'is not CUSTOMER_CARE_TICKET')
  const action = toAction(envelope.eventAction)
  if (envelope.version !== 1) fail('version', 'is not 1')
  const body = toRecord(envelope.body) ?? fail('body', 'is not an object')
  return {
    action,
    ticketId: requireText(body, 'ticketId'),
    customerId: requireText(body, 'customerId'),
    status: requireText(body, 'status'),
    reason: toReason(body.reason),
    ticketOrigin: toText(body.ticketOrigin),
    resolvedAt: optionalTime(body, 'resolvedAt'),
    firstReplyTimeInMinutes: toNumber(body.firstReplyTimeInMinutes),
    tags: toTexts(body.tags),
    createdAt: requireTime(body, 'createdAt'),
    updatedAt: requireTime(body, 'updatedAt'),
    assumedUtc: timeFields.filter((field) => typeof body[field] === 'string' && !hasOffset.test(body[field])),
    record: body,
  }
}

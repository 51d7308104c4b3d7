import { type Instant, readTime } from '../../domain/instant.ts'
import { type JsonRecord, toInstantFromIso, toNumber, toRecord, toText, toTexts } from '../decode.ts'
import { EventProblem } from '../webhook-handler.ts'

/** An event of the "Customer Care Tickets Import Schema": a full snapshot of one ticket, without its envelope. */
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
  /** Fields whose time has no offset and was read as UTC (WASABI-04). */
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

/** The key by which an envelope is told from a page of envelopes. */
export const recordKey = 'eventType'

/** Decodes one envelope. Throws EventProblem that names the faulty field. */
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
    assumedUtc: timeFields.filter((field) => typeof body[field] === 'string' && readTime(body[field])?.hasOffset === false),
    record: body,
  }
}

const timeFields = ['createdAt', 'updatedAt', 'resolvedAt'] as const

function fail(place: string, problem: string): never {
  throw new EventProblem(`\`${place}\` ${problem}.`)
}

function toAction(value: unknown): WasabiEvent['action'] {
  return value === 'CREATED' || value === 'UPDATED' ? value : fail('eventAction', 'is neither CREATED nor UPDATED')
}

function requireText(body: JsonRecord, field: string): string {
  return toText(body[field]) ?? fail(`body.${field}`, 'is not a text')
}

/** null when absent. A value that is not a time is an error, because times decide which snapshot wins. */
function optionalTime(body: JsonRecord, field: string): Instant | null {
  const value = body[field]
  if (value === undefined || value === null) return null
  return toInstantFromIso(value) ?? fail(`body.${field}`, 'is not an ISO 8601 time')
}

function requireTime(body: JsonRecord, field: string): Instant {
  return optionalTime(body, field) ?? fail(`body.${field}`, 'is missing')
}

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

/**
 * Repairs the faults of the documented example (WASABI-03): commas before a closing bracket or after the record, and no-break
 * spaces between tokens. Strings keep their content. jsonc-parser accepts such commas, but neither these spaces nor long integers.
 */
export function repairRecord(text: string): string {
  const repaired = text.replace(/"(?:[^"\\]|\\.)*"|[\u00a0\u202f\u2007\ufeff]|,(?=[\s\u00a0\u202f\u2007]*[}\]])/gs, (token) => {
    if (token.startsWith('"')) return token
    return token === ',' ? '' : ' '
  })
  return repaired.replace(/(?<![\s,])[\s,]+$/, '')
}

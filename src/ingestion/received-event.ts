import { createHash } from 'node:crypto'
import { isExternalId } from '../domain/ids.ts'
import type { Instant } from '../domain/instant.ts'
import { JsonProblem } from '../sources/parse-event-json.ts'
import { EventProblem, type RawEvent, type WebhookHandler } from '../sources/webhook-handler.ts'
import type { NewDeadLetter, NewInboxEvent } from './event-store.ts'

/** An event as it is stored: in the inbox, or as a dead letter when it cannot be decoded. */
export type ReceivedEvent =
  | { readonly kind: 'event'; readonly event: NewInboxEvent }
  | { readonly kind: 'deadLetter'; readonly deadLetter: NewDeadLetter }

const refusedId =
  'The id of the ticket is blank, is longer than 256 characters, or has a character that an id cannot have: / \\ ? # %, a control character or an undecodable one.'

/** Decodes an event as far as the key of its ticket. Never throws: an event that cannot be decoded becomes a dead letter. */
export function toReceivedEvent(handler: WebhookHandler, { raw, eventId }: RawEvent, receivedAt: Instant): ReceivedEvent {
  const sourceKey = handler.source.key
  try {
    const { tenant, externalId } = handler.decode({ raw, eventId })
    if (!isExternalId(externalId)) throw new EventProblem(refusedId)
    const digest = createHash('sha256').update(raw).digest('hex')
    return { kind: 'event', event: { sourceKey, tenant, externalId, eventId, digest, raw, receivedAt } }
  } catch (error) {
    return { kind: 'deadLetter', deadLetter: { sourceKey, eventId, raw, problem: describeProblem(error), receivedAt } }
  }
}

/** The problem of a dead letter, for operators and senders. An error of our own code has no details here: the log has them. */
export function describeProblem(error: unknown): string {
  if (error instanceof EventProblem || error instanceof JsonProblem) return error.message
  return 'The event could not be processed because of an internal fault. Replay it after the gateway is repaired.'
}

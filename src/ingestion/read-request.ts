import { createHash } from 'node:crypto'
import type { Instant } from '../domain/instant.ts'
import { JsonProblem } from '../sources/parse-event-json.ts'
import { EventProblem, type RawEvent, type WebhookHandler, type WebhookRequest } from '../sources/webhook-handler.ts'
import type { NewDeadLetter, NewInboxEvent } from './event-store.ts'

/** One event of a request as it will be kept: understood, or held with its problem. */
export type ReadEvent =
  | { readonly kind: 'event'; readonly event: NewInboxEvent }
  | { readonly kind: 'held'; readonly held: NewDeadLetter; readonly cause: unknown }

export function digestOf(raw: Buffer): string {
  return createHash('sha256').update(raw).digest('hex')
}

/** What an event's failure is called where people read it. A defect of ours says so; its details go to the log. */
export function problemOf(error: unknown): string {
  if (error instanceof EventProblem || error instanceof JsonProblem) return error.message
  return 'The event could not be processed: an internal fault.'
}

/** Understands an event as far as its ticket's key. Never throws: what cannot be understood is held. */
export function readEvent(webhookHandler: WebhookHandler, { raw, eventId }: RawEvent, receivedAt: Instant): ReadEvent {
  const sourceKey = webhookHandler.source.key
  try {
    const { tenant, externalId } = webhookHandler.decode({ raw, eventId })
    return { kind: 'event', event: { sourceKey, tenant, externalId, eventId, digest: digestOf(raw), raw, receivedAt } }
  } catch (error) {
    return { kind: 'held', held: { sourceKey, eventId, raw, problem: problemOf(error), receivedAt }, cause: error }
  }
}

/** Every event of a request, in order. */
export function readRequest(webhookHandler: WebhookHandler, request: WebhookRequest, receivedAt: Instant): readonly ReadEvent[] {
  return webhookHandler.split(request).map((event) => readEvent(webhookHandler, event, receivedAt))
}

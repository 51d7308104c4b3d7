import { createHash } from 'node:crypto'
import type { NewInboxEvent, NewQuarantined } from '../domain/event-store.ts'
import { EventProblem, type Intake, type IntakeRequest, type RawEvent } from '../domain/intake.ts'
import type { Instant } from '../lib/instant.ts'
import { JsonProblem } from '../lib/parse-event-json.ts'

/** One event of a request as it will be kept: understood, or held with its problem. */
export type ReadEvent =
  | { readonly kind: 'event'; readonly event: NewInboxEvent }
  | { readonly kind: 'held'; readonly held: NewQuarantined; readonly cause: unknown }

export function digestOf(raw: Buffer): string {
  return createHash('sha256').update(raw).digest('hex')
}

/** What an event's failure is called where people read it. A defect of ours says so; its details go to the log. */
export function problemOf(error: unknown): string {
  if (error instanceof EventProblem || error instanceof JsonProblem) return error.message
  return 'The event could not be processed: an internal fault.'
}

/** Understands an event as far as its ticket's key. Never throws: what cannot be understood is held. */
export function readEvent(intake: Intake, { raw, eventId }: RawEvent, receivedAt: Instant): ReadEvent {
  const sourceKey = intake.source.key
  try {
    const { tenant, externalId } = intake.decode({ raw, eventId })
    return { kind: 'event', event: { sourceKey, tenant, externalId, eventId, digest: digestOf(raw), raw, receivedAt } }
  } catch (error) {
    return { kind: 'held', held: { sourceKey, eventId, raw, problem: problemOf(error), receivedAt }, cause: error }
  }
}

/** Every event of a request, in order. */
export function readRequest(intake: Intake, request: IntakeRequest, receivedAt: Instant): readonly ReadEvent[] {
  return intake.split(request).map((event) => readEvent(intake, event, receivedAt))
}

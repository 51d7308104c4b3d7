import { toId, toRecord, toText } from '../decode.ts'
import type { HintHandler } from '../hint-handler.ts'
import { decodeUtf8, parseEventJson } from '../parse-event-json.ts'
import type { SourceInfo } from '../source.ts'
import { EventProblem } from '../webhook-handler.ts'
import { hasTimestampedSignature } from '../webhook-signature.ts'
import { isZendeskId } from './decode.ts'

const headers = { signature: 'x-zendesk-webhook-signature', timestamp: 'x-zendesk-webhook-signature-timestamp' }

/** The events after which a ticket cannot be read. */
const removals: ReadonlySet<string | undefined> = new Set(['soft_deleted', 'permanently_deleted', 'marked_as_spam'])

/**
 * The webhooks of an account: events that it subscribes to, and those of a trigger, whose body its author writes as `{"ticket_id": "{{ticket.id}}"}`.
 * They may be lost, repeated and out of order.
 */
export function createHintHandler(source: SourceInfo, secrets: readonly string[]): HintHandler {
  return {
    source,
    authorise: (request) => hasTimestampedSignature(request, headers, secrets),
    read({ rawBody }) {
      const body = toRecord(parseEventJson(decodeUtf8(rawBody)))
      if (body === null) throw new EventProblem('the body is no JSON object')
      const type = toText(body.type)
      const ofTicket = /^zen:event-type:ticket\.(.+)$/.exec(type ?? '')?.[1]
      const deliveryId = type === null ? null : toText(body.id)
      if (type !== null && ofTicket === undefined) return { deliveryId, ticketIds: [], removed: false }
      const id =
        ofTicket === undefined ? toId(body.ticket_id) : (/^zen:ticket:(\d+)$/.exec(toText(body.subject) ?? '')?.[1] ?? '')
      if (id === null || !isZendeskId(id)) throw new EventProblem('the body names no ticket: `subject` or `ticket_id`')
      return { deliveryId, ticketIds: [id], removed: removals.has(ofTicket) }
    },
  }
}

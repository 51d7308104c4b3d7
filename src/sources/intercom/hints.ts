import { toId, toRecord, toText } from '../decode.ts'
import type { HintHandler } from '../hint-handler.ts'
import { decodeUtf8, parseEventJson } from '../parse-event-json.ts'
import type { SourceInfo } from '../source.ts'
import { EventProblem } from '../webhook-handler.ts'
import { hasHubSignature } from '../webhook-signature.ts'
import { isIntercomId } from './decode.ts'

/**
 * The webhooks of an app: each is about one ticket, by itself or beside the part that was added. They may be lost, repeated and out of order; the id
 * of a notification is the same in each of its retries.
 */
export function createHintHandler(source: SourceInfo, secrets: readonly string[]): HintHandler {
  return {
    source,
    authorise: (request) => hasHubSignature(request, { methods: ['sha1'] }, secrets),
    read({ rawBody }) {
      const body = toRecord(parseEventJson(decodeUtf8(rawBody)))
      if (body === null) throw new EventProblem('the body is no JSON object')
      const deliveryId = toText(body.id)
      if (!toText(body.topic)?.startsWith('ticket.')) return { deliveryId, ticketIds: [], removed: false }
      const item = toRecord(toRecord(body.data)?.item)
      const id = toId(toRecord(item?.ticket)?.id) ?? (item?.type === 'ticket' ? toId(item.id) : null)
      if (id === null || !isIntercomId(id)) throw new EventProblem('the body names no ticket: `data.item`')
      return { deliveryId, ticketIds: [id], removed: false }
    },
  }
}

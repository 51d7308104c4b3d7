import { type JsonRecord, toId, toRecord, toText } from '../decode.ts'
import type { HintHandler } from '../hint-handler.ts'
import { decodeUtf8, parseEventJson } from '../parse-event-json.ts'
import type { SourceInfo } from '../source.ts'
import { EventProblem } from '../webhook-handler.ts'
import { hasSharedSecret } from '../webhook-signature.ts'
import { isFreshdeskId } from './decode.ts'

/** Where an automation rule shows the secret: Freshdesk signs nothing. */
const places = [{ header: 'x-deskgraph-secret' }, { basicUser: 'deskgraph' }] as const

/** What a rule says of a ticket that is no longer in lists. */
const removals: ReadonlySet<string | null> = new Set(['deleted', 'spam'])

/**
 * The webhooks of automation rules, whose body their author writes as `{"ticket_id": "{{ticket.id}}"}`. They have no id, are repeated after 5, 30 and
 * 60 minutes, and are dropped after a day.
 */
export function createHintHandler(source: SourceInfo, secrets: readonly string[]): HintHandler {
  return {
    source,
    authorise: (request) => places.map((place) => hasSharedSecret(request, place, secrets)).includes(true),
    read({ rawBody }) {
      const { ticket_id, event }: JsonRecord = toRecord(parseEventJson(decodeUtf8(rawBody))) ?? {}
      const id = toId(ticket_id)
      if (id === null || !isFreshdeskId(id)) throw new EventProblem('the body names no ticket: `ticket_id`')
      return { deliveryId: null, ticketIds: [id], removed: removals.has(toText(event)) }
    },
  }
}

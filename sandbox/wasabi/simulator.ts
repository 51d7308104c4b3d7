import type { Random } from '../random.ts'
import type { EventSimulator, OutboundWebhook } from '../simulator.ts'
import type { Story } from '../story.ts'
import { toIsoMillis } from '../times.ts'
import { createTicket, generateSnapshots, toEnvelope, type WasabiBody, type WasabiEnvelope } from './generate.ts'

/** `until` is the end of the generated history, in milliseconds since 1970. */
export interface WasabiOptions {
  readonly random: Random
  readonly until: number
  readonly count: number
  readonly token: string
  /** What the sandbox's other systems tell too. */
  readonly story?: Story
}

/** A shop that sends its customer-care tickets as events, in every body format of the import API. */
export function createWasabi({ random, until, count, token, story }: WasabiOptions): EventSimulator {
  const histories = generateSnapshots(random, until, count, story)
  const tickets = new Map<string, WasabiBody>(histories.map((history) => [history[0]!.body.ticketId, history.at(-1)!.body]))
  const toWebhook = (contentType: string, body: string): OutboundWebhook => ({
    sourceKey: 'wasabi',
    query: '',
    headers: { 'content-type': contentType, authorization: `Bearer ${token}` },
    body,
  })
  return {
    routes: [],
    authorise: () => null,
    failure: (status) => ({ error: status }),
    tickets: () => tickets.size,
    ticket: (id) => tickets.get(id),
    history: () =>
      toBatches(histories).map((batches, index) =>
        batches.map((batch) => toWebhook(...toBody(batch, formats[index % formats.length]!))),
      ),
    unreadable: (now) =>
      toWebhook(
        'application/json',
        JSON.stringify({ eventType: 'CUSTOMER_CARE_CALL', version: 1, body: { at: toIsoMillis(now) } }),
      ),
    changeOne(now) {
      const all = [...tickets.values()]
      const open = all.filter(({ status }) => status !== 'RESOLVED')
      const at = toIsoMillis(now)
      const isNew = open.length === 0 || random.chance(0.5)
      const customerId = random.pick(all)?.customerId ?? '10000001'
      const ticket = isNew ? createTicket(random, random.text('0123456789', 9), customerId, at) : toNext(random.pick(open), at)
      tickets.set(ticket.ticketId, ticket)
      return [toWebhook('application/json', JSON.stringify(toEnvelope(isNew ? 'CREATED' : 'UPDATED', ticket)))]
    },
  }
}

function toNext(ticket: WasabiBody, now: string): WasabiBody {
  if (ticket.status === 'OPEN') return { ...ticket, status: 'IN_PROGRESS', firstReplyTimeInMinutes: 7.5, updatedAt: now }
  return { ...ticket, status: 'RESOLVED', resolvedAt: now, updatedAt: now }
}

type BodyFormat = (batch: readonly WasabiEnvelope[]) => [contentType: string, body: string]

const formats: readonly BodyFormat[] = [
  (batch) => ['application/json', JSON.stringify(batch)],
  (batch) => ['application/x-ndjson', batch.map((envelope) => `${JSON.stringify(envelope)}\n`).join('')],
  (batch) => ['application/json', JSON.stringify({ tickets: batch })],
  (batch) => ['application/jsonl', batch.map((envelope) => JSON.stringify(envelope)).join('\n')],
]

/** A single envelope is sent bare, several in the given format. */
function toBody(batch: readonly WasabiEnvelope[], format: BodyFormat): [contentType: string, body: string] {
  return batch.length === 1 ? ['application/json', JSON.stringify(batch[0])] : format(batch)
}

/** Sends up to 30 tickets together: first their creations, then their updates. The documented ticket is sent alone. */
function toBatches(histories: readonly (readonly WasabiEnvelope[])[]): WasabiEnvelope[][][] {
  const [documented, ...rest] = histories
  const groups = Array.from({ length: Math.ceil(rest.length / 30) }, (_, index) => rest.slice(index * 30, index * 30 + 30))
  const batches = groups.map((group) =>
    [0, 1, 2].map((step) => group.flatMap((history) => history[step] ?? [])).filter((batch) => batch.length > 0),
  )
  return [[[...(documented ?? [])]], ...batches]
}

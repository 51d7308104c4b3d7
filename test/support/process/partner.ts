import { Webhook } from 'standardwebhooks'
import { type Answer, ok, startPartner } from '../../delivery/fake-partner.ts'
import { partnerSecret } from './gateway-files.ts'

/** A partner that verifies every delivery with the `standardwebhooks` package and counts calls and tickets. */
export interface CountingPartner {
  readonly url: string
  /** Calls by webhook-id. */
  readonly calls: ReadonlyMap<string, number>
  /** How often each ticket was delivered, by external id. */
  readonly tickets: ReadonlyMap<string, number>
  /** Deliveries whose signature was wrong. */
  refused(): number
  /** Sets the answer to every further delivery. */
  answer(answer: Answer): void
  close(): Promise<void>
}

/** Starts the partner. */
export async function startCountingPartner(answer: Answer = ok): Promise<CountingPartner> {
  const calls = new Map<string, number>()
  const tickets = new Map<string, number>()
  let refused = 0
  let currentAnswer = answer
  const hook = new Webhook(partnerSecret)
  const partner = await startPartner((response, n, delivery) => {
    try {
      const { data } = hook.verify(delivery.body, delivery.headers) as { data: { id: string } }
      const id = delivery.headers['webhook-id'] ?? ''
      calls.set(id, (calls.get(id) ?? 0) + 1)
      tickets.set(data.id, (tickets.get(data.id) ?? 0) + 1)
    } catch {
      refused += 1
    }
    currentAnswer(response, n, delivery)
  })
  return {
    url: partner.url,
    calls,
    tickets,
    refused: () => refused,
    answer: (next) => {
      currentAnswer = next
    },
    close: partner.close,
  }
}

/** The tickets without a delivery after `withinMs`; none as soon as all are delivered. */
export async function findUndelivered(
  partner: CountingPartner,
  ids: readonly string[],
  withinMs: number,
): Promise<readonly string[]> {
  const end = Date.now() + withinMs
  const missing = () => ids.filter((id) => !partner.tickets.has(id))
  while (missing().length > 0 && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 100))
  return missing()
}

import { Webhook } from 'standardwebhooks'
import { type Answer, ok, startPartner } from '../../delivery/fake-partner.ts'
import { partnerSecret } from './gateway-files.ts'

/** A partner that verifies every delivery with the `standardwebhooks` package and counts what came of it. */
export interface CountingPartner {
  readonly url: string
  /** Calls by webhook-id. */
  readonly calls: ReadonlyMap<string, number>
  /** The tickets that were delivered, by their external id, and how often. */
  readonly tickets: ReadonlyMap<string, number>
  /** Deliveries whose signature was wrong. */
  refused(): number
  /** From now on every delivery is answered like this. */
  answer(answer: Answer): void
  close(): Promise<void>
}

export async function startCountingPartner(answer: Answer = ok): Promise<CountingPartner> {
  const calls = new Map<string, number>()
  const tickets = new Map<string, number>()
  let refused = 0
  let answerNow = answer
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
    answerNow(response, n, delivery)
  })
  return {
    url: partner.url,
    calls,
    tickets,
    refused: () => refused,
    answer: (next) => {
      answerNow = next
    },
    close: partner.close,
  }
}

/** The tickets of these that were not delivered, once all were or the time is over. */
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

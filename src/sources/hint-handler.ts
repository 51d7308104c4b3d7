import type { SourceInfo } from './source.ts'
import type { WebhookRequest } from './webhook-handler.ts'

/** What a webhook of a pulled source tells: these tickets may have changed. The gateway reads them and believes nothing else of the body. */
export interface ChangeHint {
  /** The sender's id of this delivery, the same at each of its retries; null: it has none, and every delivery counts. */
  readonly deliveryId: string | null
  /** External ids, in the tenant of the source. Empty: the delivery concerns no ticket, as a test of the sender does. */
  readonly ticketIds: readonly string[]
  /** True when the sender says that the tickets are gone. The gateway records it after a read that finds none. */
  readonly removed: boolean
}

/** The port for the webhooks of one pulled source. Every method is pure. */
export interface HintHandler {
  readonly source: SourceInfo
  /** Checks the secret or signature over the raw bytes, in constant time. False: the answer is 401 and nothing is stored. */
  authorise(request: WebhookRequest): boolean
  /** Throws EventProblem or JsonProblem: the delivery is acknowledged, counted and logged, and polling finds what it was about. */
  read(request: WebhookRequest): ChangeHint
}

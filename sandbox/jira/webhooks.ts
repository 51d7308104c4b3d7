import { createHash, createHmac } from 'node:crypto'
import type { OutboundWebhook } from '../simulator.ts'
import type { JiraSettings } from './settings.ts'

/** A delivery of a webhook, with what its sender needs for a retry. */
export interface JiraDelivery extends OutboundWebhook {
  /** The same in every attempt: receivers know a repetition by it. */
  readonly identifier: string
  /** 0 for the first attempt. */
  readonly attempt: number
  readonly dueAt: number
}

/** The webhooks that wait, and those that failed for good. */
export interface WebhookQueue {
  add(deliveries: readonly Omit<JiraDelivery, 'attempt' | 'dueAt'>[]): void
  /** Takes what is due now. What the receiver did not accept has to come back by `settle`. */
  due(): readonly JiraDelivery[]
  /** The receiver's status, or null when it did not answer. Jira tries again up to five times. */
  settle(delivery: JiraDelivery, status: number | null): void
  readonly failed: readonly JiraDelivery[]
  /** When the next one is due, or null when none waits. */
  nextAt(): number | null
  /** Is called after each `add`. */
  onAdd(listener: () => void): void
}

const mostRetries = 5
/** Without a sender, older ones are forgotten. */
const mostWaiting = 10_000

export function createWebhookQueue(settings: JiraSettings, now: () => number): WebhookQueue {
  let waiting: JiraDelivery[] = []
  const failed: JiraDelivery[] = []
  const listeners: (() => void)[] = []
  return {
    failed,
    nextAt: () => (waiting.length === 0 ? null : Math.min(...waiting.map(({ dueAt }) => dueAt))),
    onAdd: (listener) => void listeners.push(listener),
    add(deliveries) {
      const ordered = settings.shuffleWebhooks ? deliveries.toReversed().map(toSecondary) : deliveries
      const dueAt = now() + (settings.shuffleWebhooks ? settings.secondaryDelayMs : 0)
      const first = ordered.map((delivery): JiraDelivery => ({ ...delivery, attempt: 0, dueAt }))
      waiting.push(...first, ...(settings.repeatWebhooks ? first : []))
      if (waiting.length > mostWaiting) waiting = waiting.slice(-mostWaiting / 2)
      for (const listener of listeners) listener()
    },
    due() {
      const time = now()
      const ready = waiting.filter(({ dueAt }) => dueAt <= time)
      waiting = waiting.filter(({ dueAt }) => dueAt > time)
      return ready
    },
    settle(delivery, status) {
      if (!isRetried(status)) return
      const attempt = delivery.attempt + 1
      if (attempt > mostRetries) {
        failed.push(delivery)
        return
      }
      // Between the two bounds, and the same in every run.
      const [shortest, longest] = settings.webhookRetryMs
      const digest = createHash('sha256')
        .update(delivery.identifier + attempt)
        .digest()
      const waitMs = Math.round(shortest + (digest[0]! / 255) * (longest - shortest))
      const headers = { ...delivery.headers, 'x-atlassian-webhook-retry': String(attempt) }
      waiting.push({ ...delivery, headers, attempt, dueAt: now() + waitMs })
    },
  }
}

function toSecondary<T extends { readonly headers: Readonly<Record<string, string>> }>(delivery: T): T {
  return { ...delivery, headers: { ...delivery.headers, 'x-atlassian-webhook-flow': 'Secondary' } }
}

function isRetried(status: number | null): boolean {
  return status === null || status >= 500 || [408, 409, 425, 429].includes(status)
}

/** How a webhook proves where it comes from: an admin's by a secret, an app's by a token with the app's secret. */
export type WebhookProof =
  | { readonly kind: 'secret'; readonly secret: string }
  | { readonly kind: 'app'; readonly clientId: string; readonly clientSecret: string }

/** A delivery of a body. `sequence` makes its identifier. */
export function toDelivery(
  {
    sourceKey,
    proof,
    hookId,
    sequence,
    now,
  }: {
    readonly sourceKey: string
    readonly proof: WebhookProof
    readonly hookId: string
    readonly sequence: number
    readonly now: number
  },
  body: string,
): Omit<JiraDelivery, 'attempt' | 'dueAt'> {
  const identifier = createHash('sha256').update(`${hookId}/${sequence}`).digest('hex').slice(0, 32)
  const headers = {
    ...{ 'content-type': 'application/json; charset=UTF-8', 'user-agent': 'Atlassian Webhook HTTP Client' },
    ...{ 'x-atlassian-webhook-identifier': identifier, 'x-atlassian-webhook-flow': 'Primary' },
  }
  const signed = { ...headers, ...prove(proof, body, now) }
  return { sourceKey, query: '', headers: signed, body, identifier }
}

function prove(proof: WebhookProof, body: string, now: number): Record<string, string> {
  if (proof.kind === 'secret') {
    return { 'x-hub-signature': `sha256=${createHmac('sha256', proof.secret).update(body).digest('hex')}` }
  }
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const seconds = Math.floor(now / 1000)
  const signing = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode({ iss: proof.clientId, iat: seconds, exp: seconds + 180 })}`
  return { authorization: `Bearer ${signing}.${createHmac('sha256', proof.clientSecret).update(signing).digest('base64url')}` }
}

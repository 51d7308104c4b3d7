import { createHmac } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { toJson } from './json.ts'
import { accountId, type TicketEvent } from './webhook-events.ts'

/** How the account sends. The vendor promises neither order nor that an event comes, or comes once. */
export interface Sending {
  /** Twice each, to a receiver that has to tell. */
  readonly repeats: boolean
  /** The events of one change in the wrong order. */
  readonly shuffles: boolean
  /** Each event whose number is divisible by this is never sent; 0: none. */
  readonly losesEvery: number
  /** How long an answer may take. The vendor's: 12 s. */
  readonly timeoutMs: number
  /** The wait before the first retry; it doubles. */
  readonly retryDelayMs: number
}

export const vendorSending: Sending = { repeats: false, shuffles: false, losesEvery: 0, timeoutMs: 12_000, retryDelayMs: 1_000 }

export interface Target {
  readonly id: string
  readonly url: string
  readonly secret: string
  readonly headers: Readonly<Record<string, string>>
}

/** One attempt to deliver. `status` null: no answer in time, or no connection. */
export interface Invocation {
  readonly webhookId: string
  readonly eventId: string
  readonly attempt: number
  readonly status: number | null
}

export interface WebhookSender {
  /** Sends the events of one change, each in a request of its own. */
  send(target: Target, events: readonly TicketEvent[]): void
  set(sending: Partial<Sending>): void
  /** All attempts, oldest first. */
  invocations(): readonly Invocation[]
  /** Resolves when nothing is on its way. */
  idle(): Promise<void>
  /** Gives up what is on its way. */
  close(): Promise<void>
}

/** A retry after a longer `Retry-After` is left out. */
const maxRetryAfterMs = 60_000

/** Sends by the vendor's rules: 409 is tried 3 times more, a time-out 5 times, 429 and 503 when they name a short wait. */
export function createWebhookSender(now: () => number): WebhookSender {
  let sending = vendorSending
  let numbered = 0
  const invocations: Invocation[] = []
  const running = new Set<Promise<void>>()
  const closing = new AbortController()

  const attempt = async (target: Target, event: TicketEvent, number: number) => {
    const body = toJson(event)
    const signal = AbortSignal.any([closing.signal, AbortSignal.timeout(sending.timeoutMs)])
    const headers = { ...target.headers, ...toHeaders(target, event, body, new Date(now()).toISOString()) }
    const answer = await fetch(target.url, { method: 'POST', headers, body, signal, redirect: 'manual' })
      .then(async (response) => {
        await response.body?.cancel()
        return { status: response.status, retryAfter: response.headers.get('retry-after') }
      })
      .catch((error: unknown) => ({
        status: null,
        retryAfter: null,
        isTimeout: error instanceof Error && error.name === 'TimeoutError',
      }))
    invocations.push({ webhookId: target.id, eventId: event.id, attempt: number, status: answer.status })
    return answer
  }

  const deliver = async (target: Target, event: TicketEvent) => {
    for (let number = 1; !closing.signal.aborted; number++) {
      const wait = waitBeforeRetry(await attempt(target, event, number), number, sending.retryDelayMs)
      if (wait === null) return
      await sleep(wait, undefined, { signal: closing.signal }).catch(() => undefined)
    }
  }

  return {
    send(target, events) {
      const kept = events.filter(() => sending.losesEvery === 0 || ++numbered % sending.losesEvery !== 0)
      const ordered = sending.shuffles ? kept.toReversed() : kept
      const all = sending.repeats ? [...ordered, ...ordered] : ordered
      const work = (async () => {
        for (const event of all) await deliver(target, event)
      })().finally(() => running.delete(work))
      running.add(work)
    },
    set(changes) {
      sending = { ...sending, ...changes }
    },
    invocations: () => [...invocations],
    async idle() {
      while (running.size > 0) await Promise.all(running)
    },
    async close() {
      closing.abort()
      await Promise.all(running)
    },
  }
}

interface Answer {
  readonly status: number | null
  readonly retryAfter: string | null
  readonly isTimeout?: boolean
}

/** Milliseconds until the next attempt after this many; null: no more. */
export function waitBeforeRetry({ status, retryAfter, isTimeout }: Answer, attempts: number, delayMs: number): number | null {
  const backoff = delayMs * 2 ** (attempts - 1)
  if (status === null) return isTimeout && attempts <= 5 ? backoff : null
  if (status === 409) return attempts <= 3 ? backoff : null
  const seconds = Number(retryAfter ?? Number.NaN)
  const isBusy = (status === 429 || status === 503) && Number.isFinite(seconds) && seconds * 1000 <= maxRetryAfterMs
  return isBusy && attempts <= 3 ? seconds * 1000 : null
}

/** The signature covers the timestamp and the raw body, one after the other without anything between. */
export function sign(secret: string, timestamp: string, body: string): string {
  return createHmac('sha256', secret)
    .update(timestamp + body)
    .digest('base64')
}

function toHeaders(target: Target, event: TicketEvent, body: string, timestamp: string): Record<string, string> {
  return {
    'content-type': 'application/json; charset=utf-8',
    'user-agent': 'Zendesk Webhook',
    'x-zendesk-account-id': String(accountId),
    'x-zendesk-webhook-id': target.id,
    'x-zendesk-webhook-invocation-id': `${target.id}-${event.id}`,
    'x-zendesk-webhook-signature': sign(target.secret, timestamp, body),
    'x-zendesk-webhook-signature-timestamp': timestamp,
  }
}

import { createHmac } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { dayMs, hourMs, minuteMs } from '../times.ts'
import { type Notification, printNotification, type Topic } from './webhooks.ts'

export interface Subscription {
  readonly id: string
  readonly url: string
  readonly topics: readonly Topic[]
}

/** How the workspace sends. The vendor promises neither order nor that a notification comes, or comes once. */
export interface Sending {
  /** Twice each, with the same id. */
  readonly repeats: boolean
  /** The notifications of one change in the wrong order. */
  readonly shuffles: boolean
  /** Each notification whose number is divisible by this is never sent; 0: none. */
  readonly losesEvery: number
  readonly timeoutMs: number
  /** Further attempts after a failure. The document gives no number. */
  readonly retries: number
  readonly retryDelayMs: number
  /** The wait after a 429. It doubles up to the maximum, and then the notification is dropped. */
  readonly throttleMs: number
  readonly maxThrottleMs: number
  /** So many failures in a row within 15 minutes pause the sending for 15 minutes. */
  readonly failuresBeforePause: number
}

export const vendorSending: Sending = {
  ...{ repeats: false, shuffles: false, losesEvery: 0, timeoutMs: 5_000, retries: 1, retryDelayMs: minuteMs },
  ...{ throttleMs: minuteMs, maxThrottleMs: 2 * hourMs, failuresBeforePause: 1000 },
}

/** One attempt to deliver. `status` null: no answer in time, or no connection. */
export interface Attempt {
  readonly notificationId: string
  readonly topic: Topic
  readonly attempt: number
  readonly status: number | null
}

export interface WebhookSender {
  /** Sends the notifications of one change, each in a request of its own. */
  send(subscription: Subscription, notifications: readonly Notification[]): void
  set(sending: Partial<Sending>): void
  /** All attempts, oldest first. */
  attempts(): readonly Attempt[]
  /** `paused`: what happens now is not sent. `suspended`: nothing is sent until `resume`. */
  state(): 'live' | 'paused' | 'suspended'
  resume(): void
  /** Resolves when nothing is on its way. */
  idle(): Promise<void>
  /** Gives up what is on its way. */
  close(): Promise<void>
}

const pauseMs = 15 * minuteMs

/** Counts failures in a row: many of them within 15 minutes pause the sending, seven days of nothing else suspend it. */
function createHealth(now: () => number, failuresBeforePause: () => number) {
  let streak = { start: 0, count: 0 }
  let failingSince: number | null = null
  let pausedUntil = 0
  return {
    note(isFailure: boolean) {
      if (!isFailure) {
        streak = { start: 0, count: 0 }
        failingSince = null
        return
      }
      failingSince ??= now()
      streak = now() - streak.start > pauseMs ? { start: now(), count: 1 } : { ...streak, count: streak.count + 1 }
      if (streak.count > failuresBeforePause()) {
        pausedUntil = now() + pauseMs
        streak = { start: 0, count: 0 }
      }
    },
    state(): 'live' | 'paused' | 'suspended' {
      if (failingSince !== null && now() - failingSince > 7 * dayMs) return 'suspended'
      return now() < pausedUntil ? 'paused' : 'live'
    },
    resume() {
      failingSince = null
      pausedUntil = 0
      streak = { start: 0, count: 0 }
    },
  }
}

/** Sends by the vendor's rules, signed with the client secret of the app. */
export function createWebhookSender(now: () => number, clientSecret: string): WebhookSender {
  let sending = vendorSending
  let numbered = 0
  const attempts: Attempt[] = []
  const running = new Set<Promise<void>>()
  const closing = new AbortController()
  const health = createHealth(now, () => sending.failuresBeforePause)

  const post = async ({ url }: Subscription, notification: Notification, number: number, firstSentAt: number) => {
    const body = JSON.stringify(printNotification(notification, number, firstSentAt))
    const signal = AbortSignal.any([closing.signal, AbortSignal.timeout(sending.timeoutMs)])
    const headers = {
      'content-type': 'application/json',
      'user-agent': 'intercom-webhooks',
      'x-hub-signature': sign(clientSecret, body),
    }
    const status = await fetch(url, { method: 'POST', headers, body, signal, redirect: 'manual' })
      .then(async (response) => {
        await response.body?.cancel()
        return response.status
      })
      .catch(() => null)
    attempts.push({ notificationId: notification.id, topic: notification.topic, attempt: number, status })
    health.note(status === null || status >= 400)
    return status
  }

  const deliver = async (subscription: Subscription, notification: Notification) => {
    const firstSentAt = now()
    let failures = 0
    let throttle = sending.throttleMs
    for (let number = 1; !closing.signal.aborted && health.state() === 'live'; number++) {
      const status = await post(subscription, notification, number, firstSentAt)
      if (status !== null && status < 400) return
      const wait = status === 429 ? throttle : sending.retryDelayMs
      if (status === 429 ? throttle > sending.maxThrottleMs : ++failures > sending.retries) return
      if (status === 429) throttle *= 2
      await sleep(wait, undefined, { signal: closing.signal }).catch(() => undefined)
    }
  }

  return {
    send(subscription, notifications) {
      if (health.state() !== 'live') return
      const kept = notifications.filter(() => sending.losesEvery === 0 || ++numbered % sending.losesEvery !== 0)
      const ordered = sending.shuffles ? kept.toReversed() : kept
      const all = sending.repeats ? [...ordered, ...ordered] : ordered
      const work = (async () => {
        for (const notification of all) await deliver(subscription, notification)
      })().finally(() => running.delete(work))
      running.add(work)
    },
    set(changes) {
      sending = { ...sending, ...changes }
    },
    attempts: () => [...attempts],
    ...{ state: health.state, resume: health.resume },
    async idle() {
      while (running.size > 0) await Promise.all(running)
    },
    async close() {
      closing.abort()
      await Promise.all(running)
    },
  }
}

/** `X-Hub-Signature`: the raw body under the client secret. */
export function sign(clientSecret: string, body: string): string {
  return `sha1=${createHmac('sha1', clientSecret).update(body).digest('hex')}`
}

import { setTimeout as sleep } from 'node:timers/promises'
import { hourMs, minuteMs } from '../times.ts'

/** One call of a rule. It has neither an id nor a signature. */
export interface Delivery {
  readonly ruleName: string
  readonly ticketId: number
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** How the account sends. */
export interface Sending {
  /** What an hour of the vendor lasts here, as a share of an hour. */
  readonly timeScale: number
  /** Calls beyond these wait for the next hour. */
  readonly callsPerHour: number
  /** How long an answer may take, not scaled. */
  readonly timeoutMs: number
}

export const vendorSending: Sending = { timeScale: 1, callsPerHour: 1000, timeoutMs: 10_000 }

/** One attempt to deliver. `status` null: no answer in time, or no connection. */
export interface Attempt {
  readonly ruleName: string
  readonly ticketId: number
  readonly attempt: number
  readonly status: number | null
}

export interface WebhookSender {
  send(delivery: Delivery): void
  set(sending: Partial<Sending>): void
  /** All attempts, oldest first. */
  attempts(): readonly Attempt[]
  /** How many deliveries were given up. */
  dropped(): number
  /** Resolves when nothing is on its way, retries among it. */
  idle(): Promise<void>
  /** Gives up what is on its way. */
  close(): Promise<void>
}

/** After a failure it is tried again 5 minutes later, then 30, then 60. */
const retriesAfterMs = [5 * minuteMs, 30 * minuteMs, 60 * minuteMs]
/** What waits for longer than this is dropped. */
const keptForMs = 24 * hourMs

/** Sends each delivery by itself: the order is not kept. */
export function createWebhookSender(): WebhookSender {
  let sending = vendorSending
  let hour = { start: 0, used: 0 }
  let given = 0
  const attempts: Attempt[] = []
  const running = new Set<Promise<void>>()
  const closing = new AbortController()

  const pause = (vendorMs: number) =>
    sleep(vendorMs * sending.timeScale, undefined, { signal: closing.signal, ref: false }).catch(() => undefined)

  /** Resolves when the budget of an hour has a call left; false: not within a day. */
  const admitted = async (): Promise<boolean> => {
    const giveUpAt = Date.now() + keptForMs * sending.timeScale
    while (!closing.signal.aborted && Date.now() < giveUpAt) {
      const lengthMs = hourMs * sending.timeScale
      if (Date.now() - hour.start >= lengthMs) hour = { start: Date.now(), used: 0 }
      if (hour.used < sending.callsPerHour) {
        hour.used += 1
        return true
      }
      await pause((hour.start + lengthMs - Date.now()) / sending.timeScale + 1)
    }
    return false
  }

  const deliver = async (delivery: Delivery): Promise<void> => {
    for (let number = 1; !closing.signal.aborted; number++) {
      if (!(await admitted())) break
      const status = await post(delivery, AbortSignal.any([closing.signal, AbortSignal.timeout(sending.timeoutMs)]))
      attempts.push({ ruleName: delivery.ruleName, ticketId: delivery.ticketId, attempt: number, status })
      if (status !== null && status < 300) return
      const wait = retriesAfterMs[number - 1]
      if (wait === undefined) break
      await pause(wait)
    }
    given += 1
  }

  return {
    send(delivery) {
      const work = deliver(delivery).finally(() => running.delete(work))
      running.add(work)
    },
    set(changes) {
      sending = { ...sending, ...changes }
    },
    attempts: () => [...attempts],
    dropped: () => given,
    async idle() {
      while (running.size > 0) await Promise.all(running)
    },
    async close() {
      closing.abort()
      await Promise.all(running)
    },
  }
}

async function post({ url, headers, body }: Delivery, signal: AbortSignal): Promise<number | null> {
  try {
    const response = await fetch(url, { method: 'POST', headers, body, signal, redirect: 'manual' })
    await response.body?.cancel()
    return response.status
  } catch {
    return null
  }
}

import type { JiraDelivery, WebhookQueue } from './webhooks.ts'

/** Sends what is in the queue to a gateway, until it is closed. */
export interface WebhookSender {
  /** From now on. Earlier webhooks that wait are sent too. */
  connect(gatewayUrl: string): void
  readonly isConnected: boolean
  /** Resolves when no delivery is due. Retries that wait for their time do not count. */
  idle(): Promise<void>
  /** Gives up what is on its way. */
  close(): Promise<void>
}

/** How long an answer may take. */
const timeoutMs = 10_000

/** One delivery after the other, in the order of the queue. What the gateway does not accept goes back to the queue. */
export function createWebhookSender(queue: WebhookQueue, now: () => number): WebhookSender {
  const closing = new AbortController()
  let gateway: string | null = null
  let running: Promise<void> | null = null
  let timer: NodeJS.Timeout | undefined

  const post = async ({ sourceKey, query, headers, body }: JiraDelivery): Promise<number | null> => {
    const signal = AbortSignal.any([closing.signal, AbortSignal.timeout(timeoutMs)])
    try {
      const response = await fetch(`${gateway}/webhooks/${sourceKey}${query}`, {
        method: 'POST',
        headers,
        body,
        signal,
        redirect: 'manual',
      })
      await response.body?.cancel()
      return response.status
    } catch {
      return null
    }
  }
  const sendDue = async (): Promise<void> => {
    for (let due = queue.due(); due.length > 0 && !closing.signal.aborted; due = queue.due()) {
      for (const delivery of due) queue.settle(delivery, await post(delivery))
    }
  }
  const wake = () => {
    if (gateway === null || running || closing.signal.aborted) return
    clearTimeout(timer)
    running = sendDue().finally(() => {
      running = null
      const next = queue.nextAt()
      if (next === null || closing.signal.aborted) return
      timer = setTimeout(wake, Math.max(0, next - now()))
      timer.unref()
    })
  }
  queue.onAdd(wake)
  return {
    connect(gatewayUrl) {
      gateway = gatewayUrl
      wake()
    },
    get isConnected() {
      return gateway !== null
    },
    async idle() {
      while (running) await running
    },
    async close() {
      closing.abort()
      clearTimeout(timer)
      await running
    },
  }
}

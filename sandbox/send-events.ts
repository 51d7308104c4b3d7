import { setTimeout as sleep } from 'node:timers/promises'
import { Agent, type Dispatcher } from 'undici'
import type { Outbound } from './simulator.ts'

export interface FeedReport {
  /** Webhooks that the gateway acknowledged. */
  readonly sent: number
  /** Webhooks that it refused for good, by status. */
  readonly refused: Readonly<Record<number, number>>
}

export interface SendOptions {
  readonly signal?: AbortSignal
  /** How many webhooks are under way at once. */
  readonly concurrency?: number
}

const attempts = 60

/**
 * Posts webhooks to a gateway as their senders do: each lane in its order, several lanes at once. A 429, a 503 or an
 * unreachable gateway is tried again, after `Retry-After` where it says so, about a minute long.
 * Resolves when all were answered; rejects when the signal aborts or the gateway stays away.
 */
export async function sendEvents(
  targetBaseUrl: string,
  lanes: readonly (readonly Outbound[])[],
  { signal, concurrency = 32 }: SendOptions = {},
): Promise<FeedReport> {
  const dispatcher = new Agent({ connections: concurrency })
  const waiting = lanes[Symbol.iterator]()
  const refused: Record<number, number> = {}
  let sent = 0
  const work = async () => {
    for (const lane of waiting) {
      for (const event of lane) {
        const status = await send(dispatcher, targetBaseUrl, event, signal)
        if (status < 300) sent += 1
        else refused[status] = (refused[status] ?? 0) + 1
      }
    }
  }
  try {
    await Promise.all(Array.from({ length: concurrency }, work))
  } finally {
    await dispatcher.destroy()
  }
  return { sent, refused }
}

async function send(
  dispatcher: Dispatcher,
  targetBaseUrl: string,
  event: Outbound,
  signal: AbortSignal | undefined,
): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted()
    const answer = await post(dispatcher, targetBaseUrl, event, signal).catch((error: unknown) => {
      if (signal?.aborted || attempt === attempts) throw error
      return { status: 503, retryAfterMs: null }
    })
    if ((answer.status !== 429 && answer.status !== 503) || attempt === attempts) return answer.status
    await sleep(answer.retryAfterMs ?? Math.min(1000, 50 * attempt), undefined, signal ? { signal } : {})
  }
}

async function post(dispatcher: Dispatcher, targetBaseUrl: string, event: Outbound, signal: AbortSignal | undefined) {
  const { statusCode, headers, body } = await dispatcher.request({
    origin: targetBaseUrl,
    path: `/webhooks/${event.sourceKey}${event.query}`,
    method: 'POST',
    headers: { ...event.headers },
    body: event.body,
    ...(signal ? { signal } : {}),
  })
  await body.dump()
  const seconds = Number(headers['retry-after'])
  return { status: statusCode, retryAfterMs: seconds > 0 ? Math.min(5000, seconds * 1000) : null }
}

import { Agent, request as sendHttp } from 'node:http'
import { request as sendHttps, Agent as TlsAgent } from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'
import type { EventSimulator, OutboundWebhook, Simulator } from './simulator.ts'

/** What the gateway answered to the webhooks. */
export interface ReplayReport {
  /** Webhooks that the gateway acknowledged. */
  readonly sent: number
  /** Webhooks that it refused for good, by status. */
  readonly refused: Readonly<Record<number, number>>
}

/** How many tickets change after the history, in all systems alike: a list of the latest 50 has some of each. */
const firstChanges = 48

/** Sends the webhooks of these simulators to a gateway: their history, then live updates. */
export function createReplay(simulators: readonly (Simulator | EventSimulator)[]) {
  const closing = new AbortController()
  const running = new Set<Promise<void>>()
  const changeOne = (index: number) => simulators[index % simulators.length]!.changeOne(Date.now())

  const sendHistory = async (gatewayUrl: string, signal: AbortSignal): Promise<ReplayReport> => {
    const history = simulators.flatMap((simulator) => ('history' in simulator ? simulator.history() : []))
    const replayed = await sendWebhooks(gatewayUrl, history, { signal })
    // OneView writes whole seconds: within the second of the last event its tickets would seem older than the history.
    await sleep(1000 - (Date.now() % 1000), undefined, { signal })
    // VCC's tickets have the time of receipt. Without changes in all systems they alone would be the latest.
    const length = firstChanges - (firstChanges % simulators.length)
    const changes = Array.from({ length }, (_, index) => changeOne(index)).flat()
    const first = await sendWebhooks(gatewayUrl, [changes], { signal })
    return { sent: replayed.sent + first.sent, refused: { ...replayed.refused, ...first.refused } }
  }

  /** Changes one ticket at a time. A gateway that does not answer for long misses changes, as it would in production. */
  const sendLiveUpdates = async (gatewayUrl: string, everyMs: number): Promise<void> => {
    const { signal } = closing
    for (let index = 0; !signal.aborted; index++) {
      try {
        await sleep(everyMs, undefined, { signal })
        await sendWebhooks(gatewayUrl, [changeOne(index)], { signal })
      } catch {
        // Aborted, or the gateway did not answer for a minute: the loop ends or sends the next change.
      }
    }
  }

  return {
    /** Sends the history and the first changes. Resolves with null when the signal or `close` stopped it. */
    async replayHistory(gatewayUrl: string, signal: AbortSignal = closing.signal): Promise<ReplayReport | null> {
      const stop = AbortSignal.any([signal, closing.signal])
      try {
        return await sendHistory(gatewayUrl, stop)
      } catch (error) {
        if (stop.aborted) return null
        throw error
      }
    },
    startLiveUpdates(gatewayUrl: string, everyMs = 3000) {
      // Not with the history: a gateway that starts takes that at an address that it does not keep.
      for (const simulator of simulators) simulator.connect?.(gatewayUrl)
      const updates = sendLiveUpdates(gatewayUrl, everyMs)
      running.add(updates)
      updates.finally(() => running.delete(updates))
    },
    async close() {
      closing.abort()
      await Promise.all(running)
    },
  }
}

/** How webhooks are sent. */
export interface SendOptions {
  readonly signal?: AbortSignal
  /** How many webhooks are sent at once. */
  readonly concurrency?: number
}

const maxAttempts = 60

/**
 * Posts webhooks to a gateway as the vendors do: each sequence in its order, several sequences at once. Retries after a
 * 429, a 503 or a connection error for about a minute, and honours `Retry-After`. Resolves when the gateway answered
 * all; rejects when the signal aborts or the gateway cannot be reached.
 */
async function sendWebhooks(
  gatewayUrl: string,
  sequences: readonly (readonly OutboundWebhook[])[],
  { signal, concurrency = 32 }: SendOptions = {},
): Promise<ReplayReport> {
  const settings = { keepAlive: true, maxSockets: concurrency }
  const agent = gatewayUrl.startsWith('https:') ? new TlsAgent(settings) : new Agent(settings)
  const queue = sequences[Symbol.iterator]()
  const refused: Record<number, number> = {}
  let sent = 0
  const work = async () => {
    for (const sequence of queue) {
      for (const webhook of sequence) {
        const status = await send(agent, gatewayUrl, webhook, signal)
        if (status < 300) sent += 1
        else refused[status] = (refused[status] ?? 0) + 1
      }
    }
  }
  try {
    await Promise.all(Array.from({ length: concurrency }, work))
  } finally {
    agent.destroy()
  }
  return { sent, refused }
}

async function send(
  agent: Agent,
  gatewayUrl: string,
  webhook: OutboundWebhook,
  signal: AbortSignal | undefined,
): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted()
    const answer = await post(agent, gatewayUrl, webhook, signal).catch((error: unknown) => {
      if (signal?.aborted || attempt === maxAttempts) throw error
      return { status: 503, retryAfterMs: null }
    })
    if ((answer.status !== 429 && answer.status !== 503) || attempt === maxAttempts) return answer.status
    await sleep(answer.retryAfterMs ?? Math.min(1000, 50 * attempt), undefined, signal ? { signal } : {})
  }
}

interface PostAnswer {
  readonly status: number
  readonly retryAfterMs: number | null
}

function post(
  agent: Agent,
  gatewayUrl: string,
  { sourceKey, query, headers, body }: OutboundWebhook,
  signal: AbortSignal | undefined,
): Promise<PostAnswer> {
  const send = agent instanceof TlsAgent ? sendHttps : sendHttp
  const options = {
    ...{ method: 'POST', agent, headers: { ...headers, 'content-length': Buffer.byteLength(body) } },
    ...(signal && { signal }),
  }
  return new Promise((resolve, reject) => {
    const request = send(`${gatewayUrl}/webhooks/${sourceKey}${query}`, options, (response) => {
      const seconds = Number(response.headers['retry-after'])
      const answer = {
        status: response.statusCode ?? 0,
        retryAfterMs: seconds > 0 ? Math.min(5000, seconds * 1000) : null,
      }
      response.on('error', reject).on('end', () => resolve(answer))
      response.resume()
    })
    request.on('error', reject).end(body)
  })
}

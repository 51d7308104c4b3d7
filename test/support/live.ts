import { createClient as createEventsClient } from 'graphql-sse'
import { type Client, createClient } from 'graphql-ws'

// biome-ignore lint/suspicious/noExplicitAny: answers are compared field by field by their tests
type Message = any

/** One open subscription with the messages so far. */
export interface Subscription {
  readonly messages: readonly Message[]
  /** Resolves with the reason when the subscription ends. */
  readonly ended: Promise<string>
  /** Waits for this many messages and returns all. Rejects after `withinMs`. */
  receive(count: number, withinMs?: number): Promise<readonly Message[]>
  close(): void
}

/** Subscribes over WebSocket (graphql-transport-ws). */
export function subscribeOverSocket(
  url: string,
  query: string,
  variables: Record<string, unknown> = {},
  connectionParams?: Record<string, unknown>,
): Subscription {
  const client: Client = createClient({
    url: `${url.replace('http', 'ws')}/graphql`,
    connectionParams,
    retryAttempts: 0,
    lazy: false,
    onNonLazyError: () => undefined,
  })
  const { messages, end, subscription } = collect(() => void client.dispose())
  client.subscribe(
    { query, variables },
    { next: (message) => messages.push(message), error: (error) => end(describe(error)), complete: () => end('complete') },
  )
  return subscription
}

/** Subscribes over server-sent events, with graphql-sse's own client in its distinct-connections mode. */
export function subscribeOverEvents(
  url: string,
  query: string,
  variables: Record<string, unknown> = {},
  headers: Record<string, string> = {},
): Subscription {
  const client = createEventsClient({ url: `${url}/graphql`, headers, retryAttempts: 0 })
  const { messages, end, subscription } = collect(() => client.dispose())
  client.subscribe(
    { query, variables },
    {
      next: (message) => messages.push(message),
      error: (error) => end(describe(error)),
      complete: () => end('complete'),
    },
  )
  return subscription
}

function collect(close: () => void) {
  const messages: Message[] = []
  const { promise: ended, resolve: end } = Promise.withResolvers<string>()
  const receive = async (count: number, withinMs = 20_000): Promise<readonly Message[]> => {
    const until = Date.now() + withinMs
    while (messages.length < count) {
      if (Date.now() > until) throw new Error(`${messages.length} of ${count} changes were received within ${withinMs} ms`)
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    return messages
  }
  const subscription: Subscription = { messages, ended, receive, close }
  return { messages, end, subscription }
}

function describe(error: unknown): string {
  if (error instanceof Error) return error.message
  const { code, reason } = error as { code?: number; reason?: string }
  return code === undefined ? JSON.stringify(error) : `${code} ${reason}`
}

import { createClient } from 'graphql-ws'

const subscription = `subscription ($after: String) { ticketChanged(after: $after) { cursor gap ticket { externalId source { key } } } }`

/** A subscriber that connects again after its last cursor when its connection breaks. */
export interface SoakSubscriber {
  /** How many changes of each ticket (`source/externalId`) it has received. */
  readonly seen: ReadonlyMap<string, number>
  /** Changes that were received more than once, by their cursor. */
  repeated(): number
  /** Changes that were marked as following a gap. */
  gaps(): number
  close(): void
}

interface Change {
  readonly cursor: string
  readonly gap: boolean
  readonly ticket: { readonly externalId: string; readonly source: { readonly key: string } }
}

const reconnectMs = 200

/** `getUrl` is called for each connection, because the gateway may return on another port. */
export function startSubscriber(getUrl: () => string): SoakSubscriber {
  const seen = new Map<string, number>()
  const cursors = new Set<string>()
  let [repeated, gaps] = [0, 0]
  let after: string | null = null
  let closed = false
  let disconnect: () => void = () => {}

  function record({ cursor, gap, ticket }: Change): void {
    if (cursors.has(cursor)) repeated += 1
    cursors.add(cursor)
    if (gap) gaps += 1
    after = cursor
    const key = `${ticket.source.key}/${ticket.externalId}`
    seen.set(key, (seen.get(key) ?? 0) + 1)
  }
  /** Resolves when the connection has ended. */
  function subscribeOnce(): Promise<void> {
    return new Promise((resolve) => {
      const url = `${getUrl().replace('http', 'ws')}/graphql`
      const client = createClient({ url, retryAttempts: 0, webSocketImpl: WebSocket })
      disconnect = () => {
        void client.dispose()
        resolve()
      }
      client.subscribe<{ ticketChanged: Change }>(
        { query: subscription, variables: { after } },
        { next: ({ data }) => void (data && record(data.ticketChanged)), error: disconnect, complete: disconnect },
      )
    })
  }
  async function keepSubscribed(): Promise<void> {
    while (!closed) {
      await subscribeOnce()
      await new Promise((resolve) => setTimeout(resolve, reconnectMs))
    }
  }
  void keepSubscribed()
  return {
    seen,
    repeated: () => repeated,
    gaps: () => gaps,
    close() {
      closed = true
      disconnect()
    },
  }
}

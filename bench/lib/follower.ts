import { createClient } from 'graphql-ws'

const subscription = `subscription ($after: String) { ticketChanged(after: $after) { cursor gap ticket { externalId source { key } } } }`

/** A subscriber that connects again behind its last cursor whenever it is cut off, as a console would. */
export interface Follower {
  /** How often each ticket (`source/externalId`) was told of. */
  readonly seen: ReadonlyMap<string, number>
  /** Cursors that came twice. */
  repeated(): number
  gaps(): number
  close(): void
}

/** Follows what is at the address that `urlOf` gives at that moment. */
export function follow(urlOf: () => string): Follower {
  const seen = new Map<string, number>()
  const cursors = new Set<string>()
  let repeated = 0
  let gaps = 0
  let after: string | null = null
  let closed = false
  let end: () => void = () => {}

  async function keepFollowing(): Promise<void> {
    while (!closed) {
      await once()
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
  }
  function once(): Promise<void> {
    return new Promise((resolve) => {
      const url = `${urlOf().replace('http', 'ws')}/graphql`
      const client = createClient({ url, retryAttempts: 0, webSocketImpl: WebSocket })
      end = () => {
        void client.dispose()
        resolve()
      }
      client.subscribe<{ ticketChanged: Change }>(
        { query: subscription, variables: { after } },
        { next: ({ data }) => void (data && take(data.ticketChanged)), error: end, complete: end },
      )
    })
  }
  function take({ cursor, gap, ticket }: Change): void {
    if (cursors.has(cursor)) repeated += 1
    cursors.add(cursor)
    if (gap) gaps += 1
    after = cursor
    const key = `${ticket.source.key}/${ticket.externalId}`
    seen.set(key, (seen.get(key) ?? 0) + 1)
  }
  void keepFollowing()
  return {
    seen,
    repeated: () => repeated,
    gaps: () => gaps,
    close() {
      closed = true
      end()
    },
  }
}

interface Change {
  readonly cursor: string
  readonly gap: boolean
  readonly ticket: { readonly externalId: string; readonly source: { readonly key: string } }
}

/** What graphql-ws and graphql-sse have in common, and the events of graphql-ws. */
interface SubscribingClient {
  // biome-ignore lint/suspicious/noExplicitAny: each client has types of its own for the same two arguments
  subscribe(payload: any, sink: any): () => void
  // biome-ignore lint/suspicious/noExplicitAny: graphql-ws has a type for each event
  on?(event: any, listener: any): () => void
}

interface Payload {
  readonly variables?: Record<string, unknown> | null
}
interface Result {
  readonly data?: { readonly ticketChanged?: { readonly cursor?: string } } | null
}
interface Sink {
  next(result: Result): void
  error(reason: unknown): void
}

/**
 * Makes a client resume where its connection was cut. graphql-ws and graphql-sse send the payload again when they reconnect.
 * With the last cursor in the variable `after`, the gateway then sends every change that happened meanwhile. The subscription
 * has to declare `$after: String` and to select `cursor`.
 *
 * When a token expires, the gateway closes the WebSocket with 4401. graphql-ws does not reconnect after this code, so this
 * subscribes again. A token that was never accepted ends the subscription with its error.
 */
export function resuming<Client extends SubscribingClient>(client: Client): Client {
  const expired = new WeakSet<object>()
  let accepted = false
  client.on?.('connected', () => {
    accepted = true
  })
  client.on?.('closed', (event: CloseEvent) => {
    if (accepted && event.code === 4401) expired.add(event)
    accepted = false
  })

  function subscribe(payload: Payload, sink: Sink): () => void {
    const variables = { ...payload.variables }
    let unsubscribe: () => void
    const begin = () => {
      unsubscribe = client.subscribe(
        { ...payload, variables },
        {
          ...sink,
          next(result: Result) {
            const cursor = result.data?.ticketChanged?.cursor
            if (cursor !== undefined) variables.after = cursor
            sink.next(result)
          },
          error(reason: object) {
            if (expired.has(reason)) begin()
            else sink.error(reason)
          },
        },
      )
    }
    begin()
    return () => unsubscribe()
  }
  return { ...client, subscribe }
}

/** What graphql-ws and graphql-sse have in common. */
interface SubscribingClient {
  // biome-ignore lint/suspicious/noExplicitAny: each client has types of its own for the same two arguments
  subscribe(payload: any, sink: any): () => void
}

interface Payload {
  readonly variables?: Record<string, unknown> | null
}
interface Result {
  readonly data?: { readonly ticketChanged?: { readonly cursor?: string } } | null
}

/**
 * Makes a client resume where its connection was cut. graphql-ws and graphql-sse send the payload again when they reconnect.
 * With the last cursor in the variable `after`, the gateway then sends every change that happened meanwhile. The subscription
 * has to declare `$after: String` and to select `cursor`.
 */
export function resuming<Client extends SubscribingClient>(client: Client): Client {
  return {
    ...client,
    subscribe(payload: Payload, sink: { next(result: Result): void }) {
      const variables = { ...payload.variables }
      return client.subscribe(
        { ...payload, variables },
        {
          ...sink,
          next(result: Result) {
            const cursor = result.data?.ticketChanged?.cursor
            if (cursor !== undefined) variables.after = cursor
            sink.next(result)
          },
        },
      )
    },
  }
}

import type { Client, Sink, SubscribePayload } from 'graphql-ws'

const signInRefused = 4401
/** A token may expire while the network is away: the next one decides. */
const maxRefusals = 2

/**
 * Makes subscriptions resume where they stopped. graphql-ws sends the same payload again when it reconnects: with the last cursor in
 * the variable `after`, the gateway then sends every change that happened meanwhile. After 4401 graphql-ws does not reconnect:
 * this subscribes again, with the token that `connectionParams` then has.
 */
export function resuming(client: Client): Client {
  let refusals = 0
  client.on('connected', () => {
    refusals = 0
  })
  return {
    ...client,
    subscribe<Data, Extensions>(payload: SubscribePayload, sink: Sink<Data>) {
      const variables: Record<string, unknown> = { ...payload.variables }
      let stop = () => {}
      const begin = () => {
        stop = client.subscribe<Data, Extensions>(
          { ...payload, variables },
          {
            ...sink,
            next(result) {
              const cursor = (result.data as { ticketChanged?: { cursor?: string } } | null | undefined)?.ticketChanged?.cursor
              if (cursor !== undefined) variables.after = cursor
              sink.next(result as never)
            },
            error(reason) {
              if ((reason as CloseEvent | null)?.code === signInRefused && ++refusals < maxRefusals) begin()
              else sink.error(reason)
            },
          },
        )
      }
      begin()
      return () => stop()
    },
  }
}

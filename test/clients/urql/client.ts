import { cacheExchange } from '@urql/exchange-graphcache'
import { relayPagination } from '@urql/exchange-graphcache/extras'
import { createClient as createSocketClient } from 'graphql-ws'
import { Client, fetchExchange, subscriptionExchange } from 'urql'
import { resuming } from '../resuming.ts'

/** Where the gateway is, and how to get the user's present token; undefined: not signed in. */
export interface UrqlOptions {
  readonly url: string
  readonly socketUrl: string
  readonly getToken: () => string | undefined
}

export function createUrqlClient({ url, socketUrl, getToken }: UrqlOptions): Client {
  const socket = resuming(
    createSocketClient({
      url: socketUrl,
      // A function, so that every reconnect sends the present token.
      connectionParams: () => ({ Authorization: `Bearer ${getToken()}` }),
      // The default gives up when a connection is refused, which is how a restart of the gateway looks.
      shouldRetry: () => true,
      retryAttempts: Number.POSITIVE_INFINITY,
    }),
  )
  return new Client({
    url,
    fetchOptions: () => {
      const token = getToken()
      return token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } }
    },
    exchanges: [
      cacheExchange({
        // Objects without an id are a part of the object that holds them.
        keys: {
          SourceReport: () => null,
          TicketChange: () => null,
          OrderReason: () => null,
          CancellationReason: () => null,
          SubjectAccessRequestReason: () => null,
          GeneralReason: () => null,
        },
        // A fragment on an interface matches these types.
        possibleTypes: { TicketReason: ['OrderReason', 'CancellationReason', 'SubjectAccessRequestReason', 'GeneralReason'] },
        // All pages of one filter and order are one list.
        resolvers: { Query: { tickets: relayPagination() } },
      }),
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: ({ query = '', variables }) => ({
          subscribe: (sink) => ({
            unsubscribe: socket.subscribe({ query, variables: variables as Record<string, unknown> }, sink),
          }),
        }),
      }),
    ],
  })
}

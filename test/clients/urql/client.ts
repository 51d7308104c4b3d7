import { cacheConfig } from '@deskgraph/client/urql'
import { createSocketClient } from '@deskgraph/client/ws'
import { cacheExchange } from '@urql/exchange-graphcache'
import { Client, fetchExchange, subscriptionExchange } from 'urql'

/** Where the gateway is, and how to get the user's present token; undefined: not signed in. */
export interface UrqlOptions {
  readonly url: string
  readonly getToken: () => string | undefined
}

export function createUrqlClient({ url, getToken }: UrqlOptions): Client {
  const socket = createSocketClient({ url, getToken })
  return new Client({
    url,
    fetchOptions: () => {
      const token = getToken()
      return token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } }
    },
    exchanges: [
      cacheExchange(cacheConfig),
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

import { cacheConfig } from '@deskgraph/client/urql'
import { cacheExchange } from '@urql/exchange-graphcache'
import { Client, fetchExchange, subscriptionExchange } from 'urql'
import type { Session } from '../shared/session.ts'

export function createUrqlClient(session: Session): Client {
  return new Client({
    url: session.url,
    fetch: session.fetch,
    // By default urql writes queries into the URL, which servers log.
    preferGetMethod: false,
    exchanges: [
      // The pages of one list are one list. Changes move tickets in the lists, and a closed ticket is shown as closed at once.
      cacheExchange(cacheConfig),
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: ({ query = '', variables }) => ({
          subscribe: (sink) => ({
            unsubscribe: session.socket.subscribe({ query, variables: variables as Record<string, unknown> }, sink),
          }),
        }),
      }),
    ],
  })
}

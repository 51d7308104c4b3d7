import { cacheConfig } from '@deskgraph/client/urql'
import { type Cache, cacheExchange, type DataFields, type Variables } from '@urql/exchange-graphcache'
import { Client, fetchExchange, stringifyVariables, subscriptionExchange } from 'urql'
import type { Session } from '../shared/session.ts'

export function createUrqlClient(session: Session): Client {
  return new Client({
    url: session.url,
    fetch: session.fetch,
    // By default urql writes queries into the URL, which servers log.
    preferGetMethod: false,
    exchanges: [
      // The pages of one list are one list. Changes move tickets in the lists, and a closed ticket is shown as closed at once.
      cacheExchange({ ...cacheConfig, updates: { ...cacheConfig.updates, Query: { tickets: dropLaterPages } } }),
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

/** A first page that was read again does not fit to the pages that were read behind the old one. */
function dropLaterPages(_: DataFields, args: Variables, cache: Cache): void {
  if (args.after) return
  for (const { fieldName, fieldKey, arguments: page } of cache.inspectFields('Query')) {
    const isLater = fieldName === 'tickets' && page?.after && stringifyVariables(page.filter) === stringifyVariables(args.filter)
    if (isLater) cache.invalidate('Query', fieldKey)
  }
}

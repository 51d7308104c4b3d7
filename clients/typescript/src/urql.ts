import type { CacheExchangeOpts, KeyingConfig } from '@urql/exchange-graphcache'
import { relayPagination } from '@urql/exchange-graphcache/extras'
import { possibleTypes, typesWithoutId } from './generated/schema-facts.ts'

/** Objects without an id are kept inside the object that holds them. */
const keys: KeyingConfig = Object.fromEntries(typesWithoutId.map((name) => [name, () => null]))

/** The settings of Deskgraph's graph for `cacheExchange` of `@urql/exchange-graphcache`. */
export const cacheConfig = {
  keys,
  possibleTypes: Object.fromEntries(Object.entries(possibleTypes).map(([name, types]) => [name, [...types]])),
  resolvers: {
    Query: {
      tickets: relayPagination(),
      ticket: (_, { id }) => ({ __typename: 'Ticket', id }),
    },
    Ticket: { timeline: relayPagination() },
  },
} satisfies CacheExchangeOpts

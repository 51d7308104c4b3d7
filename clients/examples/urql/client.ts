import { type Cache, cacheExchange, type DataFields, type Variables } from '@urql/exchange-graphcache'
import { relayPagination } from '@urql/exchange-graphcache/extras'
import { Client, fetchExchange, stringifyVariables, subscriptionExchange } from 'urql'
import { resuming } from '../shared/resuming.ts'
import type { Session } from '../shared/session.ts'
import type { ChangesSubscription } from './__generated__/graphql.ts'
import { inboxQuery } from './inbox.tsx'

export function createUrqlClient(session: Session): Client {
  const socket = resuming(session.socket)
  return new Client({
    url: session.url,
    fetch: session.fetch,
    // By default urql writes queries into the URL, which servers log.
    preferGetMethod: false,
    exchanges: [
      cacheExchange({
        // Objects without an id are a part of the object that holds them.
        keys: {
          ActionAvailability: () => null,
          Actor: () => null,
          SourceReport: () => null,
          TicketChange: () => null,
          TicketCount: () => null,
          TicketCounts: () => null,
          TicketPayload: () => null,
          UserError: () => null,
        },
        possibleTypes: { TimelineEntry: ['ThreadMessage', 'TicketEvent', 'Delivery'] },
        resolvers: {
          // All pages of one filter and order are one list.
          Query: { tickets: relayPagination() },
          // Older pages stand before the page that was read first, newer ones behind it.
          Ticket: { timeline: relayPagination({ mergeMode: 'outwards' }) },
        },
        updates: {
          Query: { tickets: dropLaterPages },
          Subscription: { ticketChanged: moveRow },
        },
        optimistic: {
          closeTicket: ({ input }) => ({
            __typename: 'TicketPayload',
            outcome: 'APPLIED',
            userErrors: [],
            ticket: { __typename: 'Ticket', id: (input as { id: string }).id, status: 'CLOSED' },
          }),
        },
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

/** The pages of the lists with this filter. */
function pagesOf(cache: Cache, filter: unknown) {
  return cache
    .inspectFields('Query')
    .filter(
      ({ fieldName, arguments: args }) =>
        fieldName === 'tickets' && stringifyVariables(args?.filter) === stringifyVariables(filter),
    )
}

/** A first page that was read again does not fit to the pages that were read behind the old one. */
function dropLaterPages(_: DataFields, args: Variables, cache: Cache): void {
  if (args.after) return
  for (const page of pagesOf(cache, args.filter)) {
    if (page.arguments?.after) cache.invalidate('Query', 'tickets', page.arguments)
  }
}

/** The cache updates a row by its id. It cannot know whether a ticket came into the list or left it. */
function moveRow(result: DataFields, { filter }: Variables, cache: Cache): void {
  const { matches, ticket } = (result as unknown as ChangesSubscription).ticketChanged
  cache.updateQuery({ query: inboxQuery, variables: { filter: filter as never, after: null } }, (inbox) => {
    if (!inbox?.tickets || matches === undefined) return inbox
    const others = inbox.tickets.edges.filter(({ node }) => node.id !== ticket.id)
    if (others.length < inbox.tickets.edges.length === matches) return inbox
    const edges = matches ? [{ __typename: 'TicketEdge' as const, cursor: '', node: ticket }, ...others] : others
    return { ...inbox, tickets: { ...inbox.tickets, edges } }
  })
}

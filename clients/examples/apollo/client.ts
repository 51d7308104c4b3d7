import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from '@apollo/client'
import { GraphQLWsLink } from '@apollo/client/link/subscriptions'
import { relayStylePagination } from '@apollo/client/utilities'
import { OperationTypeNode } from 'graphql'
import { resuming } from '../shared/resuming.ts'
import type { Session } from '../shared/session.ts'

export function createApolloClient(session: Session): ApolloClient {
  return new ApolloClient({
    link: ApolloLink.split(
      ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
      new GraphQLWsLink(resuming(session.socket)),
      new HttpLink({ uri: session.url, fetch: session.fetch }),
    ),
    cache: new InMemoryCache({
      possibleTypes: { TimelineEntry: ['ThreadMessage', 'TicketEvent', 'Delivery'] },
      typePolicies: {
        // One list for each filter and order: fetchMore adds the next page to it.
        Query: { fields: { tickets: relayStylePagination(['filter', 'orderBy']) } },
        // One conversation for each ticket: older pages before it, newer ones behind.
        Ticket: { fields: { timeline: relayStylePagination() } },
      },
    }),
  })
}

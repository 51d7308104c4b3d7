import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from '@apollo/client'
import { SetContextLink } from '@apollo/client/link/context'
import { GraphQLWsLink } from '@apollo/client/link/subscriptions'
import { relayStylePagination } from '@apollo/client/utilities'
import { OperationTypeNode } from 'graphql'
import { createClient } from 'graphql-ws'
import { resuming } from '../resuming.ts'

/** Where the gateway is, and how to get the user's present token; undefined: not signed in. */
export interface ApolloOptions {
  readonly url: string
  readonly socketUrl: string
  readonly getToken: () => string | undefined
}

export function createApolloClient({ url, socketUrl, getToken }: ApolloOptions): ApolloClient {
  const signIn = new SetContextLink(({ headers }) => {
    const token = getToken()
    return { headers: token === undefined ? headers : { ...headers, authorization: `Bearer ${token}` } }
  })
  const socket = createClient({
    url: socketUrl,
    // A function, so that every reconnect sends the present token.
    connectionParams: () => ({ Authorization: `Bearer ${getToken()}` }),
    // The default gives up when a connection is refused, which is how a restart of the gateway looks.
    shouldRetry: () => true,
    retryAttempts: Number.POSITIVE_INFINITY,
  })
  return new ApolloClient({
    link: ApolloLink.split(
      ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
      new GraphQLWsLink(resuming(socket)),
      signIn.concat(new HttpLink({ uri: url })),
    ),
    cache: new InMemoryCache({
      // A fragment on an interface matches the types that the cache knows, and no other.
      possibleTypes: { TicketReason: ['OrderReason', 'CancellationReason', 'SubjectAccessRequestReason', 'GeneralReason'] },
      // One list for each filter and order: fetchMore adds the next page to it.
      typePolicies: { Query: { fields: { tickets: relayStylePagination(['filter', 'orderBy']) } } },
    }),
  })
}

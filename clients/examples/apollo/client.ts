import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from '@apollo/client'
import { GraphQLWsLink } from '@apollo/client/link/subscriptions'
import { possibleTypes, typePolicies } from '@deskgraph/client/apollo'
import { OperationTypeNode } from 'graphql'
import type { Session } from '../shared/session.ts'

export function createApolloClient(session: Session): ApolloClient {
  return new ApolloClient({
    link: ApolloLink.split(
      ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
      new GraphQLWsLink(session.socket),
      new HttpLink({ uri: session.url, fetch: session.fetch }),
    ),
    // The pages of one list are one list, and those of one conversation are one conversation.
    cache: new InMemoryCache({ possibleTypes, typePolicies }),
  })
}

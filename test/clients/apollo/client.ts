import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from '@apollo/client'
import { SetContextLink } from '@apollo/client/link/context'
import { GraphQLWsLink } from '@apollo/client/link/subscriptions'
import { possibleTypes, typePolicies } from '@deskgraph/client/apollo'
import { createSocketClient } from '@deskgraph/client/ws'
import { OperationTypeNode } from 'graphql'

/** Where the gateway is, and how to get the user's present token; undefined: not signed in. */
export interface ApolloOptions {
  readonly url: string
  readonly getToken: () => string | undefined
}

export function createApolloClient({ url, getToken }: ApolloOptions): ApolloClient {
  const signIn = new SetContextLink(({ headers }) => {
    const token = getToken()
    return { headers: token === undefined ? headers : { ...headers, authorization: `Bearer ${token}` } }
  })
  return new ApolloClient({
    link: ApolloLink.split(
      ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
      new GraphQLWsLink(createSocketClient({ url, getToken })),
      signIn.concat(new HttpLink({ uri: url })),
    ),
    cache: new InMemoryCache({ possibleTypes, typePolicies }),
  })
}

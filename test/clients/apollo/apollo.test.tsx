import { ApolloProvider } from '@apollo/client/react'
import { describe } from 'vitest'
import { holdConversation } from '../support/conversation.tsx'
import { createApolloClient } from './client.ts'
import { TicketPage } from './ticket-page.tsx'

describe('Apollo Client', () => {
  holdConversation({
    openPage: ({ filter, ...options }) => (
      <ApolloProvider client={createApolloClient(options)}>
        <TicketPage filter={filter} />
      </ApolloProvider>
    ),
    allFailed: /^No source could be read: oneview/,
    signInNeeded: /^A valid bearer token is needed.$/,
  })
})

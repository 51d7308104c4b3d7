import { RelayEnvironmentProvider } from 'react-relay'
import { describe } from 'vitest'
import { holdConversation } from '../support/conversation.tsx'
import { createRelayEnvironment } from './environment.ts'
import { TicketPage } from './ticket-page.tsx'

describe('Relay', () => {
  holdConversation({
    openPage: ({ filter, ...options }) => (
      <RelayEnvironmentProvider environment={createRelayEnvironment(options)}>
        <TicketPage filter={filter} />
      </RelayEnvironmentProvider>
    ),
    allFailed: /^Missing: OneView$/,
    signInNeeded: /A valid bearer token is needed/,
  })
})

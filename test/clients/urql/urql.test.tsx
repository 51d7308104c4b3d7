import { Provider } from 'urql'
import { describe } from 'vitest'
import { holdConversation } from '../support/conversation.tsx'
import { createUrqlClient } from './client.ts'
import { TicketPage } from './ticket-page.tsx'

describe('urql with graphcache', () => {
  holdConversation({
    openPage: ({ filter, ...options }) => (
      <Provider value={createUrqlClient(options)}>
        <TicketPage filter={filter} />
      </Provider>
    ),
    allFailed: /No source could be read: oneview/,
    signInNeeded: /A valid bearer token is needed/,
  })
})

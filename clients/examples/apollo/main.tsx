import { ApolloProvider } from '@apollo/client/react'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { Page } from '../shared/page.tsx'
import { openSession } from '../shared/session.ts'
import { createApolloClient } from './client.ts'
import { Inbox } from './inbox.tsx'
import { Ticket } from './ticket.tsx'

const session = await openSession()
createRoot(document.getElementById('page')!).render(
  <StrictMode>
    <ApolloProvider client={createApolloClient(session)}>
      <Page
        library="Apollo Client"
        live={session.live}
        inbox={(openId) => <Inbox openId={openId} />}
        ticket={(id) => <Ticket key={id} id={id} />}
      />
    </ApolloProvider>
  </StrictMode>,
)

import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { RelayEnvironmentProvider } from 'react-relay'
import { Page } from '../shared/page.tsx'
import { openSession } from '../shared/session.ts'
import { createRelayEnvironment } from './environment.ts'
import { Inbox } from './inbox.tsx'
import { Ticket } from './ticket.tsx'

const session = await openSession()
createRoot(document.getElementById('page')!).render(
  <StrictMode>
    <RelayEnvironmentProvider environment={createRelayEnvironment(session)}>
      <Page
        library="Relay"
        live={session.live}
        inbox={(openId) => <Inbox openId={openId} />}
        ticket={(id) => <Ticket key={id} id={id} />}
      />
    </RelayEnvironmentProvider>
  </StrictMode>,
)

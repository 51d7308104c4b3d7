import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { Provider } from 'urql'
import { Page } from '../shared/page.tsx'
import { openSession } from '../shared/session.ts'
import { createUrqlClient } from './client.ts'
import { Inbox } from './inbox.tsx'
import { Ticket } from './ticket.tsx'

const session = await openSession()
createRoot(document.getElementById('page')!).render(
  <StrictMode>
    <Provider value={createUrqlClient(session)}>
      <Page
        library="urql"
        live={session.live}
        inbox={(openId) => <Inbox openId={openId} />}
        ticket={(id) => <Ticket key={id} id={id} />}
      />
    </Provider>
  </StrictMode>,
)

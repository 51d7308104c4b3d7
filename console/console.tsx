import 'graphiql/setup-workers/vite'
import 'graphiql/style.css'
import { GraphiQL } from 'graphiql'
import { StrictMode, useMemo, useState } from 'react'
import { createRoot } from 'react-dom/client'
import { createFetcher } from './fetcher.ts'
import { findInitialTab } from './graphiql-fixes.ts'
import { ReadyOperations, readyTabs } from './ready-operations.tsx'
import { hasSandbox, SandboxPanel } from './sandbox-panel.tsx'
import { SignIn } from './sign-in.tsx'

const initialTab = findInitialTab(localStorage.getItem('graphiql:tabState'), readyTabs)

/** GraphiQL over this gateway, with one token for all tabs. GraphiQL asks for the schema anew whenever the fetcher changes. */
function Console() {
  const [token, setToken] = useState<string | null>(null)
  const [place, setPlace] = useState<Element | null>(null)
  const fetcher = useMemo(() => createFetcher(token), [token])
  return (
    <>
      <header className="bar">
        <h1>Deskgraph</h1>
        <a href="/graphql/reference">Reference</a>
        <div className="operations" ref={setPlace} />
        <SignIn token={token} onToken={setToken} />
        {hasSandbox() && <SandboxPanel />}
      </header>
      <main>
        <GraphiQL
          fetcher={fetcher}
          defaultTabs={readyTabs}
          initialQuery={initialTab?.query ?? ''}
          initialVariables={initialTab?.variables ?? ''}
          defaultEditorToolsVisibility="variables"
          isHeadersEditorEnabled
          shouldPersistHeaders={false}
          showPersistHeadersSettings={false}
        >
          <GraphiQL.Logo> </GraphiQL.Logo>
          {/* An editor keeps the tabulator for itself, and has to say how it is left (WCAG 2.1.2). */}
          <GraphiQL.Footer>Ctrl+M, on a Mac Ctrl+Shift+M: the tabulator leaves an editor</GraphiQL.Footer>
          {place && <ReadyOperations place={place} />}
        </GraphiQL>
      </main>
    </>
  )
}

/** Replaces what the page shows until now. */
export function renderConsole(root: Element): void {
  createRoot(root).render(
    <StrictMode>
      <Console />
    </StrictMode>,
  )
}

import 'graphiql/setup-workers/vite'
import 'graphiql/style.css'
import './console.css'
import { createGraphiQLFetcher, type Fetcher } from '@graphiql/toolkit'
import { GraphiQL } from 'graphiql'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { correctOperationName, findInitialTab } from './graphiql-fixes.ts'
import { readyOperations } from './operations.ts'

// All operations go to the gateway that serves this page. The headers of the editor are sent with each HTTP request, and
// as the connection parameters of a WebSocket.
const url = new URL('/graphql', window.location.href)
const send = createGraphiQLFetcher({ url: url.href, subscriptionUrl: url.href.replace(/^http/, 'ws') })

const fetcher: Fetcher = (params, options) => {
  const { request, documentAST } = correctOperationName(params)
  return send(request, { ...options, ...(documentAST ? { documentAST } : {}) })
}

const tabs = readyOperations.map(({ query, variables }) => ({
  query,
  variables: variables ? JSON.stringify(variables, null, 2) : '',
  headers: '',
}))

const initialTab = findInitialTab(localStorage.getItem('graphiql:tabState'), tabs)

/** GraphiQL over this gateway. Headers contain tokens, so the browser never stores them. */
function Console() {
  return (
    <GraphiQL
      fetcher={fetcher}
      defaultTabs={tabs}
      initialQuery={initialTab?.query ?? ''}
      initialVariables={initialTab?.variables ?? ''}
      defaultEditorToolsVisibility="variables"
      isHeadersEditorEnabled
      shouldPersistHeaders={false}
      showPersistHeadersSettings={false}
    >
      <GraphiQL.Logo>Deskgraph</GraphiQL.Logo>
    </GraphiQL>
  )
}

const root = document.getElementById('console')
if (root) {
  createRoot(root).render(
    <StrictMode>
      <Console />
    </StrictMode>,
  )
}

import { createGraphiQLFetcher, type Fetcher } from '@graphiql/toolkit'
import { GraphiQL } from 'graphiql'
import { readyOperations } from './operations.ts'
import { understand } from './own-operation.ts'
import { findShownTab } from './shown-tab.ts'

// Queries, mutations and subscriptions all go to where the page came from. Headers of the editor go along: with the
// request over HTTP, as the parameters of the connection over WebSocket.
const url = new URL('/graphql', window.location.href)
const send = createGraphiQLFetcher({ url: url.href, subscriptionUrl: url.href.replace(/^http/, 'ws') })

const fetcher: Fetcher = (params, options) => {
  const { asked, documentAST } = understand(params)
  return send(asked, { ...options, ...(documentAST ? { documentAST } : {}) })
}

const tabs = readyOperations.map(({ query, variables }) => ({
  query,
  variables: variables ? JSON.stringify(variables, null, 2) : '',
  headers: '',
}))

const shown = findShownTab(localStorage.getItem('graphiql:tabState'), tabs)

/** GraphiQL over this gateway. Headers hold tokens, so they are never kept in the browser. */
export function Console() {
  return (
    <GraphiQL
      fetcher={fetcher}
      defaultTabs={tabs}
      initialQuery={shown?.query ?? ''}
      initialVariables={shown?.variables ?? ''}
      defaultEditorToolsVisibility="variables"
      isHeadersEditorEnabled
      shouldPersistHeaders={false}
      showPersistHeadersSettings={false}
    >
      <GraphiQL.Logo>Deskgraph</GraphiQL.Logo>
    </GraphiQL>
  )
}

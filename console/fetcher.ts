import { createGraphiQLFetcher, type Fetcher, type FetcherParams } from '@graphiql/toolkit'
import { type ExecutionResult, type FormattedExecutionResult, getOperationAST } from 'graphql'
import { createClient } from 'graphql-ws'
import { correctOperationName } from './graphiql-fixes.ts'

type Headers = Readonly<Record<string, unknown>>

/**
 * Sends the operations of all tabs to the gateway that serves this page: queries and mutations by HTTP, subscriptions by WebSocket.
 * `token` signs all of them in. A tab's own `Authorization` counts before it.
 */
export function createFetcher(token: string | null): Fetcher {
  const url = new URL('/graphql', window.location.href).href
  const send = createGraphiQLFetcher({ url, enableIncrementalDelivery: false })
  return (params, options) => {
    const { request, documentAST } = correctOperationName(params)
    const headers = addToken(options?.headers ?? {}, token)
    const operation = documentAST && getOperationAST(documentAST, request.operationName)
    if (operation?.operation === 'subscription') return subscribe(url.replace(/^http/, 'ws'), request, headers)
    return send(request, { headers, ...(documentAST ? { documentAST } : {}) })
  }
}

/** The headers of a tab with the token, unless the tab has a token of its own. */
export function addToken(headers: Headers, token: string | null): Headers {
  if (token === null || isSignedIn(headers)) return headers
  return { ...headers, Authorization: `Bearer ${token}` }
}

function isSignedIn(headers: Headers): boolean {
  return Object.keys(headers).some((name) => name.toLowerCase() === 'authorization')
}

/** One connection for one subscription. It ends with the subscription, and an end by the gateway is one sentence. */
function subscribe(url: string, request: FetcherParams, headers: Headers): AsyncIterable<ExecutionResult> {
  const client = createClient({ url, connectionParams: headers, retryAttempts: 0 })
  const { operationName, ...rest } = request
  const results = client.iterate<Record<string, unknown>, Record<string, unknown>>(
    operationName ? { ...rest, operationName } : rest,
  )
  const iterator: AsyncIterator<FormattedExecutionResult> = {
    async next() {
      try {
        return await results.next()
      } catch (reason) {
        return { value: toFailure(reason, isSignedIn(headers)), done: false }
      }
    },
    async return() {
      await results.return?.()
      await client.dispose()
      return { value: undefined, done: true }
    },
  }
  // GraphiQL's type asks for errors of graphql-js, and GraphiQL shows them as JSON.
  return { [Symbol.asyncIterator]: () => iterator as AsyncIterator<ExecutionResult> }
}

/** The gateway's errors, or one sentence that says why the connection ended. */
function toFailure(reason: unknown, signedIn: boolean): FormattedExecutionResult {
  if (Array.isArray(reason)) return { errors: reason }
  const code = typeof reason === 'object' && reason !== null && 'code' in reason ? reason.code : undefined
  return { errors: [{ message: explainClose(code, signedIn) }] }
}

/** What the close code of a WebSocket means to the person at the console. */
export function explainClose(code: unknown, signedIn: boolean): string {
  switch (code) {
    case 4401:
      return signedIn
        ? 'The token is not valid, or has expired: sign in again at the top of the page.'
        : 'This subscription needs a token: sign in at the top of the page.'
    case 4403:
      return 'The gateway takes this page for one of another origin: open GraphiQL under the address that the gateway is called by.'
    case 1013:
      return 'Tokens cannot be verified now: execute the subscription again in a minute.'
    default:
      return 'The connection was lost: execute the subscription again.'
  }
}

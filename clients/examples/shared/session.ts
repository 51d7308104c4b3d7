import { type Client, createClient } from 'graphql-ws'

/** `config.json` beside the page, so that one build runs everywhere. */
interface Config {
  readonly gatewayUrl: string
  /** Where the page gets a token for its user, from its own backend. Absent: the gateway needs none, as in the sandbox. */
  readonly tokenUrl?: string
}

/** The state of the connection that brings live changes. */
export type LiveState = 'connecting' | 'live' | 'offline'

/** What the page of one user needs to talk to the gateway. No GraphQL library is in it. */
export interface Session {
  readonly url: string
  /** `fetch` that signs in. When the token has expired, it gets a new one and repeats the request once. */
  readonly fetch: typeof fetch
  readonly socket: Client
  readonly live: { subscribe(listener: () => void): () => void; state(): LiveState }
}

export async function openSession(): Promise<Session> {
  const config: Config = await (await fetch('config.json')).json()
  const tokens = createTokenSource(config.tokenUrl)
  const socket = createSocket(config.gatewayUrl.replace(/^http/, 'ws'), tokens)
  return { url: config.gatewayUrl, fetch: signedIn(tokens), socket, live: watch(socket) }
}

/** Keeps a token until the gateway refuses it: the page needs no clock. */
interface TokenSource {
  current(): Promise<string | undefined>
  /** Replaces the refused token. Requests that were refused together wait for the same new token. */
  renew(refused: string | undefined): Promise<string | undefined>
}

function createTokenSource(tokenUrl: string | undefined): TokenSource {
  const request = async (): Promise<string | undefined> => {
    if (tokenUrl === undefined) return undefined
    const response = await fetch(tokenUrl, { method: 'POST' })
    if (!response.ok) throw new Error('You are not signed in. Reload the page to sign in again.')
    return (await response.json()).token
  }
  let token: Promise<string | undefined> | undefined
  const load = () => {
    const loading = request()
    loading.catch(() => {
      if (token === loading) token = undefined
    })
    token = loading
    return loading
  }
  return {
    current: () => token ?? load(),
    async renew(refused) {
      return token !== undefined && (await token) !== refused ? token : load()
    },
  }
}

function signedIn(tokens: TokenSource): typeof fetch {
  const send = (input: RequestInfo | URL, init: RequestInit | undefined, token: string | undefined) => {
    const headers = new Headers(init?.headers)
    if (token !== undefined) headers.set('authorization', `Bearer ${token}`)
    return fetch(input, { ...init, headers })
  }
  return async (input, init) => {
    const token = await tokens.current()
    const response = await send(input, init, token)
    return response.status === 401 ? send(input, init, await tokens.renew(token)) : response
  }
}

const signInRefused = 4401

function createSocket(url: string, tokens: TokenSource): Client {
  let sent: string | undefined
  return createClient({
    url,
    connectionParams: async () => {
      sent = await tokens.current()
      return sent === undefined ? {} : { Authorization: `Bearer ${sent}` }
    },
    // Without these two, graphql-ws gives up when the gateway restarts.
    shouldRetry: () => true,
    retryAttempts: Number.POSITIVE_INFINITY,
    retryWait: (retries) =>
      new Promise((resolve) => setTimeout(resolve, Math.min(500 * 2 ** retries, 5_000) + Math.random() * 500)),
    // A change of the filter keeps the connection.
    lazyCloseTimeout: 3_000,
    on: {
      closed: (event) => {
        if ((event as CloseEvent).code === signInRefused) void tokens.renew(sent).catch(() => {})
      },
    },
  })
}

function watch(socket: Client): Session['live'] {
  let state: LiveState = 'connecting'
  const listeners = new Set<() => void>()
  const change = (next: LiveState) => () => {
    state = next
    for (const listener of listeners) listener()
  }
  socket.on('connected', change('live'))
  socket.on('closed', change('offline'))
  return {
    state: () => state,
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

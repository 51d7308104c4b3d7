import { createSocketClient, type LiveStatus } from '@deskgraph/client/ws'
import type { Client } from 'graphql-ws'

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
  /** Subscriptions over WebSocket. They renew the token and resume where they stopped. */
  readonly socket: Client
  readonly live: { subscribe(listener: () => void): () => void; state(): LiveState }
}

export async function openSession(): Promise<Session> {
  const config: Config = await (await fetch('config.json')).json()
  const getToken = createTokenSource(config.tokenUrl)
  const live = createLiveState()
  return { url: config.gatewayUrl, fetch: signedIn(getToken), socket: openSocket(config.gatewayUrl, getToken, live.set), live }
}

/**
 * Keeps a token until the gateway refuses it: the page needs no clock. `refused` is replaced by a new one. Requests that were refused
 * together wait for the same new token. undefined: the gateway needs none.
 */
type TokenSource = (refused?: string) => Promise<string | undefined>

function createTokenSource(tokenUrl: string | undefined): TokenSource {
  let token: Promise<string> | undefined
  const load = (url: string) => {
    const loading = request(url)
    // A failure is not kept: the next request tries again.
    loading.catch(() => {
      if (token === loading) token = undefined
    })
    token = loading
    return loading
  }
  return async (refused) => {
    if (tokenUrl === undefined) return undefined
    const current = token ?? load(tokenUrl)
    if (refused === undefined || (await current) !== refused) return current
    return token === current || token === undefined ? load(tokenUrl) : token
  }
}

async function request(tokenUrl: string): Promise<string> {
  const response = await fetch(tokenUrl, { method: 'POST' })
  if (!response.ok) throw new Error('You are not signed in. Reload the page to sign in again.')
  return (await response.json()).token
}

function signedIn(getToken: TokenSource): typeof fetch {
  const send = (input: RequestInfo | URL, init: RequestInit | undefined, token: string | undefined) => {
    const headers = new Headers(init?.headers)
    if (token !== undefined) headers.set('authorization', `Bearer ${token}`)
    return fetch(input, { ...init, headers })
  }
  return async (input, init) => {
    const token = await getToken()
    const response = await send(input, init, token)
    return response.status === 401 && token !== undefined ? send(input, init, await getToken(token)) : response
  }
}

function openSocket(url: string, getToken: TokenSource, onStatus: (status: LiveStatus) => void): Client {
  let sent: string | undefined
  return createSocketClient({
    url,
    onStatus,
    getToken: async ({ renew }) => {
      sent = await getToken(renew ? sent : undefined)
      return sent
    },
  })
}

function createLiveState() {
  let state: LiveState = 'connecting'
  const listeners = new Set<() => void>()
  return {
    state: () => state,
    set(status: LiveStatus) {
      // A socket also closes when nothing is subscribed, and connects again without having lost anything.
      if (status === 'connecting') return
      state = status === 'connected' ? 'live' : 'offline'
      for (const listener of listeners) listener()
    },
    subscribe(listener: () => void) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

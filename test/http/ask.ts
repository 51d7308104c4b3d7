// biome-ignore lint/suspicious/noExplicitAny: each test compares the fields of its answers
type Json = any

/** What a client gets for one request. */
export interface Outcome {
  /** The HTTP status. Over WebSocket: 200 for a result, the close code when the connection was closed, otherwise the status is that of the error. */
  readonly status: number
  /** Without parameters; absent over WebSocket. */
  readonly type?: string | null
  /** The GraphQL response: over SSE and WebSocket the first one. */
  readonly body: Json
  readonly headers: Headers
}

export const json = { 'content-type': 'application/json' }
const stream = { accept: 'text/event-stream' }
const preflighted = { 'apollo-require-preflight': '1' }

/** Sends one request and reads the response to its end, or to the first event of a stream. */
export async function send(url: string, init: RequestInit = {}): Promise<Outcome> {
  const controller = new AbortController()
  const response = await fetch(url, { ...init, redirect: 'manual', signal: controller.signal })
  const type = response.headers.get('content-type')?.split(';')[0] ?? null
  const text = type === 'text/event-stream' ? await firstEvent(response) : await response.text()
  controller.abort()
  return {
    status: response.status,
    type,
    body: type?.endsWith('json') || type?.endsWith('stream') ? parse(text) : text,
    headers: response.headers,
  }
}

function parse(text: string): Json {
  return text === '' ? null : JSON.parse(text)
}

/** The data of the first event `next`; empty when the stream completes without one. */
async function firstEvent(response: Response): Promise<string> {
  let text = ''
  const decoder = new TextDecoder()
  for await (const chunk of response.body!) {
    text += decoder.decode(chunk, { stream: true })
    const data = /^event: next\ndata: (.*)\n\n/m.exec(text)?.[1]
    if (data !== undefined) return data
  }
  return ''
}

type Parameters = Readonly<Record<string, unknown>>

/** Every way to send one operation, all of them as clients do. */
export const transports: readonly (readonly [name: string, ask: (url: string, parameters: Parameters) => Promise<Outcome>])[] = [
  ['JSON', (url, sent) => send(`${url}/graphql`, { method: 'POST', headers: json, body: JSON.stringify(sent) })],
  ['GET', (url, sent) => send(`${url}/graphql?${toSearch(sent)}`, { headers: preflighted })],
  [
    'an event stream',
    (url, sent) => send(`${url}/graphql`, { method: 'POST', headers: { ...json, ...stream }, body: JSON.stringify(sent) }),
  ],
  ['an event stream by GET', (url, sent) => send(`${url}/graphql?${toSearch(sent)}`, { headers: stream })],
  ['WebSocket', (url, sent) => askOverSocket(url, sent)],
]

function toSearch(sent: Parameters): URLSearchParams {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(sent)) {
    if (value !== undefined) search.set(name, typeof value === 'string' ? value : JSON.stringify(value))
  }
  return search
}

/** Opens a connection, signs in with the parameters of the connection, sends one operation, and closes it. */
export function askOverSocket(url: string, sent: Parameters, connectionParams?: object): Promise<Outcome> {
  return overSocket(url, (socket) => {
    const post = (message: object) => socket.send(JSON.stringify(message))
    socket.onopen = () => post({ type: 'connection_init', ...(connectionParams && { payload: connectionParams }) })
    return ({ type }) => {
      if (type === 'connection_ack') post({ id: '1', type: 'subscribe', payload: sent })
    }
  })
}

type Message = { readonly type: string; readonly payload?: Json }

/** Resolves with the first result or error, or with the code that closed the connection. */
export function overSocket(url: string, begin: (socket: WebSocket) => (message: Message) => void): Promise<Outcome> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws')
  const onMessage = begin(socket)
  return new Promise((resolve) => {
    const end = (status: number, body: Json) => {
      resolve({ status, body, headers: new Headers() })
      socket.close()
    }
    socket.onclose = ({ code, reason }) => end(code, reason)
    socket.onmessage = ({ data }) => {
      const message = JSON.parse(String(data)) as Message
      if (message.type === 'next') end(200, message.payload)
      else if (message.type === 'error') end(400, { errors: message.payload })
      else onMessage(message)
    }
  })
}

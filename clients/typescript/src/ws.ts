import { type Client, createClient } from 'graphql-ws'
import {
  createResumingSubscribe,
  type GetToken,
  isErrors,
  iterateOver,
  judgeErrors,
  type LiveOperation,
  type LiveSink,
  type ResumeOptions,
  type Transport,
  type Verdict,
} from './resume.ts'
import { createTokens, type Tokens } from './tokens.ts'

export type { GetToken, LiveStatus } from './resume.ts'

export interface SocketOptions extends ResumeOptions {
  /** The address of the graph: `https://gateway.example/graphql`, or the same with `wss:`. */
  readonly url: string
  readonly getToken: GetToken
  /**
   * A connection that is silent this long is lost, in milliseconds: 15,000 when absent. Networks lose connections without a sign; two thirds of
   * this time after the last message, the client asks whether the gateway is there.
   */
  readonly silenceMs?: number | undefined
  /** A WebSocket implementation, for Node.js before 22. */
  readonly webSocketImpl?: unknown
}

/**
 * A client of graphql-ws whose subscriptions renew their token and resume by cursor. Apollo's `GraphQLWsLink`, urql's
 * `subscriptionExchange` and Relay take it as they take a client of graphql-ws.
 *
 * It subscribes again after every interruption until the subscriber leaves. It gives up when the request is wrong, the page's origin is not
 * allowed, or a renewed token is refused: then the subscriber gets the close event (see `readErrors`).
 */
export function createSocketClient(options: SocketOptions): Client {
  const tokens = createTokens(options.getToken)
  const client = connect(options, tokens)
  const transport: Transport = {
    subscribe: (operation, sink) => client.subscribe(operation, sink as LiveSink<object>),
    judge: (reason) => judge(reason, tokens),
    isRefusal: (reason) => closeCode(reason) === 4401,
  }
  const subscribe = createResumingSubscribe(() => transport, options)
  return {
    ...client,
    subscribe: (operation, sink) => subscribe(operation as LiveOperation, sink as LiveSink<never>),
    iterate: (operation) => iterateOver((sink) => subscribe(operation as LiveOperation, sink as LiveSink<never>)),
  }
}

function connect({ url, silenceMs = 15_000, onStatus, webSocketImpl }: SocketOptions, tokens: Tokens): Client {
  const patienceMs = silenceMs / 3
  const socketUrl = toSocketUrl(url)
  let token: Promise<string | undefined> | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  const expectAnswer = (ms: number): void => {
    clearTimeout(timer)
    // `close` would wait for the answer of a gateway that is not there.
    timer = setTimeout(() => client.terminate(), ms)
  }
  const client = createClient({
    // The token comes before the connection: the gateway waits only three seconds for it.
    url: async () => {
      token = tokens.next()
      await Promise.allSettled([token])
      expectAnswer(silenceMs)
      return socketUrl
    },
    webSocketImpl,
    // A `getToken` that throws does so here, where graphql-ws reports it.
    connectionParams: async () => {
      const present = await token
      return present === undefined ? {} : { Authorization: `Bearer ${present}` }
    },
    keepAlive: silenceMs - patienceMs,
    // What comes after an interruption is decided in `createResumingSubscribe` alone.
    retryAttempts: 0,
    on: {
      connecting: () => onStatus?.('connecting'),
      connected() {
        clearTimeout(timer)
        tokens.accepted()
        onStatus?.('connected')
      },
      ping: (received) => {
        if (!received) expectAnswer(patienceMs)
      },
      pong: (received) => {
        if (received) clearTimeout(timer)
      },
      closed: () => clearTimeout(timer),
    },
  })
  return client
}

/** After these the same connection would be refused again (docs/transports.md has the codes). */
const finalCodes = new Set([4400, 4403, 4406, 4409, 4429, 4500])

function judge(reason: unknown, tokens: Tokens): Verdict {
  if (isErrors(reason)) return judgeErrors(reason)
  const code = closeCode(reason)
  if (code === 4401) return { kind: tokens.refused(reason as object) ? 'again' : 'end' }
  return { kind: code !== undefined && finalCodes.has(code) ? 'end' : 'again' }
}

function closeCode(reason: unknown): number | undefined {
  const code = typeof reason === 'object' && reason !== null && 'code' in reason ? reason.code : undefined
  return typeof code === 'number' ? code : undefined
}

function toSocketUrl(url: string): string {
  // A page may name the path alone.
  const { location } = globalThis as { readonly location?: { readonly href: string } }
  const socketUrl = new URL(url, location?.href)
  socketUrl.protocol = socketUrl.protocol.replace(/^http/, 'ws')
  return socketUrl.href
}

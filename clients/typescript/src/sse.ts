import { type Client, createClient, NetworkError, type RequestParams } from 'graphql-sse'
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

export interface EventsOptions extends ResumeOptions {
  /** The address of the graph: `https://gateway.example/graphql`. */
  readonly url: string
  readonly getToken: GetToken
  /**
   * A stream that is silent this long is lost, in milliseconds: 30,000 when absent. The gateway sends a comment every 12 seconds, so that
   * less than 15,000 would end healthy streams.
   */
  readonly silenceMs?: number | undefined
}

/**
 * A client of graphql-sse whose subscriptions renew their token and resume by cursor: one event stream for each subscription, over plain
 * HTTP, so that proxies which break WebSockets do not matter.
 *
 * It subscribes again after every interruption until the subscriber leaves. It gives up when the request is wrong or a renewed token is
 * refused: then the subscriber gets the error (see `readErrors`).
 */
export function createEventsClient(options: EventsOptions): Client {
  const tokensOf = new WeakMap<object, Tokens>()
  const client = createClient({
    url: options.url,
    headers: async (request: RequestParams): Promise<Record<string, string>> => {
      const token = await tokensOf.get(request)?.next()
      return token === undefined ? {} : { authorization: `Bearer ${token}` }
    },
    fetchFn: watch(options.silenceMs ?? 30_000),
    // What comes after an interruption is decided in `createResumingSubscribe` alone.
    retryAttempts: 0,
  })
  const open = (): Transport => {
    const tokens = createTokens(options.getToken)
    return {
      subscribe(operation, sink) {
        const request = operation as RequestParams
        tokensOf.set(request, tokens)
        return client.subscribe(request, sink as LiveSink<object>, {
          connecting: () => options.onStatus?.('connecting'),
          connected() {
            tokens.accepted()
            options.onStatus?.('connected')
          },
        })
      },
      judge: (reason) => judge(reason, tokens),
      isRefusal: (reason) => statusOf(reason) === 401,
    }
  }
  const subscribe = createResumingSubscribe(open, options)
  return {
    ...client,
    subscribe: (request, sink) => subscribe(request as LiveOperation, sink as LiveSink<never>),
    iterate: (request) => iterateOver((sink) => subscribe(request as LiveOperation, sink as LiveSink<never>)),
  }
}

function judge(reason: unknown, tokens: Tokens): Verdict {
  if (isErrors(reason)) return judgeErrors(reason)
  const status = statusOf(reason)
  if (status === 401) return { kind: tokens.refused(reason as object) ? 'again' : 'end' }
  if (status === undefined || status === 429 || status >= 500) return { kind: 'again', afterMs: retryAfterMs(reason) }
  return { kind: 'end' }
}

function statusOf(reason: unknown): number | undefined {
  return reason instanceof NetworkError ? reason.response?.status : undefined
}

/** What a 429 or a 503 says in `Retry-After`, at most a minute. */
function retryAfterMs(reason: unknown): number | undefined {
  const response: unknown = reason instanceof NetworkError ? reason.response : undefined
  const seconds = response instanceof Response ? Number(response.headers.get('retry-after') ?? Number.NaN) : Number.NaN
  return Number.isFinite(seconds) ? Math.min(seconds, 60) * 1000 : undefined
}

/** `fetch` whose response fails when it is silent for so long: before its status, or between two parts of its body. */
function watch(silenceMs: number): typeof fetch {
  return async (input, init) => {
    const silent = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    const heard = (): void => {
      clearTimeout(timer)
      timer = setTimeout(() => silent.abort(new Error('The gateway is silent.')), silenceMs)
    }
    const signals = init?.signal ? [init.signal, silent.signal] : [silent.signal]
    heard()
    try {
      const response = await fetch(input, { ...init, signal: AbortSignal.any(signals) })
      if (!response.ok) return await withErrors(response)
      if (!response.body) return response
      const listener = new TransformStream<Uint8Array, Uint8Array>({
        transform(part, controller) {
          heard()
          controller.enqueue(part)
        },
        flush: () => clearTimeout(timer),
      })
      return new Response(response.body.pipeThrough(listener), response)
    } catch (error) {
      clearTimeout(timer)
      throw error
    }

    async function withErrors(response: Response): Promise<Response> {
      const text = await response.text()
      clearTimeout(timer)
      return Object.assign(new Response(text, response), { errors: errorsIn(text) })
    }
  }
}

/** The errors of a refusal, which `readErrors` finds at the response. [] when the body is not the gateway's. */
function errorsIn(text: string): unknown {
  try {
    const body: unknown = JSON.parse(text)
    return typeof body === 'object' && body !== null && 'errors' in body ? body.errors : []
  } catch {
    return []
  }
}

import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import type { Dispatcher } from 'undici'
import type { HttpClient, HttpClientOptions } from '../../../src/sources/http-client/types.ts'
import { clientFor } from './test-client.ts'

/** A request as the client hands it to undici. */
export interface SentRequest {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** How often each header is there. */
  readonly names: readonly string[]
  readonly body: string | null
}

/** A status with a body; or how the connection ends without an answer. `never`: it hangs until the client aborts. */
export type Outcome =
  | { readonly status: number; readonly body?: unknown; readonly headers?: Record<string, string> }
  | 'reset'
  | 'never'

/** A client whose requests the test answers in this process: the first with the first outcome, and all later ones with the last. */
export function startClient(
  outcomes: readonly Outcome[],
  options: Partial<HttpClientOptions> = {},
  baseUrl = 'https://vendor.test',
): { readonly client: HttpClient; readonly sent: SentRequest[] } {
  const sent: SentRequest[] = []
  const dispatch: Dispatcher['dispatch'] = (given, handler) => {
    const outcome = outcomes[Math.min(sent.length, outcomes.length - 1)]!
    const flat = given.headers as string[]
    const names = flat.filter((_, index) => index % 2 === 0)
    const headers = Object.fromEntries(names.map((name, index) => [name, flat[index * 2 + 1]!]))
    const request = { method: given.method, url: `${given.origin}${given.path}`, headers, names }
    const index = sent.push({ ...request, body: typeof given.body === 'string' ? given.body : null }) - 1
    void play(outcome, handler, given.body).then((body) => {
      sent[index] = { ...sent[index]!, body }
    })
    return true
  }
  return { client: clientFor(baseUrl, { dispatcher: { dispatch, destroy: async () => {} } as Dispatcher, ...options }), sent }
}

/** Resolves with the text of the request's body. */
async function play(outcome: Outcome, handler: Dispatcher.DispatchHandler, body: unknown): Promise<string | null> {
  const controller = {
    abort: (reason: Error) => handler.onResponseError?.(controller, reason),
  } as unknown as Dispatcher.DispatchController
  handler.onRequestStart?.(controller, {})
  const whole = body === null || body === undefined || typeof body === 'string' ? (body ?? null) : await text(body as Readable)
  await new Promise((resolve) => setImmediate(resolve))
  if (outcome === 'never') return whole
  if (outcome === 'reset') {
    handler.onResponseError?.(controller, Object.assign(new Error('reset'), { code: 'ECONNRESET' }))
    return whole
  }
  handler.onResponseStarted?.()
  handler.onResponseStart?.(controller, outcome.status, outcome.headers ?? {})
  handler.onResponseData?.(controller, Buffer.from(JSON.stringify(outcome.body ?? {})))
  handler.onResponseEnd?.(controller, {})
  return whole
}

import type { Readable } from 'node:stream'
import type { Dispatcher } from 'undici'
import type { Clock } from '../../domain/clock.ts'
import type { OnAnswer } from '../budget/budget.ts'
import type { Connection, ConnectionPool } from './connection-pool.ts'
import { type RawResponse, readAnswer } from './read-answer.ts'
import type { Answer } from './types.ts'
import { UpstreamError, type UpstreamErrorKind } from './upstream-error.ts'

export interface OutgoingRequest {
  /** The name of the operation in metrics. */
  readonly operation: string
  readonly method: Dispatcher.HttpMethod
  readonly path: string
  /** Names and values in turn. */
  readonly headers: string[]
  /** JSON text, or a file; null: none. */
  readonly body: string | Readable | null
  /** True: it changes nothing, and may be sent again. A read with a body is a search that is asked for by POST. */
  readonly isRead: boolean
  /** Receives the head of the answer, of a refusal too. */
  readonly onAnswer?: OnAnswer
}

/**
 * Sends one request and reads its answer to the end, or until the signal aborts with an UpstreamError as its reason. Rejects
 * with an UpstreamError for 3xx, 401, 429 and 5xx, and for an answer that cannot be read.
 */
export type SendOnce = (request: OutgoingRequest, signal: AbortSignal) => Promise<Answer>

export function createSendOnce(connections: ConnectionPool, maxBytes: number, clock: Clock): SendOnce {
  /**
   * A read that was lost with its connection, through no fault of the source, is sent again once, on a new connection of its own.
   * The caller counts both as one attempt: idle connections that died together must not open the circuit (UPSTREAM-33).
   */
  async function read({ method, path, headers, body }: OutgoingRequest, signal: AbortSignal): Promise<RawResponse> {
    const connection = connections.acquireForRead()
    const exchange = new HttpExchange(maxBytes, signal, connection)
    // `blocking: false` lets the next read leave on this connection before this answer has begun.
    connection.dispatcher.dispatch({ method, path, headers, body, blocking: false, idempotent: true }, exchange)
    try {
      return await exchange.response
    } catch (error) {
      if (!exchange.isLost || signal.aborted) throw error
    }
    const repeated = new HttpExchange(maxBytes, signal)
    connections.forRepeats.dispatch({ method, path, headers, body, reset: true }, repeated)
    return repeated.response
  }

  function write({ method, path, headers, body }: OutgoingRequest, signal: AbortSignal): Promise<RawResponse> {
    const exchange = new HttpExchange(maxBytes, signal)
    // `reset` opens a connection per write: on a reused one that the server has just closed, the outcome would be unknown.
    connections.forWrites.dispatch({ method, path, headers, body, reset: true }, exchange)
    return exchange.response
  }

  return async (request, signal) => {
    const { isRead } = request
    const raw = await (isRead ? read : write)(request, signal)
    request.onAnswer?.(raw.status, raw.headers)
    return readAnswer(raw, { isRead, maxBytes, clock })
  }
}

const noBytes = Buffer.alloc(0)

/**
 * How often undici may send a read on shared connections. It sends a read again when the read before it on the connection was aborted
 * or lost, as often as that happens: the last of eight reads could be sent eight times.
 */
const maxSends = 3

/** How Node and undici report that the other side closed or reset the connection. */
const closedCodes: ReadonlySet<unknown> = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET'])

/**
 * One request and its response, as a handler of undici's `dispatch`. undici's `request` would add a stream and a body object per
 * call, and does not tell whether a failed request was sent. It settles once and ignores later events.
 */
class HttpExchange implements Dispatcher.DispatchHandler {
  readonly response: Promise<RawResponse>
  /**
   * True when the read was lost with its connection before the answer's first byte, and the source need not be at fault: the connection
   * had served before, or undici has sent the read often enough.
   */
  isLost = false
  #resolve!: (response: RawResponse) => void
  #reject!: (error: UpstreamError) => void
  #settled = false
  #sends = 0
  #answered = false
  #controller: Dispatcher.DispatchController | null = null
  #status = 0
  #headers: RawResponse['headers'] = {}
  #chunks: Buffer[] = []
  #size = 0
  readonly #maxBytes: number
  readonly #signal: AbortSignal
  /** A function: for a listener that is an object, Node makes a closure in V8's old generation, which keeps the answer from being freed. */
  readonly #onAbort: () => void
  readonly #connection: Connection | null

  /** `connection`: one that other reads share. It is released at the end. */
  constructor(maxBytes: number, signal: AbortSignal, connection: Connection | null = null) {
    this.#maxBytes = maxBytes
    this.#signal = signal
    this.#connection = connection
    this.response = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    const onAbort = () => this.#fail((signal.reason as UpstreamError).kind)
    signal.addEventListener('abort', onAbort, { once: true })
    this.#onAbort = onAbort
  }

  /** undici calls it again when it resends a read, because another request on the connection was aborted or lost. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    // Nothing is written yet. Throwing drops this request alone; aborting would close the connection under the other requests.
    if (this.#settled) throw new Error('the request was cancelled')
    if (this.#sends === maxSends) {
      this.isLost = true
      throw new Error('the request was sent often enough')
    }
    this.#controller = controller
    this.#sends += 1
    this.#answered = false
    this.#status = 0
    this.#chunks = []
    this.#size = 0
  }

  onResponseStarted(): void {
    this.#answered = true
    if (this.#connection) this.#connection.served = true
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: RawResponse['headers']): void {
    if (status < 200 || this.#settled) return
    this.#status = status
    this.#headers = headers
    if (Number(headers['content-length']) > this.#maxBytes) this.#fail('oversized')
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#settled) return
    this.#size += chunk.length
    if (this.#size > this.#maxBytes) this.#fail('oversized')
    else this.#chunks.push(chunk)
  }

  onResponseEnd(): void {
    if (!this.#settle()) return
    const [first] = this.#chunks
    const bytes = this.#chunks.length > 1 ? Buffer.concat(this.#chunks, this.#size) : (first ?? noBytes)
    this.#chunks = []
    this.#controller = null
    this.#resolve({ status: this.#status, headers: this.#headers, bytes })
  }

  onResponseError(_: Dispatcher.DispatchController, cause: Error): void {
    if (!this.#settle()) return
    const { code } = cause as NodeJS.ErrnoException
    if (!this.#answered && this.#connection?.served && closedCodes.has(code)) this.isLost = true
    this.#reject(new UpstreamError(this.#toKind(code), { sent: this.#sends > 0, cause }))
  }

  #toKind(code: string | undefined): UpstreamErrorKind {
    if (code === 'UND_ERR_HEADERS_OVERFLOW') return 'oversized'
    if (this.#status > 0) return 'truncated'
    return this.#sends > 0 ? 'reset' : 'refused'
  }

  #fail(kind: UpstreamErrorKind): void {
    if (!this.#settle()) return
    const error = new UpstreamError(kind, { sent: this.#sends > 0 })
    this.#chunks = []
    this.#reject(error)
    this.#controller?.abort(error)
  }

  #settle(): boolean {
    if (this.#settled) return false
    this.#settled = true
    this.#signal.removeEventListener('abort', this.#onAbort)
    this.#connection?.release()
    return true
  }
}

import type { Dispatcher } from 'undici'
import type { Deadline } from './deadline.ts'
import { UpstreamError } from './upstream-error.ts'

/** The bytes of one answer. */
export interface RawAnswer {
  readonly status: number
  readonly retryAfter: string | string[] | undefined
  readonly bytes: Buffer
}

const nothing = Buffer.alloc(0)

/**
 * One request on the wire and its answer, as undici's lowest interface hands it over: no stream and no body object per call.
 * Settles once; whatever comes later is ignored.
 */
export class HttpExchange implements Dispatcher.DispatchHandler {
  readonly answer: Promise<RawAnswer>
  /** Told once, before anybody who waits for the answer. */
  onSettled: (() => void) | null = null
  #resolve!: (answer: RawAnswer) => void
  #reject!: (fault: UpstreamError) => void
  #settled = false
  #sent = false
  #controller: Dispatcher.DispatchController | null = null
  #status = 0
  #retryAfter: string | string[] | undefined
  #chunks: Buffer[] = []
  #size = 0
  readonly #maxBytes: number
  readonly #deadline: Deadline
  /** A field of the class and not written where it is assigned: the engine would remember each one in a shape of its own. */
  readonly #onEnd = (fault: UpstreamError): void => this.#stop(fault.kind)

  constructor(maxBytes: number, deadline: Deadline) {
    this.#maxBytes = maxBytes
    this.#deadline = deadline
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    deadline.onEnd = this.#onEnd
  }

  /** Called again when undici resends a read because a neighbour on the connection was aborted: begin anew. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    // Nothing is written yet: throwing drops this request alone, aborting would take the neighbours' connection.
    if (this.#settled) throw new Error('no longer wanted')
    this.#controller = controller
    this.#sent = true
    this.#status = 0
    this.#chunks = []
    this.#size = 0
  }

  onResponseStart(
    _: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    if (status < 200 || this.#settled) return
    const encoding = headers['content-encoding']
    this.#status = status
    this.#retryAfter = headers['retry-after']
    if (encoding !== undefined && encoding !== 'identity') this.#stop('encoded')
    else if (Number(headers['content-length']) > this.#maxBytes) this.#stop('oversized')
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#settled) return
    this.#size += chunk.length
    if (this.#size > this.#maxBytes) this.#stop('oversized')
    else this.#chunks.push(chunk)
  }

  onResponseEnd(): void {
    if (!this.#settle()) return
    const [first] = this.#chunks
    const bytes = this.#chunks.length > 1 ? Buffer.concat(this.#chunks, this.#size) : (first ?? nothing)
    this.#chunks = []
    this.#controller = null
    this.#resolve({ status: this.#status, retryAfter: this.#retryAfter, bytes })
  }

  onResponseError(_: Dispatcher.DispatchController, cause: Error): void {
    if (!this.#settle()) return
    const kind = this.#status > 0 ? 'truncated' : this.#sent ? 'reset' : 'refused'
    this.#reject(new UpstreamError(kind, { sent: this.#sent, cause }))
  }

  #stop(kind: UpstreamError['kind']): void {
    if (!this.#settle()) return
    const fault = new UpstreamError(kind, { sent: this.#sent })
    this.#chunks = []
    this.#reject(fault)
    this.#controller?.abort(fault)
  }

  #settle(): boolean {
    if (this.#settled) return false
    this.#settled = true
    this.#deadline.onEnd = null
    this.onSettled?.()
    return true
  }
}

import type { Call } from '../../domain/call.ts'
import type { SourceHealth } from '../source.ts'

/** What came back, when something did. Only 2xx and 4xx get this far; a vendor's text in it never reaches a client. */
export interface Answer {
  readonly status: number
  /** The decoded JSON; undefined when there was no body, or none that could be read. */
  readonly body: unknown
  /** False when there was a body that is not JSON. Only a 4xx, or the answer to a write, may be so. */
  readonly readable: boolean
}

export interface ReadRequest<T> {
  /** Names the operation in metrics: one of few. */
  readonly operation: string
  /** Below the base URL, beginning with "/"; every id in it escaped. */
  readonly path: string
  /** Makes the result of a 2xx, 400, 403, 404, 409 … answer; pure, since callers who ask the same at once share it. */
  readonly toResult: (answer: Answer) => T
}

export interface WriteRequest {
  readonly operation: string
  readonly method: 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly path: string
  readonly body: unknown
}

/**
 * How a write ended. `answered`: the source said something. `unconfirmed`: it was sent and no answer tells what became of it.
 * A write that surely did nothing is thrown instead.
 */
export type WriteAnswer = { readonly ended: 'answered'; readonly answer: Answer } | { readonly ended: 'unconfirmed' }

/** One source's HTTP API. Every fault is thrown as a DeskgraphError that names the source. */
export interface HttpClient {
  /** A GET: bounded in time and size, tried once more when that may help, shared while in flight. */
  read<T>(request: ReadRequest<T>, call: Call): Promise<T>
  /** Sent once, on a connection of its own. */
  write(request: WriteRequest, call: Call): Promise<WriteAnswer>
  /** What the last calls were like. */
  health(): SourceHealth
  close(): Promise<void>
}

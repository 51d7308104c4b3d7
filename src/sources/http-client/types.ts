import type { Dispatcher } from 'undici'
import type { Call } from '../../domain/call.ts'
import type { Clock } from '../../domain/clock.ts'
import type { Logger, Metrics } from '../../domain/telemetry.ts'
import type { UploadedFile } from '../../domain/writes.ts'
import type { Proxies } from '../../outbound/proxies.ts'
import type { Budget } from '../budget/budget.ts'
import type { CallCost } from '../budget/limits.ts'
import type { Credentials } from '../credentials/credentials.ts'
import type { LoginOf } from '../identity-map.ts'
import type { OpenedFile, SourceHealth } from '../source.ts'
import type { HttpClientLimits } from './config.ts'

/** A source's answer with a status of 2xx or 4xx, except 401 and 429. The vendor's text in it must not reach a client. */
export interface Answer {
  readonly status: number
  /** The decoded JSON; undefined when the body is empty or cannot be decoded. */
  readonly body: unknown
  /** False when the body is not JSON, which only a 4xx and the answer to a write may be. */
  readonly readable: boolean
  /** The headers of these names, where the answer has them. */
  readonly etag?: string
  readonly location?: string
  /** What the vendor remarks on a write that it answered with success: the header `Warning`, or one whose name ends in `-warn`. */
  readonly warning?: string
}

export interface ReadRequest<T> extends CallCost {
  /** The name of the operation in metrics. A source has few of them. */
  readonly operation: string
  /** Starts with "/" and is appended to the base URL. Every id in it is escaped. */
  readonly path: string
  /** A search or a batch that the vendor takes by POST: sent as JSON. It changes nothing, so that it is retried and shared as a GET is. */
  readonly body?: unknown
  /** Translates the answer. Pure, because callers with the same request in flight share the result. */
  readonly toResult: (answer: Answer) => T
}

export interface WriteRequest extends CallCost {
  readonly operation: string
  readonly method: 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly path: string
  /** Sent as JSON. */
  readonly body?: unknown
  /** Sent as it arrives, in place of `body`, with the time of a file. */
  readonly file?: UploadedFile
  /** Sent beside the client's own, such as `if-match`. */
  readonly headers?: Readonly<Record<string, string>>
}

export interface DownloadRequest extends CallCost {
  readonly operation: string
  /** Starts with "/" and is appended to the base URL, every id in it escaped; or the absolute URL that the source gives for the file. */
  readonly path: string
}

/**
 * How a write ended. `answered`: the source answered. `unconfirmed`: the request was sent, and no answer says what it did.
 * A write that certainly did nothing is an error instead.
 */
export type WriteAnswer = { readonly ended: 'answered'; readonly answer: Answer } | { readonly ended: 'unconfirmed' }

/** The HTTP API of one source. Every failure is a DeskgraphError that names the source. */
export interface HttpClient {
  /** Sends a GET, or a POST that changes nothing, bounded in time and size and retried when that may help. Equal reads of one viewer in flight share one request. */
  read<T>(request: ReadRequest<T>, call: Call): Promise<T>
  /** Sends a write once, on a new connection. It is never retried, except once with renewed credentials after a 401, which certainly did nothing. */
  write(request: WriteRequest, call: Call): Promise<WriteAnswer>
  /**
   * Asks for a file once, as the viewer; null: 404 or 403. Another host than the source's is asked without credentials, and only over https at
   * a public address, also where a redirect leads to it. The body fails when it breaks off, when its time is over, or when it is longer than `limits.fileBytes`.
   */
  download(request: DownloadRequest, call: Call): Promise<OpenedFile | null>
  /** Describes the last calls. */
  health(): SourceHealth
  close(): Promise<void>
}

export interface HttpClientOptions {
  readonly sourceKey: string
  /** The source's name in error messages. */
  readonly label: string
  /** May have a path; a query is ignored. */
  readonly baseUrl: string
  /** For a whole call, from the wait in the bulkhead to the last byte, retries included, in milliseconds. */
  readonly timeoutMs: number
  /** Sent with every call, such as `authorization`. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Further headers that are renewed while the gateway runs. Absent or null: `headers` have all that the source asks for. */
  readonly credentials?: Credentials | null | undefined
  /** The header that carries the viewer's login, where the viewer has one. Absent or null: the source receives no identity. */
  readonly identity?: { readonly header: string; readonly loginOf: LoginOf } | null
  readonly limits?: Partial<HttpClientLimits> | undefined
  /** How many calls the source may be asked for. Absent: it sets no limit. */
  readonly budget?: Budget | undefined
  readonly metrics: Metrics
  readonly logger: Logger
  readonly clock: Clock
  /** Absent: the source is called directly. */
  readonly proxies?: Proxies | undefined
  /** Replaces the connection pool, such as undici's MockAgent in a test. Its owner closes it. */
  readonly dispatcher?: Dispatcher | undefined
}

import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate, inflateRaw, type ZlibOptions } from 'node:zlib'
import type { Clock } from '../../domain/clock.ts'
import { readRetryAfter } from '../../outbound/retry-after.ts'
import { parseJson } from './json.ts'
import type { Answer } from './types.ts'
import { UpstreamError } from './upstream-error.ts'

/** A response as it was received, with the whole body. */
export interface RawResponse {
  readonly status: number
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly bytes: Buffer
}

export interface ReadAnswerDeps {
  /** False: the answer to a write, which may be unreadable. */
  readonly isRead: boolean
  /** The largest body after decompression. */
  readonly maxBytes: number
  readonly clock: Clock
}

/** Rejects with an UpstreamError for 3xx, 401, 429 and 5xx, and for the body of a successful read that is not JSON. */
export async function readAnswer(raw: RawResponse, { isRead, maxBytes, clock }: ReadAnswerDeps): Promise<Answer> {
  const { status } = raw
  const retryAfter = () => toRetryAfter(raw.headers['retry-after'], clock())
  if (status >= 500) throw new UpstreamError('server', { sent: true, status, retryAfter: retryAfter() })
  if (status === 401) throw new UpstreamError('unauthorised', { sent: true })
  if (status === 429) throw new UpstreamError('rateLimited', { sent: true, retryAfter: retryAfter() })
  if (status >= 300 && status < 400) throw new UpstreamError('redirect', { sent: true })
  const answer = {
    ...decode(status, await decompress(raw, maxBytes)),
    ...readHeaders(raw.headers),
    ...(!isRead && readWarning(raw.headers)),
  }
  if (isRead && status < 300 && answer.body === undefined) throw new UpstreamError('unreadable', { sent: true })
  return answer
}

function readHeaders({ etag, location }: RawResponse['headers']): Pick<Answer, 'etag' | 'location'> {
  return { ...(typeof etag === 'string' && { etag }), ...(typeof location === 'string' && { location }) }
}

function readWarning(headers: RawResponse['headers']): Pick<Answer, 'warning'> {
  const name = Object.keys(headers).find((one) => one === 'warning' || one.endsWith('-warn'))
  return name === undefined ? {} : { warning: String(headers[name]) }
}

function decode(status: number, bytes: Buffer): Answer {
  if (bytes.length === 0) return { status, body: undefined, readable: true }
  try {
    return { status, body: parseJson(bytes), readable: true }
  } catch {
    // The parser's error is dropped, because its message quotes the body.
    return { status, body: undefined, readable: false }
  }
}

type Decompress = (bytes: Buffer, options: ZlibOptions) => Promise<Buffer>

const inflateZlib = promisify<Buffer, ZlibOptions, Buffer>(inflate)
const inflateBare = promisify<Buffer, ZlibOptions, Buffer>(inflateRaw)
const unzip = promisify<Buffer, ZlibOptions, Buffer>(gunzip)

/** The content codings that are compressions (RFC 9110 §8.4.1). */
const compressions: ReadonlyMap<string, Decompress> = new Map([
  ['gzip', unzip],
  ['x-gzip', unzip],
  ['br', promisify<Buffer, ZlibOptions, Buffer>(brotliDecompress)],
  // Some servers leave out the zlib header that RFC 9110 asks for. Its first byte names the method 8.
  ['deflate', (bytes, options) => (((bytes[0] ?? 0) & 0x0f) === 8 ? inflateZlib : inflateBare)(bytes, options)],
])

/** More layers of compression than this are an attack. */
const maxCompressions = 3

/**
 * The body without its content codings, at most `maxBytes` long: UPSTREAM-34. A coding that is no compression, such as `utf-8`, changes
 * nothing. Bytes that are not what their coding says are left as they are: the JSON parser decides whether they can be read.
 *
 * undici's `decompress` interceptor fits less: it is experimental, it needs the zlib header, and it streams a body that is read whole here.
 */
async function decompress({ headers, bytes }: RawResponse, maxBytes: number): Promise<Buffer> {
  const header = headers['content-encoding']
  if (header === undefined || bytes.length === 0) return bytes
  const codings = String(header).toLowerCase().split(',')
  const applied = codings.flatMap((coding) => compressions.get(coding.trim()) ?? [])
  if (applied.length > maxCompressions) throw new UpstreamError('unreadable', { sent: true })
  let content = bytes
  for (const undo of applied.reverse()) {
    try {
      content = await undo(content, { maxOutputLength: maxBytes })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw new UpstreamError('oversized', { sent: true })
      return content
    }
  }
  return content
}

/** A longer wait would disable the source for hours because of one wrong value: UPSTREAM-05. */
const maxRetryAfterSeconds = 60

/** The header as whole seconds from now, 0 to 60; undefined when it says nothing. */
function toRetryAfter(header: string | string[] | undefined, nowMs: number): number | undefined {
  const waitMs = readRetryAfter(header, nowMs)
  return waitMs === null ? undefined : Math.min(maxRetryAfterSeconds, Math.ceil(waitMs / 1000))
}

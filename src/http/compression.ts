import type { IncomingHttpHeaders } from 'node:http'
import { promisify } from 'node:util'
import { brotliCompress, gzip, constants as zlib } from 'node:zlib'
import { LRUCache } from 'lru-cache'
import Negotiator from 'negotiator'
import type { GraphResponse } from '../graphql/server.ts'

/** A response whose body may be compressed. */
export interface EncodedResponse extends Omit<GraphResponse, 'body'> {
  readonly body: string | Buffer
}

type Encoding = 'br' | 'gzip' | 'identity'

/** A shorter body fits into one packet, and its client would only wait longer. */
const leastCharacters = 1_024

/**
 * The cheapest levels: a page of 17 kB becomes 4.6 kB in 0.25 ms with br and in 0.45 ms with gzip. Higher levels take twice as long and
 * save another tenth. The work is done by Node's thread pool and not by the event loop.
 */
const compressors: Readonly<Record<Exclude<Encoding, 'identity'>, (text: string) => Promise<Buffer>>> = {
  br: (text) => compressBrotli(text, { params: { [zlib.BROTLI_PARAM_QUALITY]: 1, [zlib.BROTLI_PARAM_SIZE_HINT]: text.length } }),
  gzip: (text) => compressGzip(text, { level: 1 }),
}
const compressBrotli = promisify(brotliCompress)
const compressGzip = promisify(gzip)

/** Compresses a response for a client that accepts it. Event streams never come here. */
export async function compress(response: GraphResponse, headers: IncomingHttpHeaders): Promise<EncodedResponse> {
  const { body } = response
  if (body.length < leastCharacters) return response
  const encoding = readAcceptEncoding(headers['accept-encoding'])
  const vary = response.headers.vary === undefined ? 'accept-encoding' : `${response.headers.vary}, accept-encoding`
  if (encoding === 'identity') return { ...response, headers: { ...response.headers, vary } }
  return {
    status: response.status,
    headers: { ...response.headers, vary, 'content-encoding': encoding },
    body: await compressors[encoding](body),
  }
}

/** Clients send few different headers. */
const known = new LRUCache<string, Encoding>({ max: 100 })

/** Reads `Accept-Encoding` with its q-values and wildcards (RFC 9110 §12.5.3). A client that sends none accepts only plain text. */
export function readAcceptEncoding(accepted: string | string[] | undefined): Encoding {
  if (accepted === undefined || accepted === '') return 'identity'
  const text = String(accepted)
  const before = known.get(text)
  if (before) return before
  const offered: Encoding[] = ['br', 'gzip', 'identity']
  const [best = 'identity'] = new Negotiator({ headers: { 'accept-encoding': text } }).encodings(offered, { preferred: offered })
  const encoding = best as Encoding
  known.set(text, encoding)
  return encoding
}

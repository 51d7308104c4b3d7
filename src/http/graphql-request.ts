import type { IncomingHttpHeaders } from 'node:http'
import { DeskgraphError } from '../domain/errors.ts'
import type { OperationRequest } from '../graphql/server.ts'

/** The text of the document that a request means, if it means one. Throws a DeskgraphError for a document that may not be executed. */
export type ResolveDocumentText = (request: {
  readonly query?: unknown
  readonly documentId?: unknown
  readonly extensions?: unknown
}) => string | undefined

/** Without trusted documents: the text that the request carries. */
export const documentTextOf: ResolveDocumentText = ({ query }) => (typeof query === 'string' ? query : undefined)

/** An operation as it came, with the text of its document. Nothing of it is trusted. */
export interface ReceivedOperation extends Omit<OperationRequest, 'document'> {
  /** undefined: the request names no known document, or is malformed. */
  readonly text: string | undefined
}

const jsonInUtf8 = /^application\/json(?:\s*;\s*charset="?utf-?8"?)?\s*$/i

/** Refuses a body that is not JSON in UTF-8, and a compressed one: a small compressed body can hold gigabytes. */
export function checkMediaType({ 'content-type': type, 'content-encoding': encoding }: IncomingHttpHeaders): void {
  if (type === undefined || !jsonInUtf8.test(type)) {
    throw new DeskgraphError('UNSUPPORTED_MEDIA_TYPE', 'Send application/json in UTF-8.')
  }
  if (encoding !== undefined && encoding !== 'identity') {
    throw new DeskgraphError('UNSUPPORTED_MEDIA_TYPE', 'Send the body uncompressed.')
  }
}

/** Throws BAD_REQUEST for a text that is not JSON. The message repeats nothing of the text. */
export function parseBody(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new DeskgraphError('BAD_REQUEST', 'The body is not valid JSON.')
  }
}

export function fromBody(headers: IncomingHttpHeaders, sent: unknown, resolve: ResolveDocumentText): ReceivedOperation {
  const text = isRecord(sent) ? resolve(sent) : undefined
  const isNamed = isRecord(sent) && text !== undefined && sent.query !== text
  // The text of a trusted document takes the place of its name.
  const body = isNamed ? { ...sent, query: text, extensions: undefined } : sent
  return { method: 'POST', headers, search: '', body, text }
}

export function fromUrl(headers: IncomingHttpHeaders, url: string, resolve: ResolveDocumentText): ReceivedOperation {
  const params = searchParamsOf(url)
  const text = resolve({
    query: params.get('query') ?? undefined,
    documentId: params.get('documentId') ?? undefined,
    extensions: jsonOrNothing(params.get('extensions')),
  })
  if (text !== undefined && params.get('query') !== text) {
    params.set('query', text)
    params.delete('extensions')
  }
  return { method: 'GET', headers, search: `?${params}`, body: undefined, text }
}

export function searchParamsOf(url: string): URLSearchParams {
  const start = url.indexOf('?')
  return new URLSearchParams(start < 0 ? '' : url.slice(start))
}

/** Text that is not JSON is refused by Apollo Server. */
function jsonOrNothing(text: string | null): unknown {
  try {
    return text === null ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The operations of an array body; null: the body is no array. Throws BAD_REQUEST for an empty array and for more than `max` operations. */
export function operationsOf(body: unknown, max: number): readonly unknown[] | null {
  if (!Array.isArray(body)) return null
  if (body.length === 0) throw new DeskgraphError('BAD_REQUEST', 'The array holds no operation.')
  if (body.length > max) {
    throw new DeskgraphError('BAD_REQUEST', `${body.length} operations in one request, allowed: ${max} (limits.batch).`)
  }
  return body
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

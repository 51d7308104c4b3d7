import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'
import type { HTTPGraphQLResponse } from '@apollo/server'
import type { FormattedExecutionResult, GraphQLError, GraphQLFormattedError } from 'graphql'
import { DeskgraphError, errorCodes } from '../../domain/errors.ts'
import type { InvalidDocument } from '../../graphql/document-cache.ts'
import { toHttpStatus } from '../../graphql/http-status.ts'
import { stringifyResult } from '../../graphql/stringify.ts'

/** What goes back for one request. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** A refusal before anything was executed: the code's own status, and Retry-After where the code has one. */
export function refuse(error: DeskgraphError, requestId: string, accept: string | undefined): Answer {
  const { status } = errorCodes[error.code]
  const retryAfter = error.retryAfter ?? (status === 503 || status === 429 ? 1 : undefined)
  const headers: Record<string, string> = { 'content-type': contentTypeFor(accept) }
  if (retryAfter !== undefined) headers['retry-after'] = String(Math.max(1, Math.ceil(retryAfter)))
  // RFC 9110 §15.5.2: a 401 says how to sign in.
  if (status === 401) headers['www-authenticate'] = 'Bearer'
  if (status === 405) headers.allow = 'GET, POST'
  // What is left of the body will not be read.
  if (status === 413) headers.connection = 'close'
  const { code, message, retryable, source } = error
  const shown = code === 'INTERNAL_SERVER_ERROR' ? 'Internal server error' : message
  return answer(status, headers, [{ message: shown, extensions: { code, retryable, retryAfter, source, requestId } }])
}

/** A document that does not parse or does not fit the schema. */
export function refuseDocument({ invalid, code }: InvalidDocument, requestId: string, accept: string | undefined): Answer {
  const { status, retryable } = errorCodes[code]
  const errors = invalid.map((error: GraphQLError) => ({ ...error.toJSON(), extensions: { code, retryable, requestId } }))
  return answer(status, { 'content-type': contentTypeFor(accept) }, errors)
}

function answer(status: number, headers: Record<string, string>, errors: readonly GraphQLFormattedError[]): Answer {
  return { status, headers, body: JSON.stringify({ errors }) }
}

/** Apollo's answer. What it refused without a context does not know the request's id yet, and calls a wrong method a bad request. */
export function fromApollo({ status = 200, headers, body }: HTTPGraphQLResponse, requestId: string): Answer {
  if (body.kind !== 'complete') throw new DeskgraphError('INTERNAL_SERVER_ERROR', 'Answers in parts are switched off.')
  const text =
    status === 200
      ? body.string
      : withOurOwn(body.string, status === 405 ? { code: 'METHOD_NOT_ALLOWED', requestId } : { requestId })
  return { status, headers: Object.fromEntries(headers), body: text }
}

function withOurOwn(body: string, extensions: object): string {
  const result = JSON.parse(body) as { errors?: GraphQLFormattedError[] }
  const errors = result.errors?.map((error) => ({ ...error, extensions: { ...error.extensions, ...extensions } }))
  return JSON.stringify({ ...result, errors })
}

/** The answer of an operation that was executed. */
export function fromResult(result: FormattedExecutionResult, accept: string | undefined): Answer {
  return { status: toHttpStatus(result), headers: headersFor(accept), body: stringifyResult(result) }
}

/** The newer type for clients that name it, plain JSON for all others. */
function contentTypeFor(accept: string | undefined): string {
  return headersFor(accept)['content-type']
}

function headersFor(accept: string | undefined) {
  return accept?.includes('application/graphql-response+json') ? newerType : plainType
}

const plainType = { 'content-type': 'application/json; charset=utf-8' }
const newerType = { 'content-type': 'application/graphql-response+json; charset=utf-8' }

/** Names and values in turn, as node writes them quickest. */
export type HeaderList = readonly string[]

const ofEveryAnswer = ['cache-control', 'no-store', 'x-content-type-options', 'nosniff']
const ownNames = new Set([
  ...ofEveryAnswer.filter((_, index) => index % 2 === 0),
  'content-type',
  'content-length',
  'x-request-id',
])

/** What others put on an answer, without what `send` puts there itself. */
export function toUsualHeaders(headers: OutgoingHttpHeaders): HeaderList {
  const others = Object.entries(headers).filter(([name, value]) => value !== undefined && !ownNames.has(name.toLowerCase()))
  return [...others.flatMap(([name, value]) => [name, String(value)]), ...ofEveryAnswer]
}

const noOthers = toUsualHeaders({})

/** The same answer, for its own client to keep for a while. */
export function keptFor(seconds: number, answer: Answer): Answer {
  if (seconds <= 0 || answer.status !== 200) return answer
  const headers = { ...answer.headers, 'cache-control': `private, max-age=${seconds}`, vary: 'authorization' }
  return { ...answer, headers }
}

function withoutCacheControl(list: HeaderList): HeaderList {
  return list.filter((_, index) => list[index - (index % 2)] !== 'cache-control')
}

/** From here on node copies a text faster as bytes of its own than behind the text of the headers. */
const long = 16_384

/** `usual`: headers that every answer carries. */
export function send(
  response: ServerResponse,
  { status, headers, body }: Answer,
  requestId: string,
  usual: HeaderList = noOthers,
): void {
  if (response.destroyed || response.headersSent) return
  const payload = body.length < long ? body : Buffer.from(body)
  const length = typeof payload === 'string' ? Buffer.byteLength(payload) : payload.length
  // Pure ASCII is the same bytes either way, and those node writes at once.
  const encoding = length === body.length ? 'latin1' : 'utf8'
  const others = headers['cache-control'] === undefined ? usual : withoutCacheControl(usual)
  const list = [...others, 'content-length', String(length), 'x-request-id', requestId]
  for (const name in headers) list.push(name, headers[name]!)
  response.writeHead(status, list)
  response.end(payload, encoding)
}

import { errorCodes } from './generated/schema-facts.ts'

/** A code that `extensions.code` of an error has, in this version of the graph. docs/errors.md of Deskgraph says what to do about each. */
export type ErrorCode = keyof typeof errorCodes

/**
 * The codes for a `switch`: those of the graph, NETWORK_ERROR when no answer of the gateway came, and OTHER for a code that a later version
 * has added, which is then in `givenCode`.
 */
export type GraphErrorCode = ErrorCode | 'NETWORK_ERROR' | 'OTHER'

/** One error in the form in which a page uses it, from whichever client it came. */
export interface GraphError {
  readonly code: GraphErrorCode
  /** The code as the gateway sent it; null when it sent none. */
  readonly givenCode: string | null
  /** For people. Its wording may change. */
  readonly message: string
  /** True when the same request may succeed later. Repeat a write only with the same `idempotencyKey`. */
  readonly retryable: boolean
  /** Seconds until a retry makes sense; null when that is not known. */
  readonly retryAfter: number | null
  /** The key of the source that failed; null when it is not one source. */
  readonly source: string | null
  /** Where in the response the field is null because of it; null when the whole request failed. */
  readonly path: readonly (string | number)[] | null
  /** Names the request in the gateway's log: show it, so that a user can report it. */
  readonly requestId: string | null
}

/**
 * The errors of what a client threw or gave: an error of Apollo Client, urql, Relay, graphql-request, graphql-ws or graphql-sse, a response
 * body, or a list of GraphQL errors. At least one for every value but null and undefined, which give [].
 */
export function readErrors(thrown: unknown): readonly GraphError[] {
  if (thrown === null || thrown === undefined) return []
  const found = findGraphQLErrors(thrown, 0)
  return found.length > 0 ? found.map(toGraphError) : [toTransportError(thrown)]
}

/** The names under which the clients keep the errors of a response, or the error that has them. */
const holders = ['errors', 'graphQLErrors', 'networkError', 'response', 'source', 'result', 'cause'] as const

function findGraphQLErrors(value: unknown, depth: number): readonly Fields[] {
  if (Array.isArray(value)) return value.filter(isFields).filter((item) => typeof item.message === 'string')
  if (!isFields(value) || depth > 4) return []
  for (const name of holders) {
    const found = name in value ? findGraphQLErrors(value[name], depth + 1) : []
    if (found.length > 0) return found
  }
  // Apollo Client keeps the text of a response that is no 200.
  return typeof value.bodyText === 'string' ? findGraphQLErrors(parse(value.bodyText), depth + 1) : []
}

function toGraphError({ message, path, extensions }: Fields): GraphError {
  const { code, retryable, retryAfter, source, requestId } = isFields(extensions) ? extensions : ({} as Fields)
  return {
    code: isErrorCode(code) ? code : 'OTHER',
    givenCode: typeof code === 'string' ? code : null,
    message: String(message),
    retryable: retryable === true,
    retryAfter: typeof retryAfter === 'number' ? retryAfter : null,
    source: typeof source === 'string' ? source : null,
    path: Array.isArray(path) ? path : null,
    requestId: typeof requestId === 'string' ? requestId : null,
  }
}

/** What the gateway means by the close codes of a WebSocket, and by a status without a readable body. */
const closeCodes: Readonly<Record<number, ErrorCode>> = {
  1013: 'AUTH_UNAVAILABLE',
  4400: 'BAD_REQUEST',
  4401: 'UNAUTHENTICATED',
  4403: 'FORBIDDEN',
  4500: 'INTERNAL_SERVER_ERROR',
}
const statusCodes: Readonly<Record<number, ErrorCode>> = {
  400: 'BAD_REQUEST',
  401: 'UNAUTHENTICATED',
  403: 'FORBIDDEN',
  405: 'METHOD_NOT_ALLOWED',
  413: 'PAYLOAD_TOO_LARGE',
  415: 'UNSUPPORTED_MEDIA_TYPE',
  429: 'RATE_LIMITED',
  503: 'OVERLOADED',
}

function toTransportError(thrown: unknown): GraphError {
  const fields = isFields(thrown) ? thrown : {}
  const response = isFields(fields.response) ? fields.response : {}
  const code = closeCodes[Number(fields.code)] ?? statusCodes[Number(fields.statusCode ?? fields.status ?? response.status)]
  const text = [fields.reason, fields.message].find((item) => typeof item === 'string' && item !== '')
  return {
    code: code ?? 'NETWORK_ERROR',
    givenCode: null,
    message: typeof text === 'string' ? text : 'The gateway cannot be reached.',
    retryable: code === undefined || errorCodes[code].retryable,
    retryAfter: null,
    source: null,
    path: null,
    requestId: null,
  }
}

/** Whether this version of the graph has the code. */
export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(errorCodes, value)
}

/** A source that is missing from a page, from `extensions.partial` of a response. */
export interface MissingSource {
  readonly source: string
  readonly code: GraphErrorCode
  readonly retryAt: string | null
}

/** The sources that failed for a page which did not select their reports: from the `extensions` of the response. [] when all answered. */
export function readPartial(extensions: unknown): readonly MissingSource[] {
  const partial = isFields(extensions) && Array.isArray(extensions.partial) ? extensions.partial : []
  return partial.filter(isFields).map(({ source, code, retryAt }) => ({
    source: String(source),
    code: isErrorCode(code) ? code : 'OTHER',
    retryAt: typeof retryAt === 'string' ? retryAt : null,
  }))
}

/** The reports of the sources that failed: show their names beside the list. A source that was not asked (SKIPPED) did not fail. */
export function failedSources<Report extends { readonly outcome: string }>(reports: readonly Report[]): readonly Report[] {
  return reports.filter(({ outcome }) => outcome !== 'OK' && outcome !== 'SKIPPED')
}

type Fields = { readonly [name: string]: unknown }

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

import type { IncomingMessage } from 'node:http'
import { HeaderMap, type HTTPGraphQLRequest } from '@apollo/server'
import { DeskgraphError } from '../../domain/errors.ts'

/** One GraphQL-over-HTTP request as it came, before anything of it is trusted. */
export interface OperationRequest {
  /** The document; absent where the request names a trusted one, or is malformed. */
  readonly query: string | undefined
  readonly forApollo: HTTPGraphQLRequest
}

/** What Apollo Server looks at: the content types, and the two headers that its CSRF prevention accepts. */
const passedOn = ['content-type', 'accept', 'apollo-require-preflight', 'x-apollo-operation-name'] as const

export function fromBody(request: IncomingMessage, body: unknown): OperationRequest {
  const query = isRecord(body) && typeof body.query === 'string' ? body.query : undefined
  return { query, forApollo: { method: 'POST', headers: headersOf(request), search: '', body } }
}

export function fromUrl(request: IncomingMessage): OperationRequest {
  const url = request.url ?? ''
  const start = url.indexOf('?')
  const search = start < 0 ? '' : url.slice(start)
  const query = new URLSearchParams(search).get('query') ?? undefined
  return { query, forApollo: { method: 'GET', headers: headersOf(request), search, body: undefined } }
}

function headersOf({ headers }: IncomingMessage): HeaderMap {
  const map = new HeaderMap()
  for (const name of passedOn) {
    const value = headers[name]
    if (value !== undefined) map.set(name, String(value))
  }
  return map
}

/** The operations of one body: one, or up to `most` in an array. */
export function operationsOf(body: unknown, most: number): readonly unknown[] | null {
  if (!Array.isArray(body)) return null
  if (body.length === 0) throw new DeskgraphError('BAD_REQUEST', 'The array holds no operation.')
  if (body.length > most) {
    throw new DeskgraphError('BAD_REQUEST', `${body.length} operations in one request, allowed: ${most} (limits.batch).`)
  }
  return body
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

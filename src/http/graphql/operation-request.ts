import type { IncomingMessage } from 'node:http'
import { HeaderMap, type HTTPGraphQLRequest } from '@apollo/server'
import { DeskgraphError } from '../../domain/errors.ts'

/** One GraphQL-over-HTTP request as it came, before anything of it is trusted. */
export interface OperationRequest {
  /** The document; absent where the request names none that we know, or is malformed. */
  readonly query: string | undefined
  /** The JSON body; undefined for a GET. */
  readonly body: unknown
  forApollo(): HTTPGraphQLRequest
}

/** An operation that is written as the specification says, and asks for nothing beside. */
export interface PlainOperation {
  readonly operationName: string | null
  readonly variables: Record<string, unknown>
}

/** null: Apollo Server looks into what is unusual about it, also at a GET, which could come from a foreign page. */
export function toPlainOperation({ body }: OperationRequest): PlainOperation | null {
  if (!isRecord(body) || body.extensions != null) return null
  const { operationName = null, variables } = body
  if (operationName !== null && (typeof operationName !== 'string' || operationName === '')) return null
  if (variables != null && !isRecord(variables)) return null
  return { operationName, variables: (variables as Record<string, unknown> | null) ?? {} }
}

/** What Apollo Server looks at: the content types, the two headers that its CSRF prevention accepts, and ours. */
const passedOn = ['content-type', 'accept', 'apollo-require-preflight', 'x-apollo-operation-name', 'x-deskgraph-cost'] as const

/** The text of the document that a request means, if it means one; throws where it may not be executed. */
export type ResolveText = (request: { query?: unknown; documentId?: unknown; extensions?: unknown }) => string | undefined

export function fromBody(request: IncomingMessage, sent: unknown, resolve: ResolveText): OperationRequest {
  const query = isRecord(sent) ? resolve(sent) : undefined
  const named = isRecord(sent) && query !== undefined && sent.query !== query
  // A trusted document's text goes on in the place of its name.
  const body = named ? { ...sent, query, extensions: undefined } : sent
  return { query, body, forApollo: () => ({ method: 'POST', headers: headersOf(request), search: '', body }) }
}

export function fromUrl(request: IncomingMessage, resolve: ResolveText): OperationRequest {
  const url = request.url ?? ''
  const start = url.indexOf('?')
  const params = new URLSearchParams(start < 0 ? '' : url.slice(start))
  const query = resolve({
    query: params.get('query') ?? undefined,
    documentId: params.get('documentId') ?? undefined,
    extensions: jsonOf(params.get('extensions')),
  })
  if (query !== undefined && params.get('query') !== query) {
    params.set('query', query)
    params.delete('extensions')
  }
  const forApollo = () => ({ method: 'GET', headers: headersOf(request), search: `?${params}`, body: undefined })
  return { query, body: undefined, forApollo }
}

/** What is not JSON is refused by Apollo Server, in its own words. */
function jsonOf(text: string | null): unknown {
  try {
    return text === null ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
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

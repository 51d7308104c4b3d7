import { DeskgraphError } from '../domain/errors.ts'

/**
 * The parameters of one GraphQL request as GraphQL over HTTP names them, of the right types. Every transport reads its requests into
 * this form. What is null or an empty text is absent.
 */
export interface GraphParameters {
  readonly query: string | undefined
  /** The hash of a trusted document. */
  readonly documentId: string | undefined
  /** undefined: the document's only operation. */
  readonly operationName: string | undefined
  readonly variables: Readonly<Record<string, unknown>> | undefined
  readonly extensions: Readonly<Record<string, unknown>> | undefined
}

/** The text of the document that a request means; undefined: it means none. Throws a DeskgraphError for one that may not be executed. */
export type ResolveDocumentText = (request: Pick<GraphParameters, 'query' | 'documentId' | 'extensions'>) => string | undefined

const parameterNames = ['query', 'documentId', 'operationName', 'variables', 'extensions'] as const

/** Refuses bytes that are not UTF-8, where others would put U+FFFD into the text, and skips a byte order mark (RFC 8259 §8.1). */
const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Throws BAD_REQUEST for bytes that are not JSON in UTF-8. The message repeats nothing of them. */
export function parseBody(body: Uint8Array): unknown {
  return parseJson(decodeUtf8(body), 'The body')
}

/** Throws BAD_REQUEST for bytes that are not UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes)
  } catch {
    throw badRequest('The body is not valid UTF-8. JSON is sent in UTF-8.')
  }
}

function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw badRequest(`${what} is not valid JSON.`)
  }
}

/** The parameters of one operation that came as JSON. Throws BAD_REQUEST for one of the wrong type: without it another question would be answered. */
export function toParameters(sent: unknown): GraphParameters {
  if (!isRecord(sent)) throw badRequest('A GraphQL request is a JSON object.')
  return {
    query: textOf(sent, 'query'),
    documentId: textOf(sent, 'documentId'),
    operationName: textOf(sent, 'operationName'),
    variables: recordOf(sent, 'variables'),
    extensions: recordOf(sent, 'extensions'),
  }
}

function textOf(sent: Readonly<Record<string, unknown>>, name: (typeof parameterNames)[number]): string | undefined {
  const value = sent[name] ?? ''
  if (typeof value !== 'string') throw badRequest(`"${name}" is not a text.`)
  return value === '' ? undefined : value
}

function recordOf(sent: Readonly<Record<string, unknown>>, name: (typeof parameterNames)[number]) {
  const value = sent[name] ?? undefined
  if (value !== undefined && !isRecord(value)) throw badRequest(`"${name}" is not a JSON object.`)
  return value
}

/** The text of the requested document, on every transport. Throws BAD_REQUEST for a request that names none. */
export function toDocumentText(parameters: GraphParameters, resolve: ResolveDocumentText): string {
  const text = resolve(parameters)
  if (text === undefined) throw new DeskgraphError('BAD_REQUEST', 'There is no query.')
  return text
}

const separator = '&'
/** Some clients append "?" and their parameters to an address that already has a query. */
const lenientSeparator = new RegExp(`&|\\?(?=(?:${parameterNames.join('|')})=)`)

/**
 * The parameters of a GET request. "?" may be part of a value (RFC 3986 §3.4); it separates parameters only in a URL that would name no
 * document otherwise. Throws BAD_REQUEST as `toParameters` does, and for a parameter that is given twice.
 */
export function parametersFromUrl(url: string): GraphParameters {
  const start = url.indexOf('?')
  const search = start < 0 ? '' : url.slice(start + 1)
  const parameters = readSearch(search, separator)
  return namesDocument(parameters) ? parameters : readSearch(search, lenientSeparator)
}

function namesDocument({ query, documentId, extensions }: GraphParameters): boolean {
  return (query ?? documentId ?? extensions) !== undefined
}

function readSearch(search: string, separator: string | RegExp): GraphParameters {
  const given = new Map<string, string>()
  for (const pair of search.split(separator)) {
    const [name = ''] = pair.split('=', 1)
    if (!(parameterNames as readonly string[]).includes(name)) continue
    if (given.has(name)) throw badRequest(`"${name}" is in the URL twice.`)
    given.set(name, decodeComponent(pair.slice(name.length + 1)))
  }
  const jsonOf = (name: string) => (given.get(name) ? parseJson(given.get(name)!, `"${name}" in the URL`) : undefined)
  return toParameters({ ...Object.fromEntries(given), variables: jsonOf('variables'), extensions: jsonOf('extensions') })
}

function decodeComponent(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    throw badRequest('The URL is not UTF-8 with percent-encoding.')
  }
}

/** The operations of an array body; null: the body is no array. Throws BAD_REQUEST for an empty array and for more than `max` operations. */
export function operationsOf(body: unknown, max: number): readonly unknown[] | null {
  if (!Array.isArray(body)) return null
  if (body.length === 0) throw badRequest('The array holds no operation.')
  if (body.length > max) throw badRequest(`${body.length} operations in one request, allowed: ${max} (limits.batch).`)
  return body
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function badRequest(message: string): DeskgraphError {
  return new DeskgraphError('BAD_REQUEST', message)
}

import { GraphQLError, type GraphQLFormattedError } from 'graphql'
import { DeskgraphError, type ErrorCode, errorCodes } from '../domain/errors.ts'
import { toClientMessage } from './error-messages.ts'

/** What stands in `extensions` of every error that a client sees. */
interface ErrorExtensions {
  readonly code: ErrorCode
  readonly retryable: boolean
  /** Seconds. */
  readonly retryAfter?: number
  /** The key of the source that is to blame. */
  readonly source?: string
  readonly requestId?: string
}

export interface ErrorOptions {
  readonly requestId?: string | undefined
  /** Whether "Did you mean" may tell names of the schema: off where introspection is closed. */
  readonly suggestions: boolean
  /** Told of every error that is masked, for the log. */
  report?(error: unknown): void
}

const masked = 'Something went wrong here. It has been recorded; the request id helps to find it.'

/**
 * An error as a client may see it: a stable code, a message without anything of an upstream or a person, no stack.
 * Whatever was not thrown for clients is INTERNAL_SERVER_ERROR.
 */
export function formatError(formatted: GraphQLFormattedError, error: unknown, options: ErrorOptions): GraphQLFormattedError {
  const { locations, path } = formatted
  const place = { ...(locations && { locations }), ...(path && { path }) }
  const known = findKnown(error)
  const code = known?.code ?? codeOf(formatted, error)
  if (code === 'INTERNAL_SERVER_ERROR') options.report?.(error)
  const message = known?.message ?? toClientMessage(formatted.message, options.suggestions)
  const extensions = toExtensions(known ?? { code, ...errorCodes[code] }, options)
  return { message: code === 'INTERNAL_SERVER_ERROR' ? masked : message, ...place, extensions }
}

/** Our own error behind whatever GraphQL wrapped around it. */
function findKnown(error: unknown): DeskgraphError | undefined {
  let inner = error
  while (inner instanceof GraphQLError) inner = inner.originalError
  return inner instanceof DeskgraphError ? inner : undefined
}

type Known = Pick<DeskgraphError, 'code' | 'retryable'> & Partial<Pick<DeskgraphError, 'retryAfter' | 'source'>>

function toExtensions({ code, retryable, retryAfter, source }: Known, { requestId }: ErrorOptions): Record<string, unknown> {
  const extensions: ErrorExtensions = {
    code,
    retryable,
    ...(retryAfter !== undefined && { retryAfter }),
    ...(source !== undefined && { source }),
    ...(requestId !== undefined && { requestId }),
  }
  return { ...extensions }
}

/** The code of an error of graphql-js or Apollo Server. */
function codeOf(formatted: GraphQLFormattedError, error: unknown): ErrorCode {
  const isOurFault =
    error instanceof GraphQLError && error.originalError !== undefined && !(error.originalError instanceof GraphQLError)
  if (isOurFault) return 'INTERNAL_SERVER_ERROR'
  const given = formatted.extensions?.code
  if (isErrorCode(given) && given !== 'INTERNAL_SERVER_ERROR') return given
  if (typeof given === 'string' && given.startsWith('PERSISTED_QUERY_')) return 'BAD_REQUEST'
  if (!(error instanceof GraphQLError)) return 'INTERNAL_SERVER_ERROR'
  if (error.message.startsWith('Syntax Error')) return 'GRAPHQL_PARSE_FAILED'
  if (isBadInput(error.message)) return 'BAD_USER_INPUT'
  // A field's own error carries its path; what has none was said of the document.
  return error.path === undefined && error.nodes !== undefined ? 'GRAPHQL_VALIDATION_FAILED' : 'INTERNAL_SERVER_ERROR'
}

/** graphql-js says of a wrong variable or argument at run time only by its text. */
function isBadInput(message: string): boolean {
  return /^(Variable "\$|Argument ")/.test(message)
}

function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(errorCodes, value)
}

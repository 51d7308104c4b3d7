import { GraphQLError, type GraphQLFormattedError } from 'graphql'
import { DeskgraphError, type ErrorCode, errorCodes } from '../domain/errors.ts'
import type { Failure, FailureLog } from '../domain/telemetry.ts'
import { toClientMessage } from './error-messages.ts'

/** What stands in `extensions` of every error that a client gets. docs/errors.md explains each code. */
interface ErrorExtensions {
  readonly code: ErrorCode
  /** True when the same request may succeed later. */
  readonly retryable: boolean
  /** Seconds until a retry is worthwhile. */
  readonly retryAfter?: number
  /** The key of the source that failed. */
  readonly source?: string
  readonly requestId?: string
}

/** The operation in which an error occurred, for the log. */
export interface ErrorSite {
  /** The id that the client gets in `x-request-id` and in the error's extensions. */
  readonly requestId: string
  /** null: the operation has no name, or the document was not read yet. */
  readonly operationName: string | null
  readonly transport: Failure['transport']
}

/** The one place where errors of the graph become what clients get and what the log keeps. */
export interface ErrorBoundary {
  /**
   * The error as a client may get it: a stable code, a message without anything of an upstream or a person, no stack. An error that was
   * not written for clients becomes INTERNAL_SERVER_ERROR with a fixed message. Reports failures (see `report`).
   */
  toClientError(error: unknown, site: ErrorSite): GraphQLFormattedError
  /**
   * The same without a report and without a request id, for errors that Apollo Server formats before it knows the request.
   * `formatted` is what Apollo Server made of the error.
   */
  format(formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError
  /** Hands the error to the failure log, which writes one line for failures of the gateway or of a source and ignores a client's mistakes. */
  report(error: unknown, site: ErrorSite): void
}

const maskedMessage = 'Something went wrong inside the gateway. The request id finds it in the log.'

/** `suggestions`: whether "Did you mean" may name parts of the schema. Off where introspection is closed. */
export function createErrorBoundary(options: { readonly suggestions: boolean; readonly failures: FailureLog }): ErrorBoundary {
  const { suggestions, failures } = options

  function format(formatted: GraphQLFormattedError, error: unknown, requestId?: string): GraphQLFormattedError {
    const { locations, path } = formatted
    const known = findKnown(error)
    const code = known?.code ?? codeOf(formatted, error)
    const message = known?.message ?? toClientMessage(formatted.message, suggestions)
    return {
      message: code === 'INTERNAL_SERVER_ERROR' ? maskedMessage : message,
      ...(locations && { locations }),
      ...(path && { path }),
      extensions: { ...toExtensions(known ?? { code, ...errorCodes[code] }, requestId) },
    }
  }

  function report(error: unknown, site: ErrorSite): void {
    const known = findKnown(error)
    const code = known?.code ?? codeOf(toFormatted(error), error)
    const path = error instanceof GraphQLError && error.path ? error.path : null
    failures.report({ ...site, path, code, source: known?.source ?? null, error: innermost(error) })
  }

  return {
    toClientError(error, site) {
      report(error, site)
      return format(toFormatted(error), error, site.requestId)
    },
    format: (formatted, error) => format(formatted, error),
    report,
  }
}

function toFormatted(error: unknown): GraphQLFormattedError {
  return error instanceof GraphQLError ? error.toJSON() : { message: error instanceof Error ? error.message : String(error) }
}

/** The error behind the ones that GraphQL wrapped around it. */
function innermost(error: unknown): unknown {
  let inner = error
  while (inner instanceof GraphQLError && inner.originalError) inner = inner.originalError
  return inner
}

function findKnown(error: unknown): DeskgraphError | undefined {
  const inner = innermost(error)
  return inner instanceof DeskgraphError ? inner : undefined
}

type Known = Pick<DeskgraphError, 'code' | 'retryable'> & Partial<Pick<DeskgraphError, 'retryAfter' | 'source'>>

function toExtensions({ code, retryable, retryAfter, source }: Known, requestId: string | undefined): ErrorExtensions {
  return {
    code,
    retryable,
    ...(retryAfter !== undefined && { retryAfter }),
    ...(source !== undefined && { source }),
    ...(requestId !== undefined && { requestId }),
  }
}

/** The code of an error of graphql-js or Apollo Server. */
function codeOf(formatted: GraphQLFormattedError, error: unknown): ErrorCode {
  const isThrownByResolver =
    error instanceof GraphQLError && error.originalError !== undefined && !(error.originalError instanceof GraphQLError)
  if (isThrownByResolver) return 'INTERNAL_SERVER_ERROR'
  const given = formatted.extensions?.code
  if (isErrorCode(given) && given !== 'INTERNAL_SERVER_ERROR') return given
  if (!(error instanceof GraphQLError)) return 'INTERNAL_SERVER_ERROR'
  if (error.message.startsWith('Syntax Error')) return 'GRAPHQL_PARSE_FAILED'
  if (error.message.startsWith('Unknown operation named') || error.message.startsWith('Must provide operation name')) {
    return 'OPERATION_RESOLUTION_FAILURE'
  }
  if (isBadInput(error.message)) return 'BAD_USER_INPUT'
  // An error of a field has the field's path; one of validation has none.
  return error.path === undefined && error.nodes !== undefined ? 'GRAPHQL_VALIDATION_FAILED' : 'INTERNAL_SERVER_ERROR'
}

/** graphql-js marks a wrong variable or argument at run time by its message alone. */
function isBadInput(message: string): boolean {
  return /^(Variable "\$|Argument ")/.test(message)
}

function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(errorCodes, value)
}

import type { ExecutionResult, FormattedExecutionResult, GraphQLFormattedError } from 'graphql'
import type { GraphContext } from './context.ts'
import { type ErrorOptions, formatError } from './errors.ts'
import { redactedExtensions } from './source-errors.ts'

export type AnswerOptions = Omit<ErrorOptions, 'requestId'>

/**
 * Adds to an answer what its operation's context knows: the faults of sources in lists, what was hidden for lack
 * of a scope, and the request id in every error. An answer without any of these is returned as it is.
 */
export function completeAnswer(
  result: FormattedExecutionResult,
  context: GraphContext,
  options: AnswerOptions,
): FormattedExecutionResult {
  const redacted = redactedExtensions(context)
  if (!result.errors && !redacted && context.faults.length === 0) return result
  const { requestId } = context.call
  const faults = context.faults.map((fault) => formatError(fault.toJSON(), fault, { ...options, requestId }))
  const errors = [...(result.errors ?? []).map((error) => withRequestId(error, requestId)), ...faults]
  return {
    ...result,
    ...(errors.length > 0 && { errors }),
    ...((redacted || result.extensions) && { extensions: { ...result.extensions, ...redacted } }),
  }
}

/** An executor's result as a client may see it: for the transports that do not pass through Apollo Server. */
export function formatAnswer(result: ExecutionResult, context: GraphContext, options: AnswerOptions): FormattedExecutionResult {
  const { errors, ...rest } = result
  const formatted = errors?.map((error) => formatError(error.toJSON(), error, options))
  return completeAnswer(formatted ? { ...rest, errors: formatted } : rest, context, options)
}

function withRequestId(error: GraphQLFormattedError, requestId: string): GraphQLFormattedError {
  return { ...error, extensions: { ...error.extensions, requestId } }
}

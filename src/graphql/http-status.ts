import type { FormattedExecutionResult } from 'graphql'
import { type ErrorCode, errorCodes } from '../domain/errors.ts'

/** The HTTP status of an answer: what its first error asks for when there is no data, else 200. */
export function toHttpStatus({ data, errors }: FormattedExecutionResult): number {
  const first = errors?.[0]
  if (!first || (data !== undefined && data !== null)) return 200
  const code = first.extensions?.code
  return typeof code === 'string' && Object.hasOwn(errorCodes, code) ? errorCodes[code as ErrorCode].status : 500
}

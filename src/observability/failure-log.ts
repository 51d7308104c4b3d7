import { errorCodes } from '../domain/errors.ts'
import type { Failure, FailureLog, Logger } from '../domain/telemetry.ts'
import { causeOf, cleanMessage, cleanText, toFrames } from './logger.ts'

const maxCauses = 8
const maxMessageLength = 500
const maxCodeLength = 64
const maxFrames = 20

/** One error of a cause chain, as it stands in the log. */
interface LoggedCause {
  readonly name: string
  /** Such as ECONNREFUSED, an SQLSTATE or the graph's own code. */
  readonly code?: string
  readonly message: string
}

/**
 * Creates the log of failed requests and fields: one line each, with the chain of causes, outermost error first.
 * Level `error`: the gateway failed (INTERNAL_SERVER_ERROR and every code of status 500 and above), with the stack of an
 * INTERNAL_SERVER_ERROR. Level `warn`: a source failed (UPSTREAM_*, CIRCUIT_OPEN).
 */
export function createFailureLog(logger: Logger): FailureLog {
  return {
    report(failure) {
      const level = toLevel(failure.code)
      if (level === null) return
      try {
        logger[level](toFields(failure), level === 'error' ? 'request failed' : 'source failed')
      } catch (problem) {
        // An error whose accessors throw must not replace the answer that this line describes.
        logger.error({ requestId: failure.requestId, code: failure.code, err: problem }, 'a failure could not be described')
      }
    },
  }
}

/** null: the client's own mistake, which is not logged. A code that is not in the table is a defect of the gateway. */
function toLevel(code: string): 'error' | 'warn' | null {
  const status = (errorCodes as Readonly<Record<string, { readonly status: number }>>)[code]?.status ?? 500
  if (status >= 500) return 'error'
  // The codes of failed sources leave the HTTP status at 200, as do those that ask for the text of a persisted query.
  return status === 200 && !code.startsWith('PERSISTED_QUERY_') ? 'warn' : null
}

function toFields({ requestId, operationName, path, code, source, error, transport }: Failure): object {
  return {
    requestId,
    transport,
    operationName: operationName === null ? null : cut(operationName, maxMessageLength),
    path: path === null ? null : cut(typeof path === 'string' ? path : path.join('.'), maxMessageLength),
    code,
    source,
    causes: toCauses(error),
    ...(code === 'INTERNAL_SERVER_ERROR' && error instanceof Error ? { stack: toStack(error) } : {}),
  }
}

/** The error and its causes. The chain is bounded, so that an error that is its own cause ends too. */
function toCauses(error: unknown): LoggedCause[] {
  const causes: LoggedCause[] = []
  for (let current = error; current !== undefined && current !== null && causes.length < maxCauses; current = causeOf(current)) {
    causes.push(toCause(current))
  }
  return causes
}

function toCause(error: unknown): LoggedCause {
  // A thrown object may be an upstream's answer: only its type is shown.
  if (!(error instanceof Error)) return { name: typeof error, message: typeof error === 'string' ? cleanMessage(error) : '' }
  const { code } = error as { code?: unknown }
  return {
    name: cut(error.name, maxCodeLength),
    ...(typeof code === 'string' ? { code: cut(code, maxCodeLength) } : {}),
    message: cleanMessage(error),
  }
}

/** The frames alone, without the message. Paths of the gateway's own files are no secret. */
function toStack(error: Error): string {
  const frames = toFrames(error.stack ?? '').split('\n')
  return cleanText(frames.slice(0, maxFrames).join('\n'))
}

function cut(text: string, maxLength: number): string {
  return text.length > maxLength ? `${text.slice(0, maxLength)}…` : text
}

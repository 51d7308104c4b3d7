import type { FastifyReply, FastifyRequest } from 'fastify'
import { DeskgraphError, type ErrorCode, errorCodes } from '../domain/errors.ts'
import type { Logger } from '../domain/telemetry.ts'

/** Fastify's own refusals, in the words of our table. */
const codeOfStatus: Readonly<Record<number, ErrorCode>> = {
  400: 'BAD_REQUEST',
  405: 'METHOD_NOT_ALLOWED',
  413: 'PAYLOAD_TOO_LARGE',
  415: 'UNSUPPORTED_MEDIA_TYPE',
}

const messageOfCode: Partial<Record<ErrorCode, string>> = {
  PAYLOAD_TOO_LARGE: 'The body is larger than this gateway accepts. Send less in one request.',
  UNSUPPORTED_MEDIA_TYPE:
    'The body has a content type or encoding that is not accepted here. Send uncompressed JSON with its content type.',
  BAD_REQUEST: 'The request could not be understood.',
}

/** Turns whatever was thrown into one that may be shown. What is unknown is masked. */
export function toShownError(error: unknown): DeskgraphError {
  if (error instanceof DeskgraphError) return error
  const status = (error as { statusCode?: unknown } | null)?.statusCode
  const code = typeof status === 'number' ? codeOfStatus[status] : undefined
  if (code) return new DeskgraphError(code, messageOfCode[code] ?? 'The request could not be served.', { cause: error })
  return new DeskgraphError(
    'INTERNAL_SERVER_ERROR',
    'Something went wrong inside the gateway. The request id finds it in the log.',
    { cause: error },
  )
}

/** Writes an error outside GraphQL in the same form as one inside. */
export function sendError(
  reply: FastifyReply,
  error: DeskgraphError,
  requestId: string,
  status: number = errorCodes[error.code].status,
): FastifyReply {
  const { retryable } = errorCodes[error.code]
  // RFC 9110 §15.5.2: a 401 says how to sign in.
  if (status === 401) void reply.header('www-authenticate', 'Bearer')
  if (error.retryAfter !== undefined || retryable) void reply.header('retry-after', String(Math.ceil(error.retryAfter ?? 1)))
  const extensions = {
    code: error.code,
    retryable: error.retryable,
    retryAfter: error.retryAfter,
    source: error.source,
    requestId,
  }
  return reply
    .code(status)
    .type('application/json; charset=utf-8')
    .send(JSON.stringify({ errors: [{ message: error.message, extensions }] }))
}

/** Fastify's error handler: logs what only we may know, answers what everybody may. */
export function createErrorHandler(logger: Logger) {
  return (error: unknown, request: FastifyRequest, reply: FastifyReply): void => {
    const shown = toShownError(error)
    if (shown.code === 'INTERNAL_SERVER_ERROR') {
      logger.error({ requestId: request.id, err: error, route: request.routeOptions.url }, 'request failed')
    }
    void sendError(reply, shown, request.id)
  }
}

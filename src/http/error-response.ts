import type { IncomingHttpHeaders } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { DeskgraphError, type ErrorCode, errorCodes } from '../domain/errors.ts'
import type { FailureLog } from '../domain/telemetry.ts'
import { noteRefusal } from './record-request.ts'

/** The codes of Fastify's own refusals, by status. */
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

/** The error that a client may see. An error that was not written for clients becomes INTERNAL_SERVER_ERROR. */
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

/** How to sign in, as every 401 says (RFC 9110 §15.5.2). A client that sent a token learns that it is not valid any more (RFC 6750 §3.1). */
export function bearerChallenge({ authorization = '' }: IncomingHttpHeaders): string {
  return /^bearer +\S/i.test(authorization) ? 'Bearer error="invalid_token"' : 'Bearer'
}

/** Outside GraphQL, the failure of a source is no success: there is no data beside it. */
function statusOf(code: ErrorCode): number {
  if (code === 'UPSTREAM_TIMEOUT') return 504
  if (code === 'UPSTREAM_RATE_LIMITED' || code === 'CIRCUIT_OPEN' || code === 'BUDGET_HELD') return 503
  return code.startsWith('UPSTREAM_') ? 502 : errorCodes[code].status
}

/** Writes an error of a route outside GraphQL, in the form of a GraphQL error. */
export function sendError(
  reply: FastifyReply,
  error: DeskgraphError,
  requestId: string,
  status: number = statusOf(error.code),
): FastifyReply {
  const { retryable } = errorCodes[error.code]
  noteRefusal(reply.raw, error.code)
  if (status === 401) void reply.header('www-authenticate', bearerChallenge(reply.request.headers))
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

/** Fastify's error handler outside of `/graphql`: reports failures and answers with what a client may see. */
export function createErrorHandler(failures: FailureLog) {
  return (error: unknown, request: FastifyRequest, reply: FastifyReply): void => {
    const shown = toShownError(error)
    const path = request.routeOptions.url ?? null
    const { code, source = null } = shown
    failures.report({ requestId: request.id, operationName: null, path, code, source, error, transport: 'http' })
    void sendError(reply, shown, request.id)
  }
}

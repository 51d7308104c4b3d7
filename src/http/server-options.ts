import type { ServerOptions } from 'node:http'
import type { Socket } from 'node:net'
import type { SlowClientLimits } from './config.ts'

/** Node's own server options against slow and odd clients. Its parser refuses content-length with transfer-encoding by itself. */
export function serverOptions(limits: SlowClientLimits): ServerOptions {
  return {
    headersTimeout: limits.headersTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    maxHeaderSize: limits.maxHeaderBytes,
    // How often node looks for slow ones: its default of 30 s would make each timeout up to 30 s longer.
    connectionsCheckingInterval: 1_000,
    insecureHTTPParser: false,
    requireHostHeader: true,
  }
}

const refusals: Readonly<Record<string, { readonly status: string; readonly message: string }>> = {
  ERR_HTTP_REQUEST_TIMEOUT: { status: '408 Request Timeout', message: 'The request took too long to arrive.' },
  HPE_HEADER_OVERFLOW: { status: '431 Request Header Fields Too Large', message: 'The headers are too large.' },
}
const malformed = { status: '400 Bad Request', message: 'This is not a request that HTTP allows.' }

/** Answers what node could not read as HTTP, in the form of every other error, and closes the connection. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const { status, message } = refusals[error.code ?? ''] ?? malformed
  const body = JSON.stringify({ errors: [{ message, extensions: { code: 'BAD_REQUEST', retryable: false } }] })
  socket.end(
    `HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
}

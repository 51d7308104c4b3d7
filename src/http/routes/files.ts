import { pipeline, type Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { DeskgraphError } from '../../domain/errors.ts'
import type { FailureLog } from '../../domain/telemetry.ts'
import { sendError } from '../error-response.ts'
import { refuseOtherMethods } from './methods.ts'

/** Opens a file by its address. */
export interface FileOpener {
  open(
    address: string,
    call: { readonly signal: AbortSignal; readonly requestId: string },
  ): Promise<{
    readonly filename: string
    readonly contentType: string | null
    readonly size: number | null
    readonly body: Readable
  } | null>
}

export interface FileRoutesDeps {
  readonly opener: FileOpener
  readonly failures: FailureLog
}

/** Pictures that a browser may show in place of the page. Every other type is saved: HTML and SVG can hold scripts. */
const shown: ReadonlySet<string> = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/avif'])
const mediaType = /^[a-z0-9][\w.+-]{0,126}\/[a-z0-9][\w.+-]{0,126}$/i

/**
 * `GET /files/{address}`: streams a file from its source. The address is the right to read it, and ends after five minutes. A file that breaks
 * off at the source breaks the connection: it never looks whole.
 */
export async function fileRoutes(app: FastifyInstance, { opener, failures }: FileRoutesDeps): Promise<void> {
  // A wildcard: the router takes at most 100 characters for a parameter.
  const url = '/files/*'
  app.route<{ Params: { '*': string } }>({
    method: 'GET',
    url,
    // It would open the file at the source.
    exposeHeadRoute: false,
    handler: async (request, reply) => {
      const gone = new AbortController()
      reply.raw.once('close', () => reply.raw.writableFinished || gone.abort())
      const file = await opener.open(request.params['*'], { signal: gone.signal, requestId: request.id })
      if (!file) {
        const message = 'There is no such file, or its address has expired. Read the attachment again for a new address.'
        return sendError(reply, new DeskgraphError('BAD_REQUEST', message), request.id, 404)
      }
      setHeaders(reply, file)
      const { raw } = reply.hijack()
      for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) raw.setHeader(name, value)
      let hasLeft = false
      raw.once('close', () => {
        hasLeft = file.body.errored === null
      })
      pipeline(file.body, raw, (error) => {
        // A client that leaves is no failure.
        if (!error || hasLeft) return
        const known = error instanceof DeskgraphError ? error : null
        const { code = 'UPSTREAM_BAD_RESPONSE', source = null } = known ?? {}
        failures.report({ requestId: request.id, operationName: null, path: url, code, source, error, transport: 'http' })
      })
      return reply
    },
  })
  refuseOtherMethods(app, url, ['GET'])
}

function setHeaders(reply: FastifyReply, file: { filename: string; contentType: string | null; size: number | null }): void {
  const type = file.contentType !== null && mediaType.test(file.contentType) ? file.contentType.toLowerCase() : null
  const disposition = type !== null && shown.has(type) ? 'inline' : 'attachment'
  void reply.headers({
    'content-type': type ?? 'application/octet-stream',
    'content-disposition': `${disposition}; ${toFilenameParameters(file.filename)}`,
    'cache-control': 'private, no-store',
    'content-security-policy': "default-src 'none'; sandbox",
    // Pages of other origins show the file in `<img>`.
    'cross-origin-resource-policy': 'cross-origin',
    ...(file.size !== null && { 'content-length': String(file.size) }),
  })
}

/** RFC 6266: ASCII for old clients, and UTF-8 (RFC 8187). */
function toFilenameParameters(filename: string): string {
  const name = filename.replace(/[\p{Cc}\p{Cf}/\\]/gu, '_').toWellFormed()
  const plain = name.replace(/[^ -~]|["%]/g, '_')
  const encoded = encodeURIComponent(name).replace(/['()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`)
  return `filename="${plain}"; filename*=UTF-8''${encoded}`
}

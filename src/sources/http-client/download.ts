import { Transform } from 'node:stream'
import type { Dispatcher } from 'undici'
import { createSsrfGuard, createSsrfSafeAgent, SsrfRefused } from '../../delivery/ssrf-guard.ts'
import type { Call } from '../../domain/call.ts'
import { sendAuthenticated } from '../credentials/credentials.ts'
import type { OpenedFile } from '../source.ts'
import type { CallStatistics } from './call-statistics.ts'
import type { CircuitBreaker } from './circuit-breaker.ts'
import type { HttpClientLimits } from './config.ts'
import type { ConnectionPool } from './connection-pool.ts'
import type { OutgoingRequest } from './http-exchange.ts'
import type { DownloadRequest, HttpClient, HttpClientOptions } from './types.ts'
import { toClientError, UpstreamError } from './upstream-error.ts'
import type { WithinBudget } from './within-budget.ts'

export interface DownloadDeps {
  readonly options: HttpClientOptions
  readonly origin: string
  readonly basePath: string
  readonly limits: HttpClientLimits
  readonly connections: ConnectionPool
  readonly circuitBreaker: CircuitBreaker
  readonly statistics: CallStatistics
  readonly withinBudget: WithinBudget
  readonly toHeaders: (call: Call) => string[]
}

/** What a source, or the host that it points to, answers to a request for a file. */
interface FileAnswer {
  readonly status: number
  readonly size: number | null
  readonly body: Dispatcher.ResponseData['body']
}

const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])
const maxRedirects = 3

/** Creates `HttpClient.download`. */
export function createDownload(deps: DownloadDeps): HttpClient['download'] {
  const { options, limits, circuitBreaker, statistics, withinBudget, basePath, toHeaders } = deps
  const source = { key: options.sourceKey, label: options.label }
  const open = statistics.measure(createOpen(deps))
  const { credentials = null } = options
  const exchange = (request: OutgoingRequest, signal: AbortSignal) =>
    circuitBreaker.execute('read', signal, () => open(request, signal))
  const send = (request: OutgoingRequest, signal: AbortSignal) =>
    credentials === null
      ? exchange(request, signal)
      : sendAuthenticated(credentials, request, signal, (signed) => exchange(signed, signal))

  return async (asked: DownloadRequest, call: Call): Promise<OpenedFile | null> => {
    const { operation, path } = asked
    const request: OutgoingRequest = {
      operation,
      method: 'GET',
      path: URL.canParse(path) ? path : basePath + path,
      headers: toHeaders(call),
      body: null,
      isRead: true,
    }
    const time = startTime(call.signal, limits.fileTimeoutMs)
    try {
      const { signal } = time
      const deadline = { signal, endsAt: performance.now() + options.timeoutMs }
      const { status, size, body } = await withinBudget({ kind: 'read', ...asked }, call, deadline, (onAnswer) =>
        send({ ...request, onAnswer }, signal),
      )
      if (status < 300) return { size, body: passOn(body, { maxBytes: limits.fileBytes, source, onEnd: time.end }) }
      time.end()
      await body.dump().catch(() => {})
      if (status === 403 || status === 404) return null
      throw new UpstreamError('unreadable', { sent: true })
    } catch (error) {
      time.end()
      throw toClientError(error, source, false)
    }
  }
}

/** A signal that aborts when the caller leaves and when the time is over, until `end` is called. */
function startTime(left: AbortSignal, timeoutMs: number) {
  const controller = new AbortController()
  const onLeft = () => controller.abort(new UpstreamError('cancelled', { sent: false }))
  const timer = setTimeout(() => controller.abort(new UpstreamError('deadline', { sent: true })), timeoutMs)
  left.addEventListener('abort', onLeft, { once: true })
  if (left.aborted) onLeft()
  return {
    signal: controller.signal,
    end() {
      clearTimeout(timer)
      left.removeEventListener('abort', onLeft)
    },
  }
}

/** Asks the source, then the hosts that it points to. Rejects with an UpstreamError. */
function createOpen({ options, origin, limits, connections }: DownloadDeps) {
  const guard = createSsrfGuard(limits.fileNetworks)
  const { timeoutMs, proxies } = options
  const times = { headersTimeout: timeoutMs, bodyTimeout: timeoutMs }

  /** Without credentials, over a connection of its own that ends with the body. */
  async function askOther(url: URL, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    const { protocol, href } = url
    if ((protocol !== 'https:' && protocol !== 'http:') || guard.checkUrl(href))
      throw new SsrfRefused('a redirect is not allowed')
    const agent = createSsrfSafeAgent(guard, { protocol, connectTimeoutMs: timeoutMs, proxies })
    const headers = { accept: '*/*', 'accept-encoding': 'identity' }
    const end = () => void agent.destroy().catch(() => {})
    try {
      const target = { origin: url.origin, path: url.pathname + url.search, method: 'GET' as const }
      const answer = await agent.request({ ...target, headers, signal, ...times })
      answer.body.once('close', end)
      return answer
    } catch (error) {
      end()
      throw error
    }
  }

  async function ask({ path, headers, onAnswer }: OutgoingRequest, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    let url = new URL(path, origin)
    let isOwn = url.origin === origin
    for (let redirected = 0; redirected <= maxRedirects; redirected++) {
      const target = url.pathname + url.search
      const answer = isOwn
        ? await connections.forFiles.request({ path: target, method: 'GET', headers, signal, reset: true, ...times })
        : await askOther(url, signal)
      if (isOwn) onAnswer?.(answer.statusCode, answer.headers)
      const location = answer.headers.location
      if (!redirects.has(answer.statusCode) || typeof location !== 'string') return answer
      await answer.body.dump()
      // A redirect to the source itself leads to its sign-in page, which would be shown as the file.
      if (!URL.canParse(location, url.href) || new URL(location, url).origin === origin) break
      url = new URL(location, url)
      isOwn = false
    }
    throw new UpstreamError('redirect', { sent: true })
  }

  return async (request: OutgoingRequest, signal: AbortSignal): Promise<FileAnswer> => {
    const answer = await ask(request, signal).catch((error: unknown) => {
      throw toUpstreamError(error)
    })
    const { statusCode: status, headers, body } = answer
    const kind = findFault(status, headers, limits.fileBytes)
    if (!kind) return { status, size: toSize(headers['content-length']), body }
    body.on('error', () => {}).destroy()
    throw new UpstreamError(kind, { sent: true })
  }
}

function findFault(status: number, headers: Dispatcher.ResponseData['headers'], maxBytes: number) {
  if (status >= 500) return 'server'
  if (status === 401) return 'unauthorised'
  if (status === 429) return 'rateLimited'
  if (status >= 300 && status < 400) return 'redirect'
  // Compressed bytes would be shown as the file.
  const encoding = headers['content-encoding']
  if (status < 300 && encoding !== undefined && encoding !== 'identity') return 'unreadable'
  return (toSize(headers['content-length']) ?? 0) > maxBytes ? 'oversized' : null
}

function toSize(header: string | string[] | undefined): number | null {
  return typeof header === 'string' && /^\d{1,15}$/.test(header) ? Number(header) : null
}

const refusedCodes: ReadonlySet<unknown> = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT'])
const timeCodes: ReadonlySet<unknown> = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT'])

function toUpstreamError(cause: unknown, whileReading = false): UpstreamError {
  if (cause instanceof UpstreamError) return cause
  const { code } = cause as NodeJS.ErrnoException
  if (cause instanceof SsrfRefused) return new UpstreamError('redirect', { sent: true, cause })
  if (timeCodes.has(code)) return new UpstreamError('deadline', { sent: true, cause })
  if (refusedCodes.has(code)) return new UpstreamError('refused', { sent: false, cause })
  return new UpstreamError(whileReading ? 'truncated' : 'reset', { sent: true, cause })
}

interface PassOnOptions {
  readonly maxBytes: number
  readonly source: { readonly key: string; readonly label: string }
  readonly onEnd: () => void
}

/** The same bytes, with backpressure. It fails with a DeskgraphError where the body breaks off or is too long. */
function passOn(body: Dispatcher.ResponseData['body'], { maxBytes, source, onEnd }: PassOnOptions): Transform {
  let bytes = 0
  const passed = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length
      if (bytes > maxBytes) done(toClientError(new UpstreamError('oversized', { sent: true }), source, false) as Error)
      else done(null, chunk)
    },
  })
  body.once('error', (error) => passed.destroy(toClientError(toUpstreamError(error, true), source, false) as Error))
  passed.once('close', () => {
    onEnd()
    body.on('error', () => {}).destroy()
  })
  return body.pipe(passed)
}

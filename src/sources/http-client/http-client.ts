import type { Call } from '../../domain/call.ts'
import { DeskgraphError } from '../../domain/errors.ts'
import { waitForBudget } from '../budget/budget.ts'
import type { CallKind as CostKind } from '../budget/limits.ts'
import { sendAuthenticated } from '../credentials/credentials.ts'
import { createCallStatistics } from './call-statistics.ts'
import { type CallKind, createCircuitBreaker } from './circuit-breaker.ts'
import { defaultLimits } from './config.ts'
import { createConnectionPool } from './connection-pool.ts'
import { createDownload } from './download.ts'
import { createSendOnce, type OutgoingRequest, type SendOnce } from './http-exchange.ts'
import { createInFlightRequests } from './in-flight-requests.ts'
import { createRetry, createRetryBudget, type Deadline, withDeadline, withTryTimeout } from './retry.ts'
import type { HttpClient, HttpClientOptions, ReadRequest, WriteAnswer, WriteRequest } from './types.ts'
import { toClientError, UpstreamError } from './upstream-error.ts'
import { createWithinBudget, type WithinBudget } from './within-budget.ts'

/**
 * Creates the client of one source's HTTP API. A call passes: shared requests in flight → deadline → retry (reads only) → budget →
 * credentials → bulkhead → circuit breaker → one HTTP exchange.
 */
export function createHttpClient(options: HttpClientOptions): HttpClient {
  const { sourceKey, timeoutMs, metrics, clock, logger } = options
  const limits = { ...defaultLimits, ...options.limits }
  const { origin, pathname } = new URL(options.baseUrl)
  const connections = createConnectionPool({ ...options, origin, limits })
  const statistics = createCallStatistics(sourceKey, metrics, clock)
  const sendOnce = statistics.measure(createSendOnce(connections, limits.maxBytes, clock))
  const circuitBreaker = createCircuitBreaker({
    limits,
    clock,
    onStateChange: (state) => logger.warn({ source: sourceKey, circuit: state }, 'circuit changed'),
    onLowered: (limit) => logger.warn({ source: sourceKey, concurrentReads: limit }, 'source overloaded: fewer reads at once'),
  })
  const { credentials = null } = options
  const exchange: Send = (kind, request, signal) => circuitBreaker.execute(kind, signal, () => sendOnce(request, signal))
  const send: Send =
    credentials === null
      ? exchange
      : (kind, request, signal) => sendAuthenticated(credentials, request, signal, (signed) => exchange(kind, signed, signal))
  const withinBudget = createWithinBudget(options, circuitBreaker)
  const [basePath, toHeaders] = [pathname.replace(/\/+$/, ''), createHeaders(options)]
  const shared = { options, send, withinBudget, timeoutMs, basePath, toHeaders, fileTimeoutMs: limits.fileTimeoutMs }
  const reads = createReads({
    ...shared,
    retries: limits.retries,
    tryTimeoutMs: limits.tryTimeoutMs,
    shareReads: limits.shareReads,
  })
  const write = createWrite(shared)
  return {
    read: reads.read,
    write: (request, call) => write(request, call).finally(reads.invalidate),
    download: createDownload({
      ...{ options, origin, basePath, limits, connections, circuitBreaker, statistics, withinBudget },
      toHeaders: (call) => toHeaders(call, null),
    }),
    health() {
      const problem = credentials?.problem() ?? null
      const health = statistics.toHealth(circuitBreaker.state === 'closed')
      return problem === null ? health : { ...health, state: 'DOWN', lastError: problem.code }
    },
    close: connections.close,
  }
}

type Send = (kind: CallKind, request: OutgoingRequest, signal: AbortSignal) => ReturnType<SendOnce>

interface CallDeps {
  readonly options: HttpClientOptions
  readonly send: Send
  readonly withinBudget: WithinBudget
  readonly timeoutMs: number
  readonly fileTimeoutMs: number
  readonly basePath: string
  readonly toHeaders: ReturnType<typeof createHeaders>
}

function createReads({
  options,
  send,
  withinBudget,
  timeoutMs,
  basePath,
  toHeaders,
  retries,
  tryTimeoutMs,
  shareReads,
}: CallDeps & ReadLimits) {
  const { metrics } = options
  const labels = { source: options.sourceKey }
  const source = toSourceName(options)
  const retry = createRetry({
    retries,
    budget: createRetryBudget(),
    onRetry: () => metrics.count('upstream_retries_total', labels),
  })
  const inFlight = createInFlightRequests({
    toCancelledError: () => toClientError(new UpstreamError('cancelled', { sent: false }), source, false),
    onShared: () => metrics.count('shared_lookups_total', labels),
  })

  const isPatient = ({ priority = 'user' }: Call) => options.budget !== undefined && priority !== 'user'

  async function start<T>(asked: ReadRequest<T>, headers: string[], controller: AbortController, call: Call) {
    const { operation, path, toResult } = asked
    const body = asked.body === undefined ? null : JSON.stringify(asked.body)
    const method = body === null ? 'GET' : 'POST'
    const request: OutgoingRequest = { operation, method, path: basePath + path, headers, body, isRead: true }
    const cost = { kind: kindOf(operation), ...asked }
    const attempt = (deadline: Deadline) => () =>
      withinBudget(cost, call, deadline, (onAnswer) =>
        withTryTimeout(deadline, tryTimeoutMs, (signal) => send('read', { ...request, onAnswer }, signal)),
      )
    const work = () => withDeadline(controller, timeoutMs, (deadline) => retry(attempt(deadline), deadline))
    try {
      return toResult(await (isPatient(call) ? waitForBudget(controller.signal, work) : work()))
    } catch (error) {
      throw toClientError(error, source, false)
    }
  }

  return {
    async read<T>(request: ReadRequest<T>, call: Call): Promise<T> {
      // Before sharing: a viewer whose identity cannot be sent must not receive the answer of another viewer.
      const headers = toHeaders(call, request.body === undefined ? null : 'application/json')
      return inFlight.share(shareReads ? toKey(request, call) : null, call.signal, (controller) => {
        return timeCall(call, options.sourceKey, () => start(request, headers, controller, call))
      })
    },
    invalidate: inFlight.invalidate,
  }
}

interface ReadLimits {
  readonly retries: number
  readonly tryTimeoutMs: number | undefined
  readonly shareReads: boolean
}

/** Equal for equal reads with the same identity and priority: people do not wait for a read that may wait for long. The length keeps an id with a line break from reaching into the e-mail. */
function toKey({ operation, path, body }: ReadRequest<unknown>, { viewer: { id, email }, priority = 'user' }: Call): string {
  const asked = body === undefined ? path : `${path}\n${JSON.stringify(body)}`
  return `${id.length}\n${id}\n${email ?? ''}\n${priority}\n${operation}\n${asked}`
}

function createWrite({ options, send, withinBudget, timeoutMs, fileTimeoutMs, basePath, toHeaders }: CallDeps) {
  const source = toSourceName(options)

  async function start(asked: WriteRequest, call: Call): Promise<WriteAnswer> {
    const { operation, method, path, body, file, headers: own = {} } = asked
    const headers = toHeaders(call, file ? (file.contentType ?? 'application/octet-stream') : 'application/json')
    headers.push(...Object.entries(own).flat())
    if (file && file.size !== null) headers.push('content-length', String(file.size))
    const content = file ? file.body : JSON.stringify(body)
    const request: OutgoingRequest = { operation, method, path: basePath + path, headers, body: content, isRead: false }
    const controller = new AbortController()
    const cancel = () => controller.abort(new UpstreamError('cancelled', { sent: false }))
    if (call.signal.aborted) throw new UpstreamError('cancelled', { sent: false })
    call.signal.addEventListener('abort', cancel, { once: true })
    try {
      const time = file ? fileTimeoutMs : timeoutMs
      const sent = () =>
        withDeadline(controller, time, (deadline) =>
          withinBudget({ kind: 'write', ...asked }, call, deadline, (onAnswer) =>
            send('write', { ...request, onAnswer }, deadline.signal),
          ),
        )
      return { ended: 'answered', answer: await timeCall(call, options.sourceKey, sent) }
    } catch (error) {
      if (isUnconfirmed(error)) return { ended: 'unconfirmed' }
      throw error
    } finally {
      call.signal.removeEventListener('abort', cancel)
    }
  }

  return async (request: WriteRequest, call: Call): Promise<WriteAnswer> => {
    try {
      return await start(request, call)
    } catch (error) {
      throw toClientError(error, source, true)
    }
  }
}

/** Reads without a kind of their own. */
function kindOf(operation: string): CostKind {
  return operation === 'list' || operation === 'count' ? 'list' : 'read'
}

/** True when the write was sent and no answer says that it did nothing. */
function isUnconfirmed(error: unknown): boolean {
  return error instanceof UpstreamError && error.sent && error.kind !== 'unauthorised' && error.kind !== 'rateLimited'
}

/** Counts a call in the statistics of its request, and adds its time when it has ended. */
async function timeCall<T>({ stats }: Call, sourceKey: string, send: () => Promise<T>): Promise<T> {
  if (!stats) return send()
  stats.upstreamCalls += 1
  stats.sources ??= {}
  stats.sources[sourceKey] ??= { calls: 0, ms: 0 }
  const use = stats.sources[sourceKey]
  use.calls += 1
  const startedAt = performance.now()
  try {
    return await send()
  } finally {
    use.ms += performance.now() - startedAt
  }
}

function toSourceName({ sourceKey, label }: HttpClientOptions) {
  return { key: sourceKey, label }
}

/** Returns the headers of a call, names and values in turn. The client's own headers are never among them: INPUT-02. */
function createHeaders(options: HttpClientOptions): (call: Call, contentType: string | null) => string[] {
  const { sourceKey, identity } = options
  // Compression costs more than it saves inside a data centre. An answer that is compressed all the same is read.
  const fixed = Object.entries({ accept: 'application/json', 'accept-encoding': 'identity', ...options.headers }).flat()
  return (call, contentType) => {
    const headers = [...fixed, 'x-request-id', call.requestId]
    if (contentType !== null) headers.push('content-type', contentType)
    const login = identity?.loginOf(call.viewer) ?? null
    if (identity && login !== null) headers.push(identity.header, requirePlain(login, sourceKey))
    return headers
  }
}

/** Visible ASCII without a comma, with blanks inside only: it cannot be read as two headers or two identities. */
const plainIdentity = /^[!-+\--~](?:[ -+\--~]*[!-+\--~])?$/

/** RFC 5321 §4.5.3.1: the longest e-mail address. */
const maxIdentityLength = 254

/**
 * The login, as it is. Throws FORBIDDEN for one that a header cannot carry (INPUT-01): without the header, the source would act under
 * the name of the service account.
 */
function requirePlain(login: string, sourceKey: string): string {
  if (login.length <= maxIdentityLength && plainIdentity.test(login)) return login
  throw new DeskgraphError('FORBIDDEN', 'Your sign-in names you in a way that cannot be passed on to this source.', {
    source: sourceKey,
  })
}

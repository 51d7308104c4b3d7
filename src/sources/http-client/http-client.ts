import type { Call } from '../../domain/call.ts'
import { createCircuitBreaker } from './circuit-breaker.ts'
import { createConnections, toConnections } from './connection-pool.ts'
import { Deadline } from './deadline.ts'
import { createHeaders } from './headers.ts'
import { createInFlightRequests, type Landing } from './in-flight-requests.ts'
import { createMeasuredAttempt } from './measure.ts'
import { defaultUpstreamLimits, type UpstreamOptions } from './options.ts'
import { retry } from './retry.ts'
import { createRetryBudget } from './retry-budget.ts'
import { createSendOnce, type Outgoing } from './send-once.ts'
import { createStatistics } from './statistics.ts'
import type { Answer, HttpClient, ReadRequest, WriteAnswer, WriteRequest } from './types.ts'
import { toError, UpstreamError } from './upstream-error.ts'

/** The one way out to a source's HTTP API. */
export function createHttpClient(options: UpstreamOptions): HttpClient {
  const { sourceKey, timeoutMs, metrics, clock } = options
  const limits = { ...defaultUpstreamLimits, ...options.limits }
  const source = { key: sourceKey, label: options.label }
  const labels = { source: sourceKey }
  const { origin, pathname } = new URL(options.baseUrl)
  const basePath = pathname.replace(/\/+$/, '')
  const connections = options.dispatcher
    ? toConnections(options.dispatcher, origin)
    : createConnections(origin, limits, timeoutMs)
  const statistics = createStatistics(clock)
  const attempt = createMeasuredAttempt(createSendOnce(connections, limits.maxBytes, clock), sourceKey, statistics, metrics)
  const guard = createCircuitBreaker(limits, clock, (state) =>
    options.logger.warn({ source: sourceKey, circuit: state }, 'circuit changed'),
  )
  const budget = createRetryBudget()
  const toHeaders = createHeaders(options)
  const toKey = (call: Call, operation: string, path: string) =>
    limits.shareReads ? `${call.viewer.id.length}\n${call.viewer.id}\n${call.viewer.email ?? ''}\n${operation}\n${path}` : null
  const flights = createInFlightRequests(
    () => toError(new UpstreamError('cancelled', { sent: false }), source, false),
    () => metrics.count('shared_lookups_total', labels),
  )

  /** One try behind the circuit and the bulkhead; not even that when its time ran out while it waited. */
  const pass = (kind: 'read' | 'write', request: Outgoing, deadline: Deadline) =>
    guard.pass(kind, () => (deadline.fault ? Promise.reject(deadline.fault) : attempt(request, deadline)))

  const onRepeat = () => metrics.count('upstream_retries_total', labels)

  function beginRead<T>(request: ReadRequest<T>, headers: string[], landing: Landing<T>): () => void {
    const { operation, path, toResult } = request
    const outgoing: Outgoing = { operation, method: 'GET', path: basePath + path, headers, body: null }
    const run = (deadline: Deadline) =>
      retry(() => pass('read', outgoing, deadline), { retries: limits.retries, deadline, budget, onRepeat })
    return runWithin(
      timeoutMs,
      run,
      (answer) => landing.succeed(toResult(answer)),
      (error) => landing.fail(error instanceof UpstreamError ? toError(error, source, false) : error),
    )
  }

  async function sendOnce(request: WriteRequest, call: Call): Promise<WriteAnswer> {
    const { operation, method, path, body } = request
    const outgoing: Outgoing = {
      operation,
      method,
      path: basePath + path,
      headers: toHeaders(call, true),
      body: JSON.stringify(body),
    }
    if (call.signal.aborted) throw new UpstreamError('cancelled', { sent: false })
    tally(call)
    const { promise, resolve, reject } = Promise.withResolvers<Answer>()
    const cancel = runWithin(timeoutMs, (deadline) => pass('write', outgoing, deadline), resolve, reject)
    call.signal.addEventListener('abort', cancel, { once: true })
    try {
      return { ended: 'answered', answer: await promise }
    } catch (error) {
      if (error instanceof UpstreamError && isUnconfirmed(error)) return { ended: 'unconfirmed' }
      throw error
    } finally {
      call.signal.removeEventListener('abort', cancel)
    }
  }

  return {
    read(request, call) {
      try {
        // Before anything is shared: whoever may not be named to this source gets nobody's answer.
        const headers = toHeaders(call, false)
        const key = toKey(call, request.operation, request.path)
        return flights.join(key, call.signal, (landing) => {
          tally(call)
          return beginRead(request, headers, landing)
        })
      } catch (error) {
        return Promise.reject(error)
      }
    },
    async write(request, call) {
      try {
        return await sendOnce(request, call)
      } catch (error) {
        throw error instanceof UpstreamError ? toError(error, source, true) : error
      } finally {
        flights.seal()
      }
    },
    health: () => statistics.toHealth(guard.state === 'closed'),
    close: () => connections.close(),
  }
}

function tally(call: Call): void {
  if (call.tally) call.tally.upstreamCalls += 1
}

/** Sent, and no answer says that nothing was done. */
function isUnconfirmed(fault: UpstreamError): boolean {
  return fault.sent && fault.kind !== 'unauthorised' && fault.kind !== 'limited'
}

/**
 * Runs something under a deadline of its own and tells how it ended: `onFailure` too when `onResult` throws, and perhaps more than
 * once. Returns how it is given up.
 */
function runWithin<T>(
  timeoutMs: number,
  run: (deadline: Deadline) => Promise<T>,
  onResult: (result: T) => void,
  onFailure: (error: unknown) => void,
): () => void {
  const deadline = new Deadline(timeoutMs, onFailure)
  run(deadline).then(
    (result) => {
      deadline.clear()
      try {
        onResult(result)
      } catch (error) {
        onFailure(error)
      }
    },
    (error: unknown) => {
      deadline.clear()
      onFailure(error)
    },
  )
  return () => deadline.end('cancelled')
}

import { getHeapStatistics } from 'node:v8'
import fastifyPlugin from 'fastify-plugin'
import { DeskgraphError } from '../../domain/errors.ts'
import { type FailureLog, type Metrics, noMetrics } from '../../domain/telemetry.ts'
import { isForOperators, type OverloadLimits } from '../config.ts'
import { sendError } from '../error-response.ts'

/**
 * Refuses new requests with 503 OVERLOADED before any work begins, while the process is over its limits. Webhooks get 429, which senders
 * read as "later", where a 503 would say that events cannot be stored. Health and metrics are served in any case.
 */
export function shedLoad(monitor: OverloadMonitor, limits: OverloadLimits, { metrics, failures }: LoadSheddingDeps) {
  const message = 'The gateway has too much to do. Try again shortly.'
  const options = { retryAfter: limits.retryAfterSeconds }
  return fastifyPlugin(async (app) => {
    app.addHook('onRequest', (request, reply, done) => {
      const cause = isForOperators(request.url) ? null : monitor.refusal()
      if (cause === null) return done()
      metrics.count('overload_shed_total', { cause })
      const code = request.url.startsWith('/webhooks/') ? 'RATE_LIMITED' : 'OVERLOADED'
      const error = new DeskgraphError(code, message, options)
      const site = {
        requestId: request.id,
        operationName: null,
        path: request.routeOptions.url ?? null,
        transport: 'http',
      } as const
      failures.report({ ...site, code, source: null, error })
      sendError(reply, error, request.id)
    })
    app.addHook('onClose', async () => monitor.close())
  })
}

interface LoadSheddingDeps {
  readonly metrics: Metrics
  readonly failures: FailureLog
}

type OverloadCause = 'event_loop' | 'heap'

/** The load of the process as shares of its limits: 1 is the limit. */
export interface Pressure {
  readonly eventLoop: number
  readonly heap: number
}

export interface OverloadMonitor {
  /** Why a new request should be refused now; null: serve it. Cheap: a timer samples the pressure. */
  refusal(): OverloadCause | null
  /** True while no request would be refused. */
  isHealthy(): boolean
  close(): void
}

export interface OverloadMonitorOptions {
  /** Begins to measure: the first sample at once, the others every `sampleMs`. Absent: the real process. */
  readonly watch?: () => () => Pressure
  readonly random?: () => number
  /** While it returns false, the monitor refuses nothing and does not sample. Absent: it is always active. */
  readonly isActive?: () => boolean
  readonly metrics?: Metrics
}

const sampleMs = 25
/** Samples that are averaged, so that one long garbage collection refuses no request. */
const windowSamples = 4
/** Samples without a request after which sampling stops: an idle process is not woken forty times a second. */
const samplesUntilRest = 40

/** Samples event-loop lag and heap from the first request until there has been none for a second. */
export function createOverloadMonitor(
  limits: OverloadLimits,
  {
    metrics = noMetrics,
    watch = () => watchProcess(limits, metrics),
    random = Math.random,
    isActive = () => true,
  }: OverloadMonitorOptions = {},
): OverloadMonitor {
  let pressure: Pressure = { eventLoop: 0, heap: 0 }
  let timer: NodeJS.Timeout | null = null
  let samplesWithoutRequest = 0
  let closed = false

  function stop(): void {
    if (timer) clearInterval(timer)
    timer = null
  }

  function current(): Pressure {
    samplesWithoutRequest = 0
    if (timer || closed) return pressure
    const measure = watch()
    pressure = measure()
    timer = setInterval(() => {
      samplesWithoutRequest += 1
      if (samplesWithoutRequest > samplesUntilRest) stop()
      else pressure = measure()
    }, sampleMs).unref()
    return pressure
  }

  return {
    refusal() {
      if (!isActive()) return null
      const { eventLoop, heap } = current()
      if (heap >= 1) return 'heap'
      return shareRefused(eventLoop) > random() ? 'event_loop' : null
    },
    isHealthy() {
      if (!isActive()) return true
      const { eventLoop, heap } = current()
      return heap < 1 && shareRefused(eventLoop) === 0
    },
    close() {
      closed = true
      stop()
    },
  }
}

/** From half of the allowed lag on, a growing share of requests is refused, so that the load settles below the limit instead of oscillating. */
function shareRefused(eventLoop: number): number {
  return eventLoop >= 1 ? 1 : Math.max(0, 2 * eventLoop - 1)
}

/**
 * The delay of each sample is the lag. `monitorEventLoopDelay` of perf_hooks does not work here: its reset drops the interval that is
 * running, which is the only one while the event loop is blocked.
 */
function watchProcess(limits: OverloadLimits, metrics: Metrics): () => Pressure {
  let before: number | null = null
  let lags: readonly number[] = []
  return () => {
    const at = performance.now()
    if (before !== null) {
      const lag = Math.max(0, at - before - sampleMs)
      metrics.observe('event_loop_lag_seconds', lag / 1000)
      lags = [...lags, lag].slice(-windowSamples)
    }
    before = at
    const heap = getHeapStatistics()
    return {
      eventLoop: lags.reduce((sum, lag) => sum + lag, 0) / windowSamples / limits.eventLoopLagMs,
      heap: heap.used_heap_size / heap.heap_size_limit / limits.heapShare,
    }
  }
}

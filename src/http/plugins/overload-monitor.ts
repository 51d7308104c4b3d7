import { getHeapStatistics } from 'node:v8'
import { type Metrics, noMetrics } from '../../domain/telemetry.ts'
import type { OverloadLimits } from '../config.ts'

type OverloadCause = 'event_loop' | 'heap'

/** How the process is doing, 0 to any number; 1 is the limit. */
export interface Pressure {
  readonly eventLoop: number
  readonly heap: number
}

export interface OverloadMonitor {
  /** Why a new request should be refused now, or null. Costs nothing: the pressure is sampled beside. */
  refusal(): OverloadCause | null
  /** Nobody would be refused now, by no chance. */
  isHealthy(): boolean
  close(): void
}

export interface OverloadMonitorOptions {
  /** Begins to measure: the first sample at once, the others every `sampleMs`. For tests; the real process otherwise. */
  readonly watch?: () => () => Pressure
  readonly random?: () => number
  readonly metrics?: Metrics
}

const sampleMs = 25
/** Samples that are averaged, so that one long collection of garbage turns nobody away. */
const window = 4
/** A second without a request: nobody is there to be refused, and a process at rest is not woken forty times a second. */
const samplesUntilRest = 40

/** Samples the event loop's lag and the heap beside the work, from a request on until there have been none for a second. */
export function createOverloadMonitor(
  limits: OverloadLimits,
  { metrics = noMetrics, watch = () => watchProcess(limits, metrics), random = Math.random }: OverloadMonitorOptions = {},
): OverloadMonitor {
  let pressure: Pressure = { eventLoop: 0, heap: 0 }
  let timer: NodeJS.Timeout | null = null
  let unasked = 0
  let closed = false

  function rest(): void {
    if (timer) clearInterval(timer)
    timer = null
  }

  function current(): Pressure {
    unasked = 0
    if (timer || closed) return pressure
    const measure = watch()
    pressure = measure()
    timer = setInterval(() => {
      unasked += 1
      if (unasked > samplesUntilRest) rest()
      else pressure = measure()
    }, sampleMs).unref()
    return pressure
  }

  return {
    refusal() {
      const { eventLoop, heap } = current()
      if (heap >= 1) return 'heap'
      return shareRefused(eventLoop) > random() ? 'event_loop' : null
    },
    isHealthy() {
      const { eventLoop, heap } = current()
      return heap < 1 && shareRefused(eventLoop) === 0
    },
    close() {
      closed = true
      rest()
    },
  }
}

/** From half of the allowed lag on a growing share is refused, so that the load settles below the limit and does not swing about it. */
function shareRefused(eventLoop: number): number {
  return eventLoop >= 1 ? 1 : Math.max(0, 2 * eventLoop - 1)
}

/**
 * How late each sample comes is the lag. (perf_hooks' histogram would lose it: a reset also drops the interval that is
 * running, which under load is the only one.)
 */
function watchProcess(limits: OverloadLimits, metrics: Metrics): () => Pressure {
  let before: number | null = null
  let lags: readonly number[] = []
  return () => {
    const at = performance.now()
    if (before !== null) {
      const lag = Math.max(0, at - before - sampleMs)
      metrics.observe('event_loop_lag_seconds', lag / 1000)
      lags = [...lags, lag].slice(-window)
    }
    before = at
    const heap = getHeapStatistics()
    return {
      eventLoop: lags.reduce((sum, lag) => sum + lag, 0) / window / limits.eventLoopLagMs,
      heap: heap.used_heap_size / heap.heap_size_limit / limits.heapShare,
    }
  }
}

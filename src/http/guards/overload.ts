import { getHeapStatistics } from 'node:v8'
import type { OverloadLimits } from './config.ts'

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
  isCalm(): boolean
  close(): void
}

const sampleMs = 25
/** Samples that are averaged, so that one long collection of garbage turns nobody away. */
const window = 4

/** Samples the event loop's lag and the heap beside the work. `measure` is for tests; the real process otherwise. */
export function createOverloadMonitor(
  limits: OverloadLimits,
  { measure = measureProcess(limits), random = Math.random }: { measure?: () => Pressure; random?: () => number } = {},
): OverloadMonitor {
  let pressure = measure()
  const timer = setInterval(() => {
    pressure = measure()
  }, sampleMs).unref()
  return {
    refusal() {
      if (pressure.heap >= 1) return 'heap'
      return shareRefused(pressure.eventLoop) > random() ? 'event_loop' : null
    },
    isCalm: () => pressure.heap < 1 && shareRefused(pressure.eventLoop) === 0,
    close: () => clearInterval(timer),
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
function measureProcess(limits: OverloadLimits): () => Pressure {
  let before = performance.now()
  let lags: readonly number[] = []
  return () => {
    const at = performance.now()
    lags = [...lags, Math.max(0, at - before - sampleMs)].slice(-window)
    before = at
    const heap = getHeapStatistics()
    return {
      eventLoop: lags.reduce((sum, lag) => sum + lag, 0) / window / limits.eventLoopLagMs,
      heap: heap.used_heap_size / heap.heap_size_limit / limits.heapShare,
    }
  }
}

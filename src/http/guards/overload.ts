import { monitorEventLoopDelay } from 'node:perf_hooks'
import { getHeapStatistics } from 'node:v8'
import type { OverloadLimits } from './config.ts'

export type OverloadCause = 'event_loop' | 'heap'

/** How the process is doing, 0 to any number; 1 is the limit. */
export interface Pressure {
  readonly eventLoop: number
  readonly heap: number
}

export interface OverloadMonitor {
  /** Why a new request should be refused now, or null. Costs nothing: the pressure is sampled beside. */
  refusal(): OverloadCause | null
  close(): void
}

const sampleMs = 100
const resolutionMs = 10

/** Samples the event loop's mean lag and the heap ten times a second. `measure` is for tests; the real process otherwise. */
export function createOverloadMonitor(
  limits: OverloadLimits,
  { measure = measureProcess(limits), random = Math.random }: { measure?: () => Pressure; random?: () => number } = {},
): OverloadMonitor {
  let pressure: Pressure = { eventLoop: 0, heap: 0 }
  const timer = setInterval(() => {
    pressure = measure()
  }, sampleMs).unref()
  return {
    refusal() {
      if (pressure.heap >= 1) return 'heap'
      return shareRefused(pressure.eventLoop) > random() ? 'event_loop' : null
    },
    close: () => clearInterval(timer),
  }
}

/** From half of the allowed lag on a growing share is refused, so that the load settles below the limit and does not swing about it. */
function shareRefused(eventLoop: number): number {
  return eventLoop >= 1 ? 1 : Math.max(0, 2 * eventLoop - 1)
}

function measureProcess(limits: OverloadLimits): () => Pressure {
  const delay = monitorEventLoopDelay({ resolution: resolutionMs })
  delay.enable()
  return () => {
    // Without a sample since the last reset there is no mean: the loop has stood still or just begun.
    const meanMs = Number.isNaN(delay.mean) ? 0 : delay.mean / 1e6 - resolutionMs
    delay.reset()
    const heap = getHeapStatistics()
    return {
      eventLoop: meanMs / limits.eventLoopLagMs,
      heap: heap.used_heap_size / heap.heap_size_limit / limits.heapShare,
    }
  }
}

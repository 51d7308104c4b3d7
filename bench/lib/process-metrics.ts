import { readdirSync } from 'node:fs'

/** Metrics of a running gateway at one time. */
export interface ProcessMetrics {
  readonly atMs: number
  /** How many times the process was started again before. */
  readonly restarts: number
  /** The old generation of the heap. */
  readonly heapMb: number
  readonly descriptors: number
  /** Deliveries that wait in the outbox. */
  readonly outbox: number
}

/** Reads `/metrics` and counts the open file descriptors. null while the gateway does not answer. */
export async function readMetrics(url: string, pid: number, restarts: number): Promise<ProcessMetrics | null> {
  try {
    const text = await (await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(5_000) })).text()
    const value = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1] ?? 0)
    return {
      atMs: Date.now(),
      restarts,
      heapMb: value('deskgraph_nodejs_heap_space_size_used_bytes\\{space="old"\\}') / 2 ** 20,
      descriptors: readdirSync(`/proc/${pid}/fd`).length,
      outbox: value('deskgraph_outbox_depth'),
    }
  } catch {
    return null
  }
}

/** Long enough that some samples come right after a full garbage collection. */
const windowMs = 20_000
/** A process that has just started still fills its caches. */
const warmUpMs = 30_000

/**
 * Growth of the heap in MB per minute: the least-squares line through the lowest heap of every window. Each start of the process
 * is taken relative to its own mean. NaN when no start lasted long enough.
 */
export function heapSlope(samples: readonly ProcessMetrics[]): number {
  let [covariance, variance] = [0, 0]
  for (const [, ofOneStart] of Map.groupBy(samples, ({ restarts }) => restarts)) {
    const minima = lowestHeapPerWindow(ofOneStart)
    const meanMinutes = mean(minima.map(({ minutes }) => minutes))
    const meanHeap = mean(minima.map(({ heapMb }) => heapMb))
    for (const { minutes, heapMb } of minima) {
      covariance += (minutes - meanMinutes) * (heapMb - meanHeap)
      variance += (minutes - meanMinutes) ** 2
    }
  }
  return variance === 0 ? Number.NaN : covariance / variance
}

function lowestHeapPerWindow(samples: readonly ProcessMetrics[]) {
  const from = samples[0]!.atMs + warmUpMs
  const warm = samples.filter(({ atMs }) => atMs >= from)
  const windows = Map.groupBy(warm, ({ atMs }) => Math.floor((atMs - from) / windowMs))
  return [...windows].map(([index, inWindow]) => ({
    minutes: (index * windowMs) / 60_000,
    heapMb: Math.min(...inWindow.map(({ heapMb }) => heapMb)),
  }))
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

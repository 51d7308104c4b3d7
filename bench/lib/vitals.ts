import { readdirSync } from 'node:fs'

/** One look at a living gateway. */
export interface Vitals {
  readonly atMs: number
  /** Which life of the process: it is killed and started again. */
  readonly life: number
  /** What outlived the collections of young objects. */
  readonly heapMb: number
  readonly descriptors: number
  /** Deliveries not yet made. */
  readonly outbox: number
}

/** Reads a process's own metrics and counts its open descriptors; null while it does not answer. */
export async function look(url: string, pid: number, life: number): Promise<Vitals | null> {
  try {
    const text = await (await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(5_000) })).text()
    const value = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1] ?? 0)
    return {
      atMs: Date.now(),
      life,
      heapMb: value('deskgraph_nodejs_heap_space_size_used_bytes\\{space="old"\\}') / 2 ** 20,
      descriptors: readdirSync(`/proc/${pid}/fd`).length,
      outbox: value('deskgraph_outbox_depth'),
    }
  } catch {
    return null
  }
}

/** Enough looks at the heap that some come right after a collection. */
const windowMs = 20_000
/** A process that has just started still fills its caches. */
const warmUpMs = 30_000

/**
 * How fast the heap grows, in MB per minute: the line of least squares through the lowest heap of every window, each life of the
 * process about its own mean. NaN where no life was long enough.
 */
export function heapSlope(samples: readonly Vitals[]): number {
  let above = 0
  let below = 0
  for (const [, life] of Map.groupBy(samples, (sample) => sample.life)) {
    const from = life[0]!.atMs + warmUpMs
    const windows = Map.groupBy(
      life.filter(({ atMs }) => atMs >= from),
      ({ atMs }) => Math.floor((atMs - from) / windowMs),
    )
    const floors = [...windows].map(([index, looks]) => ({
      minutes: (index * windowMs) / 60_000,
      heap: Math.min(...looks.map(({ heapMb }) => heapMb)),
    }))
    const meanOf = (of: (floor: (typeof floors)[number]) => number) =>
      floors.reduce((sum, one) => sum + of(one), 0) / floors.length
    const [minutes, heap] = [meanOf((one) => one.minutes), meanOf((one) => one.heap)]
    for (const one of floors) {
      above += (one.minutes - minutes) * (one.heap - heap)
      below += (one.minutes - minutes) ** 2
    }
  }
  return below === 0 ? Number.NaN : above / below
}

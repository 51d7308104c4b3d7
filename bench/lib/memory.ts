import { bodiesFor } from './compare.ts'
import { openField } from './field.ts'
import type { Site } from './measure.ts'
import type { Workload } from './operations.ts'
import { load, residentMb, type Spawned, stop } from './processes.ts'
import type { Contender } from './servers.ts'
import { look } from './vitals.ts'

/** The gateway's memory while all workloads press on it in turn, as fast as it answers. */
export interface Memory {
  readonly seconds: number
  readonly requests: number
  /** Least that was kept beyond the collections of young objects, in MB: in the first third of the time and in the last. What waits for the next whole collection is in it. */
  readonly heapMb: readonly [first: number, last: number]
  /** Most that the process held, in MB: in the same thirds. */
  readonly residentMb: readonly [first: number, last: number]
}

interface Sample {
  readonly heapMb: number
  readonly residentMb: number
}

const lookEveryMs = 500
const turnSeconds = 1.25
/** Until caches are full and the code is compiled. */
const warmTurns = 3

export async function measureMemory(
  contender: Contender,
  workloads: readonly Workload[],
  generator: Spawned,
  seconds: number,
): Promise<Memory> {
  const [site] = await openField([contender], 0)
  if (!site) throw new Error('The gateway did not start.')
  for (let turn = 0; turn < warmTurns; turn++) await pressOnce(site, workloads, generator)
  const watch = watchMemory(site)
  const started = performance.now()
  let requests = 0
  while (performance.now() - started < seconds * 1_000) requests += await pressOnce(site, workloads, generator)
  const samples = await watch.end()
  await stop(site.server)
  return { seconds: (performance.now() - started) / 1_000, requests, ...toThirds(samples) }
}

/** Every workload for a moment; how many requests were answered. */
async function pressOnce({ contender, port }: Site, workloads: readonly Workload[], generator: Spawned): Promise<number> {
  let requests = 0
  for (const workload of workloads) {
    const { path, headers } = contender
    const bodies = bodiesFor(contender, workload)
    requests += (await load(generator, { port, path, headers, bodies, connections: workload.connections, seconds: turnSeconds }))
      .requests
  }
  return requests
}

function watchMemory({ server, port }: Site) {
  const samples: Sample[] = []
  let ended = false
  const watch = async (): Promise<void> => {
    while (!ended) {
      const vitals = await look(`http://127.0.0.1:${port}`, server.pid, 0)
      if (vitals) samples.push({ heapMb: vitals.heapMb, residentMb: residentMb(server.pid) })
      await new Promise((resolve) => setTimeout(resolve, lookEveryMs))
    }
  }
  const watching = watch()
  return {
    async end(): Promise<readonly Sample[]> {
      ended = true
      await watching
      return samples
    },
  }
}

function toThirds(samples: readonly Sample[]): Pick<Memory, 'heapMb' | 'residentMb'> {
  const third = Math.floor(samples.length / 3)
  const [first, last] = [samples.slice(0, third), samples.slice(-third)] as const
  const least = (part: readonly Sample[]) => Math.min(...part.map(({ heapMb }) => heapMb))
  const most = (part: readonly Sample[]) => Math.max(...part.map((sample) => sample.residentMb))
  return { heapMb: [least(first), least(last)], residentMb: [most(first), most(last)] }
}

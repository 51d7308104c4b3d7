import { join } from 'node:path'
import { bodiesFor } from '../compare.ts'
import { openField } from '../field.ts'
import { latencyMs, rateOf } from '../latency.ts'
import type { Workload } from '../operations.ts'
import { load, type Spawned, stop } from '../processes.ts'
import type { Contender } from '../servers.ts'
import { profiled } from './profile-flags.ts'
import { type BusyTime, readProfile } from './read-profile.ts'
import { clockUs } from './span.ts'

/** Until V8 has compiled what a request runs through, which takes longer while it is being looked at. */
const warmSeconds = 4
/** In an open loop the server hardly has anything to do: it is looked at for longer. */
const longer = 3

/** `closed`: as fast as answers come. `open`: over upstreams that take 20 ms, as the latency is measured. */
export type Loop = 'closed' | 'open'

/** Starts a server and its upstream, and looks where its time goes. Its profile is left in the folder. */
export async function profileRequests(
  contender: Contender,
  workload: Workload,
  loop: Loop,
  { generator, folder, seconds }: { readonly generator: Spawned; readonly folder: string; readonly seconds: number },
): Promise<BusyTime> {
  const file = join(folder, `${workload.key}-${contender.key}-${loop}.cpuprofile`)
  const span = await profiled(file, async () => {
    const [site] = await openField([contender], loop === 'open' ? latencyMs : 0)
    const { port, server, upstream } = site!
    const { path, headers } = contender
    const task = { port, path, headers, bodies: bodiesFor(contender, workload), connections: workload.connections }
    await load(generator, { ...task, seconds: warmSeconds })
    const from = clockUs()
    await load(generator, loop === 'open' ? { ...task, seconds: seconds * longer, rate: rateOf(workload) } : { ...task, seconds })
    const to = clockUs()
    await Promise.all([stop(server), stop(upstream)])
    return { from, to }
  })
  return readProfile(file, span)
}

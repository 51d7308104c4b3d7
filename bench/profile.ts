import { mkdirSync } from 'node:fs'
import { workloads } from './lib/operations.ts'
import { otherCore, start, stopAll } from './lib/processes.ts'
import { type Part, parts } from './lib/profile/parts.ts'
import { profileRequests } from './lib/profile/profile-requests.ts'
import { allContenders } from './lib/servers.ts'

// Where a server's time goes under one workload; the profile itself is left in bench/results/profiles/:
// node bench/profile.ts W2 [seconds] [who] [open]. `open`: over upstreams that take 20 ms, as the latency is measured.
const [key = 'W2', seconds = '6', who = 'deskgraph', loop = 'closed'] = process.argv.slice(2)
const folder = new URL('results/profiles/', import.meta.url).pathname
mkdirSync(folder, { recursive: true })
try {
  const contender = (await allContenders()).find((one) => one.key === who)!
  const workload = workloads.find((one) => one.key === key)!
  const generator = await start(otherCore, [process.execPath, 'bench/load.ts'])
  const deps = { generator, folder, seconds: Number(seconds) }
  const { shares, busy } = await profileRequests(contender, workload, loop === 'open' ? 'open' : 'closed', deps)
  console.log(`${key} ${who}: busy for ${(busy * 100).toFixed(0)} % of the time`)
  for (const [part, share] of Object.entries(shares).sort(([, a], [, b]) => b - a)) {
    console.log(`${(share * 100).toFixed(1).padStart(6)} %  ${parts[part as Part]}`)
  }
} finally {
  await stopAll()
}
process.exit(0)

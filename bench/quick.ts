import { compareAnswers } from './lib/compare.ts'
import { openField } from './lib/field.ts'
import { measure } from './lib/measure.ts'
import { workloads } from './lib/operations.ts'
import { otherCore, start, stopAll } from './lib/processes.ts'
import { allContenders } from './lib/servers.ts'

// For work on speed: some contenders, some workloads, a few seconds each. BENCH_ONLY=deskgraph,baseline BENCH_WORK=W1,W2 BENCH_ROUNDS=3
const only = process.env.BENCH_ONLY?.split(',')
const work = process.env.BENCH_WORK?.split(',')
const rounds = Number(process.env.BENCH_ROUNDS ?? 1)
const seconds = Number(process.env.BENCH_SECONDS ?? 3)
try {
  const contenders = (await allContenders()).filter(({ key }) => !only || only.includes(key))
  const generator = await start(otherCore, [process.execPath, 'bench/load.ts'])
  const sites = await openField(contenders, 0)
  for (const workload of workloads.filter(({ key }) => !work || work.includes(key))) {
    await compareAnswers(sites, sites.find(({ contender }) => contender.key === 'baseline')!, workload)
    const results = new Map<string, number[]>()
    for (let round = 0; round < rounds; round++) {
      for (const site of sites) {
        const sample = await measure(site, workload, generator, { warmSeconds: round === 0 ? 3 : 1, seconds })
        const key = site.contender.key
        results.set(key, [...(results.get(key) ?? []), 1 / sample.cpuMsPerRequest])
        console.log(
          `${workload.key} ${key.padEnd(20)} ${sample.perSecond.toFixed(0).padStart(6)}/s  cpu ${sample.cpuMsPerRequest.toFixed(3)} ms  calls ${sample.callsPerRequest.toFixed(2)}  failures ${sample.failures}  ${sample.residentMb} MB`,
        )
      }
    }
    const base = Math.max(...(results.get('baseline') ?? [Number.NaN]))
    console.log('by CPU: ', [...results].map(([key, values]) => `${key} ${(Math.max(...values) / base).toFixed(2)}`).join('   '))
  }
} finally {
  await stopAll()
}
process.exit(0)

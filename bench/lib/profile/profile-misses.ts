import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type ColdStart, openStorage, startOnce, withUpstream } from '../cold-start.ts'
import { type FanOut, runCase, subscribers } from '../fan-out.ts'
import { workloads } from '../operations.ts'
import type { Spawned } from '../processes.ts'
import type { Report } from '../report.ts'
import type { Contender, Identity } from '../servers.ts'
import { judge, type Verdict } from '../targets.ts'
import { profiled } from './profile-flags.ts'
import { type Loop, profileRequests } from './profile-requests.ts'
import { type BusyTime, readProfile } from './read-profile.ts'

/** Where the time of one measurement goes. */
export interface MissProfile {
  readonly key: string
  /** What was measured. */
  readonly title: string
  /** Ours, and the hand-written server beside it where that does the same. */
  readonly columns: readonly ProfileColumn[]
}

export interface ProfileColumn extends BusyTime {
  readonly who: string
  /** Processor time of one request, as the run measured it without a profiler; null where it is not of requests. */
  readonly cpuMs: number | null
}

export interface ProfileDeps {
  readonly contenders: readonly Contender[]
  readonly generator: Spawned
  readonly identity: Identity
  /** Where the profiles are left. */
  readonly folder: string
  readonly seconds: number
}

/** The profile that shows what bounds a target: those of one workload share one. null: none would show it. */
export function profileKeyOf(verdictKey: string): string | null {
  if (/^(W6|start|added)\//.test(verdictKey)) return verdictKey
  const [, workload, against] = /^(W[1-4])\/(.+)$/.exec(verdictKey) ?? []
  if (workload === undefined) return null
  return against!.includes('sharing nothing') ? `unshared/${workload}` : `shared/${workload}`
}

/** Measures what was missed once more, under V8's profiler. */
export async function profileMisses(report: Report, deps: ProfileDeps): Promise<MissProfile[]> {
  mkdirSync(deps.folder, { recursive: true })
  const missed = new Map<string, Verdict>()
  for (const verdict of judge(report)) {
    const key = verdict.result === 'missed' ? profileKeyOf(verdict.key) : null
    if (key !== null && !missed.has(key)) missed.set(key, verdict)
  }
  const profiles: MissProfile[] = []
  for (const key of missed.keys()) profiles.push({ key, ...(await takeProfile(key, report, deps)) })
  return profiles
}

type Taken = Omit<MissProfile, 'key'>

function takeProfile(key: string, report: Report, deps: ProfileDeps): Promise<Taken> {
  const [kind, what, more] = key.split('/') as [string, string, string | undefined]
  console.log(`Where the time goes: ${key}`)
  if (kind === 'start') return ofStart(what as ColdStart['storage'], more === 'empty', deps)
  if (kind === 'W6') return ofFanOut(what as FanOut['storage'], Number(more), deps)
  return ofRequests(
    kind === 'unshared' ? 'deskgraph-unshared' : 'deskgraph',
    what,
    kind === 'added' ? 'open' : 'closed',
    report,
    deps,
  )
}

async function ofRequests(ours: string, key: string, loop: Loop, { rows }: Report, deps: ProfileDeps): Promise<Taken> {
  const workload = workloads.find((one) => one.key === key)!
  const columns: ProfileColumn[] = []
  for (const contender of deps.contenders.filter((one) => one.key === ours || one.key === 'baseline')) {
    const row = rows.find((one) => one.workload === key && one.contender === contender.key)
    const time = await profileRequests(contender, workload, loop, deps)
    columns.push({ ...time, who: contender.label, cpuMs: loop === 'closed' ? (row?.cpuMs ?? null) : null })
  }
  return { title: `${key}, ${workload.title}${loop === 'open' ? ', over upstreams that take 20 ms' : ''}`, columns }
}

async function ofFanOut(storage: FanOut['storage'], teams: number, { identity, folder, seconds }: ProfileDeps): Promise<Taken> {
  const file = join(folder, `W6-${storage}-${teams}.cpuprofile`)
  const { span } = await profiled(file, () => runCase(identity, { storage, subscribers, teams }, seconds))
  return {
    title: `W6 on ${storage}, ${teams === 1 ? 'all see every change' : `1 in ${teams} sees a change`}`,
    columns: [ofOurs(file, span)],
  }
}

async function ofStart(storage: ColdStart['storage'], empty: boolean, { identity, folder }: ProfileDeps): Promise<Taken> {
  const file = join(folder, `start-${storage}${empty ? '-empty' : ''}.cpuprofile`)
  const { env, drop } = await openStorage(storage, identity, `profiled-${empty}`)
  const span = await withUpstream(async (upstreamPort) => {
    const start = () => startOnce(identity, upstreamPort, env)
    if (!empty) await start()
    return (await profiled(file, start)).span
  })
  await drop()
  return { title: `A start on ${storage}${empty ? ' with nothing there yet' : ''}`, columns: [ofOurs(file, span)] }
}

function ofOurs(file: string, span: Parameters<typeof readProfile>[1]): ProfileColumn {
  return { ...readProfile(file, span), who: 'Deskgraph', cpuMs: null }
}

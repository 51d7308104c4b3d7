import { createDatabase, hasPostgres } from '../../test/support/databases.ts'
import type { FanOutResult, FanOutTask } from '../subscribers.ts'
import { startGateway } from './gateway.ts'
import { otherCore, start, stop, tell } from './processes.ts'
import type { Identity } from './servers.ts'

/** W6: subscribers of `ticketChanged`, each somebody else, and changes that come by a webhook. */
export interface FanOut {
  readonly storage: 'PGlite' | 'PostgreSQL'
  readonly subscribers: number
  /** A change concerns the subscribers of one team of so many. */
  readonly teams: number
  readonly changesPerSecond: number
  readonly messagesPerSecond: number
  /** From when the webhook was sent to when a subscriber had the message, in milliseconds. */
  readonly p50: number
  readonly p99: number
  readonly max: number
  /** All of the gateway's processor time, by messages. NaN where none is delivered. */
  readonly cpuMsPerMessage: number
  /** The same by time: 1 is a whole core. */
  readonly cores: number
  /** Changes that the gateway did not take. */
  readonly refused: number
  readonly missing: number
}

export const subscribers = 1_000
const rate = 100
/** Until V8 has compiled what each change runs through, a hundred times a second. */
const warmSeconds = 8
const secret = 'bench'

export type FanOutCase = Pick<FanOut, 'storage' | 'subscribers' | 'teams'>

/** Nobody, which is what the changes cost by themselves; then a part of the subscribers, and all of them, see each change. */
function casesOn(storage: FanOut['storage'], teams: readonly number[]): FanOutCase[] {
  return [{ storage, subscribers: 0, teams: 1 }, ...teams.map((count) => ({ storage, subscribers, teams: count }))]
}

/** On the embedded database, which works in the gateway's thread, and on PostgreSQL where there is one. */
export async function measureFanOut(identity: Identity, seconds: number): Promise<FanOut[]> {
  const rows: FanOut[] = []
  const cases = [...casesOn('PGlite', [100, 10, 1]), ...((await hasPostgres()) ? casesOn('PostgreSQL', [10, 1]) : [])]
  for (const one of cases) rows.push({ ...one, ...toFigures(await runCase(identity, one, seconds)) })
  return rows
}

/** Processes of its own for each case: none inherits what another left waiting. */
export async function runCase(identity: Identity, one: FanOutCase, seconds: number): Promise<FanOutResult> {
  const tokens = await Promise.all(Array.from({ length: one.subscribers }, (_, index) => identity.tokenOf(`agent-${index}`)))
  const database = one.storage === 'PostgreSQL' ? await createDatabase() : null
  const gateway = await startGateway({
    identity,
    name: `fan-out-${one.subscribers}-${one.teams}`,
    sources: { vcc: { system: 'vcc', account: 'bench', secret } },
    ...(database && { storage: { DATABASE_URL: database.url } }),
  })
  const client = await start(otherCore, [process.execPath, 'bench/subscribers.ts'])
  try {
    const { port, pid } = gateway
    const task: FanOutTask = { port, pid, tokens, teams: one.teams, rate, warmSeconds, seconds, secret }
    return await tell<FanOutResult>(client, task)
  } finally {
    await stop(client)
    await stop(gateway)
    await database?.drop()
  }
}

function toFigures(result: FanOutResult): Omit<FanOut, keyof FanOutCase> {
  const { accepted, refused, delivered, missing, seconds, p50, p99, max, cpuMs } = result
  return {
    changesPerSecond: accepted / seconds,
    messagesPerSecond: delivered / seconds,
    p50,
    p99,
    max,
    cpuMsPerMessage: delivered === 0 ? Number.NaN : cpuMs / delivered,
    cores: cpuMs / 1_000 / seconds,
    refused,
    missing,
  }
}

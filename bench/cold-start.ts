import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createDatabase, hasPostgres } from '../test/support/databases.ts'
import { createIdentity, startGateway } from './lib/gateway.ts'
import { median } from './lib/measure.ts'
import { cpuMs, findFreePort, startUpstream, stop, stopAll } from './lib/processes.ts'
import { operations, toVariables } from './workloads.ts'

// Time from the start of the process to its first right answer, on an empty database and on one with tables.
// npm run bench:start [-- --runs 5]

const runs = Number(parseArgs({ options: { runs: { type: 'string', default: '5' } } }).values.runs)
const identity = await createIdentity()
const token = await identity.createToken('bench')
const upstreamPort = await findFreePort()
await startUpstream(upstreamPort)
const sources = { oneview: { system: 'oneview', url: `http://127.0.0.1:${upstreamPort}/ticket-detail`, token: 'bench' } }
const body = JSON.stringify({ query: operations.ticket, variables: toVariables('ticket', 0, []) })

interface StartTime {
  readonly ms: number
  readonly cpuMs: number
}

async function startOnce(env: Readonly<Record<string, string>>): Promise<StartTime> {
  const startedAt = performance.now()
  const gateway = await startGateway({ identity, name: 'cold-start', sources, env })
  const answer = await fetch(`http://127.0.0.1:${gateway.port}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body,
  })
  const text = await answer.text()
  const time = { ms: performance.now() - startedAt, cpuMs: cpuMs(gateway.pid) }
  await stop(gateway)
  if (!text.startsWith('{"data":{"ticket":{"id"')) throw new Error(`The first answer is wrong: ${text.slice(0, 500)}`)
  return time
}

function describe(database: string, content: string, times: readonly StartTime[]): string {
  const [ms, cpu] = [median(times.map((time) => time.ms)), median(times.map((time) => time.cpuMs))]
  return `${database}, ${content}: ${ms.toFixed(0)} ms, processor time ${cpu.toFixed(0)} ms (median of ${times.length})`
}

for (const database of ['PGlite', 'PostgreSQL']) {
  if (database === 'PostgreSQL' && !(await hasPostgres())) continue
  const [empty, withTables]: [StartTime[], StartTime[]] = [[], []]
  for (let run = 0; run < runs; run++) {
    const postgres = database === 'PostgreSQL' ? await createDatabase() : null
    const env: Readonly<Record<string, string>> = postgres
      ? { DATABASE_URL: postgres.url }
      : { DESKGRAPH_DATA_DIR: join(identity.folder, `data-${run}`) }
    empty.push(await startOnce(env))
    withTables.push(await startOnce(env))
    await postgres?.drop()
  }
  console.log(describe(database, 'empty', empty))
  console.log(describe(database, 'with its tables', withTables))
}
await stopAll()
process.exit(0)

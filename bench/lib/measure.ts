import { isDeepStrictEqual } from 'node:util'
import type { Contender } from '../contenders.ts'
import type { LoadResult, LoadTask } from '../load-generator.ts'
import { operations, toVariables, type Workload } from '../workloads.ts'
import { findFreePort, request, residentMb, type Spawned, startUpstream } from './processes.ts'

/** A running contender over a simulated vendor of its own. */
export interface RunningServer {
  readonly contender: Contender
  readonly port: number
  readonly process: Spawned
  readonly upstreamPort: number
  /** The cursor of every page, null for the first one. */
  readonly cursors: readonly (string | null)[]
}

export async function startServer(contender: Contender, token: string, pageCount: number): Promise<RunningServer> {
  const [upstreamPort, port] = [await findFreePort(), await findFreePort()]
  await startUpstream(upstreamPort)
  const spawned = await contender.start(port, upstreamPort)
  const cursors =
    (await contender.readCursors?.(port, token)) ??
    Array.from({ length: pageCount }, (_, page) => (page === 0 ? null : String(page)))
  return { contender, port, process: spawned, upstreamPort, cursors }
}

/** The bodies of the requests, by item. */
export function toBodies({ contender, cursors }: RunningServer, { operation, items }: Workload): string[] {
  const query = contender.queries?.[operation] ?? operations[operation]
  return Array.from({ length: items }, (_, item) => {
    const variables = toVariables(operation, item, cursors)
    return JSON.stringify({ query, variables: contender.toOwnVariables?.(variables) ?? variables })
  })
}

/** How many tickets or pages of a workload are compared. */
const comparedItems = 10

/** Throws unless every server's answers are the same JSON as the first one's. */
export async function compareAnswers(servers: readonly RunningServer[], workload: Workload, token: string): Promise<void> {
  for (let item = 0; item < Math.min(comparedItems, workload.items); item++) {
    const answers = await Promise.all(servers.map((server) => readAnswer(server, workload, item, token)))
    const differing = answers.findIndex((answer) => !isDeepStrictEqual(answer, answers[0]))
    if (differing < 0) continue
    const [expected, actual] = [answers[0], answers[differing]].map((answer) => JSON.stringify(answer))
    const at = [...expected!].findIndex((character, index) => character !== actual![index])
    const around = (text: string) => text.slice(Math.max(0, at - 100), at + 100)
    throw new Error(
      `${servers[differing]!.contender.key} answers ${workload.key}, item ${item}, differently:\n${around(actual!)}\nnot\n${around(expected!)}`,
    )
  }
}

async function readAnswer(server: RunningServer, workload: Workload, item: number, token: string): Promise<unknown> {
  const answer = await fetch(`http://127.0.0.1:${server.port}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json', authorization: `Bearer ${token}` },
    body: toBodies(server, workload)[item]!,
  })
  const text = await answer.text()
  const { data, errors, extensions } = JSON.parse(text) as {
    data?: unknown
    errors?: unknown
    extensions?: { partial?: unknown }
  }
  if (answer.status !== 200 || errors || extensions?.partial) {
    throw new Error(`${server.contender.key} fails ${workload.key}: ${answer.status} ${text.slice(0, 800)}`)
  }
  return server.contender.toCommonForm?.(workload.operation, data) ?? data
}

/** One server in one round. */
export interface Sample {
  readonly requestsPerSecond: number
  /** Processor time of the server, all threads. */
  readonly cpuMsPerRequest: number
  /** Share of its core that the server used. Well below 1: the generator or the vendor was the limit. */
  readonly coreUse: number
  readonly p99Ms: number
  /** Calls to the vendor, as the vendor counts them. */
  readonly callsPerRequest: number
  readonly failed: number
  readonly residentMb: number
}

export interface MeasureOptions {
  readonly generator: Spawned
  readonly tokens: readonly string[]
  /** Rotates the sequence of requests, so that rounds ask for different items. */
  readonly round: number
  readonly warmSeconds: number
  readonly seconds: number
}

/** Warms the server up, then measures it in a closed loop. */
export async function measure(server: RunningServer, workload: Workload, options: MeasureOptions): Promise<Sample> {
  const { generator, tokens, round, warmSeconds, seconds } = options
  const { pid } = server.process
  const turn = (round * 997) % workload.requests.length
  const requests = [...workload.requests.slice(turn), ...workload.requests.slice(0, turn)]
  const task: LoadTask = {
    url: `http://127.0.0.1:${server.port}/graphql`,
    pid,
    callCountUrl: `http://127.0.0.1:${server.upstreamPort}/calls`,
    connections: workload.connections,
    warmSeconds,
    seconds,
    bodies: toBodies(server, workload),
    tokens,
    sequence: requests.map(({ item, viewer }) => ({ body: item, token: viewer })),
  }
  const result = await request<LoadResult>(generator, task)
  if (result.failed > 0) console.log(`${workload.key} ${server.contender.key}, first failure: ${result.firstFailure}`)
  return {
    requestsPerSecond: result.succeeded / result.seconds,
    cpuMsPerRequest: result.cpuMs / result.succeeded,
    coreUse: result.cpuMs / 1_000 / result.seconds,
    p99Ms: result.p99Ms,
    callsPerRequest: result.calls / result.succeeded,
    failed: result.failed,
    residentMb: residentMb(pid),
  }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

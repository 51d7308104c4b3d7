import { prepareRequest } from './lib/http-client.ts'
import { openLanes } from './lib/open-lanes.ts'

// The open-loop generator, a process of its own: requests are due at their time, whatever has come back.

export interface OpenLoopTask {
  readonly port: number
  /** Sent in turn. */
  readonly requests: readonly OpenLoopRequest[]
  /** Requests per second. */
  readonly rate: number
  readonly seconds: number
  /** How many requests may be on their way at once. */
  readonly connections?: number
}

export interface OpenLoopRequest {
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export interface OpenLoopResult {
  readonly sent: number
  /** Answers by HTTP status; "none" where none came within the time limit, or the connection broke. */
  readonly statuses: Readonly<Record<string, number>>
  /** Of answers 2xx, from when the request was due, in milliseconds. */
  readonly p50: number
  readonly p99: number
  readonly max: number
  /** Answers 2xx per second of the run. */
  readonly servedPerSecond: number
  readonly seconds: number
}

/** Where the gateway is not overloaded a few dozen are busy. */
const usualConnections = 512
/** As long as a patient client waits. Counted from when the request was due, also while it waits for a connection. */
const timeoutMs = 10_000
const sweepMs = 100

async function run(task: OpenLoopTask): Promise<OpenLoopResult> {
  const sent = Math.floor(task.seconds * task.rate)
  const latencies: number[] = []
  const statuses: Record<string, number> = {}
  let done = 0
  const dueAt = (index: number): number => started + (index / task.rate) * 1000
  const requests = task.requests.map(({ path, headers, body }) => prepareRequest(path, headers, body))
  const onDone = (index: number, status: number | null): void => {
    done += 1
    statuses[status ?? 'none'] = (statuses[status ?? 'none'] ?? 0) + 1
    if (status !== null && status < 300) latencies.push(performance.now() - dueAt(index))
  }
  const lanes = await openLanes({
    port: task.port,
    connections: task.connections ?? usualConnections,
    timeoutMs,
    requests,
    dueAt,
    onDone,
  })
  const started = performance.now()
  const sweeping = setInterval(lanes.sweep, sweepMs)
  while (done < sent) {
    lanes.due(Math.min(sent, Math.floor(((performance.now() - started) / 1000) * task.rate) + 1))
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  clearInterval(sweeping)
  lanes.close()
  const seconds = (performance.now() - started) / 1000
  latencies.sort((a, b) => a - b)
  const at = (share: number) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? Number.NaN
  return { sent, statuses, p50: at(0.5), p99: at(0.99), max: at(1), servedPerSecond: latencies.length / seconds, seconds }
}

process.on('message', async (task: OpenLoopTask) => {
  process.send!(await run(task))
})
process.send?.('ready')

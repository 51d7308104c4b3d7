import { setTimeout as sleep } from 'node:timers/promises'
import { Agent } from 'undici'

// An open loop: each request is sent when it is due, even if earlier ones have no answer yet. autocannon has only closed loops: its
// rate limit sends a second's requests at once.

export interface OpenLoopTask {
  readonly origin: string
  /** Sent in turn. */
  readonly requests: readonly OpenLoopRequest[]
  /** Requests per second. */
  readonly rate: number
  readonly seconds: number
  /** Requests in flight at once, at most; more wait here, and their latency goes on. */
  readonly connections?: number
}

export interface OpenLoopRequest {
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export interface OpenLoopResult {
  readonly sent: number
  /** Answers by HTTP status. `none`: no answer within ten seconds, or a broken connection. */
  readonly statuses: Readonly<Record<string, number>>
  /** Latency of answers 2xx from when the request was due, in milliseconds. NaN without one. */
  readonly p50: number
  readonly p99: number
  readonly max: number
  /** Answers 2xx per second of the run. */
  readonly servedPerSecond: number
}

const timeoutMs = 10_000

/** POSTs the requests at a constant rate and resolves when each has its answer. */
export async function runOpenLoop(task: OpenLoopTask): Promise<OpenLoopResult> {
  const { origin, requests, rate, connections = 512 } = task
  const sent = Math.floor(task.seconds * rate)
  const http = new Agent({ connections, keepAliveTimeout: 5_000 })
  const latencies: number[] = []
  const statuses: Record<string, number> = {}
  const started = performance.now()
  const dueAt = (index: number): number => started + (index / rate) * 1_000

  const sendOne = async (index: number): Promise<void> => {
    const { path, headers, body } = requests[index % requests.length]!
    const status = await http
      .request({
        origin,
        path,
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body,
        signal: AbortSignal.timeout(timeoutMs),
      })
      .then(async (answer) => {
        await answer.body.dump()
        return answer.statusCode
      })
      .catch(() => 'none' as const)
    statuses[status] = (statuses[status] ?? 0) + 1
    if (status !== 'none' && status < 300) latencies.push(performance.now() - dueAt(index))
  }

  const inFlight: Promise<void>[] = []
  while (inFlight.length < sent) {
    while (inFlight.length < sent && dueAt(inFlight.length) <= performance.now()) inFlight.push(sendOne(inFlight.length))
    await sleep(1)
  }
  await Promise.all(inFlight)
  const seconds = (performance.now() - started) / 1_000
  await http.destroy()
  latencies.sort((a, b) => a - b)
  const at = (share: number) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? Number.NaN
  return { sent, statuses, p50: at(0.5), p99: at(0.99), max: at(1), servedPerSecond: latencies.length / seconds }
}

/** One line for the console. */
export function describeOpenLoop({ statuses, p50, p99, max, servedPerSecond }: OpenLoopResult): string {
  return `${JSON.stringify(statuses)}, ${Math.round(servedPerSecond)} succeeded/s, p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, max ${max.toFixed(0)} ms`
}

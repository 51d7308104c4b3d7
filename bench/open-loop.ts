import { prepareRequest, RawConnection, takeOpen } from './lib/http-client.ts'

// The open-loop generator, a process of its own: requests are sent when they are due, whatever has come back.

export interface OpenLoopTask {
  readonly port: number
  /** Sent in turn. */
  readonly requests: readonly OpenLoopRequest[]
  /** Requests per second. */
  readonly rate: number
  readonly seconds: number
}

export interface OpenLoopRequest {
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export interface OpenLoopResult {
  readonly sent: number
  /** Answers by HTTP status; "none" for connections that broke. */
  readonly statuses: Readonly<Record<string, number>>
  /** Of answers 2xx, from when the request was due, in milliseconds. */
  readonly p50: number
  readonly p99: number
  readonly max: number
  /** Answers 2xx per second of the run. */
  readonly servedPerSecond: number
  readonly seconds: number
}

/** Sends one request at its time over an idle connection, or a new one. */
async function run(task: OpenLoopTask): Promise<OpenLoopResult> {
  const prepared = task.requests.map(({ path, headers, body }) => prepareRequest(path, headers, body))
  const idle: RawConnection[] = Array.from({ length: 16 }, () => new RawConnection(task.port))
  const latencies: number[] = []
  const statuses: Record<string, number> = {}
  const started = performance.now()
  const one = async (index: number): Promise<void> => {
    const dueAt = started + (index / task.rate) * 1000
    let connection = takeOpen(idle) ?? new RawConnection(task.port)
    try {
      const { status } = await connection.send(prepared[index % prepared.length]!)
      statuses[status] = (statuses[status] ?? 0) + 1
      if (status < 300) latencies.push(performance.now() - dueAt)
    } catch {
      statuses.none = (statuses.none ?? 0) + 1
      connection = new RawConnection(task.port)
    }
    idle.push(connection)
  }
  const sent = Math.floor(task.seconds * task.rate)
  const running: Promise<void>[] = []
  while (running.length < sent) {
    const due = Math.min(sent, Math.floor(((performance.now() - started) / 1000) * task.rate) + 1)
    while (running.length < due) running.push(one(running.length))
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  await Promise.all(running)
  for (const connection of idle) connection.close()
  const seconds = (performance.now() - started) / 1000
  latencies.sort((a, b) => a - b)
  const at = (share: number) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? Number.NaN
  return { sent, statuses, p50: at(0.5), p99: at(0.99), max: at(1), servedPerSecond: latencies.length / seconds, seconds }
}

process.on('message', async (task: OpenLoopTask) => {
  process.send!(await run(task))
})
process.send?.('ready')

import { setPriority } from 'node:os'
import { type Answered, prepareRequest, RawConnection, takeOpen } from './lib/http-client.ts'

// The load generator, a process of its own: one task per message, one result back.

export interface LoadTask {
  readonly port: number
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly bodies: readonly string[]
  readonly connections: number
  readonly seconds: number
  /** Requests per second of an open loop, sent when they are due whatever has come back; absent: as fast as answers come. */
  readonly rate?: number
}

export interface LoadResult {
  readonly requests: number
  readonly failures: number
  readonly seconds: number
  /** From when a request was due, in milliseconds, ascending. */
  readonly p50: number
  readonly p99: number
}

async function closedLoop(task: LoadTask, requests: readonly Buffer[]): Promise<LoadResult> {
  const started = performance.now()
  const end = started + task.seconds * 1000
  const latencies: number[] = []
  let next = 0
  let failures = 0
  const stopPolling = pollInsteadOfSleeping()
  const worker = async () => {
    let connection = new RawConnection(task.port)
    for (let now = performance.now(); now < end; now = performance.now()) {
      try {
        const { status } = await connection.send(requests[next++ % requests.length]!)
        if (status !== 200) failures += 1
        else latencies.push(performance.now() - now)
      } catch {
        failures += 1
        connection = new RawConnection(task.port)
      }
    }
    connection.close()
  }
  await Promise.all(Array.from({ length: task.connections }, worker))
  stopPolling()
  return toResult(latencies, failures, (performance.now() - started) / 1000)
}

/**
 * Keeps this process from sleeping between two answers. Waking a sleeper costs the waker, on a virtual machine as much as node's
 * whole HTTP layer, and only servers slower than the generator ever find it asleep: they would pay for the machine.
 */
function pollInsteadOfSleeping(): () => void {
  let polling = true
  const poll = () => {
    if (polling) setImmediate(poll)
  }
  poll()
  return () => {
    polling = false
  }
}

async function openLoop(task: LoadTask, requests: readonly Buffer[]): Promise<LoadResult> {
  const idle: RawConnection[] = Array.from({ length: task.connections }, () => new RawConnection(task.port))
  const latencies: number[] = []
  const running: Promise<void>[] = []
  const started = performance.now()
  const total = Math.floor(task.seconds * task.rate!)
  let failures = 0
  const one = async (bytes: Buffer, dueAt: number) => {
    let connection = takeOpen(idle) ?? new RawConnection(task.port)
    try {
      const { status } = (await connection.send(bytes)) as Answered
      if (status === 200) latencies.push(performance.now() - dueAt)
      else failures += 1
    } catch {
      failures += 1
      connection = new RawConnection(task.port)
    }
    idle.push(connection)
  }
  for (let index = 0; index < total; ) {
    const due = Math.min(total, Math.floor(((performance.now() - started) / 1000) * task.rate!) + 1)
    for (; index < due; index++) running.push(one(requests[index % requests.length]!, started + (index / task.rate!) * 1000))
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  await Promise.all(running)
  for (const connection of idle) connection.close()
  return toResult(latencies, failures, (performance.now() - started) / 1000)
}

function toResult(latencies: number[], failures: number, seconds: number): LoadResult {
  latencies.sort((a, b) => a - b)
  const at = (share: number) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? Number.NaN
  return { requests: latencies.length, failures, seconds, p50: at(0.5), p99: at(0.99) }
}

// The simulated upstream works on the same core and goes first: what the generator does between two answers is only waiting.
setPriority(10)
process.on('message', async (task: LoadTask) => {
  const requests = task.bodies.map((body) => prepareRequest(task.path, task.headers, body))
  process.send!(await (task.rate === undefined ? closedLoop(task, requests) : openLoop(task, requests)))
})
process.send?.('ready')

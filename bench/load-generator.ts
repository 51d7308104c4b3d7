import { once } from 'node:events'
import { setPriority } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import autocannon from 'autocannon'
import { cpuMs } from './lib/processes.ts'

// autocannon as a process of its own: one task per message, one result back. A closed loop: each connection sends its next
// request when it has the answer to the one before.

export interface LoadTask {
  readonly url: string
  /** The server under test. */
  readonly pid: number
  /** GET returns the number of calls that the simulated vendor has received. */
  readonly callCountUrl: string
  readonly connections: number
  readonly warmSeconds: number
  readonly seconds: number
  readonly bodies: readonly string[]
  readonly tokens: readonly string[]
  /** The requests in order, dealt out over the connections. Each connection repeats its share. */
  readonly sequence: readonly { readonly body: number; readonly token: number }[]
}

/** Of the time after the warm-up. */
export interface LoadResult {
  /** Answers with data, without GraphQL errors and failed sources. */
  readonly succeeded: number
  readonly failed: number
  readonly seconds: number
  readonly p99Ms: number
  /** Processor time of the server. */
  readonly cpuMs: number
  /** Calls to the vendor. */
  readonly calls: number
  /** The start of the first answer that failed; null without one. */
  readonly firstFailure: string | null
}

/**
 * Keeps this process from sleeping between two answers. To wake a sleeping process costs the server about 8 µs on a virtual machine,
 * and only a server that is slower than the generator finds it asleep: its ratio would be too low (bench/results/2026-history.md).
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

async function run(task: LoadTask): Promise<LoadResult> {
  const { connections, bodies, tokens } = task
  const requests = task.sequence.map(({ body, token }) => ({
    body: bodies[body]!,
    headers: { authorization: `Bearer ${tokens[token]}` },
  }))
  let clients = 0
  let [succeeded, failed] = [0, 0]
  let latencies: number[] = []
  let firstFailure: string | null = null
  const fail = (text: string): boolean => {
    failed += 1
    firstFailure ??= text.slice(0, 300)
    return false
  }
  const verifyBody = (body: unknown): boolean => {
    const text = String(body)
    if (!text.startsWith('{"data":') || text.includes('"errors":') || text.includes('"partial":')) return fail(text)
    succeeded += 1
    return true
  }
  const readCounters = async () => {
    const calls = Number(await (await fetch(task.callCountUrl)).text())
    return { calls, succeeded, failed, cpuMs: cpuMs(task.pid), at: performance.now() }
  }
  const ended = Promise.withResolvers<void>()
  const options: autocannon.Options = {
    url: task.url,
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    connections,
    // An upper limit: `stop` ends it.
    duration: 600,
    sampleInt: 50,
    setupClient(client) {
      const share = clients++ % Math.min(connections, requests.length)
      client.setRequests(requests.filter((_, index) => index % connections === share))
    },
    verifyBody,
  }
  const load = autocannon(options, () => ended.resolve())
  load.on('response', (_client, _status, _bytes, responseMs) => latencies.push(responseMs))
  load.on('reqError', (error: Error) => fail(error.message))
  await once(load, 'start')
  const stopPolling = pollInsteadOfSleeping()
  await sleep(task.warmSeconds * 1_000)
  const before = await readCounters()
  latencies = []
  await sleep(task.seconds * 1_000)
  const after = await readCounters()
  stopPolling()
  load.stop()
  await ended.promise
  latencies.sort((a, b) => a - b)
  return {
    succeeded: after.succeeded - before.succeeded,
    failed: after.failed - before.failed,
    seconds: (after.at - before.at) / 1_000,
    p99Ms: latencies[Math.floor(latencies.length * 0.99)] ?? Number.NaN,
    cpuMs: after.cpuMs - before.cpuMs,
    calls: after.calls - before.calls,
    firstFailure,
  }
}

// The simulated vendor is on the same core and goes first.
setPriority(10)
process.on('message', async (task: LoadTask) => {
  process.send!(await run(task))
})
process.send?.('ready')

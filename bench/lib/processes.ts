import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'

/** The core of the servers, and the core of the load generator and the simulated vendor. */
export const serverCore = '0'
export const otherCore = '1'

const children = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL')
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

export interface Spawned {
  readonly process: ChildProcess
  readonly pid: number
}

export interface StartOptions {
  /** Absent: any core. */
  readonly core?: string
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** Text that the program prints when it serves; absent: it sends a message. */
  readonly readyLine?: string
}

const readyMs = 60_000

/** Starts a program and waits until it is ready. Rejects with its output when it ends first. */
export async function start(command: readonly string[], options: StartOptions = {}): Promise<Spawned> {
  const [file, ...args] = options.core === undefined ? command : ['taskset', '-c', options.core, ...command]
  const child = spawn(file!, args, {
    stdio: options.readyLine === undefined ? ['ignore', 'inherit', 'inherit', 'ipc'] : ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...options.env },
    ...(options.cwd !== undefined && { cwd: options.cwd }),
  })
  children.add(child)
  let output = ''
  child.once('exit', (code, signal) => {
    if (children.delete(child)) console.error(`${command.at(-1)} ended with ${code ?? signal}:\n${output.slice(-2_000)}`)
  })
  await new Promise<void>((resolve, reject) => {
    const fail = () => reject(new Error(`${command.join(' ')} did not get ready:\n${output.slice(-2_000)}`))
    const timer = setTimeout(fail, readyMs)
    const succeed = () => {
      clearTimeout(timer)
      child.off('exit', fail)
      resolve()
    }
    const read = (data: Buffer) => {
      output = (output + data).slice(-10_000)
      if (output.includes(options.readyLine!)) succeed()
    }
    if (options.readyLine === undefined) child.once('message', succeed)
    child.stdout?.on('data', read)
    child.stderr?.on('data', read)
    child.once('exit', fail)
  })
  return { process: child, pid: child.pid! }
}

/** SIGTERM, and SIGKILL after three seconds. Resolves when the process has ended. */
export async function stop({ process: child }: Spawned): Promise<void> {
  children.delete(child)
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), 3_000)
  await ended
  clearTimeout(timer)
}

export async function stopAll(): Promise<void> {
  await Promise.all([...children].map((child) => stop({ process: child, pid: child.pid ?? 0 })))
}

/** Sends one task to a process that answers each task with one message. */
export function request<Answer>({ process: child }: Spawned, task: object): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const fail = () => reject(new Error('The process ended before it answered.'))
    child.once('exit', fail)
    child.once('message', (answer) => {
      child.off('exit', fail)
      resolve(answer as Answer)
    })
    child.send(task)
  })
}

/** Moves this process to the core of the load generator. */
export function pinToOtherCore(): void {
  execFileSync('taskset', ['-acp', otherCore, String(process.pid)], { stdio: 'ignore' })
}

/** The simulated OneView, with a delay before each answer. */
export async function startUpstream(port: number, latencyMs = 0): Promise<Spawned> {
  const file = new URL('../upstream.ts', import.meta.url).pathname
  return start([process.execPath, file], {
    core: otherCore,
    env: { PORT: String(port), LATENCY_MS: String(latencyMs) },
  })
}

export async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await once(server.close(), 'close')
  return port
}

/** Processor time that all threads of a process have used, in milliseconds, as the Linux scheduler counts it. */
export function cpuMs(pid: number): number {
  let nanoseconds = 0
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    try {
      nanoseconds += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0])
    } catch {
      // The thread has ended since it was listed.
    }
  }
  return nanoseconds / 1e6
}

/** Resident memory in MB. */
export function residentMb(pid: number): number {
  const kb = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  return Math.round(Number(kb?.[1] ?? 0) / 1024)
}

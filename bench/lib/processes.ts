import { type ChildProcess, spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import type { LoadResult, LoadTask } from '../load.ts'

// A run that is stopped stops what it started.
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void stopAll().then(() => process.exit(1)))
}

/** The core of the servers, and the core of everything around them. */
export const serverCore = '0'
export const otherCore = '1'

const children = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL')
})

export interface Spawned {
  readonly process: ChildProcess
  readonly pid: number
}

/** Starts a program on one core and waits until it listens: by a message, or by a line with `readyLine` in it. */
export async function start(
  core: string,
  command: readonly string[],
  options: {
    readonly env?: Record<string, string>
    readonly cwd?: string
    readonly readyLine?: string
    readonly timeoutMs?: number
  } = {},
): Promise<Spawned> {
  const stdio =
    options.readyLine === undefined ? (['ignore', 'ignore', 'inherit', 'ipc'] as const) : (['ignore', 'pipe', 'pipe'] as const)
  const child = spawn('taskset', ['-c', core, ...command], {
    stdio: [...stdio],
    env: { ...process.env, ...options.env },
    ...(options.cwd !== undefined && { cwd: options.cwd }),
  })
  children.add(child)
  let lastWords = ''
  child.stderr?.on('data', (data: Buffer) => {
    lastWords = (lastWords + data).slice(-2_000)
  })
  child.once('exit', (code, signal) => {
    if (children.delete(child)) console.error(`${command.at(-1)} ended with ${code ?? signal}: ${lastWords}`)
  })
  await ready(child, command, options.readyLine, options.timeoutMs ?? 60_000)
  return { process: child, pid: child.pid! }
}

function ready(child: ChildProcess, command: readonly string[], readyLine: string | undefined, timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = ''
    const timer = setTimeout(() => reject(new Error(`${command.join(' ')} did not get ready:\n${said.slice(-2000)}`)), timeoutMs)
    const done = () => {
      clearTimeout(timer)
      resolve()
    }
    const listen = (data: Buffer) => {
      said += data
      if (said.includes(readyLine!)) done()
    }
    if (readyLine === undefined) child.once('message', done)
    child.stdout?.on('data', listen)
    child.stderr?.on('data', listen)
    child.once('exit', (code) => reject(new Error(`${command.join(' ')} ended with ${code}:\n${said.slice(-2000)}`)))
  })
}

export async function stop({ process: child }: Spawned): Promise<void> {
  children.delete(child)
  if (child.exitCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), 3_000)
  await ended
  clearTimeout(timer)
}

export async function stopAll(): Promise<void> {
  await Promise.all([...children].map((child) => stop({ process: child, pid: child.pid ?? 0 })))
}

/** One task for a process that answers each with one message. */
export function tell<Answer>({ process: child }: Spawned, task: object): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const ended = () => reject(new Error('The process ended instead of answering.'))
    child.once('exit', ended)
    child.once('message', (answer) => {
      child.off('exit', ended)
      resolve(answer as Answer)
    })
    child.send(task)
  })
}

/** One task for the generator. */
export function load(generator: Spawned, task: LoadTask): Promise<LoadResult> {
  return tell(generator, task)
}

/** CPU time that all threads of a process have used, in milliseconds, as the scheduler counts it. */
export function cpuMs(pid: number): number {
  let nanoseconds = 0
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    try {
      nanoseconds += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0])
    } catch {
      // It ended meanwhile.
    }
  }
  return nanoseconds / 1e6
}

/** Resident memory in MB. */
export function residentMb(pid: number): number {
  const kb = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  return Math.round(Number(kb?.[1] ?? 0) / 1024)
}

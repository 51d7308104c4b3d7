import { type ChildProcess, spawn } from 'node:child_process'
import { mainFile, startFlags } from './built.ts'

/** How a process ended. */
export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** From its start, in milliseconds. */
  readonly afterMs: number
  /** Standard output and standard error. */
  readonly output: string
}

/** A gateway in its own process. */
export interface GatewayProcess {
  readonly url: string
  readonly pid: number
  output(): string
  kill(signal: NodeJS.Signals): void
  /** Sends SIGKILL and waits for the end. */
  slay(): Promise<void>
  /** Sends SIGTERM and waits for the end. */
  stop(): Promise<Ended>
  readonly ended: Promise<Ended>
}

/** Environment variables of a process. */
export type ProcessEnvironment = Readonly<Record<string, string>>

const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

const banner = /serves \d+ sources? at (http:\/\/\S+?):? /
const startMs = 60_000

/**
 * Starts `node dist/src/main.js` on a free port. Resolves when it serves; rejects with its output when it ends before. `main`: the entry file of
 * another version.
 */
export async function startProcess(environment: ProcessEnvironment, main = mainFile): Promise<GatewayProcess> {
  const launched = launch(environment, main)
  const url = await Promise.race([
    launched.waitForOutput(banner),
    launched.ended.then(({ code, signal, output }) => {
      throw new Error(`The gateway ended before it served (${code ?? signal}):\n${output}`)
    }),
  ])
  const { child, ended, output } = launched
  return {
    url,
    pid: child.pid!,
    output,
    kill: (signal) => void child.kill(signal),
    ended,
    async slay() {
      child.kill('SIGKILL')
      await ended
    },
    stop() {
      child.kill('SIGTERM')
      return ended
    },
  }
}

/** Starts the process without waiting: for starts that must fail, or that are killed halfway. */
export function launch(environment: ProcessEnvironment, main = mainFile) {
  const startedAt = performance.now()
  const inherited = Object.fromEntries(['PATH', 'HOME', 'TMPDIR'].map((name) => [name, process.env[name] ?? '']))
  const child = spawn(process.execPath, [...startFlags(), main], {
    env: { ...inherited, PORT: '0', LOG_LEVEL: 'warn', NODE_ENV: 'production', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.add(child)
  let output = ''
  const waiting = new Set<() => void>()
  const collect = (data: Buffer): void => {
    output += data.toString('utf8')
    for (const check of waiting) check()
  }
  child.stdout.on('data', collect)
  child.stderr.on('data', collect)
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (code, signal) => {
      running.delete(child)
      resolve({ code, signal, afterMs: performance.now() - startedAt, output })
    })
  })
  return {
    child,
    ended,
    output: () => output,
    /** Waits for output of this pattern, and returns its first group. */
    waitForOutput(pattern: RegExp): Promise<string> {
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`The process did not print ${pattern}:\n${output}`)), startMs)
        const check = (): void => {
          const found = pattern.exec(output)
          if (!found) return
          clearTimeout(timer)
          waiting.delete(check)
          resolve(found[1] ?? found[0])
        }
        waiting.add(check)
        void ended.then(() => clearTimeout(timer))
        check()
      })
    },
  }
}

import { type ChildProcess, spawn } from 'node:child_process'
import { mainFile, startFlags } from './built.ts'

/** How a process ended. */
export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** From its start, in milliseconds. */
  readonly afterMs: number
  /** All that it said. */
  readonly output: string
}

/** The gateway as a process of its own. */
export interface GatewayProcess {
  readonly url: string
  readonly pid: number
  output(): string
  kill(signal: NodeJS.Signals): void
  /** kill -9, and gone. */
  slay(): Promise<void>
  /** SIGTERM, and gone. */
  stop(): Promise<Ended>
  readonly ended: Promise<Ended>
}

export type ProcessEnvironment = Readonly<Record<string, string>>

const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

const banner = /serves \d+ sources? at (http:\/\/\S+?):? /
const startMs = 60_000

/** Starts `node dist/src/main.js` on a free port and resolves when it serves; rejects with what it said when it ends before. */
export async function startProcess(environment: ProcessEnvironment): Promise<GatewayProcess> {
  const launched = launch(environment)
  const url = await Promise.race([
    launched.said(banner),
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

/** Starts it and waits for its end: for starts that must fail, or are killed halfway. */
export function launch(environment: ProcessEnvironment) {
  const startedAt = performance.now()
  const inherited = Object.fromEntries(['PATH', 'HOME', 'TMPDIR'].map((name) => [name, process.env[name] ?? '']))
  const child = spawn(process.execPath, [...startFlags(), mainFile], {
    env: { ...inherited, PORT: '0', LOG_LEVEL: 'warn', NODE_ENV: 'production', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.add(child)
  let said = ''
  const waiting = new Set<() => void>()
  const take = (data: Buffer): void => {
    said += data.toString('utf8')
    for (const look of waiting) look()
  }
  child.stdout.on('data', take)
  child.stderr.on('data', take)
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (code, signal) => {
      running.delete(child)
      resolve({ code, signal, afterMs: performance.now() - startedAt, output: said })
    })
  })
  return {
    child,
    ended,
    output: () => said,
    /** The first group of what it says by this pattern. */
    said(pattern: RegExp): Promise<string> {
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`The process did not say ${pattern}:\n${said}`)), startMs)
        const look = (): void => {
          const found = pattern.exec(said)
          if (!found) return
          clearTimeout(timer)
          waiting.delete(look)
          resolve(found[1] ?? found[0])
        }
        waiting.add(look)
        void ended.then(() => clearTimeout(timer))
        look()
      })
    },
  }
}

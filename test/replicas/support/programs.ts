import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** The file of a program of Debian's packages; null where it is not installed. */
export function findProgram(name: string): string | null {
  const postgres = '/usr/lib/postgresql'
  const versions = existsSync(postgres) ? readdirSync(postgres).map((version) => join(postgres, version, 'bin')) : []
  const folders = ['/usr/sbin', '/usr/bin', '/usr/local/bin', '/usr/local/sbin', ...versions.sort().reverse()]
  return folders.map((folder) => join(folder, name)).find((file) => existsSync(file)) ?? null
}

/** True when all of them are installed. Elsewhere their tests are skipped; in CI a missing program is a failure. */
export function havePrograms(...names: readonly string[]): boolean {
  const missing = names.filter((name) => findProgram(name) === null)
  if (missing.length === 0) return true
  if (process.env.CI) throw new Error(`Not installed: ${missing.join(', ')}.`)
  console.warn(`Not installed: ${missing.join(', ')}. The tests that need them are skipped.`)
  return false
}

/** A server of Debian's packages in its own process. */
export interface Program {
  readonly pid: number
  output(): string
  /** Sends the signal and waits for the end. SIGTERM by default. */
  end(signal?: NodeJS.Signals): Promise<void>
}

const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** Starts a program. Servers that refuse to run as root run as `user`. Resolves when something listens on the port. */
export async function startProgram(name: string, args: readonly string[], port: number, user?: string): Promise<Program> {
  const { command, all } = asUser(findProgram(name) ?? name, args, user)
  const child = spawn(command, all, { stdio: ['ignore', 'pipe', 'pipe'] })
  running.add(child)
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += String(data)))
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => {
      running.delete(child)
      resolve()
    })
  })
  for (const until = Date.now() + 20_000; !(await isListening(port)); await sleep(50)) {
    if (!running.has(child) || Date.now() > until) throw new Error(`${name} does not listen on ${port}:\n${output}`)
  }
  return {
    pid: child.pid!,
    output: () => output,
    async end(signal = 'SIGTERM') {
      child.kill(signal)
      await ended
    },
  }
}

/** Runs a program to its end. Throws with its output when it fails. */
export function runProgram(name: string, args: readonly string[], user?: string): string {
  const { command, all } = asUser(findProgram(name) ?? name, args, user)
  const { status, stdout, stderr } = spawnSync(command, all, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${name} ${args.join(' ')} failed:\n${stdout}${stderr}`)
  return stdout
}

/** setpriv replaces itself by the program, so that signals reach it. Only root can change the user. */
function asUser(file: string, args: readonly string[], user: string | undefined) {
  if (user === undefined || process.getuid?.() !== 0) return { command: file, all: [...args] }
  const identity = ['--reuid', user, '--regid', user, '--init-groups']
  return { command: 'setpriv', all: [...identity, '--', file, ...args] }
}

export function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}

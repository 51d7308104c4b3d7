import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

export interface DeskCommand {
  readonly file: string
  readonly args: readonly string[]
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
  /** Where its output goes. */
  readonly logFile: string
}

/** A server that this process has started, and ends by its process id. */
export interface DeskProcess {
  stop(): Promise<void>
}

/** A TCP port of loopback that is free now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (typeof address !== 'object' || address === null) throw new Error('the port has no number')
  return address.port
}

/** Runs a command to its end. Throws with the end of its log where it fails. */
export async function runToEnd(command: DeskCommand): Promise<void> {
  const child = start(command)
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new Error(`${command.file} ended with ${code}: ${readFileSync(command.logFile, 'utf8').slice(-3000)}`)
}

/** Starts a server, and waits until `isUp` says true. */
export async function startProcess(command: DeskCommand, isUp: () => Promise<boolean>): Promise<DeskProcess> {
  const child = start(command)
  const stop = () => endProcess(child)
  for (let tries = 0; tries < 600; tries++) {
    if (child.exitCode !== null) break
    if (await isUp().catch(() => false)) return { stop }
    await sleep(100)
  }
  await stop()
  throw new Error(`${command.file} does not answer: ${readFileSync(command.logFile, 'utf8').slice(-3000)}`)
}

/** In a process group of its own, so that workers of the server end with it. */
function start({ file, args, cwd, env, logFile }: DeskCommand): ChildProcess {
  const log = openSync(logFile, 'a')
  return spawn(file, args, { cwd, env, stdio: ['ignore', log, log], detached: true })
}

async function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  const ended = once(child, 'exit')
  process.kill(-child.pid, 'SIGTERM')
  const killed = sleep(10_000, 'late', { ref: false })
  if ((await Promise.race([ended, killed])) === 'late') process.kill(-child.pid, 'SIGKILL')
  await ended
}

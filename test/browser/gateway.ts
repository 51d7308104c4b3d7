import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Browser, chromium } from 'playwright-core'

/** A gateway process for the browser tests. */
export interface RunningGateway {
  /** Scheme, host and port. */
  readonly origin: string
  /** The output so far. */
  output(): string
  stop(): Promise<void>
}

/** A gateway with other settings than the sandbox alone. */
export interface GatewayOptions {
  /** Further lines of the configuration file. */
  readonly config?: string
  /** The token of a viewer who may read every source, where the gateway asks for one. */
  readonly token?: string
}

/** Starts the built gateway over its sandbox, and waits until a list has tickets of every source. */
export async function startGateway({ config = '', token }: GatewayOptions = {}): Promise<RunningGateway> {
  if (!existsSync('dist/src/main.js')) throw new Error('dist/src/main.js is missing: run `npm run build` first')
  const port = await findFreePort()
  const dataDir = mkdtempSync(join(tmpdir(), 'deskgraph-browser-'))
  const { DESKGRAPH_CONFIG: _, DATABASE_URL: __, REDIS_URL: ___, ...environment } = process.env
  // Load shedding is off: beside a browser a busy test machine would trigger it.
  const file = join(dataDir, 'gateway.yaml')
  writeFileSync(file, `sandbox: true\nlimits: { overload: { eventLoopLagMs: 60000 } }\n${config}`)
  const child = spawn(process.execPath, ['dist/src/main.js'], {
    env: { ...environment, HOST: '127.0.0.1', PORT: String(port), DESKGRAPH_DATA_DIR: dataDir, DESKGRAPH_CONFIG: file },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const printed: string[] = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => printed.push(chunk.toString('utf8')))
  const output = () => printed.join('')
  const origin = `http://127.0.0.1:${port}`
  // An interrupted test run leaves no process behind.
  process.once('exit', () => child.kill('SIGKILL'))
  try {
    await waitUntilReady(origin, child, output)
    await waitForHistory(origin, token)
  } catch (error) {
    child.kill('SIGKILL')
    rmSync(dataDir, { recursive: true, force: true })
    throw error
  }
  return {
    origin,
    output,
    async stop() {
      if (child.exitCode === null) {
        const exited = new Promise((resolve) => child.once('exit', resolve))
        child.kill('SIGTERM')
        await exited
      }
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

/** For each step of the start, on a busy machine. */
const startTimeoutMs = 180_000

async function waitUntilReady(origin: string, child: ChildProcess, output: () => string): Promise<void> {
  for (const started = Date.now(); Date.now() - started < startTimeoutMs; await sleep(100)) {
    if (child.exitCode !== null) throw new Error(`the gateway ended with ${child.exitCode}:\n${output()}`)
    const response = await fetch(`${origin}/health/ready`).catch(() => null)
    if (response?.ok) return
  }
  throw new Error(`the gateway was not ready in time:\n${output()}`)
}

const historyQuery = '{ tickets(first: 50) { sources { returned } } }'

/** Waits until a page has tickets of all sources: then the event-fed systems have sent their history. */
async function waitForHistory(origin: string, token: string | undefined): Promise<void> {
  const headers = { 'content-type': 'application/json', ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) }
  for (const started = Date.now(); Date.now() - started < startTimeoutMs; await sleep(250)) {
    const response = await fetch(`${origin}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query: historyQuery }) })
    const { data } = (await response.json()) as { data?: { tickets: { sources: { returned: number }[] } } }
    if (data && data.tickets.sources.length > 0 && data.tickets.sources.every(({ returned }) => returned > 0)) return
  }
  throw new Error('no page had tickets of all sources in time')
}

const executablePath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium'

/** Starts Chromium, with nothing that asks other hosts. */
export async function launchBrowser(): Promise<Browser> {
  if (!existsSync(executablePath))
    throw new Error(`no browser at ${executablePath}: apt-get install chromium, or set CHROMIUM_PATH`)
  const quiet = ['--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run']
  return chromium.launch({ executablePath, args: ['--no-sandbox', ...quiet] })
}

async function findFreePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

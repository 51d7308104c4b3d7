import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { fileURLToPath } from 'node:url'
import { Agent } from 'undici'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { buildWhenStale } from '../../support/process/built.ts'
import { type GatewayFiles, writeGatewayFiles } from '../../support/process/gateway-files.ts'
import { startProcess } from '../../support/process/gateway-process.ts'
import { guarantee } from '../guarantee.ts'

/** Without it a GET could be a form of another site, and is refused. */
const noForm = { 'apollo-require-preflight': 'true' }
const root = fileURLToPath(new URL('../../..', import.meta.url))

describe('the signals of a gateway process', () => {
  let files: GatewayFiles
  const http = new Agent()

  beforeAll(() => {
    buildWhenStale()
    files = writeGatewayFiles({ partnerUrl: 'http://127.0.0.1:1', config: { shutdown: { delayMs: 2_000 } } })
  })
  afterAll(async () => {
    await http.destroy()
    files.remove()
  })
  const environment = (): Record<string, string> => ({
    DESKGRAPH_CONFIG: files.configFile,
    DESKGRAPH_DATA_DIR: files.dataDir,
  })

  async function ask(origin: string, path: string): Promise<{ status: number; connection: unknown }> {
    const { statusCode, headers, body } = await http.request({ origin, path, method: 'GET', headers: noForm })
    await body.dump()
    return { status: statusCode, connection: headers.connection }
  }
  const query = '/graphql?query=%7B__typename%7D'

  guarantee(
    'OPS-06',
    {
      fault: 'SIGTERM behind a load balancer',
      expected: 'readiness 503 at once, new requests are served meanwhile, each connection closes after its answer, exit 0',
    },
    async () => {
      const gateway = await startProcess(environment())
      expect((await ask(gateway.url, query)).connection).not.toBe('close')
      gateway.kill('SIGTERM')
      await expect.poll(async () => (await ask(gateway.url, '/health/ready')).status).toBe(503)
      expect(await ask(gateway.url, query)).toEqual({ status: 200, connection: 'close' })
      const fresh = new Agent()
      const { statusCode, body } = await fresh.request({ origin: gateway.url, path: query, method: 'GET', headers: noForm })
      await body.dump()
      await fresh.destroy()
      expect(statusCode).toBe(200)
      expect((await gateway.ended).code).toBe(0)
      return 'unready and serving, then exit 0'
    },
  )

  guarantee(
    'OPS-07',
    {
      fault: 'SIGHUP after the log level in the file has changed, then with a broken file',
      expected: 'the new level is in use, the process lives, and the broken file changes nothing',
    },
    async () => {
      // An empty LOG_LEVEL is none: it would stand above the file.
      const gateway = await startProcess({ ...environment(), LOG_LEVEL: '' })
      const config = JSON.parse(readFileSync(files.configFile, 'utf8'))
      const lines = () => gateway.output().split('\n').length
      writeFileSync(
        files.configFile,
        JSON.stringify({ ...config, observability: { ...config.observability, logLevel: 'debug' } }),
      )
      gateway.kill('SIGHUP')
      await expect
        .poll(async () => {
          await ask(gateway.url, '/health/live')
          return gateway.output()
        })
        .toContain('"level":20')
      writeFileSync(files.configFile, '{ "sources": ')
      gateway.kill('SIGHUP')
      await expect.poll(() => gateway.output()).toContain('Deskgraph goes on with its present configuration.')
      const before = lines()
      await ask(gateway.url, '/health/live')
      await expect.poll(lines).toBeGreaterThan(before)
      writeFileSync(files.configFile, JSON.stringify(config))
      expect((await gateway.stop()).code).toBe(0)
      return 'the level debug after SIGHUP, a broken file is reported'
    },
  )

  guarantee('OPS-08', { fault: 'SIGTERM to `npm start`', expected: 'no process of the gateway is left' }, async () => {
    const child = spawn('npm', ['start', '--ignore-scripts'], {
      cwd: root,
      env: { ...process.env, ...environment(), PORT: '0', LOG_LEVEL: 'warn' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    child.stdout.on('data', (data) => (output += String(data)))
    child.stderr.on('data', (data) => (output += String(data)))
    const ended = new Promise((resolve) => child.once('close', resolve))
    await expect.poll(() => output, { timeout: 60_000 }).toMatch(/serves \d+ sources? at http/)
    const port = Number(/at http:\/\/[\d.]+:(\d+)/.exec(output)?.[1])
    child.kill('SIGTERM')
    await ended
    await expect.poll(() => isListening(port), { timeout: 15_000, interval: 200 }).toBe(false)
    return 'the port is free'
  })
})

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

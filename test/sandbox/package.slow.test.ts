import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'

// SANDBOX-06: the tarball of the sandbox, installed without a network in an empty folder.

let folder: string
let cli: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'deskgraph-box-'))
  const run = (cwd: string, ...args: string[]) => execFileSync('npm', args, { cwd, stdio: 'pipe' })
  run('sandbox', 'pack', '--pack-destination', folder)
  const [tarball = ''] = readdirSync(folder)
  run(folder, 'init', '--yes')
  run(folder, 'install', '--offline', '--no-audit', '--no-fund', `./${tarball}`)
  cli = join(folder, 'node_modules/.bin/deskgraph-sandbox')
}, 120_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Row {
  readonly system: string
  readonly url: string
  readonly token: string
  readonly email?: string
  readonly tickets: number
  readonly control: string
}

/** A Node of this machine outside the installed packages, perhaps the oldest that is supported; else the one of the tests. */
function findNode(): string {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((path) => !path.includes('node_modules'))
  const found = folders.map((path) => join(path, 'node')).find((file) => existsSync(file))
  const version = found && spawnSync(found, ['--version'], { encoding: 'utf8' }).stdout
  return found && Number(/^v(\d+)/.exec(version ?? '')?.[1]) >= 20 ? found : process.execPath
}

/** Starts the program, and ends it with the test. */
async function start(...args: string[]): Promise<readonly Row[]> {
  const child = spawn(findNode(), [cli, '--json', ...args], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(async () => {
    child.kill('SIGTERM')
    expect(await once(child, 'exit')).toEqual([0, null])
  })
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
  return JSON.parse(line).systems
}

describe('the package of the sandbox', () => {
  it('is plain JavaScript without dependencies, of the version of the gateway', () => {
    const installed = join(folder, 'node_modules/deskgraph-sandbox')
    const { version, dependencies, engines } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'))
    expect([version, dependencies, engines]).toEqual([
      JSON.parse(readFileSync('package.json', 'utf8')).version,
      undefined,
      { node: '>=20' },
    ])
    const files = readdirSync(installed, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    expect(
      files
        .map(({ name }) => name)
        .filter((name) => !/\.js$/.test(name))
        .toSorted(),
    ).toEqual(['LICENSE', 'README.md', 'package.json'])
    for (const { parentPath, name } of files.filter((entry) => entry.name.endsWith('.js'))) {
      const imports = [...readFileSync(resolve(parentPath, name), 'utf8').matchAll(/^(?:import|export) .*from '([^']+)'/gm)]
      for (const [, from] of imports) expect(from, name).toMatch(/^(\.\.?\/|node:)/)
    }
  })

  it('starts the chosen systems, which answer their clients, keep what was written and fail when they are told to', async () => {
    const [zendesk, jira, ...more] = (await start(
      '--systems',
      'zendesk,jira',
      '--count',
      'zendesk=40',
      '--day',
      '2026-03-02',
    )) as [Row, Row]
    expect(more).toEqual([])
    expect([zendesk.system, jira.system, jira.email]).toEqual(['zendesk', 'jira', 'deskgraph@acme.example'])
    const headers = { authorization: `Bearer ${zendesk.token}`, 'content-type': 'application/json' }
    const ask = async (path: string, init: RequestInit = {}) => (await fetch(zendesk.url + path, { headers, ...init })).json()
    expect(await ask('/api/v2/tickets/1')).toMatchObject({ ticket: { id: 1, status: 'pending' } })
    await ask('/api/v2/tickets/1', { method: 'PUT', body: JSON.stringify({ ticket: { subject: 'Written by a stranger' } }) })
    expect(await ask('/api/v2/tickets/1')).toMatchObject({ ticket: { subject: 'Written by a stranger' } })
    const auth = { authorization: `Basic ${Buffer.from(`${jira.email}:${jira.token}`).toString('base64')}` }
    expect((await fetch(`${jira.url}/rest/api/3/issue/SUP-1`, { headers: auth })).status).toBe(200)
    const fault = { kind: 'status', status: 429, times: 1 }
    await fetch(`${zendesk.control}/fault`, { method: 'PUT', body: JSON.stringify(fault) })
    const statuses = [
      await fetch(`${zendesk.url}/api/v2/tickets/1`, { headers }),
      await fetch(`${zendesk.url}/api/v2/tickets/1`, { headers }),
    ]
    expect(statuses.map(({ status }) => status)).toEqual([429, 200])
  })

  it('sends the history and the changes of event-fed systems to the address that it is given', async () => {
    const seen: IncomingMessage[] = []
    const server = createServer((request, response) => {
      seen.push(request)
      request.resume().on('end', () => response.end())
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => void server.close())
    const target = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    await start('--systems', 'wasabi', '--count', 'wasabi=20', '--webhooks', target, '--every', '50')
    await expect.poll(() => seen.length, { timeout: 10_000 }).toBeGreaterThan(12)
    expect(new Set(seen.map(({ method, url }) => `${method} ${url}`))).toEqual(new Set(['POST /webhooks/wasabi']))
    expect(seen[0]?.headers.authorization).toBe('Bearer sandbox-wasabi-token')
  })

  it('refuses what it does not know with one line and the right names', () => {
    const refused = (...args: string[]) => {
      const { status, stderr } = spawnSync(cli, args, { encoding: 'utf8' })
      return [status, stderr.split('\n')[0]]
    }
    expect(refused('--systems', 'zendesk,jria')).toEqual([
      2,
      expect.stringMatching(/^--systems: there is no system "jria"; there are: oneview, /),
    ])
    expect(refused('--port', 'zendesk=99999')).toEqual([2, '--port is a whole number of at most 65535'])
    expect(refused('--colour')[0]).toBe(2)
  })
})

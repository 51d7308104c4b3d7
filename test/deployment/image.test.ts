import { execFileSync, spawn } from 'node:child_process'
import { chownSync, cpSync, globSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSigner, type Signer, sign, startIssuer } from '../auth/issuer.ts'
import { freePort, havePrograms } from '../replicas/support/programs.ts'
import { type BuiltImage, buildImage } from './support/image.ts'

const deploy = join(import.meta.dirname, '../../docs/deploy')
const isRoot = process.getuid?.() === 0
if (!isRoot) console.warn('Only root can build the image without a container engine. The tests of the image are skipped.')

describe.runIf(isRoot && havePrograms('buildah', 'apt-get'))('the image of docs/deploy/Dockerfile', () => {
  let image: BuiltImage
  let issuer: Awaited<ReturnType<typeof startIssuer>>
  let signer: Signer
  let environment: Readonly<Record<string, string>>
  const files = (pattern: string) => globSync(pattern, { cwd: image.folder })

  /** The command and the options of `unshare` for a process of the container: its files, its user, its folder. */
  const inImage = (command: readonly string[]) => {
    const { User, WorkingDir } = image.config
    return ['--root', image.folder, '--wd', WorkingDir, '--setuid', User, '--setgid', User, ...command]
  }
  /** Runs a command to its end, while the issuer of this process answers. */
  const cli = async (...args: readonly string[]) => {
    const child = spawn('/usr/bin/unshare', inImage(['/app/bin/node', 'dist/src/cli/index.js', ...args]), { env: environment })
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
    const [stdout, stderr, status] = await Promise.all([text(child.stdout), text(child.stderr), ended])
    return { stdout, stderr, status }
  }

  beforeAll(async () => {
    image = buildImage()
    signer = await createSigner('deployment', 'RS256')
    issuer = await startIssuer([signer])
    cpSync(join(deploy, 'gateway.yaml'), join(image.folder, 'etc/deskgraph/gateway.yaml'))
    cpSync(join(deploy, 'routing.yaml'), join(image.folder, 'etc/deskgraph/routing.yaml'))
    const data = join(image.folder, 'data')
    mkdirSync(data)
    chownSync(data, Number(image.config.User), Number(image.config.User))
    const example = readFileSync(join(deploy, 'deskgraph.env.example'), 'utf8').matchAll(/^(\w+)=(.*)$/gm)
    environment = {
      ...Object.fromEntries(image.config.Env.map((variable) => variable.split('=', 2) as [string, string])),
      ...Object.fromEntries(
        [...example].map(([, name, value]) => [name!, value === 'change-me' ? `${name}-of-32-bytes-or-more-0123` : value!]),
      ),
      AUTH_ISSUER: 'https://issuer.example',
      AUTH_JWKS_URL: issuer.url,
      DESKGRAPH_DATA_DIR: '/data',
      HOST: '127.0.0.1',
      PORT: String(await freePort()),
    }
  })
  afterAll(async () => {
    image?.remove()
    await issuer?.close()
  })

  test('DEPLOY-10: is smaller than 250 MB and has one Node, no shell, and no package for development', () => {
    const bytes = Number(execFileSync('du', ['-sb', image.folder], { encoding: 'utf8' }).split('\t')[0])
    console.log(`The files of the image: ${Math.round(bytes / 1e6)} MB`)
    expect(bytes).toBeLessThan(250e6)
    expect(files('**/bin/node')).toEqual(['app/bin/node'])
    expect(files('{bin,usr/bin,sbin,usr/sbin}/{sh,bash,dash,busybox,apt*,dpkg}')).toEqual([])
    expect(files('app/node_modules/{vitest,typescript,vite,@biomejs/biome}/package.json')).toEqual([])
    expect(files('app/**/{.git,.env,*.env,test,.deskgraph}').filter((file) => !file.includes('node_modules'))).toEqual([])
    expect(files('app/dist/console/{index.html,reference/index.html}').length).toBe(2)
    expect(image.config.User).toBe('1000')
  })

  test('DEPLOY-11: has a bill of materials with every package and its licence', () => {
    const { components } = JSON.parse(readFileSync(join(image.folder, 'app/sbom.cdx.json'), 'utf8'))
    const named = new Set(
      components.map(({ group, name }: { group?: string; name: string }) => (group ? `${group}/${name}` : name)),
    )
    const installed = files('app/node_modules/{*,@*/*}/package.json').map((file) => {
      const { name } = JSON.parse(readFileSync(join(image.folder, file), 'utf8')) as { name: string }
      return name
    })
    expect(installed.length).toBeGreaterThan(100)
    expect(installed.filter((name) => !named.has(name))).toEqual([])
    expect(components.filter(({ licenses }: { licenses?: unknown[] }) => !licenses?.length)).toEqual([])
  })

  test('DEPLOY-12: its commands run, and check the configuration of the example', async () => {
    const checked = await cli('check-config')
    expect([checked.status, checked.stderr]).toEqual([0, ''])
    const { results } = JSON.parse((await cli('doctor', '--json')).stdout) as { results: { check: string; state: string }[] }
    const states = Object.fromEntries(results.map(({ check, state }) => [check, state]))
    expect(states).toMatchObject({ configuration: 'OK', Node: 'OK', 'data directory': 'OK', 'issuer keys': 'OK' })
  })

  test('DEPLOY-13: starts by its own command without rights, answers a signed-in viewer, and ends in order', async () => {
    const gateway = spawn('/usr/bin/unshare', inImage(['/app/bin/node', ...image.config.Cmd.slice(1)]), { env: environment })
    let output = ''
    for (const stream of [gateway.stdout, gateway.stderr]) stream.on('data', (data) => (output += String(data)))
    const ended = new Promise<number | null>((resolve) => gateway.once('exit', resolve))
    const url = `http://127.0.0.1:${environment.PORT}`
    try {
      const isReady = () =>
        fetch(`${url}/health/ready`).then(
          ({ ok }) => ok,
          () => false,
        )
      for (const until = Date.now() + 50_000; !(await isReady()); await sleep(200)) {
        if (gateway.exitCode !== null || Date.now() > until) throw new Error(`The gateway is not ready:\n${output}`)
      }
      const seconds = Math.floor(Date.now() / 1000)
      const token = await sign(signer, { scope: 'tickets:read source:*', iat: seconds, exp: seconds + 300 })
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
      const body = JSON.stringify({ query: '{ sources { key } }' })
      const answer = await fetch(`${url}/graphql`, { method: 'POST', headers, body })
      expect(await answer.json()).toEqual({
        data: { sources: ['oneview', 'verifik', 'vcc', 'wasabi', 'rbi'].map((key) => ({ key })) },
      })
    } finally {
      gateway.kill('SIGTERM')
    }
    expect(await ended).toBe(0)
  })
})

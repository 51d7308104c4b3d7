import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { networkInterfaces, tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { nodeVersionProblem } from '../src/config/node-version.ts'
import { startGatewayUnderTest } from './support/gateway.ts'

/** A Node of this machine that is too old, outside the installed packages; undefined: there is none. */
function findOldNode(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => !folder.includes('node_modules'))
  return folders
    .map((folder) => join(folder, 'node'))
    .filter((file) => existsSync(file))
    .find((file) => nodeVersionProblem(spawnSync(file, ['--version'], { encoding: 'utf8' }).stdout.slice(1)) !== null)
}

/** Writes files of src as JavaScript into a new folder. Nothing else is there, so that every further import fails. */
function emit(...files: string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'deskgraph-main-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  for (const file of files) {
    const code = stripTypeScriptTypes(readFileSync(join('src', file), 'utf8')).replaceAll(/\.ts'/g, ".js'")
    const target = join(folder, file.replace('.ts', '.js'))
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(target, code)
  }
  return folder
}

test('a Node older than 24 is told what to do, and 24 is accepted, as package.json requires', () => {
  expect(nodeVersionProblem('20.20.2')).toMatch(/^Deskgraph needs Node 24; this is 20\. Install Node 24 from /)
  expect(nodeVersionProblem('24.0.0')).toBeNull()
  expect(nodeVersionProblem('26.1.0')).toBeNull()
  expect(JSON.parse(readFileSync('package.json', 'utf8')).engines.node).toBe('>=24')
})

const oldNode = findOldNode()
if (oldNode === undefined) console.log('This machine has no Node older than 24: the entry files are not run with one.')
else {
  test.each([['main.ts'], ['cli/index.ts']])('src/%s says in an old Node which one it needs', (entry) => {
    const folder = emit(entry, 'config/node-version.ts')
    const { status, stderr } = spawnSync(oldNode, [join(folder, entry.replace('.ts', '.js'))], { encoding: 'utf8' })
    expect(stderr).toMatch(/^Deskgraph needs Node 24; this is \d+\. [^\n]+\n$/)
    expect(status).toBe(1)
  })

  test.each([['check-node.mjs'], ['build-if-stale.mjs']])('scripts/%s says in an old Node which one it needs', (script) => {
    const { status, stderr } = spawnSync(oldNode, [join('scripts', script)], { encoding: 'utf8' })
    expect(stderr).toMatch(/^Deskgraph needs Node 24; this is \d+\. [^\n]+\n$/)
    expect(status).toBe(1)
  })
}

const hasIpv6 = Object.values(networkInterfaces()).some((addresses) => addresses?.some(({ address }) => address === '::1'))
if (!hasIpv6) console.log('This machine has no IPv6 loopback address: no gateway listens on it.')
else {
  test('HOST=[::1] listens on the IPv6 loopback address', async () => {
    const gateway = await startGatewayUnderTest({ replayHistory: false, environment: { HOST: '[::1]' } })
    onTestFinished(() => gateway.close())
    expect(gateway.url).toMatch(/^http:\/\/\[::1\]:\d+$/)
    expect((await fetch(`${gateway.url}/health/live`)).status).toBe(200)
  })
}

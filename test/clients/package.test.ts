import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'vite'
import { expect, test } from 'vitest'
import { clientTarball } from './support/prepare.ts'

// The client package as its tarball has it.

const bin = join(import.meta.dirname, 'node_modules/.bin')
const unpacked = join(import.meta.dirname, 'node_modules/@deskgraph/client')
const files = readdirSync(unpacked, { recursive: true, encoding: 'utf8' }).filter((file) =>
  statSync(join(unpacked, file)).isFile(),
)
const manifest = JSON.parse(readFileSync(join(unpacked, 'package.json'), 'utf8'))
const readme = readFileSync(join(unpacked, 'README.md'), 'utf8')

test('CLIENT-56: the tarball has the built modules with their types, the graph, the README and the licence, and nothing else', () => {
  const modules = files.filter((file) => file.startsWith('dist/')).map((file) => file.replace(/(\.d\.ts|\.js)$/, ''))
  // Each module once as code and once as types.
  expect(modules.filter((name) => modules.filter((other) => other === name).length !== 2)).toEqual([])
  expect(modules).toEqual(expect.arrayContaining(['index', 'apollo', 'urql', 'relay', 'ws', 'sse'].map((name) => `dist/${name}`)))
  expect(files.filter((file) => !file.startsWith('dist/')).sort()).toEqual([
    'LICENSE',
    'README.md',
    'package.json',
    'schema.graphql',
  ])
  expect(readFileSync(join(unpacked, 'schema.graphql'), 'utf8')).toBe(
    readFileSync(join(import.meta.dirname, '../../schema.graphql'), 'utf8'),
  )
  expect([manifest.dependencies, manifest.sideEffects]).toEqual([undefined, false])
})

test('CLIENT-56: its exports and types are found by bundlers and by Node.js (publint, arethetypeswrong)', () => {
  execFileSync(join(bin, 'publint'), ['run', unpacked, '--strict'], { stdio: 'pipe' })
  const options = ['--profile', 'esm-only', '--exclude-entrypoints', 'schema.graphql', '--no-emoji']
  execFileSync(join(bin, 'attw'), [clientTarball(), ...options], { stdio: 'pipe' })
})

test('CLIENT-56: every peer is optional but graphql, and only the entry that is named after it needs it', () => {
  const optional = Object.keys(manifest.peerDependenciesMeta)
  expect(Object.keys(manifest.peerDependencies).filter((name) => !optional.includes(name))).toEqual(['graphql'])
  const imported = ['index', 'apollo', 'urql', 'relay', 'ws', 'sse'].map((entry) => [
    entry,
    importsOf(join(unpacked, 'dist', `${entry}.js`)),
  ])
  expect(Object.fromEntries(imported)).toEqual({
    index: [],
    apollo: [],
    urql: ['@urql/exchange-graphcache/extras'],
    relay: [],
    ws: ['graphql-ws'],
    sse: ['graphql-sse'],
  })
})

/** The packages that a module loads, by itself or by the modules that it imports. */
function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8')
  return [...text.matchAll(/^(?:import|export) [^=;]*?from ['"]([^'"]+)['"]/gm)].flatMap(([, target = '']) =>
    target.startsWith('.') ? importsOf(join(file, '..', target)) : [target],
  )
}

test('CLIENT-56: the README says how large the package is', async () => {
  const packed = statSync(clientTarball()).size
  const whole = files.reduce((sum, file) => sum + statSync(join(unpacked, file)).size, 0)
  const said = /The tarball has (\d+) kB, unpacked (\d+) kB/.exec(readme)
  expectNear(Number(said?.[1]), packed / 1000)
  expectNear(Number(said?.[2]), whole / 1000)
  const rows = [...readme.matchAll(/^\| `@deskgraph\/client(?:\/(\w+))?` \|.*\| ([\d.]+) kB \|$/gm)]
  expect(rows).toHaveLength(6)
  for (const [, entry = 'index', size] of rows) expectNear(Number(size), (await sizeOf(entry)) / 1000)
})

/** Within a tenth, so that a change of wording in the graph needs no new figure. */
function expectNear(said: number, measured: number): void {
  expect(Math.abs(said - measured), `the README says ${said} kB, measured are ${measured.toFixed(1)} kB`).toBeLessThan(
    measured / 10,
  )
}

/** The bytes of an entry with all that it exports, minified and compressed by gzip, without its peers. */
async function sizeOf(entry: string): Promise<number> {
  const result = await build({
    configFile: false,
    logLevel: 'error',
    build: {
      write: false,
      minify: true,
      lib: { entry: join(unpacked, 'dist', `${entry}.js`), formats: ['es'] },
      rolldownOptions: { external: (id: string) => !id.startsWith('.') && !id.startsWith('/') },
    },
  })
  const [output] = [result].flat()
  if (!output || !('output' in output)) throw new Error('The build wrote nothing.')
  return gzipSync(output.output.map((chunk) => (chunk.type === 'chunk' ? chunk.code : '')).join('')).length
}

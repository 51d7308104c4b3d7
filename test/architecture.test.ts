import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { expect, test } from 'vitest'

// Who may import whom: docs/architecture.md. Arrows point towards the domain; src/app.ts alone joins the sides.
const mayImport: Record<string, readonly string[] | 'anything'> = {
  domain: ['lib'],
  lib: [],
  upstream: ['domain', 'lib'],
  sources: ['domain', 'lib', 'upstream'],
  store: ['domain', 'lib'],
  cache: ['domain', 'lib'],
  events: ['domain', 'lib'],
  routing: ['domain', 'lib', 'upstream'],
  tickets: ['domain', 'lib'],
  graphql: ['domain', 'lib', 'tickets', 'events', 'routing'],
  http: ['domain', 'lib', 'graphql', 'tickets', 'events', 'routing', 'auth', 'observability'],
  auth: ['domain', 'lib'],
  observability: ['domain', 'lib'],
  sandbox: ['lib'],
  console: [],
  cli: 'anything',
  config: 'anything',
  'config.ts': 'anything',
  'app.ts': 'anything',
  'main.ts': 'anything',
  app: 'anything',
}

const importedPath = /(?:from|import)\s*\(?\s*'(\.{1,2}\/[^']+)'/g

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => /\.tsx?$/.test(file))
}

/** The part of the house that a file under src belongs to: its first folder, or the file itself at the top. */
function partOf(file: string): string {
  return file.split('/')[0] ?? file
}

function importsOf(file: string): { line: number; target: string }[] {
  return readFileSync(join('src', file), 'utf8')
    .split('\n')
    .flatMap((text, index) =>
      [...text.matchAll(importedPath)].map((match) => ({
        line: index + 1,
        target: normalize(join(dirname(file), match[1] ?? '')),
      })),
    )
}

function isAllowed(from: string, to: string): boolean {
  const allowed = mayImport[from]
  if (allowed === undefined) return false
  return from === to || allowed === 'anything' || allowed.includes(to)
}

test('every import points the way that the architecture allows', () => {
  const broken = sourceFiles('src').flatMap((file) =>
    importsOf(file)
      .filter(({ target }) => !target.startsWith('..'))
      .filter(({ target }) => !isAllowed(partOf(file), partOf(target)))
      .map(({ line, target }) => `src/${file}:${line} imports src/${target}`),
  )
  expect(broken).toEqual([])
})

test('a source never imports another source', () => {
  // What every pulled source shares stands beside them.
  const shared = new Set(['rest'])
  const folderOf = (file: string) => {
    const [, folder, ...rest] = file.split('/')
    return rest.length > 0 && folder !== undefined && !shared.has(folder) ? folder : undefined
  }
  const broken = sourceFiles('src')
    .filter((file) => file.startsWith('sources/') && folderOf(file))
    .flatMap((file) =>
      importsOf(file)
        .filter(({ target }) => target.startsWith('sources/') && folderOf(target) && folderOf(target) !== folderOf(file))
        .map(({ line, target }) => `src/${file}:${line} imports src/${target}`),
    )
  expect(broken).toEqual([])
})

test('nothing outside the composition root, the configuration and the commands reads the environment', () => {
  const entitled = new Set(['config', 'config.ts', 'main.ts', 'cli', 'console'])
  const readers = sourceFiles('src')
    .filter((file) => !entitled.has(partOf(file)))
    .filter((file) => readFileSync(join('src', file), 'utf8').includes('process.env'))
  expect(readers).toEqual([])
})

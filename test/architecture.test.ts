import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { expect, test } from 'vitest'

// The layout of docs/architecture.md as a test. Imports point towards `domain`; `server.ts` alone joins the sides.

/** Which folders of `src` a folder may import. A folder may always import itself. */
const mayImport: Readonly<Record<string, readonly string[] | 'anything'>> = {
  domain: [],
  jobs: ['domain'],
  redis: ['domain'],
  outbound: ['domain'],
  changes: ['domain', 'redis'],
  delivery: ['domain', 'jobs', 'outbound'],
  sources: ['domain', 'delivery', 'outbound'],
  tickets: ['domain', 'sources'],
  ingestion: ['domain', 'sources', 'tickets', 'changes'],
  cache: ['domain', 'sources', 'changes', 'redis'],
  // The repositories implement the storage interfaces that the features declare.
  db: ['domain', 'sources', 'tickets', 'ingestion', 'changes', 'delivery'],
  auth: ['domain', 'outbound'],
  observability: ['domain', 'sources'],
  graphql: ['domain', 'sources', 'tickets'],
  http: ['domain', 'sources', 'graphql'],
  // Optional code that replaces parts of the others, chosen by the composition root.
  performance: ['domain', 'sources', 'tickets', 'changes', 'db', 'observability', 'graphql', 'http'],
  config: 'anything',
  cli: 'anything',
  'server.ts': 'anything',
  'infrastructure.ts': 'anything',
  'gateway-process.ts': 'anything',
  'main.ts': 'anything',
}

interface Import {
  readonly file: string
  readonly line: number
  /** A path below the same root, or one that begins with `..`. */
  readonly target: string
  /** Erased by the compiler. */
  readonly typeOnly: boolean
}

const importStatement =
  /^(?:import|export)\s+(type\s+)?(?:[^'"]*?\s+from\s+)?'(\.{1,2}\/[^']+)'|\bimport\(\s*'(\.{1,2}\/[^']+)'/gm

function filesOf(root: string): string[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file))
    .sort()
}

function importsOf(root: string, file: string): Import[] {
  const text = readFileSync(join(root, file), 'utf8')
  return [...text.matchAll(importStatement)].map((match) => ({
    file,
    line: text.slice(0, match.index).split('\n').length,
    target: normalize(join(dirname(file), match[2] ?? match[3] ?? '')),
    typeOnly: match[1] !== undefined || isTypesOnly(match[0]),
  }))
}

/** `import { type A, type B } from …` is erased too. */
function isTypesOnly(statement: string): boolean {
  const names = /\{([^}]*)\}/
    .exec(statement)?.[1]
    ?.split(',')
    .filter((name) => name.trim() !== '')
  return names !== undefined && names.length > 0 && names.every((name) => name.trim().startsWith('type '))
}

const sources = filesOf('src')
const imports = sources.flatMap((file) => importsOf('src', file))
const folderOf = (file: string): string => file.split('/')[0] ?? file
/** Folders of `src/sources` that are no vendor's. */
const sharedBySources = new Set(['budget', 'credentials', 'http-client', 'pagination'])
const vendors = readdirSync('src/sources', { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !sharedBySources.has(entry.name))
  .map(({ name }) => name)
const show = ({ file, target }: Import): string => `src/${file} imports src/${target}`

function isAllowed(from: string, to: string): boolean {
  const allowed = mayImport[from]
  return from === to || allowed === 'anything' || (allowed?.includes(to) ?? false)
}

test('every folder of src has a rule, and every import follows it', () => {
  expect([...new Set(sources.map(folderOf))].filter((folder) => mayImport[folder] === undefined)).toEqual([])
  const broken = imports
    .filter(({ target }) => !target.startsWith('..'))
    .filter(({ file, target }) => !isAllowed(folderOf(file), folderOf(target)))
  expect(broken.map(show)).toEqual([])
})

test('only the start of the process loads the sandbox, and the sandbox loads nothing of the gateway', () => {
  const fromGateway = imports.filter(({ file, target }) => target.startsWith('..') && folderOf(file) !== 'gateway-process.ts')
  expect(fromGateway.map(show)).toEqual([])
  const fromSandbox = filesOf('sandbox')
    .flatMap((file) => importsOf('sandbox', file))
    .filter(({ target }) => target.startsWith('..'))
  expect(fromSandbox.map(show)).toEqual([])
})

test('a source never imports another source', () => {
  const vendorOf = (file: string) => {
    const [room, folder, ...rest] = file.split('/')
    return room === 'sources' && rest.length > 0 && folder !== undefined && !sharedBySources.has(folder) ? folder : undefined
  }
  const broken = imports.filter(({ file, target }) => vendorOf(file) && vendorOf(target) && vendorOf(file) !== vendorOf(target))
  expect(broken.map(show)).toEqual([])
})

test('what belongs to one vendor is imported from its own folder and the registry only', () => {
  const isVendor = (file: string) => folderOf(file) === 'sources' && vendors.includes(file.split('/')[1] ?? '')
  const broken = imports.filter(({ file, target }) => isVendor(target) && !isVendor(file) && file !== 'sources/registry.ts')
  expect(broken.map(show)).toEqual([])
})

test('no values are imported in a circle, also inside a folder', () => {
  const edges = new Map<string, string[]>()
  for (const { file, target, typeOnly } of imports) {
    if (!typeOnly && !target.startsWith('..')) edges.set(file, [...(edges.get(file) ?? []), target])
  }
  expect(findCycles(edges)).toEqual([])
})

function findCycles(edges: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>()
  const cycles: string[] = []
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) cycles.push([...path.slice(path.indexOf(file)), file].join(' → '))
    else if (!done.has(file)) {
      for (const next of edges.get(file) ?? []) visit(next, [...path, file])
      done.add(file)
    }
  }
  for (const file of edges.keys()) visit(file, [])
  return cycles
}

test('no file of src has more than 300 lines', () => {
  const long = sources
    .map((file) => ({ file, lines: readFileSync(join('src', file), 'utf8').trimEnd().split('\n').length }))
    .filter(({ lines }) => lines > 300)
  expect(long).toEqual([])
})

test('a file with one importer and under 60 lines is part of its importer', () => {
  const importers = new Map<string, Set<string>>()
  for (const { file, target } of imports) importers.set(target, (importers.get(target) ?? new Set()).add(file))
  const small = sources
    .filter((file) => importers.get(file)?.size === 1)
    // An importer in another folder does not count: a rule of tickets is no part of a GraphQL type.
    .filter((file) => [...(importers.get(file) ?? [])].every((importer) => folderOf(importer) === folderOf(file)))
    // A GraphQL type has a file of its own; a migration is never edited; a vendor's folder looks like the others'; an entry of
    // performance/ can be deleted as a whole.
    .filter((file) => !/^(graphql\/schema|http\/routes|performance|db\/migrations)\//.test(file))
    .filter((file) => !vendors.some((vendor) => file.startsWith(`sources/${vendor}/`)))
    .filter((file) => readFileSync(join('src', file), 'utf8').trimEnd().split('\n').length < 60)
  expect(small.map((file) => `src/${file} is small`)).toEqual([])
})

test('only the configuration, the process and the commands read the environment', () => {
  const entitled = new Set(['config', 'main.ts', 'cli'])
  const readers = sources.filter(
    (file) => !entitled.has(folderOf(file)) && readFileSync(join('src', file), 'utf8').includes('process.env'),
  )
  expect(readers).toEqual([])
})

test('what serves requests assigns no new function to a property, and listens to signals with functions', () => {
  // V8 allocates such a function in the old generation, and Node makes one for a listener that is an object. What the function
  // reaches is then freed by full garbage collections only: a page of 100 tickets for each request.
  const longLived = new Set([
    'changes/change-log-tailer.ts',
    'db/postgres.ts',
    'db/storage-errors.ts',
    'graphql/schema/scalars.ts',
  ])
  const oldFunction =
    /[\w\])]\.#?\w+ = (async )?(\([^)]*\)|\w+) =>|[\w\])]\.#?\w+ = (async )?function|addEventListener\([^()]*, this\b(?!\.)/
  const found = filesOf('src')
    .filter((file) => !file.startsWith('cli') && !longLived.has(file))
    .filter((file) => oldFunction.test(readFileSync(join('src', file), 'utf8')))
  expect(found).toEqual([])
})

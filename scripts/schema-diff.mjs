// Compares schema.graphql with the graph of the last release: `npm run schema:diff`. It prints every change by what it does to clients, and
// ends with the exit code 1 when one breaks an operation, or when the changelog's section of the present version does not name one.
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

// The CommonJS builds share one copy of graphql.
const require = createRequire(import.meta.url)
const { buildSchema } = require('graphql')
const { CriticalityLevel, DiffRule, diff } = require('@graphql-inspector/core')

const { version } = JSON.parse(readFileSync('package.json', 'utf8'))
const releases = readdirSync('docs/releases').flatMap((file) => /^(\d+\.\d+\.\d+)\.graphql$/.exec(file)?.[1] ?? [])
const released = releases.sort((one, other) => one.localeCompare(other, 'en', { numeric: true })).at(-1)
if (released === undefined) {
  console.error('docs/releases has no graph of a release: `npm run release:record` writes one.')
  process.exit(1)
}

const graphOf = (file) => buildSchema(readFileSync(file, 'utf8'))
const graphs = [graphOf(`docs/releases/${released}.graphql`), graphOf('schema.graphql')]
const all = await diff(...graphs, [DiffRule.suppressRemovalOfDeprecatedField])
const changes = all.filter(({ type }) => !type.includes('DESCRIPTION'))

const kinds = { breaking: CriticalityLevel.Breaking, dangerous: CriticalityLevel.Dangerous, safe: CriticalityLevel.NonBreaking }
const byKind = Object.entries(kinds).map(([kind, level]) => [
  kind,
  changes.filter((change) => change.criticality.level === level),
])
const counts = byKind.map(([kind, found]) => `${found.length} ${kind}`).join(', ')
console.log(`schema.graphql since ${released}: ${counts}.`)
for (const [kind, found] of byKind) for (const { path, message } of found) console.log(`  ${kind.padEnd(9)}  ${path}: ${message}`)

const missing = findUnnamed(changes, sectionOf(version))
if (missing.length > 0) console.error(`CHANGELOG.md does not name in the section ${version}: ${missing.join(', ')}.`)
const breaking = byKind[0][1].length
if (breaking > 0)
  console.error(`${breaking} changes break operations of ${released}: docs/schema-changes.md says how to change the graph.`)
if (missing.length > 0 || breaking > 0) process.exit(1)

/** The entries of one version, a list item each. */
function sectionOf(wanted) {
  const [, section = ''] = readFileSync('CHANGELOG.md', 'utf8').split(`\n## [${wanted}]`)
  return section.split('\n## [', 1)[0].split('\n- ').slice(1)
}

/**
 * The changed types and fields that no entry names. A new type is named by its own name, a field of `Query`, `Mutation` or `Subscription` by
 * its name, and every other field or value beside its type in one entry. What is inside a new type, and an argument, needs no name of its own.
 */
function findUnnamed(found, entries) {
  const added = new Set(found.filter(({ type }) => type === 'TYPE_ADDED').map(({ path }) => path))
  const paths = found
    .map(({ path }) => path.split('.').slice(0, 2))
    .map(([type, member]) => (added.has(type) ? [type] : [type, member]))
  const isNamed = (names) => entries.some((entry) => names.every((name) => new RegExp(`\\b${name}\\b`).test(entry)))
  const isRoot = (type) => ['Query', 'Mutation', 'Subscription'].includes(type)
  const unnamed = paths.filter(([type, member]) => !isNamed(isRoot(type) && member ? [member] : [type, member].filter(Boolean)))
  return [...new Set(unnamed.map((names) => names.filter(Boolean).join('.')))]
}

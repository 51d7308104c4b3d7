// Records the version of package.json as released at the present commit: `npm run release:record`. It copies schema.graphql to
// docs/releases, where a test holds every later graph to it, and writes commit and date into the table of docs/releases.md.
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'

const page = 'docs/releases.md'
const { version } = JSON.parse(readFileSync('package.json', 'utf8'))
const git = (...args) => execFileSync('git', args, { encoding: 'utf8' }).trim()

/** Ends with a message that says what to do. */
function refuse(problem) {
  console.error(problem)
  process.exit(1)
}

const text = readFileSync(page, 'utf8')
const row = text.split('\n').find((line) => line.startsWith(`| ${version} |`))
if (!row) refuse(`${page} has no row for ${version}: add "| ${version} | – | – | – | yes |".`)
const [, , , commit, , rollback] = row.split('|').map((cell) => cell.trim())
if (commit !== '–') refuse(`${version} is recorded with the commit ${commit}. Raise the version in package.json first.`)
if (git('status', '--porcelain', '--untracked-files=no') !== '') refuse('Commit your changes first: a release is a commit.')

const [hash, date] = git('log', '-1', '--format=%h %cs').split(' ')
mkdirSync('docs/releases', { recursive: true })
copyFileSync('schema.graphql', `docs/releases/${version}.graphql`)
const recorded = `| ${version} | ${date} | \`${hash}\` | [${version}.graphql](releases/${version}.graphql) | ${rollback} |`
writeFileSync(page, text.replace(row, recorded))
console.log(`${version} is ${hash} of ${date}. Commit ${page} and docs/releases/${version}.graphql.`)

import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'

/** Code whose tests must fail when it is wrong, and those tests. */
export interface MutatedPart {
  /** Folders and files, as `git ls-files` takes them. */
  readonly code: readonly string[]
  /** Globs of the tests that a mutant is run against: the part's own. */
  readonly tests: readonly string[]
}

/** Pieces with tests of their own, by folder. The tests of the whole folder start servers and wait for timeouts: too long for each mutant. */
const piecesOfSources = Object.entries({
  budget: ['budget', 'budgets', 'call-window', 'limits', 'memory-store', 'shared-store'],
  credentials: [
    ...['credentials', 'oauth-credentials', 'oauth-sign-in', 'secret-keys'],
    ...['token-endpoint', 'token-renewal', 'token-store'],
  ],
  'http-client': [
    ...['adaptive-limit', 'call-statistics', 'circuit-breaker', 'connection-pool', 'download', 'http-client', 'http-exchange'],
    ...['in-flight-requests', 'json', 'read-answer', 'retry', 'upstream-error', 'within-budget'],
  ],
  // Pure files of vendors, whose other tests start a simulator.
  freshdesk: ['changes', 'decode', 'hints', 'limits', 'walk'],
  intercom: ['changes', 'decode', 'hints', 'limits', 'search'],
  jira: ['changes', 'decode', 'hints', 'jql', 'limits'],
  oneview: ['decode'],
  redmine: ['decode'],
  rbi: ['create-form', 'decide-route', 'decode', 'routing-file', 'submission'],
  rt: ['changes', 'decode', 'ticket-sql'],
  verifik: ['decode'],
  zendesk: ['changes', 'decode', 'hints', 'limits'],
}).flatMap(([folder, names]) => names.map((name) => `sources/${folder}/${name}`))

/** Pieces whose first file of tests starts servers and waits, or reads thousands of tickets. Their others, such as budget-calls.test.ts, notice the mistakes too. */
const testedSlowly = [
  ...['adaptive-limit', 'circuit-breaker', 'http-exchange', 'in-flight-requests'].map((name) => `sources/http-client/${name}`),
  ...['budget', 'shared-store'].map((name) => `sources/budget/${name}`),
  ...['sources/freshdesk/changes', 'sources/freshdesk/walk', 'sources/zendesk/changes'],
]

/** The own tests of a piece. */
const testsOf = (piece: string) => (testedSlowly.includes(piece) ? `test/${piece}-*.test.ts` : `test/${piece}?(-*).test.ts`)

/** Texts in Lua, which Stryker cannot change: Redis runs them. The property tests of shared-store.test.ts compare them with call-window.ts. */
const notMutated = ['sources/budget/redis-script']

/** Folders whose slow tests start a gateway. Their other tests notice the mistakes too. */
const foldersWithoutSlowTests: readonly string[] = ['vcc', 'wasabi']

/** One part per folder of src/sources: each vendor, and each piece that they share. Together they have too many tests for one mutant. */
const foldersOfSources: readonly MutatedPart[] = readdirSync('src/sources', { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => ({
    code: [`src/sources/${name}`, ...[...piecesOfSources, ...notMutated].map((piece) => `:(exclude)src/${piece}.ts`)],
    tests: [`test/sources/${name}/**/${foldersWithoutSlowTests.includes(name) ? '!(*.slow)' : '*'}.test.ts`],
  }))

/** Tests of ingestion that open a database: for each mutant that takes seconds. Those without one notice the mistakes too. */
const ingestionOnDatabase = [
  ...['dead-letters', 'event-reducer', 'file-import', 'hints'],
  ...['inbox-processor', 'ingestion-service', 'poller', 'reconciler'],
]

/** The parts of the scope. Each is mutated in one run of Stryker. */
export const mutatedParts: readonly MutatedPart[] = [
  { code: ['src/changes'], tests: ['test/changes/**/*.test.ts'] },
  { code: ['src/graphql/limits'], tests: ['test/graphql/limits/**/*.test.ts'] },
  { code: ['src/ingestion'], tests: [`test/ingestion/**/!(${ingestionOnDatabase.join('|')}).test.ts`] },
  // Without random lists and simulators: a survivor would take 15 s instead of 1, and a score would differ from run to run.
  { code: ['src/tickets'], tests: ['test/tickets/**/!(budget-walk|*.property).test.ts'] },
  // Without the slow tests, which open two databases and wait for retries: with them a run takes many hours.
  { code: ['src/delivery'], tests: ['test/delivery/**/!(*.slow).test.ts'] },
  { code: [':(glob)src/sources/*.ts'], tests: ['test/sources/*.test.ts'] },
  ...piecesOfSources.map((piece) => ({ code: [`src/${piece}.ts`], tests: [testsOf(piece)] })),
  ...foldersOfSources,
]

/** The share of a file's mutants that the tests must kill; equivalent mutants count as killed. */
export const wantedScore = 0.85

/** What the last run of one file found, in test/mutation/results.json. */
export interface FileResult {
  readonly file: string
  /** SHA-256 of the file that was mutated. A file with another hash was changed since. */
  readonly hash: string
  readonly mutants: number
  readonly killed: number
  /** Survivors that are listed as equivalent. */
  readonly equivalent: number
}

/** A mutant that no test can kill, because the program behaves the same. */
export interface EquivalentMutant {
  readonly file: string
  /** The name of Stryker's mutator, e.g. `StringLiteral`. */
  readonly mutator: string
  /** The line of the original, without blanks at its ends. */
  readonly line: string
  readonly replacement: string
  readonly reason: string
}

/** A part's files, in the order of their names. Configuration schemas and files with types only have no behaviour of their own. */
export function filesOf(part: MutatedPart): readonly string[] {
  return execFileSync('git', ['ls-files', '--', ...part.code], { encoding: 'utf8' })
    .split('\n')
    .filter((file) => file.endsWith('.ts') && !file.endsWith('/config.ts') && hasCode(file))
}

/** False: the file holds types only, and Stryker would stop because no test runs it. */
function hasCode(file: string): boolean {
  return /^(export )?(async |abstract )?(const|let|function|class) /m.test(readFileSync(file, 'utf8'))
}

export function hashOf(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex').slice(0, 16)
}

export function scoreOf({ mutants, killed, equivalent }: Pick<FileResult, 'mutants' | 'killed' | 'equivalent'>): number {
  return mutants === 0 ? 1 : (killed + equivalent) / mutants
}

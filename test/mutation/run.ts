import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import {
  type EquivalentMutant,
  type FileResult,
  filesOf,
  hashOf,
  type MutatedPart,
  mutatedParts,
  scoreOf,
  wantedScore,
} from './scope.ts'

// npm run test:mutation [-- FILE… | --changed] [--minutes 4] [--write]: see test/mutation/README.md

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    changed: { type: 'boolean', default: false },
    minutes: { type: 'string', default: '600' },
    write: { type: 'boolean', default: false },
  },
})
const folder = 'test/mutation'
const report = 'reports/mutation/mutation.json'
const stopAt = Date.now() + Number(options.minutes) * 60_000

/** The parts of Stryker's report that are read here (mutation-testing-report-schema). */
interface MutatedFile {
  readonly source: string
  readonly mutants: readonly StrykerMutant[]
}
interface StrykerMutant {
  readonly mutatorName: string
  readonly replacement?: string
  readonly status: string
  readonly location: { readonly start: { readonly line: number } }
}

/** One run of Stryker: some files of one part. */
interface Run {
  readonly part: MutatedPart
  readonly files: readonly string[]
}

function readJson<T>(file: string): readonly T[] {
  return existsSync(`${folder}/${file}`) ? (JSON.parse(readFileSync(`${folder}/${file}`, 'utf8')) as T[]) : []
}

/** A whole part at once; changed files one by one, so that a time limit ends between two of them. */
function planRuns(known: ReadonlyMap<string, FileResult>): readonly Run[] {
  return mutatedParts.flatMap((part) => {
    const files = filesOf(part).filter((file) => positionals.length === 0 || positionals.includes(file))
    if (!options.changed) return files.length === 0 ? [] : [{ part, files }]
    const changed = files.filter((file) => known.has(file) && known.get(file)?.hash !== hashOf(file))
    return changed.map((file) => ({ part, files: [file] }))
  })
}

/** Runs Stryker. A file in which it found nothing to mutate is not in the answer. */
function mutate({ part, files }: Run): Readonly<Record<string, MutatedFile>> {
  rmSync(report, { force: true })
  execFileSync('stryker', ['run', `${folder}/stryker.config.json`, '--mutate', files.join(',')], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, MUTATION_TESTS: part.tests.join(',') },
  })
  return (JSON.parse(readFileSync(report, 'utf8')) as { files: Record<string, MutatedFile> }).files
}

const killedStatuses = new Set(['Killed', 'Timeout', 'RuntimeError'])
const countedStatuses = new Set([...killedStatuses, 'Survived', 'NoCoverage'])

/** Counts a file's mutants and prints each survivor that is not listed as equivalent. */
function judge(file: string, mutated: MutatedFile | undefined, equivalents: readonly EquivalentMutant[]): FileResult {
  const counted = mutated?.mutants.filter(({ status }) => countedStatuses.has(status)) ?? []
  const alive = counted.filter(({ status }) => !killedStatuses.has(status))
  const lines = mutated?.source.split('\n') ?? []
  const unexplained = alive.filter((mutant) => {
    const line = lines[mutant.location.start.line - 1]?.trim()
    return !equivalents.some(
      (one) =>
        one.file === file &&
        one.mutator === mutant.mutatorName &&
        one.line === line &&
        one.replacement === (mutant.replacement ?? ''),
    )
  })
  for (const { location, mutatorName, replacement, status } of unexplained) {
    const { line } = location.start
    console.log(`  ${file}:${line} ${status} ${mutatorName}: ${lines[line - 1]?.trim()}  →  ${replacement ?? ''}`)
  }
  return {
    file,
    hash: hashOf(file),
    mutants: counted.length,
    killed: counted.length - alive.length,
    equivalent: alive.length - unexplained.length,
  }
}

function recordResults(known: ReadonlyMap<string, FileResult>): void {
  const sorted = [...known.values()].sort((a, b) => (a.file < b.file ? -1 : 1))
  // One line for each file, so that results of two branches merge.
  const lines = sorted.map((one) => {
    const members = Object.entries(one).map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`)
    return `  { ${members.join(', ')} }`
  })
  writeFileSync(`${folder}/results.json`, `[\n${lines.join(',\n')}\n]\n`)
}

const equivalents = readJson<EquivalentMutant>('equivalent.json')
const known = new Map(readJson<FileResult>('results.json').map((result) => [result.file, result]))
const runs = planRuns(known)
const results: FileResult[] = []
for (const [index, run] of runs.entries()) {
  if (Date.now() > stopAt) {
    const left = runs.slice(index).flatMap(({ files }) => files)
    console.log(`The time is up. Not run: ${left.join(', ')}`)
    break
  }
  const mutated = mutate(run)
  for (const file of run.files) {
    const result = judge(file, mutated[file], equivalents)
    results.push(result)
    known.set(file, result)
    console.log(`${file}: ${(100 * scoreOf(result)).toFixed(0)} % of ${result.mutants}, ${result.equivalent} of them equivalent`)
  }
  if (options.write) recordResults(known)
}
const mutants = results.reduce((sum, one) => sum + one.mutants, 0)
const killed = results.reduce((sum, one) => sum + one.killed + one.equivalent, 0)
const share = mutants === 0 ? 100 : (100 * killed) / mutants
console.log(`${results.length} files, ${mutants} mutants, ${share.toFixed(1)} % killed or equivalent`)
const weak = results.filter((result) => scoreOf(result) < wantedScore).map(({ file }) => file)
if (weak.length > 0) {
  console.error(`Below ${100 * wantedScore} %: ${weak.join(', ')}`)
  process.exitCode = 1
}

import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { type EquivalentMutant, type FileResult, filesInScope, hashOf, scoreOf, wantedScore } from './scope.ts'

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
interface StrykerReport {
  readonly files: Readonly<Record<string, { readonly source: string; readonly mutants: readonly StrykerMutant[] }>>
}
interface StrykerMutant {
  readonly mutatorName: string
  readonly replacement?: string
  readonly status: string
  readonly location: { readonly start: { readonly line: number } }
}

function readJson<T>(file: string): readonly T[] {
  return existsSync(`${folder}/${file}`) ? (JSON.parse(readFileSync(`${folder}/${file}`, 'utf8')) as T[]) : []
}

function chooseFiles(known: ReadonlyMap<string, FileResult>): readonly string[] {
  const files = positionals.length > 0 ? positionals : filesInScope()
  if (!options.changed) return files
  return files.filter((file) => known.has(file) && known.get(file)?.hash !== hashOf(file))
}

/** Runs Stryker over one file. Null: Stryker found nothing to mutate. */
function mutate(file: string): StrykerReport['files'][string] | null {
  rmSync(report, { force: true })
  execFileSync('stryker', ['run', `${folder}/stryker.config.json`, '--mutate', file], { stdio: ['ignore', 'ignore', 'inherit'] })
  const { files } = JSON.parse(readFileSync(report, 'utf8')) as StrykerReport
  return files[file] ?? null
}

const killedStatuses = new Set(['Killed', 'Timeout', 'RuntimeError'])
const countedStatuses = new Set([...killedStatuses, 'Survived', 'NoCoverage'])

function judge(file: string, equivalents: readonly EquivalentMutant[]): FileResult {
  const mutated = mutate(file)
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

const equivalents = readJson<EquivalentMutant>('equivalent.json')
const known = new Map(readJson<FileResult>('results.json').map((result) => [result.file, result]))
const files = chooseFiles(known)
const weak: string[] = []
const results: FileResult[] = []
for (const file of files) {
  if (Date.now() > stopAt) {
    console.log(`The time is up: ${files.length - results.length} of ${files.length} files were not run.`)
    break
  }
  const result = judge(file, equivalents)
  results.push(result)
  known.set(file, result)
  const score = scoreOf(result)
  console.log(`${file}: ${(100 * score).toFixed(0)} % of ${result.mutants}, ${result.equivalent} of them equivalent`)
  if (score < wantedScore) weak.push(file)
  if (options.write) {
    const sorted = [...known.values()].sort((a, b) => (a.file < b.file ? -1 : 1))
    writeFileSync(`${folder}/results.json`, `[\n${sorted.map((one) => `  ${JSON.stringify(one)}`).join(',\n')}\n]\n`)
  }
}
const mutants = results.reduce((sum, one) => sum + one.mutants, 0)
const killed = results.reduce((sum, one) => sum + one.killed + one.equivalent, 0)
console.log(
  `${results.length} files, ${mutants} mutants, ${mutants === 0 ? 100 : ((100 * killed) / mutants).toFixed(1)} % killed or equivalent`,
)
if (weak.length > 0) {
  console.error(`Below ${100 * wantedScore} %: ${weak.join(', ')}`)
  process.exitCode = 1
}

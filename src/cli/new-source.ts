import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { findPlugin } from '../sources/registry.ts'
import { fail } from './fail.ts'

const templates = 'templates/source'
const registry = 'src/sources/registry.ts'

/**
 * Writes the folder of a new source into the working copy of the repository in which it runs: the source, its tests, its simulator, its
 * page and its line in the registry. It reads what it can read of any REST API, and its table says that it supports nothing yet.
 */
export function writeNewSource(system: string, root = process.cwd()): void {
  const problem = findProblem(system, root)
  if (problem !== null) fail(problem)
  const written = copyTemplates(system, root)
  register(system, root)
  format(root, written)
  writeGenerated(root, 'capabilities', 'docs/capabilities.md')
  writeGenerated(root, 'config-schema', 'docs/config.schema.json')
  console.log(
    [
      ...written.map((file) => `wrote ${file}`),
      '',
      'The tests pass, and the last one says what comes next:',
      `  npx vitest run --project unit test/sources/${system} test/contracts/${system}-contract.test.ts`,
      'Ask the vendor’s system first: docs/adding-a-source.md.',
    ].join('\n'),
  )
}

/** Why the source cannot be written; null: it can. */
function findProblem(system: string, root: string): string | null {
  if (!/^[a-z][a-z0-9]{1,30}$/.test(system))
    return `"${system}" is no name for a system: 2 to 31 lower-case letters and digits, a letter first.`
  if (!existsSync(join(root, templates))) return `${root} is no working copy of the repository: ${templates} is not there.`
  if (system === 'acme' || findPlugin(system) || existsSync(join(root, 'src/sources', system)))
    return `There is a source "${system}", or src/sources/${system} is taken.`
  return null
}

/** The paths of the new files. `acme`, `Acme` and `ACME` in a template stand for the name. */
function copyTemplates(system: string, root: string): readonly string[] {
  const rename = (text: string) =>
    text
      .replaceAll('acme', system)
      .replaceAll('Acme', system.charAt(0).toUpperCase() + system.slice(1))
      .replaceAll('ACME', system.toUpperCase())
  const files = readdirSync(join(root, templates), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.txt'))
  return files.sort().map((file) => {
    const target = rename(file.replace(/\.txt$/, ''))
    mkdirSync(join(root, dirname(target)), { recursive: true })
    cpSync(join(root, templates, file), join(root, target), { force: false, errorOnExist: true })
    writeFileSync(join(root, target), rename(readFileSync(join(root, target), 'utf8')))
    return target
  })
}

/** One import and one name in the list of plugins. */
function register(system: string, root: string): void {
  const path = join(root, registry)
  const text = readFileSync(path, 'utf8')
  const withImport = `import { ${system}Plugin } from './${system}/index.ts'\n${text}`
  const changed = withImport.replace(/(export const sourcePlugins = \[[^\]]*?),?\s*\] as const/, `$1, ${system}Plugin] as const`)
  if (changed === withImport) fail(`${registry} has no list of plugins that this command understands.`)
  writeFileSync(path, changed)
}

/** With the repository's own formatter, which also orders the imports. */
function format(root: string, files: readonly string[]): void {
  const code = [...files.filter((file) => file.endsWith('.ts')), registry]
  execFileSync(join('node_modules', '.bin', 'biome'), ['check', '--write', '--log-level=error', ...code], {
    cwd: root,
    stdio: 'inherit',
  })
}

/** By the command of the working copy, which knows the new source. */
function writeGenerated(root: string, command: string, file: string): void {
  const text = execFileSync(join('node_modules', '.bin', 'tsx'), ['src/cli/index.ts', command], { cwd: root, encoding: 'utf8' })
  writeFileSync(join(root, file), text)
}

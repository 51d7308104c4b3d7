import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const bin = join(process.cwd(), 'node_modules', '.bin')
/** Vitest tells its processes who they are: a run of its own must not see that. */
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('VITEST')))

describe('deskgraph new-source, in a copy of the repository,', () => {
  let copy: string
  let output: string
  const run = (command: string, ...args: string[]) =>
    spawnSync(join(bin, command), args, { cwd: copy, env: { ...env, NO_COLOR: '1' }, encoding: 'utf8' })

  beforeAll(() => {
    copy = mkdtempSync(join(tmpdir(), 'deskgraph-new-source-'))
    const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { encoding: 'utf8' }).trim().split('\n')
    for (const file of listed) cpSync(file, join(copy, file))
    symlinkSync(join(process.cwd(), 'node_modules'), join(copy, 'node_modules'))
    output = run('tsx', 'src/cli/index.ts', 'new-source', 'zendo').stdout
  }, 120_000)
  afterAll(() => rmSync(copy, { recursive: true }))

  it('COMMAND-02 writes folder, tests, simulator, page and registration, in the form of the repository', () => {
    expect(output).toContain('wrote src/sources/zendo/index.ts')
    expect(readFileSync(join(copy, 'src/sources/registry.ts'), 'utf8')).toContain('zendoPlugin')
    for (const result of [run('tsc', '-p', 'tsconfig.json'), run('biome', 'check', 'src', 'test', 'sandbox')]) {
      expect([result.status, result.stdout]).toEqual([0, result.stdout])
    }
  }, 120_000)

  it('COMMAND-02 supports nothing yet, says so, and passes its tests', () => {
    const rows = readFileSync(join(copy, 'docs/capabilities.md'), 'utf8')
      .split('\n')
      .filter((row) => row.startsWith('| `'))
    expect(new Set(rows.map((row) => row.split(' | ').at(-1)))).toEqual(new Set(['– |']))
    const files = [
      'test/sources/zendo',
      'test/contracts/zendo-contract.test.ts',
      'test/cli/capabilities.test.ts',
      'test/architecture.test.ts',
    ]
    const { status, stdout } = run('vitest', 'run', '--project', 'unit', ...files)
    expect([status, stdout]).toEqual([0, stdout])
    expect(stdout).toContain('Zendo: what comes next')
    expect(stdout).toContain('1. Read `updatedAt`')
  }, 120_000)

  it('COMMAND-02 refuses a name that is taken or is none, and writes nothing', () => {
    for (const name of ['zendo', 'redmine', 'Zendo', '../x']) {
      const { status, stderr } = run('tsx', 'src/cli/index.ts', 'new-source', name)
      expect([name, status, stderr]).toEqual([name, 1, stderr])
      expect(stderr).toMatch(/There is a source|is no name for a system/)
    }
  }, 120_000)
})

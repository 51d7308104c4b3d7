import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { buildSchema } from 'graphql'
import { describe, expect, onTestFinished, test } from 'vitest'

// The CommonJS build has the same copy of graphql as this file.
const { CriticalityLevel, DiffRule, diff } = createRequire(import.meta.url)(
  '@graphql-inspector/core',
) as typeof import('@graphql-inspector/core')

const page = readFileSync('docs/releases.md', 'utf8')
const releases = [...page.matchAll(/^\| (\d+\.\d+\.\d+) \| (\S+) \| (\S+) \| (\S+) \|/gm)].map(
  ([, version = '', date = '', commit = '', graph = '']) => ({ version, date, commit, graph }),
)
const recorded = releases.filter(({ commit }) => commit !== '–')
const today = readFileSync('schema.graphql', 'utf8')

/** What a client of the earlier graph would miss in the later one. What was deprecated may be gone. */
async function findBreaking(earlier: string, later: string): Promise<string[]> {
  const changes = await diff(buildSchema(earlier), buildSchema(later), [DiffRule.suppressRemovalOfDeprecatedField])
  return changes.filter(({ criticality }) => criticality.level === CriticalityLevel.Breaking).map(({ message }) => message)
}

describe('RELEASE-01: the graph', () => {
  test('answers every operation of each release', async () => {
    for (const { version } of recorded) {
      const earlier = readFileSync(`docs/releases/${version}.graphql`, 'utf8')
      expect({ version, breaking: await findBreaking(earlier, today) }).toEqual({ version, breaking: [] })
    }
  })

  test.each([
    ['a field has another name', '  customFields: [', '  ownFields: ['],
    ['a field that had a value may be null', '  status: TicketStatus!\n', '  status: TicketStatus\n'],
    ['an argument is required', 'ticket(', 'ticket(reason: String!, '],
    ['an input field is required', 'input CloseTicketInput {', 'input CloseTicketInput {\n  why: String!'],
    ['an enum value has another name', '  ON_HOLD\n', '  HELD_BACK\n'],
  ])('is broken when %s', async (_, found, replacement) => {
    const changed = today.replaceAll(found, replacement)
    expect(changed).not.toBe(today)
    expect((await findBreaking(today, changed)).length).toBeGreaterThan(0)
  })

  test('is not broken when something is new, or when something is gone that was deprecated', async () => {
    expect(
      await findBreaking(today, today.replace('input CloseTicketInput {', 'input CloseTicketInput {\n  why: String')),
    ).toEqual([])
    const sla = /\n {2}"""(?:[^"]|"(?!""))*"""\n {2}sla: Float @deprecated\([^)]*\)\n/
    expect(today).toMatch(sla)
    expect(await findBreaking(today, today.replace(sla, '\n'))).toEqual([])
  })
})

describe('RELEASE-02: the page of releases', () => {
  test('has a row for the present version, and the graph of each version that has a commit', () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }
    expect(releases.map((release) => release.version)).toContain(version)
    for (const release of recorded) {
      expect(release).toMatchObject({
        date: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
        commit: expect.stringMatching(/^`[0-9a-f]{7,40}`$/),
      })
    }
    const graphs = recorded.map((release) => `${release.version}.graphql`)
    expect(graphs).toEqual(readGraphs())
  })

  test('is written by npm run release:record, once for each version', () => {
    const folder = mkdtempSync(join(tmpdir(), 'deskgraph-release-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const git = (...args: string[]) =>
      execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args], { cwd: folder, encoding: 'utf8' })
    const record = () =>
      execFileSync(process.execPath, [resolve('scripts/record-release.mjs')], { cwd: folder, encoding: 'utf8', stdio: 'pipe' })
    mkdirSync(join(folder, 'docs'))
    cpSync('schema.graphql', join(folder, 'schema.graphql'))
    writeFileSync(join(folder, 'package.json'), '{ "version": "9.1.0" }')
    writeFileSync(join(folder, 'docs/releases.md'), '| 9.0.0 | – | – | – | no |\n| 9.1.0 | – | – | – | yes |\n')
    git('init', '-q')
    expect(record).toThrow(/does not have any commits|Commit your changes first|ambiguous argument|fatal/)
    git('add', '.')
    git('commit', '-qm', 'one')
    record()
    const row =
      /^\| 9\.1\.0 \| \d{4}-\d\d-\d\d \| `([0-9a-f]{7,40})` \| \[9\.1\.0\.graphql\]\(releases\/9\.1\.0\.graphql\) \| yes \|$/m
    const written = readFileSync(join(folder, 'docs/releases.md'), 'utf8')
    expect(written).toMatch(/^\| 9\.0\.0 \| – \| – \| – \| no \|$/m)
    expect(git('rev-parse', row.exec(written)![1]!)).toBe(git('rev-parse', 'HEAD'))
    expect(readFileSync(join(folder, 'docs/releases/9.1.0.graphql'), 'utf8')).toBe(today)
    expect(record).toThrow(/9\.1\.0 is recorded with the commit/)
  })
})

function readGraphs(): string[] {
  try {
    return readdirSync('docs/releases').filter((file) => file.endsWith('.graphql'))
  } catch {
    return []
  }
}

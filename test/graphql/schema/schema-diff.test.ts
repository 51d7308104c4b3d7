import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'

const today = readFileSync('schema.graphql', 'utf8')

/** What `npm run schema:diff` says of a graph that changed since version 9.0.0, with these entries in the changelog of 9.1.0. */
function compare(schema: string, entries: string) {
  const folder = mkdtempSync(join(tmpdir(), 'deskgraph-schema-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text)
  mkdirSync(join(folder, 'docs/releases'), { recursive: true })
  cpSync('schema.graphql', join(folder, 'docs/releases/9.0.0.graphql'))
  // Not the latest one: versions are numbers.
  write('docs/releases/8.10.0.graphql', 'type Query { other: Int }')
  write('schema.graphql', schema)
  write('package.json', '{ "version": "9.1.0" }')
  write(
    'CHANGELOG.md',
    `# Changelog\n\n## [9.1.0] – Unreleased\n\n${entries}\n\n## [9.0.0] – 2026-01-01\n- \`Query.fresh\`, \`Fresh\`, \`ActorKind\`: \`BOT\`\n`,
  )
  const script = resolve('scripts/schema-diff.mjs')
  const { status, stdout, stderr } = spawnSync(process.execPath, [script], { cwd: folder, encoding: 'utf8' })
  return { status, stdout, stderr: stderr.trim() }
}

describe('RELEASE-04: npm run schema:diff', () => {
  test('is content with a graph that has not changed, and with descriptions that have', () => {
    const expected = { status: 0, stdout: 'schema.graphql since 9.0.0: 0 breaking, 0 dangerous, 0 safe.\n', stderr: '' }
    expect(compare(today, '')).toEqual(expected)
    expect(compare(today.replace('"""All queries."""', '"""Every query."""'), '')).toEqual(expected)
  })

  test('prints every change by what it does to clients, and fails for one that breaks', () => {
    const changed = today
      .replace('  customFields: [CustomField!]', '  ownFields: [CustomField!]')
      .replace('enum ActorKind {', 'enum ActorKind {\n  BOT\n')
    const { status, stdout, stderr } = compare(
      changed,
      '- `Ticket.ownFields` in place of `Ticket.customFields`. `ActorKind.BOT`.',
    )
    expect(status).toBe(1)
    expect(stdout.split('\n').map((line) => line.trim())).toEqual([
      'schema.graphql since 9.0.0: 1 breaking, 1 dangerous, 1 safe.',
      "breaking   Ticket.customFields: Field 'customFields' was removed from object type 'Ticket'",
      "dangerous  ActorKind.BOT: Enum value 'BOT' was added to enum 'ActorKind'",
      "safe       Ticket.ownFields: Field 'ownFields' was added to object type 'Ticket'",
      '',
    ])
    expect(stderr).toBe('1 changes break operations of 9.0.0: docs/schema-changes.md says how to change the graph.')
  })

  test("wants each changed type and field in the changelog's section of the present version", () => {
    const changed = `${today
      .replace('type Query {', 'type Query {\n  fresh(size: Int): Fresh\n')
      .replace('enum ActorKind {', 'enum ActorKind {\n  BOT\n')}\ntype Fresh { one: Int, two: Int }\n`
    const { status, stderr } = compare(changed, '- Something else.')
    expect([status, stderr]).toEqual([1, 'CHANGELOG.md does not name in the section 9.1.0: Fresh, ActorKind.BOT, Query.fresh.'])
    const apart = '- `fresh` has `Fresh`.\n- `ActorKind` has another value.\n- A `BOT`.'
    expect(compare(changed, apart).stderr).toBe('CHANGELOG.md does not name in the section 9.1.0: ActorKind.BOT.')
    expect(compare(changed, '- `fresh` has `Fresh`, and\n  `ActorKind` has `BOT`.')).toMatchObject({ status: 0, stderr: '' })
  })

  test('is content with the graph and the changelog of this repository', () => {
    const { status, stderr } = spawnSync(process.execPath, ['scripts/schema-diff.mjs'], { encoding: 'utf8' })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  })
})

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { checkDocuments } from '../../src/cli/check-documents.ts'

const folder = mkdtempSync(join(tmpdir(), 'deskgraph-documents-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let files = 0
function file(content: unknown): string {
  const path = join(folder, `${++files}.json`)
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

const list = 'query List {\n  tickets(first: 1) { nodes { id } }\n}'
const gone = 'query Gone {\n  tickets(first: 1) {\n    nodes { id ownFields { key } }\n  }\n}'
const old = 'query Old { tickets(first: 1) { nodes { sla } } }'
const findingsOf = (manifest: unknown, schema?: string) =>
  JSON.parse(checkDocuments(file(manifest), { json: true, ...(schema !== undefined && { schema }) }).text)

describe('RELEASE-05: deskgraph check-documents', () => {
  test('says which document the graph refuses, where, and why', () => {
    expect(checkDocuments(file({ a1: list, b2: gone, c3: '{ viewer { key }' }), {})).toEqual({
      exitCode: 1,
      text: [
        'Gone (b2)',
        '  3:16  error: Cannot query field "ownFields" on type "Ticket".',
        'document (c3)',
        '  1:17  error: Syntax Error: Expected Name, found <EOF>.',
        '2 of 3 documents are not valid.',
      ].join('\n'),
    })
  })

  test('names what is deprecated, which a later version may refuse', () => {
    const { exitCode, text } = checkDocuments(file({ a1: list, d4: old }), {})
    expect(exitCode).toBe(0)
    const [document, finding, summary] = text.split('\n')
    expect([document, summary]).toEqual(['Old (d4)', 'All 2 documents are valid.'])
    expect(finding).toMatch(/^ {2}1:41 {2}deprecated: The field Ticket\.sla is deprecated\./)
  })

  test("reads the manifests of graphql-codegen and Relay, and Apollo's", () => {
    const broken = { id: 'b2', name: 'Gone', errors: [{ line: 3, column: 16, message: expect.any(String) }], deprecated: [] }
    const expected = { documents: 2, broken: 1, findings: [broken] }
    expect(findingsOf({ a1: list, b2: gone })).toEqual(expected)
    const operations = [
      { id: 'a1', name: 'List', type: 'query', body: list },
      { id: 'b2', name: 'Gone', type: 'query', body: gone },
    ]
    expect(findingsOf({ format: 'apollo-persisted-query-manifest', version: 1, operations })).toEqual(expected)
  })

  test('compares with another graph', () => {
    const sla = /\n {2}"""(?:[^"]|"(?!""))*"""\n {2}sla: Float @deprecated\([^)]*\)\n/
    const later = readFileSync('schema.graphql', 'utf8').replace(sla, '\n')
    expect(findingsOf({ a1: list, d4: old }, file(later))).toMatchObject({ documents: 2, broken: 1, findings: [{ id: 'd4' }] })
  })

  test('accepts every operation of this repository', () => {
    const { exitCode, text } = checkDocuments('test/generated/persisted-documents.json', {})
    expect({ exitCode, last: text.split('\n').at(-1) }).toEqual({
      exitCode: 0,
      last: expect.stringMatching(/^All \d+ documents are valid\.$/),
    })
  })

  test.each([
    ['a file that is missing', () => join(folder, 'missing.json'), /cannot be read: ENOENT/],
    ['a file that is not JSON', () => file('{'), /is not JSON/],
    ['a file that is no manifest', () => file([list]), /is no manifest/],
    ['a manifest with an empty document', () => file({ a1: '' }), /is no manifest/],
  ])('ends with 2 for %s', (_, path, problem) => {
    const { exitCode, text } = checkDocuments(path(), {})
    expect(exitCode).toBe(2)
    expect(text).toMatch(problem)
  })

  test('ends with 2 for another graph that is none', () => {
    expect(checkDocuments(file({ a1: list }), { schema: file('type Query {') })).toEqual({
      exitCode: 2,
      text: expect.stringMatching(/is no graph as SDL: Syntax Error/),
    })
  })
})

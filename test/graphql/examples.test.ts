import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { buildSchema, NoUnusedFragmentsRule, parse, specifiedRules, validate } from 'graphql'
import { describe, expect, it } from 'vitest'

// Every operation that a reader may copy, and every one that the repository's own programs send, fits the graph of today.
const schema = buildSchema(readFileSync('schema.graphql', 'utf8'))
const faultsOf = (text: string): string[] => {
  try {
    const document = parse(text)
    // A fragment alone is what a client's cache reads and writes.
    const isFragment = document.definitions.every(({ kind }) => kind === 'FragmentDefinition')
    const rules = isFragment ? specifiedRules.filter((rule) => rule !== NoUnusedFragmentsRule) : specifiedRules
    return validate(schema, document, rules).map(({ message }) => message)
  } catch (error) {
    return [String(error)]
  }
}

interface Example {
  readonly file: string
  readonly text: string
}
const filesOf = (...patterns: string[]) =>
  execFileSync('git', ['ls-files', ...patterns], { encoding: 'utf8' })
    .trim()
    .split('\n')
const examplesIn = (files: readonly string[], find: (content: string) => readonly string[]): Example[] =>
  files.flatMap((file) => find(readFileSync(file, 'utf8')).map((text) => ({ file, text })))
const expectValid = (examples: readonly Example[], atLeast: number) => {
  expect(examples.length).toBeGreaterThanOrEqual(atLeast)
  expect(
    examples.map(({ file, text }) => ({ file, text, faults: faultsOf(text) })).filter(({ faults }) => faults.length > 0),
  ).toEqual([])
}

const pages = filesOf('*.md', ':!bench/results', ':!bench/peers')
const operation =
  /^\s*(?:#[^\n]*\n\s*)*(?:(?:query|mutation|subscription|fragment)\b[^{]*)?\{\s*[a-zA-Z_.](?!\w*: [$"])[\s\S]*\}\s*$/

/** The texts of a TypeScript file that are operations, with the constants of the same file filled in. */
function operationsIn(content: string): string[] {
  const literal = /(?:(?:const|let) (\w+)(?:: [^=]+)? = )?(?:\/\* GraphQL \*\/ )?(?:`((?:[^`\\]|\\.)*)`|'((?:[^'\\\n]|\\.)*)')/g
  const found = [...content.matchAll(literal)].map(([, name, template, text]) => ({ name, text: template ?? text ?? '' }))
  const constants = new Map(found.flatMap(({ name, text }) => (name ? [[name, text] as const] : [])))
  const fill = (text: string): string =>
    text.replaceAll(/\$\{(\w+)\}/g, (reference, name) => (constants.has(name) ? fill(constants.get(name)!) : reference))
  return found.map(({ text }) => fill(text)).filter((text) => operation.test(text) && !text.includes('${'))
}

describe('GRAPH-20: an example fits the graph', () => {
  it('in a block of a page', () => {
    expectValid(
      examplesIn(pages, (content) => [...content.matchAll(/```graphql\n([\s\S]*?)```/g)].map(([, text = '']) => text)),
      8,
    )
  })

  it('in a command of a page, or of the text that the sandbox prints', () => {
    const find = (content: string) =>
      [...content.matchAll(/-d '(\{"query":.*?\})'/g)].map(([, body = '']) => (JSON.parse(body) as { query: string }).query)
    expectValid(examplesIn(pages, find), 1)
    expectValid(examplesIn(['src/gateway-process.ts'], operationsIn), 3)
  })

  it('in the words of a page', () => {
    const find = (content: string) =>
      [...content.matchAll(/`((?:query|mutation|subscription)\b[^`\n]*\{[^`\n]*\})`/g)].map(([, text = '']) =>
        text.replaceAll('(filter: …)', ''),
      )
    expectValid(examplesIn(pages, find), 1)
  })

  it('in the commands for operators, the benchmarks, and the tests of clients', () => {
    expectValid(examplesIn(filesOf('src/cli/*.ts'), operationsIn), 1)
    // hive.ts speaks to the graph of another gateway.
    expectValid(examplesIn(filesOf('bench/*.ts', ':!bench/peers', ':!bench/lib/hive.ts'), operationsIn), 5)
    expectValid(examplesIn(filesOf('test/clients/*.ts', ':!test/clients/relay'), operationsIn), 5)
  })

  it('in the manifest of trusted documents, by the hash of its text', () => {
    const manifest = JSON.parse(readFileSync('test/generated/persisted-documents.json', 'utf8')) as Record<string, string>
    expectValid(
      Object.values(manifest).map((text) => ({ file: 'persisted-documents.json', text })),
      1,
    )
    const hashOf = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`
    expect(Object.entries(manifest).filter(([hash, text]) => hashOf(text) !== hash)).toEqual([])
  })

  it.each(['query { tickets { nodes { partner } } }', 'mutation { closeTicket(id: 1) { outcome } }', '{ tickets {'])(
    'and %s does not',
    (text) => {
      expect(faultsOf(text)).not.toEqual([])
    },
  )
})

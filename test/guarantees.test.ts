import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

// docs/guarantees.md lists every promise with its id and the tests that hold it. These tests keep the page and the code together.

const page = readFileSync('docs/guarantees.md', 'utf8')
const rows = [...page.matchAll(/^\| ([A-Z]+-\d\d) \| (.+) \| (.+) \|$/gm)].map(([, id = '', promise, tests = '']) => ({
  id,
  promise,
  tests: [...tests.matchAll(/\]\(\.\.\/(test\/[^)]+)\): "([^"]+)"/g)].map(([, file = '', name = '']) => ({ file, name })),
}))
const ids = rows.map(({ id }) => id)
const prefixes = [...new Set(ids.map((id) => id.split('-')[0]))]

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(ts|tsx|md|graphql)$/.test(file) && !file.includes('node_modules/'))
    .map((file) => join(folder, file))
}

test('every promise has an id of its own', () => {
  expect(rows.length).toBeGreaterThan(100)
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([])
})

test('every id that code, tests and documents cite is on the page', () => {
  const id = new RegExp(`\\b(?:${prefixes.join('|')})-\\d+\\b`, 'g')
  const unknown = ['src', 'sandbox', 'test', 'docs']
    .flatMap(filesBelow)
    .flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(id)]
        .filter(([cited]) => !ids.includes(cited))
        .map(([cited]) => `${file}: ${cited}`),
    )
  expect(unknown).toEqual([])
})

test.each(rows)('$id names a test that exists', ({ tests }) => {
  expect(tests.length).toBeGreaterThan(0)
  const missing = tests.filter(({ file, name }) => !existsSync(file) || !readFileSync(file, 'utf8').includes(name))
  expect(missing).toEqual([])
})

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { rowIds } from './row-ids.ts'

const folder = import.meta.dirname

/** The ids at the beginning of `row('U1', …` and of a test's name, whichever way a file registers its rows. */
const registration = /\b(?:row|test|it|prove)(?:\.\w+(?:\([^)]*\))?)*\(\s*['"`]([A-Z]\d+)\b/g

test('every promise has a row that proves it', () => {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.test.ts'))
  const registered = files.flatMap((file) => {
    return [...readFileSync(join(folder, file), 'utf8').matchAll(registration)].map(([, id]) => id)
  })
  const missing = Object.keys(rowIds).filter((id) => !registered.includes(id))
  expect(missing).toEqual([])
})

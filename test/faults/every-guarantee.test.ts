import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { guarantees } from './guarantee-ids.ts'

const folder = import.meta.dirname

/** An id as a whole text, or at the beginning of a test's name. */
const registration = /['"`]([A-Z]+-\d{2})(?=['"`: ])/g

test('every guarantee has a test that proves it', () => {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.test.ts'))
  const registered = files.flatMap((file) => {
    return [...readFileSync(join(folder, file), 'utf8').matchAll(registration)].map(([, id]) => id)
  })
  const missing = Object.keys(guarantees).filter((id) => !registered.includes(id))
  expect(missing).toEqual([])
})

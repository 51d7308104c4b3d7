import { readFileSync } from 'node:fs'
import { generate, loadContext } from '@graphql-codegen/cli'
import { expect, test } from 'vitest'

test('CLIENT-53: the files that codegen writes fit the committed schema, the operations and the error codes (npm run codegen)', async () => {
  const files: { filename: string; content: string }[] = await generate((await loadContext('codegen.yml')).getConfig(), false)
  expect(files.map(({ filename }) => filename)).toContain('clients/typescript/src/generated/schema-facts.ts')
  const stale = files.filter(({ filename, content }) => readFileSync(filename, 'utf8').trimEnd() !== content.trimEnd())
  expect(stale.map(({ filename }) => filename)).toEqual([])
})

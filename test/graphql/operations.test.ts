import { readdirSync, readFileSync } from 'node:fs'
import { buildSchema, Kind, parse, validate } from 'graphql'
import { expect, it } from 'vitest'

const here = (path: string) => new URL(`../${path}`, import.meta.url)
const read = (path: string) => readFileSync(here(path), 'utf8')
const namesIn = (text: string) =>
  parse(text).definitions.flatMap((definition) => (definition.kind === Kind.OPERATION_DEFINITION ? [definition.name?.value] : []))

it('every operation of the tests fits the committed schema, and its typed document is generated (npm run codegen)', () => {
  const schema = buildSchema(read('../schema.graphql'))
  const texts = readdirSync(here('operations')).map((file) => read(`operations/${file}`))
  for (const text of texts) expect(validate(schema, parse(text))).toEqual([])
  const manifest = Object.values(JSON.parse(read('generated/persisted-documents.json')) as Record<string, string>)
  expect(manifest.flatMap(namesIn).sort()).toEqual(texts.flatMap(namesIn).sort())
})

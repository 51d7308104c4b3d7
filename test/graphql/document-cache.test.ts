import { buildSchema } from 'graphql'
import { expect, test } from 'vitest'
import { createDocuments } from '../../src/graphql/document-cache.ts'

const schema = buildSchema('type Query { page(first: Int): String, node(id: ID!): String }')
const limits = { maxTokens: 100, checkText() {}, checkDocument() {} }
const documents = (introspection: boolean) => createDocuments({ schema, limits, introspection })
const messages = (text: string, introspection = true) =>
  documents(introspection)
    .prepare(text)
    .invalid?.map((error) => error.message)

test('a document is parsed and validated once', () => {
  const prepared = documents(true)
  expect(prepared.prepare('{ page }')).toBe(prepared.prepare('{ page }'))
})

test('a wrong literal is not repeated: it may be an address', () => {
  expect(messages('{ page(first: "someone@example.com") }')).toEqual(['This is not a valid Int.'])
})

test('names of the schema are suggested only where it may be explored', () => {
  expect(messages('{ pages }')?.[0]).toContain('Did you mean "page"')
  expect(messages('{ pages }', false)?.[0]).not.toContain('Did you mean')
})

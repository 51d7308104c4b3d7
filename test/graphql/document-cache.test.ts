import fc from 'fast-check'
import { buildSchema, createSourceEventStream, parse } from 'graphql'
import { describe, expect, test } from 'vitest'
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

test('FEDERATION-04: the SDL of a subgraph is served where introspection is open, and _entities everywhere', () => {
  const subgraph = buildSchema(
    'type Query { _service: Service!, _entities(ids: [ID!]!): [Service] } type Service { _service: String }',
  )
  const complaints = (text: string, introspection: boolean) =>
    createDocuments({ schema: subgraph, limits, introspection })
      .prepare(text)
      .invalid?.map(({ message }) => message)
  const refusal =
    'The SDL of this subgraph is not served, because introspection is closed: "deskgraph schema --federation" prints it.'
  expect(complaints('{ _service { _service } }', true)).toBeUndefined()
  expect(complaints('{ _service { _service } }', false)).toEqual([refusal])
  expect(complaints('{ ...F } fragment F on Query { alias: _service { _service } }', false)).toEqual([refusal])
  expect(complaints('{ _entities(ids: []) { _service } }', false)).toBeUndefined()
})

describe('TRANSPORT-05: a subscription', () => {
  const subscribing = buildSchema(
    'type Query { page: String } type Subscription { changed(first: Int): Change } type Change { kind: String }',
  )
  const { prepare } = createDocuments({ schema: subscribing, limits, introspection: true })
  const codes = (text: string) => prepare(text).invalid?.map(({ message, extensions }) => [extensions.code, message])

  test.each([
    ['skip', 'subscription($s: Boolean!) { changed @skip(if: $s) { kind } }'],
    ['include', 'subscription { changed @include(if: true) { kind } }'],
    ['skip', 'subscription { ... @skip(if: false) { changed { kind } } }'],
    [
      'include',
      'subscription { ...F } fragment F on Subscription { ...G } fragment G on Subscription { changed @include(if: 3) { kind } }',
    ],
    ['skip', 'subscription { ...F @skip } fragment F on Subscription { changed { kind } ...F }'],
  ])('has no @%s at its root: %s', (name, text) => {
    const message = `@${name} is not allowed on the root field of a subscription.`
    expect(codes(text)).toContainEqual(['GRAPHQL_VALIDATION_FAILED', message])
  })
  test('may have conditions below its root, and has one root field as before', () => {
    expect(codes('subscription($s: Boolean!) { changed { kind @skip(if: $s) } }')).toBeUndefined()
    expect(codes('subscription { changed { kind } __typename }')).toHaveLength(2)
    expect(codes('query($s: Boolean!) { page @skip(if: $s) }')).toBeUndefined()
  })

  /** Words that make many documents which parse; conditions of every kind at every place. */
  const words = fc.constantFrom(
    ...[
      'changed',
      'changed { kind }',
      'kind',
      '{',
      '}',
      '...',
      '...F',
      '...G',
      'on Subscription',
      '__typename',
      'nope',
      '(first: $s)',
    ],
    ...[
      '@skip',
      '@include',
      '(if: $s)',
      '(if: true)',
      '(if: false)',
      '(if: null)',
      '(if: 3)',
      '(if: [])',
      '@deprecated',
      '@nope',
    ],
  )
  const bodies = fc.array(words, { minLength: 1, maxLength: 8 }).map((parts) => parts.join(' '))
  const documents = fc
    .tuple(bodies, bodies)
    .chain(([one, other]) =>
      fc.constantFrom(
        `subscription($s: Boolean!) { ${one} }`,
        `subscription { ${one} }`,
        `subscription { changed { kind ${one} } }`,
        `subscription($s: Boolean = true) { changed ${one} { kind } }`,
        `subscription { ...F } fragment F on Subscription { ${one} } fragment G on Subscription { ${other} }`,
      ),
    )
  test('is refused or gets an event stream for every text: nothing is thrown', async () => {
    let valid = 0
    const rootValue = { changed: async function* () {} }
    await fc.assert(
      fc.asyncProperty(documents, async (text) => {
        if (prepare(text).invalid) return
        valid++
        const stream = await createSourceEventStream({
          schema: subscribing,
          document: parse(text),
          rootValue,
          variableValues: { s: true },
        })
        expect(Symbol.asyncIterator in stream || 'errors' in stream).toBe(true)
      }),
      { numRuns: 4_000 },
    )
    expect(valid).toBeGreaterThan(2)
  })
})

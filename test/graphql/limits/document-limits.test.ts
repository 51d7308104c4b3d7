import { getIntrospectionQuery, parse, validate } from 'graphql'
import { describe, expect, it } from 'vitest'
import { codeOf, limitsWith, repeat, schema } from './fixture.ts'

/** Nested fields of the real schema: `{ tickets { nodes { customer { … } } } }`. */
function nested(depth: number): string {
  const cycle = ['tickets', 'nodes', 'customer']
  const names = Array.from({ length: depth - 1 }, (_, index) => cycle[index % 3])
  return `{ ${names.join(' { ')} { id ${'} '.repeat(depth)}`
}

describe('before validation, an operation is rejected', () => {
  it('for 200 aliases of a root field (CLIENT-01)', () => {
    expect(codeOf(`{ ${repeat(200, (index) => `a${index}: viewer { key }`)} }`)).toBe('OPERATION_TOO_COMPLEX')
  })
  it('for 51 aliases below the root, or spread from a fragment (CLIENT-01)', () => {
    const aliases = (count: number) => repeat(count, (index) => `a${index}: id`)
    expect(codeOf(`{ viewer { ${aliases(50)} } }`)).toBeNull()
    expect(codeOf(`{ viewer { ${aliases(51)} } }`)).toBe('OPERATION_TOO_COMPLEX')
    const fragments = `fragment A on Viewer { ${aliases(26)} } fragment B on Query { viewer { ...A } sources { id } }`
    expect(codeOf(`{ ...B x: viewer { ...A } } ${fragments}`)).toBe('OPERATION_TOO_COMPLEX')
  })
  it('with more root fields than allowed, counted through fragments', () => {
    const fields = (count: number) => repeat(count, () => '__typename')
    expect(codeOf(`{ ${fields(20)} }`)).toBeNull()
    expect(codeOf(`{ ${fields(21)} }`)).toBe('OPERATION_TOO_COMPLEX')
    expect(codeOf(`{ ${fields(11)} ...R } fragment R on Query { ${fields(10)} }`)).toBe('OPERATION_TOO_COMPLEX')
  })
  it('60 levels deep; 15 are allowed, 16 are not (CLIENT-03)', () => {
    expect(codeOf(nested(60))).toBe('OPERATION_TOO_DEEP')
    expect(codeOf(nested(16))).toBe('OPERATION_TOO_DEEP')
    const wide = limitsWith({ cost: Number.MAX_SAFE_INTEGER, upstreamCalls: Number.MAX_SAFE_INTEGER })
    expect(codeOf(nested(15), {}, wide)).toBeNull()
  })
  it('deep through fragments, through inline fragments, and in introspection (CLIENT-03)', () => {
    const chain = repeat(20, (index) => `fragment F${index} on Ticket { customer { id } links { ticket { ...F${index + 1} } } }`)
    expect(codeOf(`{ ticket(id: "x") { ...F0 } } ${chain} fragment F20 on Ticket { id }`)).toBe('OPERATION_TOO_DEEP')
    expect(codeOf(`{ __schema { types { ${'ofType { '.repeat(58)} name ${'} '.repeat(58)} } } }`)).toBe('OPERATION_TOO_DEEP')
  })
  it('for 5,000 fields (CLIENT-05)', () => {
    expect(codeOf(`{ viewer { ${repeat(3_000, () => 'id')} } }`)).toBe('OPERATION_TOO_COMPLEX')
    expect(() => codeOf(`{ viewer { ${repeat(5_000, () => 'id')} } }`)).not.toThrow()
    expect(codeOf(`{ viewer { ${repeat(5_000, () => 'id')} } }`)).toContain('Syntax Error')
  })
  it('for fragments that double each other 40 times: 10¹² fields in 42 lines (CLIENT-05)', () => {
    const doubling = repeat(
      40,
      (index) => `fragment F${index} on Ticket { ...F${index + 1} links { ticket { ...F${index + 1} } } }`,
    )
    const flat = repeat(40, (index) => `fragment F${index} on Ticket { ...F${index + 1} ...F${index + 1} }`)
    for (const fragments of [doubling, flat]) {
      expect(codeOf(`{ ticket(id: "x") { ...F0 } } ${fragments} fragment F40 on Ticket { id }`)).toMatch(/^OPERATION_TOO_/)
    }
  })
  it('for 500 directives (CLIENT-06)', () => {
    expect(codeOf(`{ viewer { key ${repeat(500, () => '@include(if: true)')} } }`)).toBe('OPERATION_TOO_COMPLEX')
    expect(codeOf(`query ${repeat(51, () => '@x')} { viewer { key } }`)).toBe('OPERATION_TOO_COMPLEX')
    expect(codeOf(`{ viewer { ... ${repeat(51, () => '@x')} { id } } }`)).toBe('OPERATION_TOO_COMPLEX')
    expect(codeOf(`{ viewer { key ${repeat(50, () => '@include(if: true)')} } }`)).toBeNull()
  })
  it.each([
    ['itself', 'fragment A on Ticket { ...A }'],
    ['itself below a field', 'fragment A on Ticket { links { ticket { ...A } } }'],
    [
      'itself through others',
      'fragment A on Ticket { ...B } fragment B on Ticket { links { ticket { ...C } } } fragment C on Ticket { ...A }',
    ],
  ])('a fragment that spreads %s (CLIENT-07)', (_what, fragments) => {
    expect(codeOf(`{ ticket(id: "x") { ...A } } ${fragments}`)).toBe('GRAPHQL_VALIDATION_FAILED')
    expect(codeOf(`{ viewer { key } } ${fragments}`)).toBe('GRAPHQL_VALIDATION_FAILED')
  })
  it('for overlapping fields: the same one 300 times, and a tree of repeated ones (CLIENT-08)', () => {
    expect(codeOf(`{ viewer { ${repeat(300, () => 'id')} } }`)).toBe('OPERATION_TOO_COMPLEX')
    const tree = `{ ${repeat(9, () => `tickets { ${repeat(9, () => `nodes { ${repeat(9, () => 'id')} }`)} }`)} }`
    expect(codeOf(tree)).toBe('OPERATION_TOO_COMPLEX')
  })
  it('for 101 fragments, which validation would compare with each other (CLIENT-08)', () => {
    const fragments = (count: number) => repeat(count, (index) => `fragment F${index} on Viewer { id }`)
    const query = (count: number) => `{ viewer { ${repeat(count, (index) => `...F${index}`)} } } ${fragments(count)}`
    expect(codeOf(query(100))).toBeNull()
    expect(codeOf(query(101))).toBe('OPERATION_TOO_COMPLEX')
  })
  it('for overlaps that come together only through fragments (CLIENT-08)', () => {
    const fragments = repeat(20, (index) => `fragment F${index} on Viewer { ${repeat(12, () => 'id')} }`)
    expect(codeOf(`{ viewer { ${repeat(20, (index) => `...F${index}`)} } } ${fragments}`)).toBe('OPERATION_TOO_COMPLEX')
  })
  it('but not for fragments that select the same few fields (CLIENT-08)', () => {
    const fragments = repeat(8, (index) => `fragment F${index} on Ticket { id title status customer { id name } }`)
    expect(codeOf(`{ ticket(id: "x") { id ${repeat(8, (index) => `...F${index}`)} } } ${fragments}`)).toBeNull()
  })
})

describe('before parsing, a text is rejected', () => {
  it('with brackets 20,000 deep, of any kind, balanced or not (CLIENT-09)', () => {
    for (const bracket of ['{a', '[', '(', '{']) {
      expect(codeOf(`{ a${bracket.repeat(20_000)}`)).toBe('OPERATION_TOO_DEEP')
    }
  })
  it('but not for brackets inside texts and comments', () => {
    const brackets = '{[('.repeat(200)
    expect(codeOf(`{ ticket(id: "${brackets} \\" ${brackets}") { id } } # ${brackets}\n`)).toBeNull()
    expect(codeOf(`{ ticket(id: """${brackets} \\""" " ${brackets}""") { id } }`)).toBeNull()
  })
  it('longer than allowed', () => {
    expect(codeOf(`{ viewer { key } } #${' '.repeat(50_000)}`)).toBe('BAD_REQUEST')
  })
  it('with more tokens than allowed, as a syntax error', () => {
    expect(codeOf(`{ viewer { key } } ${repeat(800, () => 'fragment F on X { id }')}`)).toContain('Syntax Error')
  })
})

describe('input is rejected', () => {
  const query = 'query ($input: CreateTicketInput!) { previewRoute(input: $input) { rule } }'
  const deep = (levels: number) => Array.from({ length: levels }).reduce<unknown>((inner) => ({ inner }), 1)
  it('5,000 levels deep in a variable, as lists or objects; 20 are allowed (CLIENT-10)', () => {
    expect(codeOf(query, { input: deep(5_000) })).toBe('BAD_REQUEST')
    expect(codeOf(query, { input: JSON.parse('['.repeat(5_000) + ']'.repeat(5_000)) })).toBe('BAD_REQUEST')
    expect(codeOf(query, { input: deep(21) })).toBe('BAD_REQUEST')
    expect(codeOf(query, { input: deep(20) })).toBeNull()
  })
  it('too deep in the document itself (CLIENT-10)', () => {
    expect(codeOf(`{ ticket(id: ${'['.repeat(21)}${']'.repeat(21)}) { id } }`)).toBe('BAD_REQUEST')
    expect(codeOf(`{ ticket(id: ${'{a: '.repeat(21)}1${'}'.repeat(21)}) { id } }`)).toBe('BAD_REQUEST')
  })
})

describe('the limits allow', () => {
  it('the introspection of GraphiQL and of codegen, which is valid too', () => {
    const query = getIntrospectionQuery({
      descriptions: true,
      specifiedByUrl: true,
      directiveIsRepeatable: true,
      schemaDescription: true,
      inputValueDeprecation: true,
      oneOf: true,
    })
    expect(codeOf(query)).toBeNull()
    expect(validate(schema, parse(query))).toEqual([])
  })
  it('__typename and several named operations', () => {
    expect(codeOf('{ __typename }')).toBeNull()
    expect(codeOf('query A { viewer { key } } query B { viewer { key } }')).toBeNull()
  })
})

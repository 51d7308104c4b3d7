import { getIntrospectionQuery, parse, validate } from 'graphql'
import { describe, expect, it } from 'vitest'
import { check, codeOf, limitsWith, repeat, schema } from './fixture.ts'

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

describe('the nesting of a text is counted outside strings and comments only', () => {
  const deep = '['.repeat(101)
  const codeOfText = (source: string) => {
    try {
      limitsWith().checkText(source)
      return null
    } catch (error) {
      return (error as { code?: string }).code ?? String(error)
    }
  }

  it('to 100 levels, and closed brackets count no more', () => {
    expect(codeOfText('['.repeat(100))).toBeNull()
    expect(codeOfText(deep)).toBe('OPERATION_TOO_DEEP')
    expect(codeOfText(repeat(101, () => '[({})]'))).toBeNull()
  })
  it.each([
    ['a string', '"text" '],
    ['an empty string', '"" '],
    ['a string with an escaped quote', String.raw`"a \" b" `],
    ['a string with an escaped backslash at its end', String.raw`"a \\" `],
    ['a string that a line feed ends', '"not closed\n'],
    ['a string that a carriage return ends', '"not closed\r'],
    ['a block string with quotes', '"""one " and "" two""" '],
    ['an empty block string', '"""""" '],
    ['a block string of several lines', '"""one\n"two\n""" '],
    ['a block string with an escaped end', String.raw`"""a \""" b""" `],
    ['a comment that a line feed ends', '# comment "\n'],
    ['a comment that a carriage return ends', '# comment "\r'],
  ])('brackets after %s count', (_what, before) => {
    expect(codeOfText(`${before}${deep}`)).toBe('OPERATION_TOO_DEEP')
    expect(codeOfText(`${before}${'['.repeat(100)}`)).toBeNull()
  })
  it.each([
    ['a string', `"${deep}"`],
    ['a string after an escaped quote', String.raw`"\"${deep}"`],
    ['a string without an end', `"${deep}`],
    ['a block string after a quote', `"""" ${deep}"""`],
    ['a block string after a line break', `"""\n${deep}"""`],
    ['a block string after an escaped end', String.raw`""" \""" ${deep}"""`],
    ['a block string without an end', `"""" ${deep}`],
    ['a comment', `# " ${deep}`],
  ])('brackets in %s do not', (_what, source) => {
    expect(codeOfText(source)).toBeNull()
  })
})

describe('the message has the measure, the limit and its setting', () => {
  const unlimited = { cost: Number.MAX_SAFE_INTEGER, upstreamCalls: Number.MAX_SAFE_INTEGER }
  const messageOf = (source: string, changes: Parameters<typeof limitsWith>[0], variables = {}) => {
    try {
      check(source, variables, null, limitsWith({ ...unlimited, ...changes }))
      return null
    } catch (error) {
      return (error as Error).message
    }
  }
  const a = 'viewer { key }'

  it.each([
    ['{ viewer { key } }', { queryLength: 17 }, 'Characters in the document: 18, allowed: 17 (limits.queryLength).'],
    ['{ ...A } fragment A on Query { viewer { key } }', { fragments: 0 }, 'Fragments: 1, allowed: 0 (limits.fragments).'],
    [`{ ${a} }`, { depth: 1 }, 'Levels of nested fields: 2, allowed: 1 (limits.depth).'],
    [`{ ${a} ${a} }`, { fields: 3 }, 'Fields in the operation: 4, allowed: 3 (limits.fields).'],
    [`{ ${a} ${a} }`, { rootFields: 1 }, 'Fields at the top: 2, allowed: 1 (limits.rootFields).'],
    [`{ a: ${a} }`, { aliases: 0 }, 'Aliases: 1, allowed: 0 (limits.aliases).'],
    ['{ viewer { key @skip(if: false) } }', { directives: 0 }, 'Directives: 1, allowed: 0 (limits.directives).'],
    ['{ ticket(id: [[1]]) { id } }', { inputDepth: 1 }, 'Levels of nested input: 2, allowed: 1 (limits.inputDepth).'],
    // Three times `viewer` is three pairs; each has `key`, which is three pairs more.
    [`{ ${a} ${a} ${a} }`, { overlaps: 5 }, 'Overlapping fields to compare: 6, allowed: 5 (limits.overlaps).'],
    ['{ __schema { types { fields { name } } } }', { depth: 2 }, null],
  ])('%s', (source, changes, message) => {
    expect(messageOf(source, changes)).toBe(message)
  })
  it('of variables that are nested too deep', () => {
    const query = 'query ($input: CreateTicketInput!) { previewRoute(input: $input) { rule } }'
    const message = messageOf(query, { inputDepth: 2 }, { input: { a: { b: { c: 1 } } } })
    expect(message).toBe('Levels of nested input: 3, allowed: 2 (limits.inputDepth).')
  })
  it('of brackets that are nested too deep', () => {
    expect(messageOf('['.repeat(101), {})).toBe('The document nests its brackets more than 100 levels deep.')
  })
  it('of a fragment that spreads itself', () => {
    const message = messageOf('{ ticket(id: "x") { ...A } } fragment A on Ticket { ...A }', {})
    expect(message).toBe('Cannot spread fragment "A" within itself.')
  })
  it('of introspection, which may have 20 levels at any limit of other fields', () => {
    const types = (levels: number) => `{ __type(name: "X") { ${'ofType { '.repeat(levels - 2)} name ${'} '.repeat(levels - 1)} }`
    expect(messageOf(types(20), {})).toBeNull()
    expect(messageOf(types(21), {})).toBe('Levels of introspection: 21, allowed: 20 (limits.depth).')
    // Below the limit of other fields, introspection has no limit of its own.
    expect(messageOf(types(21), { depth: 21 })).toBeNull()
    const schemaLevels = `{ __schema { types { ${'ofType { '.repeat(18)} name ${'} '.repeat(18)} } } }`
    expect(messageOf(schemaLevels, {})).toBe('Levels of introspection: 21, allowed: 20 (limits.depth).')
  })
  it('of overlaps in fragments that are spread more than once, which count once', () => {
    const twice = '{ ...A ...A } fragment A on Query { viewer { key key } }'
    // The operation and the fragment are compared each: one pair of `key` in both.
    expect(messageOf(twice, { overlaps: 2 })).toBeNull()
    expect(messageOf(twice, { overlaps: 1 })).toBe('Overlapping fields to compare: 2, allowed: 1 (limits.overlaps).')
    const inline = '{ ... { viewer { key } } ... on Query { viewer { key } } }'
    expect(messageOf(inline, { overlaps: 2 })).toBeNull()
    expect(messageOf(inline, { overlaps: 1 })).toBe('Overlapping fields to compare: 2, allowed: 1 (limits.overlaps).')
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

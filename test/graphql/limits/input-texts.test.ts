import { describe, expect, test } from 'vitest'
import { check, codeOf } from './fixture.ts'

const query = 'query ($filter: TicketFilter, $after: String) { tickets(first: 1, filter: $filter, after: $after) { totalCount } }'
const literal = (text: string) => `{ tickets(first: 1, filter: { tags: [${text}] }) { totalCount } }`

describe('a text of a request is BAD_USER_INPUT before anything is executed', () => {
  // RFC 8259, section 8.2: JSON text may hold halves of surrogate pairs. Unicode, D71: a lone surrogate is no scalar value.
  test.each([
    ['NUL', 'k\u0000'],
    ['NUL alone', '\u0000'],
    ['the first half of a surrogate pair', 'k\ud83d'],
    ['the second half', '\udd11k'],
    ['both halves in the wrong order', '\udd11\ud83d'],
  ])('with %s', (_name, text) => {
    expect(codeOf(query, { after: text })).toBe('BAD_USER_INPUT')
    expect(codeOf(query, { filter: { orderId: text } })).toBe('BAD_USER_INPUT')
    expect(codeOf(query, { filter: { tags: ['fine', text] } })).toBe('BAD_USER_INPUT')
    expect(codeOf(query, { unused: { deep: [[{ text }]] } })).toBe('BAD_USER_INPUT')
  })

  test('that is written into the document', () => {
    // GraphQL, section 2.9.4: a lone surrogate is a syntax error already.
    expect(codeOf(literal('"a\\u0000"'))).toBe('BAD_USER_INPUT')
    expect(codeOf(literal('"a\u0000"'))).toBe('BAD_USER_INPUT')
    expect(codeOf(literal('"""a\u0000"""'))).toBe('BAD_USER_INPUT')
    expect(() => check(literal('"a\\ud83d"'))).toThrow('Syntax Error')
  })

  test('and the message names the place without the text', () => {
    expect(() => check(query, { filter: { tags: ['vip', 'secret\u0000'] } })).toThrow(
      'The variable `filter.tags.1` has a NUL character or half of a surrogate pair. Send Unicode text without NUL.',
    )
    expect(() => check(`{\n  ${literal('"secret\\u0000"').slice(1)}`)).toThrow(/^The text at line 2 of the document has a NUL/)
  })
})

test('every other text is accepted unchanged: pairs, control characters, U+FFFD, unassigned characters, every normal form', () => {
  const texts = [
    '\u{1f511}',
    '\ud83d\udd11',
    'a\u0001\u001f\u007f',
    '\ufffd',
    '\ufffe\uffff',
    '\u{e0000}',
    'é',
    'e\u0301',
    '\u202e',
    '',
  ]
  for (const text of texts) expect(codeOf(query, { filter: { orderId: text } })).toBeNull()
  expect(codeOf(literal('"\\ud83d\\udd11 \\u0001"'))).toBeNull()
})

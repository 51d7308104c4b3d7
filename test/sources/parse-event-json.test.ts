import { describe, expect, it } from 'vitest'
import { decodeUtf8, JsonProblem, parseEventJson } from '../../src/sources/parse-event-json.ts'

describe('the record of an event', () => {
  it('is parsed as JSON', () => {
    expect(parseEventJson(' {"a":[1,-2.5,true,null,"\u00e4"]}\n')).toEqual({ a: [1, -2.5, true, null, '\u00e4'] })
  })

  it('keeps every digit of a whole number beyond 2^53, as text', () => {
    expect(parseEventJson('{"id":9007199254740993,"small":7,"float":0.1234567890123456}')).toEqual({
      id: '9007199254740993',
      small: 7,
      float: 0.1234567890123456,
    })
  })

  it('has U+FFFD in place of NUL and lone surrogates, which PostgreSQL refuses', () => {
    expect(parseEventJson('{"a\\u0000":"\\ud800x"}')).toEqual({ 'a\ufffd': '\ufffdx' })
  })

  it('may be nested 64 levels deep and no deeper', () => {
    const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels)
    expect(() => parseEventJson(nested(64))).not.toThrow()
    expect(() => parseEventJson(nested(65))).toThrow('The record is nested more than 64 levels deep.')
    expect(() => parseEventJson(`{"a":"${'['.repeat(100)}"}`)).not.toThrow()
  })

  it('counts brackets of both kinds and outside of texts alone', () => {
    const nested = (levels: number, open = '[', close = ']') => open.repeat(levels) + close.repeat(levels)
    const deep = 'The record is nested more than 64 levels deep.'
    expect(() => parseEventJson(`${'{"a":'.repeat(65)}1${'}'.repeat(65)}`)).toThrow(deep)
    expect(() => parseEventJson(nested(65, '[ ', ' ]'))).toThrow(deep)
    // Each key before the list has another length and other characters.
    for (const name of ['', 'a', 'ab', ']'.repeat(100), '}'.repeat(101), 'a\\"', '\\\\'])
      expect(() => parseEventJson(`{"${name}":${nested(64)}}`)).toThrow(deep)
    for (const one of ['[]', '{}', '1', '"["', '"{\\""'])
      expect(parseEventJson(`[${Array(100).fill(one).join(',')}]`)).toHaveLength(100)
    expect(parseEventJson(`["\\"${'['.repeat(100)}"]`)).toEqual([`"${'['.repeat(100)}`])
  })

  it.each([
    ['', 'Not JSON: the text ends too early, at line 1, column 1.'],
    ['{"a":1', 'Not JSON: the text ends too early, at line 1, column 7.'],
    ['{"a":1,\n  "b":,\n}', 'Not JSON: a value is expected, at line 2, column 7.'],
    ['{"a":1,\n}', 'Not JSON: a name in double quotes is expected, at line 2, column 1.'],
    ['{"a" 1}', 'Not JSON: ":" is expected, at line 1, column 6.'],
    ['[1 2]', 'Not JSON: "," or the closing bracket is expected, at line 1, column 4.'],
    ['[1,2}', 'Not JSON: "," or the closing bracket is expected, at line 1, column 5.'],
    ['{} {}', 'Not JSON: the text has to end after the value, at line 1, column 4.'],
    ['{"a":"b}', 'Not JSON: this text has no closing quote, at line 1, column 6.'],
    ['{"a":"\\x"}', 'Not JSON: this text has an unknown escape, at line 1, column 6.'],
    ['{"a":1.}', 'Not JSON: this number is incomplete, at line 1, column 6.'],
    ['{a:1}', 'Not JSON: a value or a name in double quotes is expected, at line 1, column 2.'],
    ['[\u00a01]', 'Not JSON: a value or a name in double quotes is expected, at line 1, column 2.'],
    ['// comment\n{}', 'Not JSON: JSON has no comments, at line 1, column 1.'],
    ['  {"a":x}', 'Not JSON: a value or a name in double quotes is expected, at line 1, column 8.'],
    ['  {"a":1 \n', 'Not JSON: the text ends too early, at line 2, column 1.'],
    ['{"a":x,"b":y}', 'Not JSON: a value or a name in double quotes is expected, at line 1, column 6.'],
  ])('says what is wrong and where: %j', (text, message) => {
    expect(() => parseEventJson(text)).toThrow(new JsonProblem(message))
  })

  it('keeps the fault of the parser as the cause', () => {
    const faultOf = (read: () => unknown) => {
      try {
        return read()
      } catch (error) {
        return error
      }
    }
    expect(faultOf(() => parseEventJson('{'))).toMatchObject({ name: 'JsonProblem', cause: expect.any(SyntaxError) })
    expect(faultOf(() => decodeUtf8(Buffer.from([0xff])))).toMatchObject({ name: 'JsonProblem', cause: expect.any(TypeError) })
  })

  it('quotes nothing of a broken text, which may hold personal data', () => {
    for (const text of ['{"email":ann@example.com}', 'ann@example.com', '{"name":"Ann']) {
      expect(() => parseEventJson(text)).toThrow(JsonProblem)
      expect(() => parseEventJson(text)).not.toThrow(/ann/i)
    }
  })
})

describe('bytes', () => {
  it('are read as UTF-8 without a byte order mark', () => {
    expect(decodeUtf8(Buffer.from('\ufeff{"a":"ä"}'))).toBe('{"a":"ä"}')
    const fault = (...bytes: number[]) => {
      try {
        return decodeUtf8(Buffer.from(bytes))
      } catch (error) {
        return error
      }
    }
    expect(fault(0x7b, 0xff)).toEqual(new JsonProblem('The body is not UTF-8: it has FF as byte 2.'))
    // Latin-1 "é", half of a euro sign, and a code point of three bytes that is a surrogate (RFC 3629, section 3).
    expect(fault(0xef, 0xbb, 0xbf, 0x22, 0xe9, 0x22)).toMatchObject({ message: 'The body is not UTF-8: it has E9 as byte 5.' })
    expect(fault(0x61, 0xe2, 0x82)).toMatchObject({ message: 'The body is not UTF-8: it has E2 as byte 2.' })
    // Two bytes of three, which are also the first ones of U+FFFD.
    expect(fault(0xef, 0xbf)).toMatchObject({ message: 'The body is not UTF-8: it has the end as byte 3.' })
    expect(fault(0xed, 0xa0, 0x80)).toMatchObject({ message: 'The body is not UTF-8: it has ED as byte 1.' })
  })
})

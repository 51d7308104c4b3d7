import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { parseJson } from '../../../src/sources/http-client/json.ts'

const parse = (text: string) => parseJson(Buffer.from(text))

describe("the JSON of a source's answer", () => {
  it('keeps all digits of whole numbers beyond 2^53, at any position', () => {
    for (let before = 0; before < 40; before++) {
      const text = `{"${'x'.repeat(before)}":1234567890123456789}`
      expect(Object.values(parse(text) as object), text).toEqual(['1234567890123456789'])
    }
    expect(parse('[-9007199254740993, 9007199254740991, 1234567890123456]')).toEqual([
      '-9007199254740993',
      9_007_199_254_740_991,
      1_234_567_890_123_456,
    ])
    expect(parse(`["${'1'.repeat(100)}", 12345678901234567890]`)).toEqual(['1'.repeat(100), '12345678901234567890'])
  })
  it('is refused with 200 closing brackets in a row, at any position and with spaces between', () => {
    for (let before = 0; before < 210; before++) {
      const words = `"${'x'.repeat(before)}"`
      expect(() => parse(`[${words}, ${'['.repeat(200)}${']'.repeat(200)}]`), words).toThrow('too deep')
      expect(() => parse(`[${words}, ${'['.repeat(200)}${'] '.repeat(200)}]`), words).toThrow('too deep')
      expect(() => parse(`[${words}, ${'{"a":['.repeat(100)}${']}'.repeat(100)}]`), words).toThrow('too deep')
    }
    expect(parse(`${'['.repeat(64)}${']'.repeat(64)}`)).toBeInstanceOf(Array)
  })
  it('takes time in proportion to its length, for any content', () => {
    // Quadratic scanning would take a minute.
    const size = 1_000_000
    expect(parse(`"${'7'.repeat(size)}"`)).toHaveLength(size)
    expect(parse(`"${' '.repeat(size)}"`)).toHaveLength(size)
    expect(parse(`[${' '.repeat(size)}]`)).toEqual([])
    expect(parse(`"${']'.repeat(199)}${' x'.repeat(size / 2)}"`)).toHaveLength(size + 199)
  })
  it('keeps all digits of a number behind any byte that JSON allows there', () => {
    const long = '1234567890123456789'
    for (const before of [' ', '\t', '\n', '\r', '[', ',', ':']) {
      for (const sign of ['', '-']) {
        const opening = before === ':' ? '{"a":' : before === ',' ? '[0,' : before === '[' ? '[' : `[${before}`
        const value = parse(`${opening}${sign}${long}${before === ':' ? '}' : ']'}`)
        expect(Object.values(value as object).at(-1), JSON.stringify(before)).toBe(`${sign}${long}`)
      }
    }
    expect([parse(long), parse(`-${long}`)]).toEqual([long, `-${long}`])
  })
  it('leaves a number with a fraction or an exponent a number, and digits in a text a text', () => {
    expect(parse('[12345678901234567890.5, 1234567890123456789e3, "x1234567890123456789"]')).toEqual([
      Number('12345678901234567890.5'),
      Number('1234567890123456789e3'),
      'x1234567890123456789',
    ])
  })
  it('may have 199 closing brackets in a row, at any position and with spaces between', () => {
    for (let before = 0; before < 210; before += 7) {
      const words = `"${'x'.repeat(before)}"`
      // The outer list closes with the last of the 199.
      expect(parse(`[${words}, ${'['.repeat(198)}${']'.repeat(198)}]`)).toHaveLength(2)
      expect(parse(`[${words}, ${'['.repeat(198)}${'] '.repeat(198)}]`)).toHaveLength(2)
    }
  })
  it('may begin with a byte order mark, which is skipped there alone', () => {
    expect(parse('\uFEFF{"a":"\uFEFF"}')).toEqual({ a: '\uFEFF' })
    expect(() => parse('{}\uFEFF')).toThrow(SyntaxError)
  })
  it('is refused with exactly 200 closing brackets in a row, also where there is nothing else', () => {
    expect(() => parse('['.repeat(200) + ']'.repeat(200))).toThrow('too deep')
    expect(() => parse(']'.repeat(200))).toThrow('too deep')
    expect(parse('['.repeat(199) + ']'.repeat(199))).toHaveLength(1)
  })
  it('keeps all digits of a number that is all of it', () => {
    expect(parse('9007199254740993')).toBe('9007199254740993')
  })
})

describe('a reviver, which takes five times as long', () => {
  /** Whether the text is parsed with one. */
  const usesReviver = (text: string) => {
    const spy = vi.spyOn(JSON, 'parse')
    onTestFinished(() => spy.mockRestore())
    parse(text)
    return spy.mock.lastCall![1] !== undefined
  }

  it('is used where a whole number has 16 digits or more', () => {
    expect(['[1234567890123456]', '[-1234567890123456]', '{"a":12345678901234567890}'].map(usesReviver)).toEqual([
      true,
      true,
      true,
    ])
  })

  it.each([
    ['numbers of 15 digits', '[123456789012345,-123456789012345,[123456789012345]]'],
    ['digits in a text', '["1234567890123456789","x1234567890123456789"]'],
    ['a fraction of 16 digits', '[0.1234567890123456]'],
    ['letters behind a blank', '["a abcdefghijklmnopqrstuvwxyz"]'],
    ['points behind a colon', '["a:........................"]'],
    ['no number', '[]'],
  ])('is not used for %s', (_, text) => {
    // At every place of the positions that are looked at.
    for (let before = 0; before < 17; before++) expect(usesReviver(`${' '.repeat(before)}${text}`)).toBe(false)
  })
})

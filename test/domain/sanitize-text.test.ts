import { describe, expect, it } from 'vitest'
import { toWellFormedJson } from '../../src/domain/sanitize-text.ts'

const written = (value: unknown) => toWellFormedJson(JSON.stringify(value))

describe('UPSTREAM-35: JSON text', () => {
  it.each([
    ['the first half of an emoji at the end', 'cut \ud83d', 'cut \ufffd'],
    ['a second half at the beginning', '\ude00 rest', '\ufffd rest'],
    ['the lowest and the highest surrogate', '\ud800x\udfff', '\ufffdx\ufffd'],
    ['two first halves', '\ud83d\ud83d', '\ufffd\ufffd'],
    ['halves in the wrong order', '\ude00\ud83d', '\ufffd\ufffd'],
    ['a half before a whole emoji', '\ud83d😀', '\ufffd😀'],
    ['a half behind a backslash', '\\\ud83d', '\\\ufffd'],
    ['a half between quotes and line breaks', '"\ud83d"\n\ud83d', '"\ufffd"\n\ufffd'],
  ])('has U+FFFD in place of %s', (_, text, expected) => {
    expect(JSON.parse(written({ [text]: [text] }))).toEqual({ [expected]: [expected] })
    expect(written(text)).not.toMatch(/\\ud/i)
  })

  it.each([
    ['no escape', 'plain 😀'],
    ['the text of an escape', '\\ud83d'],
    ['the text of an escape behind backslashes', '\\\\ud83d \\\\\\ud83d'],
    ['escapes of other characters', '\u0000\u001f"\\\b'],
    ['characters beside the surrogates', '\ud7ff\ue000'],
  ])('with %s is left as it is', (_, text) => {
    expect(written([text, { text }])).toBe(JSON.stringify([text, { text }]))
  })

  it('keeps an escaped pair, as other programs write it', () => {
    expect(toWellFormedJson(String.raw`"\ud83d\ude00 \uD83D \ud83d"`)).toBe('"\\ud83d\\ude00 \ufffd \ufffd"')
  })
})

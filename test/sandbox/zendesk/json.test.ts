import { expect, it } from 'vitest'
import { fromJson, toJson } from '../../../sandbox/zendesk/json.ts'

it('writes a bigint as a number, without the loss of a digit', () => {
  expect(toJson({ id: 9007199254740997n, ids: [-1n, 2n], text: '5', none: null })).toBe(
    '{"id":9007199254740997,"ids":[-1,2],"text":"5","none":null}',
  )
})

it('reads whole numbers beyond 2^53 as bigint, and everything else as JSON', () => {
  const text =
    '{"id":9007199254740997,"list":[-9223372036854775807, 9007199254740991],"text":"say \\"9007199254740997\\" \\\\","f":12345678901234567.5,"e":12345678901234567e1,"g":0.12345678901234567}'
  expect(fromJson(text)).toEqual({
    id: 9007199254740997n,
    list: [-9223372036854775807n, 9007199254740991],
    text: 'say "9007199254740997" \\',
    f: Number('12345678901234567.5'),
    e: Number('12345678901234567e1'),
    g: Number('0.12345678901234567'),
  })
  expect(() => fromJson('{"id":}')).toThrow(SyntaxError)
})

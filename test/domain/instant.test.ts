import fc from 'fast-check'
import { expect, it } from 'vitest'
import { toInstant } from '../../src/domain/instant.ts'

it('an instant is written as Date writes it', () => {
  fc.assert(
    fc.property(fc.integer({ min: -62_167_219_200_000, max: 253_402_300_799_999 }), (ms) => {
      expect(toInstant(ms)).toBe(new Date(ms).toISOString())
    }),
  )
})

it('a time outside the years 0 to 9999 is a RangeError', () => {
  expect(() => toInstant(253_402_300_800_000)).toThrow(RangeError)
  expect(() => toInstant(Number.NaN)).toThrow(RangeError)
})

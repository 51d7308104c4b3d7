import { expect, it } from 'vitest'
import { cacheConfig, toTtls } from '../../src/cache/config.ts'

it('an age is a number and a unit, and a kind without an age is not cached', () => {
  const config = cacheConfig.parse({ customer: '60s', lookup: '10m', ticket: '500ms', shared: ['lookup'] })
  expect(toTtls(config)).toEqual({ customer: 60_000, lookup: 600_000, ticket: 500 })
  expect(config.shared).toEqual(['lookup'])
})

it.each(['60', '0s', '25h', '1d', '-1s', 60])('%s is not an age', (age) => {
  expect(cacheConfig.safeParse({ ticket: age }).success).toBe(false)
})

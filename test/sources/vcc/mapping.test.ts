import { expect, test } from 'vitest'
import { toStatus } from '../../../src/sources/vcc/mapping.ts'

test.each([
  ['park', 'waiting4agent', 'OPEN'],
  ['park', 'waiting4entity', 'PENDING'],
  ['park', null, 'OPEN'],
  ['closed', 'successful', 'CLOSED'],
  ['closed', 'unsuccessful', 'CLOSED'],
  ['closed', null, 'CLOSED'],
  ['melted', null, 'UNKNOWN'],
  [null, 'successful', 'CLOSED'],
  [null, 'waiting4agent', 'OPEN'],
  [null, null, 'UNKNOWN'],
])('the status %s with the sub-status %s is %s (VCC-09)', (status, subStatus, expected) => {
  expect(toStatus(status, subStatus)).toBe(expected)
})

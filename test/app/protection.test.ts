import { expect, test } from 'vitest'
import { protectWhenOpen } from '../../src/app/protection.ts'
import type { OverloadMonitor } from '../../src/http/guards/overload.ts'

test('nobody is refused while the gateway prepares itself, and what that does to it is not looked at', () => {
  let asked = 0
  let closed = 0
  const monitor: OverloadMonitor = {
    refusal: () => (++asked ? 'event_loop' : null),
    isCalm: () => ++asked === 0,
    close: () => void closed++,
  }
  let preparing = true
  const protection = protectWhenOpen(monitor, () => preparing)
  expect([protection.refusal(), protection.isCalm()]).toEqual([null, true])
  expect(asked).toBe(0)
  preparing = false
  expect([protection.refusal(), protection.isCalm()]).toEqual(['event_loop', false])
  protection.close()
  expect(closed).toBe(1)
})

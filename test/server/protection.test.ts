import { expect, test } from 'vitest'
import type { OverloadMonitor } from '../../src/http/plugins/overload.ts'
import { protectWhenOpen } from '../../src/server/protection.ts'

test('nobody is refused while the gateway prepares itself, and what that does to it is not looked at', () => {
  let asked = 0
  let closed = 0
  const monitor: OverloadMonitor = {
    refusal: () => (++asked ? 'event_loop' : null),
    isHealthy: () => ++asked === 0,
    close: () => void closed++,
  }
  let preparing = true
  const protection = protectWhenOpen(monitor, () => preparing)
  expect([protection.refusal(), protection.isHealthy()]).toEqual([null, true])
  expect(asked).toBe(0)
  preparing = false
  expect([protection.refusal(), protection.isHealthy()]).toEqual(['event_loop', false])
  protection.close()
  expect(closed).toBe(1)
})

import { expect, test } from 'vitest'
import { protectWhenOpen } from '../../src/app/protection.ts'
import { noMetrics } from '../../src/domain/telemetry.ts'
import { limitsConfig } from '../../src/http/guards/config.ts'
import type { OverloadMonitor } from '../../src/http/guards/overload.ts'

test('nobody is refused while the gateway prepares itself, and what that did to it is forgotten', () => {
  const made: OverloadMonitor[] = []
  const closed: OverloadMonitor[] = []
  const create = (): OverloadMonitor => {
    const monitor: OverloadMonitor = { refusal: () => 'event_loop', isCalm: () => false, close: () => closed.push(monitor) }
    made.push(monitor)
    return monitor
  }
  let preparing = true
  const protection = protectWhenOpen(limitsConfig.parse({}).overload, () => preparing, noMetrics, create)
  expect([protection.refusal(), protection.isCalm()]).toEqual([null, true])
  expect(made).toHaveLength(0)
  preparing = false
  expect([protection.refusal(), protection.isCalm()]).toEqual(['event_loop', false])
  expect(made).toHaveLength(1)
  protection.close()
  expect(closed).toEqual(made)
})

import type { Metrics } from '../domain/telemetry.ts'
import type { OverloadLimits } from '../http/guards/config.ts'
import { createOverloadMonitor, type OverloadMonitor } from '../http/guards/overload.ts'

/**
 * Watches over a gateway from its first request on. Before, there is nobody to protect: it would only hold up itself, and what
 * its start does to the event loop would turn away the first who come.
 */
export function protectWhenOpen(
  limits: OverloadLimits,
  isPreparing: () => boolean,
  metrics: Metrics,
  createMonitor: typeof createOverloadMonitor = createOverloadMonitor,
): OverloadMonitor {
  let monitor: OverloadMonitor | null = null
  const opened = (): OverloadMonitor | null => {
    if (isPreparing()) return null
    monitor ??= createMonitor(limits, { metrics })
    return monitor
  }
  return {
    refusal: () => opened()?.refusal() ?? null,
    isCalm: () => opened()?.isCalm() ?? true,
    close: () => monitor?.close(),
  }
}

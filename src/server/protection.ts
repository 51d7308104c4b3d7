import type { OverloadMonitor } from '../http/plugins/overload.ts'

/**
 * Asks the monitor of a gateway that is open. Before, there is nobody to protect, and what its start does to the event loop would
 * turn away the first who come: a monitor that nobody asks does not look.
 */
export function protectWhenOpen(monitor: OverloadMonitor, isPreparing: () => boolean): OverloadMonitor {
  return {
    refusal: () => (isPreparing() ? null : monitor.refusal()),
    isHealthy: () => isPreparing() || monitor.isHealthy(),
    close: () => monitor.close(),
  }
}

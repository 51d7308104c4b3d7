import type { Call } from '../../src/domain/call.ts'
import { anonymous } from '../../src/domain/permissions.ts'
import { type CounterName, type Metrics, noMetrics } from '../../src/domain/telemetry.ts'

/** A call of a viewer with every scope. */
export function someCall(changes: Partial<Call> & { email?: string | null; viewerId?: string } = {}): Call {
  const { email = null, viewerId = 'viewer-1', ...rest } = changes
  return { viewer: { ...anonymous, id: viewerId, email }, signal: new AbortController().signal, requestId: 'request-1', ...rest }
}

/** Metrics that a test can read: the sum of each counter, by its name and labels. */
export function countingMetrics(): Metrics & { total(name: CounterName, labels?: Readonly<Record<string, string>>): number } {
  const counted: { name: CounterName; labels: Readonly<Record<string, string>>; by: number }[] = []
  return {
    ...noMetrics,
    count: (name, labels, by = 1) => void counted.push({ name, labels: labels ?? {}, by }),
    total: (name, labels = {}) =>
      counted
        .filter((entry) => entry.name === name && Object.entries(labels).every(([key, value]) => entry.labels[key] === value))
        .reduce((sum, { by }) => sum + by, 0),
  }
}

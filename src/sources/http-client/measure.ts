import type { Metrics } from '../../domain/telemetry.ts'
import type { Outgoing, SendOnce } from './send-once.ts'
import type { Statistics } from './statistics.ts'
import type { Answer } from './types.ts'
import { UpstreamError } from './upstream-error.ts'

/** Every try goes into the metrics and into the source's health; one that nobody waited for says nothing of the source. */
export function createMeasuredAttempt(attempt: SendOnce, sourceKey: string, statistics: Statistics, metrics: Metrics): SendOnce {
  const toLabels = createLabels(sourceKey)

  function note(request: Outgoing, startedAt: number, outcome: string, code: UpstreamError['code'] | null): void {
    const latencyMs = performance.now() - startedAt
    const labels = toLabels(request.operation, outcome)
    metrics.count('upstream_calls_total', labels.counted)
    if (outcome === 'cancelled') return
    metrics.observe('upstream_call_seconds', latencyMs / 1000, labels.timed)
    statistics.record(latencyMs, code)
  }

  return (request, deadline) => {
    const startedAt = performance.now()
    return attempt(request, deadline).then(
      (answer: Answer) => {
        note(request, startedAt, answer.status < 400 ? 'ok' : String(answer.status), null)
        return answer
      },
      (error: unknown) => {
        const fault = error instanceof UpstreamError ? error : null
        note(request, startedAt, fault?.kind ?? 'error', fault?.code ?? 'INTERNAL_SERVER_ERROR')
        throw error
      },
    )
  }
}

interface Labels {
  readonly counted: Readonly<Record<string, string>>
  readonly timed: Readonly<Record<string, string>>
}

/** The same label objects for the same words: this runs for every call. There are few operations and outcomes. */
function createLabels(source: string): (operation: string, outcome: string) => Labels {
  const known = new Map<string, Labels>()
  return (operation, outcome) => {
    const key = `${operation} ${outcome}`
    let labels = known.get(key)
    if (!labels) {
      labels = { counted: { source, operation, outcome }, timed: { source, operation } }
      known.set(key, labels)
    }
    return labels
  }
}

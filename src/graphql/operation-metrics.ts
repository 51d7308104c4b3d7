import type { FormattedExecutionResult } from 'graphql'
import type { Metrics } from '../domain/telemetry.ts'

/** Counts one answered operation: by type and outcome, its time, and its errors by code. */
export function createOperationMetrics(metrics: Metrics) {
  const labelsOf = new Map<string, { type: string; outcome: string }>()
  const timeLabelsOf = new Map<string, { type: string }>()

  function remembered<Labels>(known: Map<string, Labels>, key: string, make: () => Labels): Labels {
    const labels = known.get(key) ?? make()
    known.set(key, labels)
    return labels
  }
  return (operation: string | undefined, result: FormattedExecutionResult, tookMs: number): void => {
    const type = operation ?? 'refused'
    const outcome = outcomeOf(result)
    metrics.count(
      'graphql_operations_total',
      remembered(labelsOf, type + outcome, () => ({ type, outcome })),
    )
    metrics.observe(
      'graphql_operation_seconds',
      tookMs / 1000,
      remembered(timeLabelsOf, type, () => ({ type })),
    )
    for (const error of result.errors ?? []) {
      metrics.count('graphql_errors_total', { code: String(error.extensions?.code ?? 'INTERNAL_SERVER_ERROR') })
    }
  }
}

function outcomeOf(result: FormattedExecutionResult): 'ok' | 'partial' | 'failed' {
  if (!result.errors?.length) return 'ok'
  return result.data == null ? 'failed' : 'partial'
}

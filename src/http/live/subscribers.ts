import type { Metrics } from '../../domain/telemetry.ts'

/** Counts what is open, for the gauge. */
export function countOpen(metrics: Metrics) {
  let open = 0
  const change = (by: number) => {
    open += by
    metrics.set('subscribers', open)
  }
  return {
    /** Counts one more until the returned function is called. */
    enter(): () => void {
      change(1)
      let left = false
      return () => {
        if (!left) change(-1)
        left = true
      }
    },
  }
}
export type OpenCount = ReturnType<typeof countOpen>

import type { Metrics } from '../../domain/telemetry.ts'

/** Keeps the gauge `live_connections` of one transport. The change stream counts the subscriptions on them (`subscribers`). */
export function countOpen(metrics: Metrics, transport: 'websocket' | 'sse') {
  let open = 0
  const change = (by: number) => {
    open += by
    metrics.set('live_connections', open, { transport })
  }
  return {
    /** Counts one more connection until the returned function is called. */
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

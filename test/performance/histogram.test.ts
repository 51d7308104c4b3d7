import { Histogram, Registry } from 'prom-client'
import { describe, expect, it } from 'vitest'
import { createHistogram } from '../../src/performance/histogram.ts'

const buckets = [0.01, 0.1, 1]

/** The same observations by ours and by prom-client's own. */
async function texts(labelNames: readonly string[], observations: readonly (readonly [number, Record<string, string>])[]) {
  const [ours, theirs] = [new Registry(), new Registry()]
  const distribution = createHistogram({ name: 'seconds', help: 'Took', buckets, labelNames }, ours)
  const histogram = new Histogram({
    name: 'seconds',
    help: 'Took',
    buckets: [...buckets],
    labelNames: [...labelNames],
    registers: [theirs],
  })
  for (const [value, labels] of observations) {
    distribution.observe(value, labels)
    histogram.observe(labels, value)
  }
  return { ours: await ours.metrics(), theirs: await theirs.metrics() }
}

describe('a distribution', () => {
  it('is written as prom-client writes its histogram, also where a value is a bound or above all of them', async () => {
    const one = { source: 'a', operation: 'read' }
    const { ours, theirs } = await texts(
      ['source', 'operation'],
      [
        [0.01, one],
        [0.011, one],
        [0, { source: 'b', operation: 'read' }],
        [1, one],
        [7, one],
        [0.5, { operation: 'read', source: 'a' }],
      ],
    )
    expect(ours).toBe(theirs)
    expect(ours).toContain('seconds_bucket{le="0.1",source="a",operation="read"} 2')
  })
  it('without labels is there before anything was observed', async () => {
    const { ours, theirs } = await texts([], [])
    expect(ours).toBe(theirs)
    expect(ours).toContain('seconds_count 0')
  })
  it('that was reported goes on', async () => {
    const registry = new Registry()
    const distribution = createHistogram({ name: 'seconds', help: 'Took', buckets, labelNames: [] }, registry)
    distribution.observe(0.5, {})
    await registry.metrics()
    distribution.observe(0.5, {})
    expect(await registry.metrics()).toContain('seconds_sum 1\n')
  })
})

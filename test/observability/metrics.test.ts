import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { errorCodes } from '../../src/domain/errors.ts'
import { counters, gauges, histograms } from '../../src/domain/telemetry.ts'
import { createMetrics, startSourcesAtZero } from '../../src/observability/metrics.ts'

describe('metrics', () => {
  it('count, observe and set under the names of the domain, in the text form of Prometheus', async () => {
    const metrics = createMetrics()
    metrics.count('graphql_errors_total', { code: 'FORBIDDEN' })
    metrics.count('graphql_errors_total', { code: 'FORBIDDEN' }, 2)
    metrics.observe('upstream_call_seconds', 0.02, { source: 'oneview', operation: 'ticket' })
    metrics.observe('graphql_upstream_calls', 7)
    metrics.set('inbox_depth', 12)
    const { contentType, text } = await metrics.render()
    expect(contentType).toMatch(/^text\/plain/)
    const lines = text.split('\n')
    expect(lines).toContain('deskgraph_graphql_errors_total{code="FORBIDDEN"} 3')
    expect(lines).toContain('# HELP deskgraph_graphql_errors_total Errors in answers, and failures that are data in them')
    expect(lines).toContain('deskgraph_upstream_call_seconds_bucket{le="0.025",source="oneview",operation="ticket"} 1')
    expect(lines).toContain('deskgraph_upstream_call_seconds_bucket{le="0.01",source="oneview",operation="ticket"} 0')
    expect(lines).toContain('deskgraph_graphql_upstream_calls_bucket{le="10"} 1')
    expect(lines).toContain('deskgraph_graphql_upstream_calls_bucket{le="5"} 0')
    expect(lines).toContain('deskgraph_inbox_depth 12')
  })
  it('include every metric of the domain and those of the process', async () => {
    const { text } = await createMetrics().render()
    for (const name of Object.keys({ ...counters, ...histograms, ...gauges })) expect(text).toContain(`# TYPE deskgraph_${name} `)
    expect(text).not.toContain('nodejs_eventloop_lag')
    expect(text).toContain('deskgraph_process_resident_memory_bytes')
    expect(text).toContain('deskgraph_nodejs_heap_size_used_bytes')
  })
  it('OPS-09: begin at 0 for every label that is known, so that the first event is an increase', async () => {
    const { text } = await createMetrics().render()
    for (const code of Object.keys(errorCodes)) expect(text).toContain(`deskgraph_graphql_errors_total{code="${code}"} 0`)
    expect(text).toContain('deskgraph_http_requests_total{route="/graphql",status="401",code="UNAUTHENTICATED"} 0')
  })
  it('OPS-09: of a source begin at 0 for every outcome that an alarm asks for', async () => {
    const metrics = createMetrics()
    startSourcesAtZero(metrics, [
      { key: 'desk', mode: 'PULL' },
      { key: 'events', mode: 'EVENT_FED' },
    ])
    const { text } = await metrics.render()
    for (const series of [
      'journal_failures_total{source="desk"}',
      'polls_total{source="desk",outcome="failed"}',
      'webhook_events_total{source="events",outcome="unauthorised"}',
    ])
      expect(text).toContain(`deskgraph_${series} 0`)
    expect(text).not.toContain('webhook_events_total{source="desk"')
  })
  it('say which version runs', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }
    const { text } = await createMetrics().render()
    expect(text).toContain(`deskgraph_build_info{version="${version}",node="${process.versions.node}"} 1`)
  })
  it('of two gateways in one process stay apart', async () => {
    const [one, two] = [createMetrics(), createMetrics()]
    one.count('rate_limited_total', { by: 'viewer' })
    expect((await two.render()).text).toContain('deskgraph_rate_limited_total{by="viewer"} 0')
  })
})

interface Panel {
  readonly title: string
  readonly panels?: readonly Panel[]
  readonly targets?: readonly { readonly expr: string }[]
}

describe('the Grafana dashboard', () => {
  const dashboard = JSON.parse(readFileSync(new URL('../../docs/grafana-dashboard.json', import.meta.url), 'utf8')) as {
    readonly title: string
    readonly panels: readonly Panel[]
  }
  const panels = dashboard.panels.flatMap((panel) => [panel, ...(panel.panels ?? [])])
  const queries = panels.flatMap((panel) => (panel.targets ?? []).map((target) => target.expr))
  const asked = new Set(queries.flatMap((query) => query.match(/deskgraph_\w+/g) ?? []))

  it('queries only metrics that the gateway reports', async () => {
    const { text } = await createMetrics().render()
    const reported = new Set([...text.matchAll(/^# TYPE (\w+) /gm)].map(([, name]) => name))
    for (const name of asked) expect(reported).toContain(name.replace(/_(bucket|sum|count)$/, ''))
    expect(asked.size).toBeGreaterThan(20)
  })
  it('shows every metric of the domain', () => {
    const names = [...asked].map((name) => name.replace(/^deskgraph_|_(bucket|sum|count)$/g, ''))
    expect(Object.keys({ ...counters, ...histograms, ...gauges }).filter((name) => !names.includes(name))).toEqual([])
  })
})

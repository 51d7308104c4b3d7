import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { counters, gauges, histograms } from '../../src/domain/telemetry.ts'

interface Alert {
  readonly alert: string
  readonly expr: string
  readonly labels: { readonly severity: string }
  readonly annotations: { readonly summary: string; readonly runbook: string }
}

const docs = join(import.meta.dirname, '../../docs')
const file = parse(readFileSync(join(docs, 'deploy/alerts.yaml'), 'utf8')) as { groups: { rules: Alert[] }[] }
const alerts = file.groups.flatMap(({ rules }) => rules)
const runbooks = readFileSync(join(docs, 'runbooks.md'), 'utf8')
const descriptions: Readonly<Record<string, { readonly labels: readonly string[] }>> = { ...counters, ...gauges, ...histograms }

describe('the alarms for Prometheus', () => {
  test.each(alerts)('$alert names metrics of the gateway with labels that they have', ({ expr }) => {
    for (const [, name, selected = ''] of expr.matchAll(/deskgraph_([a-z_]+)(?:\{([^}]*)\})?/g)) {
      expect(Object.keys(descriptions)).toContain(name)
      const labels = [...selected.matchAll(/(\w+)(?:=|!=|=~)/g)].map(([, label]) => label)
      expect(descriptions[name!]!.labels).toEqual(expect.arrayContaining(labels))
    }
  })

  test.each(alerts)(
    'OPS-16: $alert has a severity, a summary and a paragraph in the runbooks',
    ({ alert, labels, annotations }) => {
      expect(['page', 'ticket']).toContain(labels.severity)
      expect(annotations.summary).toMatch(/\.$/)
      expect(annotations.runbook).toBe(`docs/runbooks.md#${alert.toLowerCase()}`)
      expect(runbooks).toContain(`\n## ${alert}\n`)
    },
  )

  test('OPS-16: each runbook has its alarm', () => {
    const titles = [...runbooks.matchAll(/^## (.*)$/gm)].map(([, title]) => title)
    expect(titles).toEqual(alerts.map(({ alert }) => alert))
  })
})

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, startProgram } from './programs.ts'

/** An alarm that Prometheus has fired. */
export interface FiredAlarm {
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: { readonly summary: string; readonly runbook: string }
}

const rules = join(import.meta.dirname, '../../../docs/deploy/alerts.yaml')
const secondsOf: Readonly<Record<string, number>> = { m: 60, h: 3_600, d: 86_400 }

/**
 * Starts a Prometheus with the alarms of docs/deploy/alerts.yaml. By default it asks twice a second. A minute of the rules is two seconds here: their
 * thresholds, labels and conditions stay.
 */
export async function startPrometheus(gateways: readonly URL[], { scrapeSeconds = 0.5 } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'prometheus-'))
  const shortened = readFileSync(rules, 'utf8').replace(/(for: |\[)(\d+)([mhd])\b/g, (_, before, count, unit) => {
    const seconds = Math.min(60, (Number(count) * secondsOf[unit]!) / 30)
    return `${before}${Math.max(1, Math.round(seconds))}s`
  })
  writeFileSync(join(folder, 'alerts.yaml'), shortened)
  const every = `${scrapeSeconds * 1_000}ms`
  const config = {
    global: { scrape_interval: every, scrape_timeout: every, evaluation_interval: every },
    rule_files: ['alerts.yaml'],
    scrape_configs: [{ job_name: 'deskgraph', static_configs: [{ targets: gateways.map(({ host }) => host) }] }],
  }
  // JSON is YAML.
  writeFileSync(join(folder, 'prometheus.yaml'), JSON.stringify(config))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const options = [
    `--config.file=${folder}/prometheus.yaml`,
    `--storage.tsdb.path=${folder}/data`,
    `--web.listen-address=127.0.0.1:${port}`,
  ]
  const program = await startProgram('prometheus', options, port)
  return {
    url,
    /** The alarms that fire now. */
    async alarms(): Promise<readonly FiredAlarm[]> {
      const answer = await fetch(`${url}/api/v1/alerts`)
      const { data } = (await answer.json()) as { data: { alerts: (FiredAlarm & { state: string })[] } }
      return data.alerts.filter(({ state }) => state === 'firing')
    },
    async close() {
      await program.end()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

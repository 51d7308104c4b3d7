import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { loadConfig } from '../../src/config/load-config.ts'
import { readSettings } from '../../src/config/settings.ts'

const folder = join(import.meta.dirname, '../../docs/deploy')
const text = (file: string) => readFileSync(join(folder, file), 'utf8')

/** The variables of the example environment file, as it is. */
const unchanged = Object.fromEntries(
  text('deskgraph.env.example')
    .trim()
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .map((line) => line.split('=', 2) as [string, string]),
)
/** The variables after an operator has filled them in. */
const environment = Object.fromEntries(
  Object.entries(unchanged).map(([name, value]) => [name, value === 'change-me' ? `${name}-of-32-bytes-or-more-0123` : value]),
)

// test/deployment builds the image and checks the manifests. Here the files are checked against each other and the gateway.
describe('the files for deployment', () => {
  test('contain a valid configuration with the variables of the example, for a public address', () => {
    const config = loadConfig(join(folder, 'gateway.yaml'), '0.0.0.0', environment)
    expect(Object.keys(config.sources)).toEqual(['oneview', 'verifik', 'vcc', 'wasabi', 'rbi'])
  })

  test('do not start a gateway before the example secrets of senders and partners are changed', () => {
    const faults = () => loadConfig(join(folder, 'gateway.yaml'), '0.0.0.0', unchanged)
    for (const place of ['sources.vcc.secret', 'sources.wasabi.token', 'sources.rbi.secret', 'observability.metrics.token'])
      expect(faults).toThrow(`${place}: a secret needs at least 16 bytes`)
    const partners = { ...environment, CARECO_SECRET: 'change-me', REGIONAL_SECRET: 'change-me' }
    const both = /markets\.0\.partners\.0\.secret: a secret needs .*\n.*markets\.0\.partners\.1\.secret: a secret needs /
    expect(() => loadConfig(join(folder, 'gateway.yaml'), '0.0.0.0', partners)).toThrow(both)
  })

  test('define every variable that the configuration needs, and no other', () => {
    const used = [text('gateway.yaml'), text('routing.yaml')].flatMap((file) =>
      [...file.matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name),
    )
    // The last one is the compose file's own.
    expect(Object.keys(environment).sort()).toEqual([...new Set([...used, 'POSTGRES_PASSWORD'])].sort())
  })

  test('are a compose file with valid settings of the gateway and a required secret', () => {
    const { services } = parse(text('compose.yaml'))
    const { 'gateway-1': gateway, postgres } = services
    expect(services['gateway-2']).toEqual(gateway)
    const given = {
      ...gateway.environment,
      DATABASE_URL: gateway.environment.DATABASE_URL.replace('${POSTGRES_PASSWORD:?}', 'x'),
    }
    expect(readSettings(given, '/')).toMatchObject({
      databaseUrl: 'postgres://deskgraph:x@postgres:5432/deskgraph',
      redisUrl: 'redis://redis:6379',
    })
    expect(postgres.environment.POSTGRES_PASSWORD).toBe('${POSTGRES_PASSWORD:?}')
    expect(Object.keys(gateway.depends_on).every((name) => name in services)).toBe(true)
    for (const volume of gateway.volumes) expect(() => text(volume.split(':')[0])).not.toThrow()
  })
})

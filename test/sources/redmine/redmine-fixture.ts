import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Clock } from '../../../src/domain/clock.ts'
import { type Metrics, noLogger, noMetrics } from '../../../src/domain/telemetry.ts'
import { redmineConfig } from '../../../src/sources/redmine/config.ts'
import { createRedmineSource } from '../../../src/sources/redmine/index.ts'
import type { TicketSource } from '../../../src/sources/source.ts'

/** An answer of a real Redmine 5.0.4, as `test/real/record.ts` wrote it. */
export function readRecording<T = Record<string, unknown>>(name: string): T {
  return JSON.parse(readFileSync(join(import.meta.dirname, 'recordings', `${name}.json`), 'utf8')) as T
}

export function redmineAt(
  url: string,
  changes: Record<string, unknown> = {},
  metrics: Metrics = noMetrics,
  clock: Clock = () => Date.parse('2026-04-01T00:00:00.000Z'),
): TicketSource {
  const config = redmineConfig.parse({
    url,
    token: 'ap1-key',
    dialect: { channelField: 'Channel', tagsField: 'Tags' },
    ...changes,
  })
  const source = createRedmineSource(config, {
    key: 'redmine',
    loginOf: ({ id }) => id,
    metrics,
    logger: noLogger,
    clock,
  })
  onTestFinished(() => source.close?.())
  return source
}

export function redmineRef(externalId: string) {
  return { kind: 'ticket' as const, sourceKey: 'redmine', tenant: '', externalId }
}

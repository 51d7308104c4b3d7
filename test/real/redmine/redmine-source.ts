import { noLogger, noMetrics } from '../../../src/domain/telemetry.ts'
import { redmineConfig } from '../../../src/sources/redmine/config.ts'
import { createRedmineSource } from '../../../src/sources/redmine/index.ts'
import type { TicketSource } from '../../../src/sources/source.ts'
import { type RedmineLogin, redmineKeys } from './rest.ts'

/** The words of the seed (`setup.rb`). */
export const seededDialect = {
  channelField: 'Channel',
  tagsField: 'Tags',
  groups: ['Second level'],
  customFieldTypes: { Amount: 'NUMBER', 'Follow up': 'DATE', Warranty: 'BOOLEAN', Expert: 'USER', Margin: 'NUMBER' },
} as const

/** The source over this address, with the key of one of the seed's people. */
export function redmineSourceAt(url: string, login: RedmineLogin = 'ann', changes: Record<string, unknown> = {}): TicketSource {
  const config = redmineConfig.parse({ url, token: redmineKeys[login], timeoutMs: 30_000, dialect: seededDialect, ...changes })
  return createRedmineSource(config, {
    key: 'redmine',
    loginOf: ({ id }) => (id in redmineKeys ? id : null),
    metrics: noMetrics,
    logger: noLogger,
    clock: Date.now,
  })
}

export function redmineRef(externalId: string | number) {
  return { kind: 'ticket' as const, sourceKey: 'redmine', tenant: '', externalId: String(externalId) }
}

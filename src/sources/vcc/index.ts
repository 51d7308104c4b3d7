import type { SourceInfo } from '../source.ts'
import { definePlugin } from '../source-plugin.ts'
import { toSourceInfo } from '../source-table.ts'
import { createStoredSource } from '../stored-source.ts'
import { vccTable } from './capabilities.ts'
import { type VccConfig, vccConfig } from './config.ts'
import { createVccWebhookHandler } from './webhook.ts'

/** VCC Live: its webhooks bring the tickets of one account. */
export const vccPlugin = definePlugin({
  system: 'vcc',
  table: vccTable,
  config: vccConfig,
  toInfo: toVccInfo,
  create(config, { key, tickets, clock, metrics }) {
    const info = toVccInfo(key, config)
    return {
      source: createStoredSource({
        info,
        tenant: config.account,
        tickets,
        isExternalId: (id) => /^\d{1,30}-\d{1,30}$/.test(id),
        clock,
        metrics,
      }),
      webhook: createVccWebhookHandler({ source: info, config }),
    }
  },
})

export function toVccInfo(key: string, config: VccConfig): SourceInfo {
  return toSourceInfo({ key, system: 'vcc', label: config.label, mode: 'EVENT_FED' }, vccTable)
}

import type { SourceInfo } from '../source.ts'
import { definePlugin } from '../source-plugin.ts'
import { toSourceInfo } from '../source-table.ts'
import { createStoredSource } from '../stored-source.ts'
import { wasabiTable } from './capabilities.ts'
import { type WasabiConfig, wasabiConfig } from './config.ts'
import { toWasabiEnvelope } from './mapping.ts'
import { createWasabiWebhookHandler } from './webhook.ts'

/** Wasabi: its customer-care events bring tickets, and tickets of any source can be written in its schema. */
export const wasabiPlugin = definePlugin({
  system: 'wasabi',
  table: wasabiTable,
  config: wasabiConfig,
  toInfo: toWasabiInfo,
  create(config, { key, tickets, clock, metrics }) {
    const info = toWasabiInfo(key, config)
    return {
      source: createStoredSource({ info, tenant: '', tickets, clock, metrics }),
      webhook: createWasabiWebhookHandler({ source: info, config }),
    }
  },
  ticketFormat: {
    description: 'Every change as a CUSTOMER_CARE_TICKET event.',
    toLine: (ticket, action) => JSON.stringify(toWasabiEnvelope(ticket, action)),
  },
  createImportHandler: (key, config, { lenient }) =>
    createWasabiWebhookHandler({ source: toWasabiInfo(key, config), config, lenient }),
})

export function toWasabiInfo(key: string, config: WasabiConfig): SourceInfo {
  return toSourceInfo({ key, system: 'wasabi', label: config.label, mode: 'EVENT_FED' }, wasabiTable)
}

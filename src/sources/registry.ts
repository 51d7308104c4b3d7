import type * as z from 'zod'
import type { Clock } from '../domain/clock.ts'
import type { TicketRouter } from '../domain/delivery.ts'
import type { Logger, Metrics } from '../domain/telemetry.ts'
import { oneViewConfig } from './oneview/config.ts'
import { createOneViewSource } from './oneview/index.ts'
import { rbiConfig } from './rbi/config.ts'
import { createRbiSource, toRbiInfo } from './rbi/index.ts'
import { createRbiWebhookHandler } from './rbi/webhook.ts'
import type { TicketSource } from './source.ts'
import type { TicketStore } from './ticket-store.ts'
import { vccConfig } from './vcc/config.ts'
import { createVccSource, toVccInfo } from './vcc/index.ts'
import { createVccWebhookHandler } from './vcc/webhook.ts'
import { verifikConfig } from './verifik/config.ts'
import { createVerifikSource } from './verifik/index.ts'
import { wasabiConfig } from './wasabi/config.ts'
import { createWasabiSource, toWasabiInfo } from './wasabi/index.ts'
import { createWasabiWebhookHandler } from './wasabi/webhook.ts'
import type { WebhookHandler } from './webhook-handler.ts'

/** What every source may be built from. */
export interface SourceDeps {
  /** The key in the configuration. */
  readonly key: string
  readonly tickets: TicketStore
  /** Asked at the first write, so that the router may be made after its source. */
  readonly router: () => TicketRouter
  readonly metrics: Metrics
  readonly logger: Logger
  readonly clock: Clock
}

export interface BuiltSource {
  readonly source: TicketSource
  /** null: it is pulled. */
  readonly webhook: WebhookHandler | null
}

interface SourceSystem<Schema extends z.ZodObject> {
  /** The source's block in the configuration, without `system`. */
  readonly config: Schema
  create(config: z.output<Schema>, kit: SourceDeps): BuiltSource
}

function system<Schema extends z.ZodObject>(config: Schema, create: SourceSystem<Schema>['create']): SourceSystem<Schema> {
  return { config, create }
}

/** Every system that Deskgraph speaks, one line each. docs/adding-a-source.md is the recipe for the next. */
export const sourceSystems = {
  oneview: system(oneViewConfig, (config, kit) => ({ source: createOneViewSource({ ...kit, config }), webhook: null })),
  verifik: system(verifikConfig, (config, kit) => ({ source: createVerifikSource({ ...kit, config }), webhook: null })),
  vcc: system(vccConfig, (config, kit) => {
    const info = toVccInfo(kit.key, config)
    return { source: createVccSource({ ...kit, info, config }), webhook: createVccWebhookHandler({ source: info, config }) }
  }),
  wasabi: system(wasabiConfig, (config, kit) => {
    const info = toWasabiInfo(kit.key, config)
    return { source: createWasabiSource({ ...kit, info }), webhook: createWasabiWebhookHandler({ source: info, config }) }
  }),
  rbi: system(rbiConfig, (config, kit) => {
    const info = toRbiInfo(kit.key, config)
    return { source: createRbiSource({ ...kit, info, config }), webhook: createRbiWebhookHandler({ source: info, config }) }
  }),
} as const
export type SystemName = keyof typeof sourceSystems

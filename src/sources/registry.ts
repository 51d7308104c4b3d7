import type * as z from 'zod'
import type { TicketRouter } from '../domain/deliveries.ts'
import type { Intake } from '../domain/intake.ts'
import type { TicketSource } from '../domain/source.ts'
import type { Logger, Metrics } from '../domain/telemetry.ts'
import type { TicketStore } from '../domain/ticket-store.ts'
import type { Clock } from '../lib/clock.ts'
import { oneViewConfig } from './oneview/config.ts'
import { createOneViewSource } from './oneview/source.ts'
import { rbiConfig } from './rbi/config.ts'
import { createRbiIntake } from './rbi/intake.ts'
import { createRbiSource, toRbiInfo } from './rbi/source.ts'
import { vccConfig } from './vcc/config.ts'
import { createVccIntake } from './vcc/intake.ts'
import { createVccSource, toVccInfo } from './vcc/source.ts'
import { verifikConfig } from './verifik/config.ts'
import { createVerifikSource } from './verifik/source.ts'
import { wasabiConfig } from './wasabi/config.ts'
import { createWasabiIntake } from './wasabi/intake.ts'
import { createWasabiSource, toWasabiInfo } from './wasabi/source.ts'

/** What every source may be built from. */
export interface SourceKit {
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
  readonly intake: Intake | null
}

interface SourceSystem<Schema extends z.ZodObject> {
  /** The source's block in the configuration, without `system`. */
  readonly config: Schema
  create(config: z.output<Schema>, kit: SourceKit): BuiltSource
}

function system<Schema extends z.ZodObject>(config: Schema, create: SourceSystem<Schema>['create']): SourceSystem<Schema> {
  return { config, create }
}

/** Every system that Deskgraph speaks, one line each. docs/adding-a-source.md is the recipe for the next. */
export const sourceSystems = {
  oneview: system(oneViewConfig, (config, kit) => ({ source: createOneViewSource({ ...kit, config }), intake: null })),
  verifik: system(verifikConfig, (config, kit) => ({ source: createVerifikSource({ ...kit, config }), intake: null })),
  vcc: system(vccConfig, (config, kit) => {
    const info = toVccInfo(kit.key, config)
    return { source: createVccSource({ ...kit, info, config }), intake: createVccIntake({ source: info, config }) }
  }),
  wasabi: system(wasabiConfig, (config, kit) => {
    const info = toWasabiInfo(kit.key, config)
    return { source: createWasabiSource({ ...kit, info }), intake: createWasabiIntake({ source: info, config }) }
  }),
  rbi: system(rbiConfig, (config, kit) => {
    const info = toRbiInfo(kit.key, config)
    return { source: createRbiSource({ ...kit, info, config }), intake: createRbiIntake({ source: info, config }) }
  }),
} as const
export type SystemName = keyof typeof sourceSystems

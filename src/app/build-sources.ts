import type { GatewayConfig, SourceConfig } from '../config/gateway-config.ts'
import type { TicketRouter } from '../domain/deliveries.ts'
import type { Logger, Metrics } from '../domain/telemetry.ts'
import type { TicketStore } from '../domain/ticket-store.ts'
import type { Clock } from '../lib/clock.ts'
import { type BuiltSource, type SourceKit, sourceSystems } from '../sources/registry.ts'

export interface SourcesDeps {
  readonly tickets: TicketStore
  readonly routerOf: (sourceKey: string) => TicketRouter
  readonly metrics: Metrics
  readonly logger: Logger
  readonly clock: Clock
}

/** Every configured source, in the file's order. */
export function buildSources(sources: GatewayConfig['sources'], { routerOf, ...deps }: SourcesDeps): BuiltSource[] {
  return Object.entries(sources).map(([key, config]) => buildSource(config, { ...deps, key, router: () => routerOf(key) }))
}

function buildSource({ system, cache: _, ...config }: SourceConfig, kit: SourceKit): BuiltSource {
  // The schema has matched the block with its system: the union is told apart by `system` alone.
  const create = sourceSystems[system].create as (config: unknown, kit: SourceKit) => BuiltSource
  return create(config, kit)
}

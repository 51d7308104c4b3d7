import type { GatewayConfig, SourceConfig } from '../config/gateway-config.ts'
import type { Clock } from '../domain/clock.ts'
import type { TicketRouter } from '../domain/delivery.ts'
import type { Logger, Metrics } from '../domain/telemetry.ts'
import { type BuiltSource, type SourceDeps, sourceSystems } from '../sources/registry.ts'
import type { TicketStore } from '../sources/ticket-store.ts'

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

function buildSource({ system, cache: _, ...config }: SourceConfig, kit: SourceDeps): BuiltSource {
  // The schema has matched the block with its system: the union is told apart by `system` alone.
  const create = sourceSystems[system].create as (config: unknown, kit: SourceDeps) => BuiltSource
  return create(config, kit)
}

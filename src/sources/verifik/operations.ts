import type { Origin, SourceInfo } from '../../domain/source.ts'
import type { Metrics } from '../../domain/telemetry.ts'
import type { Ticket } from '../../domain/ticket.ts'
import { type Clock, now } from '../../lib/clock.ts'
import type { Upstream } from '../../upstream/types.ts'
import { createPageSizes, type PageSizes } from '../rest/page-sizes.ts'
import type { VerifikConfig } from './config.ts'
import { toTicket } from './translate.ts'
import type { VerifikTicket } from './wire.ts'

/** What every operation of one Verifik stands on. */
export interface Verifik {
  readonly info: SourceInfo
  readonly config: VerifikConfig
  readonly upstream: Upstream
  readonly metrics: Metrics
  readonly pageSizes: PageSizes
  /** Translates, and counts what there was no word for. */
  toTicket(wire: VerifikTicket, origin: Origin, partial: boolean): Ticket
  /** Where and when the answers of this moment were seen. */
  origin(): Origin
}

export function createVerifik(deps: {
  info: SourceInfo
  config: VerifikConfig
  upstream: Upstream
  metrics: Metrics
  clock: Clock
}): Verifik {
  const { info, config, metrics, clock } = deps
  const unknown = (field: string) => metrics.count('unknown_values_total', { source: info.key, field })
  return {
    ...deps,
    pageSizes: createPageSizes(config.pageSize),
    toTicket(wire, origin, partial) {
      const ticket = toTicket(wire, origin, partial)
      if (ticket.status === 'UNKNOWN' && wire.status !== null) unknown('status')
      if (ticket.priority === 'UNKNOWN') unknown('priority')
      if (ticket.category !== null && ticket.category.label === ticket.category.code) unknown('category')
      if (ticket.messages?.some(({ author }) => author?.kind === 'UNKNOWN')) unknown('author')
      return ticket
    },
    origin: () => ({ source: info, tenant: config.tenant, observedAt: now(clock) }),
  }
}

/** The configured path of an operation, with the id in its place, escaped. */
export function toPath(template: string, id: string): string {
  return template.replace('{id}', encodeURIComponent(id))
}

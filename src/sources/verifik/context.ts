import { type Clock, now } from '../../domain/clock.ts'
import type { Metrics } from '../../domain/telemetry.ts'
import type { Ticket } from '../../domain/ticket.ts'
import type { HttpClient } from '../http-client/types.ts'
import { createPageSizes, type PageSizes } from '../pagination/page-sizes.ts'
import type { Origin, SourceInfo } from '../source.ts'
import type { VerifikConfig } from './config.ts'
import type { VerifikTicket } from './decode.ts'
import { toTicket } from './mapping.ts'

/** What every operation of one Verifik stands on. */
export interface Verifik {
  readonly info: SourceInfo
  readonly config: VerifikConfig
  readonly upstream: HttpClient
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
  upstream: HttpClient
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

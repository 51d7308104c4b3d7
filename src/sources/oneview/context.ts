import { type Clock, now } from '../../domain/clock.ts'
import type { Metrics } from '../../domain/telemetry.ts'
import type { Ticket } from '../../domain/ticket.ts'
import type { HttpClient } from '../http-client/types.ts'
import { createPageSizes, type PageSizes } from '../pagination/page-sizes.ts'
import type { Origin, SourceInfo } from '../source.ts'
import type { OneViewConfig } from './config.ts'
import type { OneViewTicket } from './decode.ts'
import { toTicket } from './mapping.ts'

/** What every operation of one OneView stands on. */
export interface OneView {
  readonly info: SourceInfo
  readonly config: OneViewConfig
  readonly upstream: HttpClient
  readonly metrics: Metrics
  readonly pageSizes: PageSizes
  /** Translates, and counts what there was no word for. */
  toTicket(wire: OneViewTicket, origin: Origin): Ticket
  /** Where and when the answers of this moment were seen. */
  origin(): Origin
}

export function createOneView(deps: {
  info: SourceInfo
  config: OneViewConfig
  upstream: HttpClient
  metrics: Metrics
  clock: Clock
}): OneView {
  const { info, config, metrics, clock } = deps
  const unknown = (field: string) => metrics.count('unknown_values_total', { source: info.key, field })
  return {
    ...deps,
    pageSizes: createPageSizes(config.pageSize),
    toTicket(wire, origin) {
      const ticket = toTicket(wire, origin)
      if (ticket.status === 'UNKNOWN' && wire.status !== null) unknown('status')
      if (ticket.channel === 'UNKNOWN') unknown('channel')
      // "unknown" is one of the vendor's own words.
      if (ticket.vendor?.vertical === 'UNKNOWN' && wire.vendor?.vertical?.toLowerCase() !== 'unknown') unknown('vertical')
      return ticket
    },
    origin: () => ({ source: info, tenant: config.tenant, observedAt: now(clock) }),
  }
}

/** The configured path of an operation, with the id in its place, escaped. */
export function toPath(template: string, id: string): string {
  return template.replace('{id}', encodeURIComponent(id))
}

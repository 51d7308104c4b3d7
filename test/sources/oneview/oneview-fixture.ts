import { onTestFinished } from 'vitest'
import { type EntityRef, encodeId } from '../../../src/domain/ids.ts'
import { type Metrics, noLogger, noMetrics } from '../../../src/domain/telemetry.ts'
import type { PlainTicket } from '../../../src/domain/ticket.ts'
import { claimAsLogin } from '../../../src/sources/identity-map.ts'
import { oneViewConfig } from '../../../src/sources/oneview/config.ts'
import { toOneViewTicket } from '../../../src/sources/oneview/decode.ts'
import { createOneViewSource } from '../../../src/sources/oneview/index.ts'
import { mapping } from '../../../src/sources/oneview/mapping.ts'
import type { TicketSource } from '../../../src/sources/source.ts'
import { readFixture } from '../../fixtures/read-fixture.ts'
import { toSourceInfo } from '../../support/memory-ticket.ts'
import { translate as translateBy } from '../../support/translate.ts'

/** 2026-01-02T03:04:05Z */
export const observedAt = '2026-01-02T03:04:05.000Z'

export function oneViewAt(url: string, changes: Record<string, unknown> = {}, metrics: Metrics = noMetrics): TicketSource {
  const config = oneViewConfig.parse({ url: `${url}/ticket-detail`, token: 't0ken', timeoutMs: 5000, ...changes })
  const source = createOneViewSource(config, {
    key: 'oneview',
    loginOf: claimAsLogin,
    metrics,
    logger: noLogger,
    clock: () => Date.parse(observedAt),
  })
  onTestFinished(() => source.close?.())
  return source
}

export function refTo(externalId: string): EntityRef {
  return { kind: 'ticket', sourceKey: 'oneview', tenant: '', externalId }
}

export const idOf = (kind: 'ticket' | 'customer' | 'vendor' | 'agent' | 'order', externalId: string) =>
  encodeId(kind, 'oneview', '', externalId)

/** The document's sample ticket, with these changes. undefined removes a field. */
export function record(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return { ...readFixture('oneview/ticket.json'), ...changes }
}

export function metadata(changes: Record<string, unknown>): Record<string, unknown> {
  const sample = readFixture('oneview/ticket.json').metadata as Record<string, unknown>
  return record({ metadata: { ...sample, ...changes } })
}

const source = toSourceInfo('oneview', { system: 'oneview', label: 'OneView' })

/** Decodes and translates a record as the source does, after a round trip through JSON. */
export function translate(value: unknown): PlainTicket {
  const wire = toOneViewTicket(JSON.parse(JSON.stringify(value)))
  if (!wire) throw new Error('not a ticket')
  return translateBy(mapping, wire, { source, tenant: '', observedAt })
}

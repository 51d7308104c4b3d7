import { onTestFinished } from 'vitest'
import { type EntityKind, type EntityRef, encodeId } from '../../../src/domain/ids.ts'
import { type Metrics, noLogger, noMetrics } from '../../../src/domain/telemetry.ts'
import type { PlainTicket } from '../../../src/domain/ticket.ts'
import { claimAsLogin } from '../../../src/sources/identity-map.ts'
import type { TicketSource } from '../../../src/sources/source.ts'
import { verifikConfig } from '../../../src/sources/verifik/config.ts'
import { toVerifikTicket } from '../../../src/sources/verifik/decode.ts'
import { createVerifikSource } from '../../../src/sources/verifik/index.ts'
import { mapping } from '../../../src/sources/verifik/mapping.ts'
import { readFixture } from '../../fixtures/read-fixture.ts'
import { toSourceInfo } from '../../support/memory-ticket.ts'
import { translate as translateBy } from '../../support/translate.ts'

export const observedAt = '2026-01-02T03:04:05.000Z'

export function verifikAt(url: string, changes: Record<string, unknown> = {}, metrics: Metrics = noMetrics): TicketSource {
  const config = verifikConfig.parse({ url, token: 't0ken', timeoutMs: 5000, ...changes })
  const source = createVerifikSource(config, {
    key: 'verifik',
    loginOf: claimAsLogin,
    metrics,
    logger: noLogger,
    clock: () => Date.parse(observedAt),
  })
  onTestFinished(() => source.close?.())
  return source
}

export function refTo(externalId: string): EntityRef {
  return { kind: 'ticket', sourceKey: 'verifik', tenant: '', externalId }
}

export const idOf = (kind: EntityKind, externalId: string) => encodeId(kind, 'verifik', '', externalId)

/** The document's example object, with these changes. undefined removes a field. */
export function record(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return { ...readFixture('verifik/ticket.json'), ...changes }
}

const source = toSourceInfo('verifik', { system: 'verifik', label: 'Verifik' })

/** Decodes and translates a record as the source does, after a round trip through JSON. */
export function translate(value: unknown, isSummary = false): PlainTicket {
  const wire = toVerifikTicket(JSON.parse(JSON.stringify(value)))
  if (!wire) throw new Error('not a ticket')
  return translateBy(mapping, wire, { source, tenant: '', observedAt }, { isSummary })
}

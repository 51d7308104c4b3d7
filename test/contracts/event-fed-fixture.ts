import { parse } from 'yaml'
import type * as z from 'zod'
import type { Outbox } from '../../src/delivery/outbox.ts'
import { systemClock } from '../../src/domain/clock.ts'
import { DeskgraphError } from '../../src/domain/errors.ts'
import type { EntityRef } from '../../src/domain/ids.ts'
import { noLogger, noMetrics } from '../../src/domain/telemetry.ts'
import { createIngestionService } from '../../src/ingestion/ingestion-service.ts'
import { claimAsLogin } from '../../src/sources/identity-map.ts'
import type { SourceInfo } from '../../src/sources/source.ts'
import type { BuiltSource, SourceDeps, SourcePlugin } from '../../src/sources/source-plugin.ts'
import type { TicketStore } from '../../src/sources/stored-source.ts'
import { wasabiPlugin } from '../../src/sources/wasabi/index.ts'
import { openTestStore } from '../support/databases.ts'
import { requestOf, wasabiEvent } from '../support/ingestion-fixture.ts'
import type { SourceFixture } from './source-fixture.ts'

/** An event-fed source over the embedded database, filled by its own webhook. */
export async function openFixture(plugin: SourcePlugin, block: object, events: readonly string[], tenant: string) {
  const infos = new Map<string, SourceInfo>()
  const store = await openTestStore({ findSource: (key) => infos.get(key) ?? null })
  const key = plugin.system
  const deps: SourceDeps = {
    key,
    loginOf: claimAsLogin,
    tickets: store.tickets,
    store,
    outbox: silentOutbox,
    readYaml: (text, _file, schema) => schema.parse(parse(text)) as z.output<typeof schema>,
    metrics: noMetrics,
    logger: noLogger,
    clock: systemClock,
  }
  const build = async (tickets: TicketStore): Promise<BuiltSource> =>
    plugin.create(plugin.config.parse(block), { ...deps, tickets })
  const built = await build(store.tickets)
  const unreachable = await build(deadStore)
  infos.set(key, built.source.info)
  const ingestion = createIngestionService({ ...deps, store, webhookHandlers: [built.webhook!] })
  for (const event of events) await ingestion.receive(key, requestOf(key, event))
  await ingestion.idle()
  const toRef = (externalId: string, of = tenant): EntityRef => ({ kind: 'ticket', sourceKey: key, tenant: of, externalId })
  return {
    source: built.source,
    unreachable: unreachable.source,
    toRef,
    async close() {
      await ingestion.stop()
      await store.close()
    },
  }
}

/** Stands for a database that does not answer. */
const deadStore: TicketStore = {
  find: () => Promise.reject(new DeskgraphError('STORAGE_UNAVAILABLE', 'The database cannot be used now.')),
  list: () => Promise.reject(new DeskgraphError('STORAGE_UNAVAILABLE', 'The database cannot be used now.')),
  toPosition: () => 'position',
  count: () => Promise.reject(new DeskgraphError('STORAGE_UNAVAILABLE', 'The database cannot be used now.')),
  findActivity: () => Promise.reject(new DeskgraphError('STORAGE_UNAVAILABLE', 'The database cannot be used now.')),
}

/** Sends nothing: the contract is about tickets. */
const silentOutbox: Outbox = {
  open: async () => 'queue',
  add: async () => {},
  enqueue: async () => {},
  queueNames: async () => [],
}

export const numbers = Array.from({ length: 12 }, (_, index) => index + 1)

export async function openWasabi(): Promise<SourceFixture> {
  const events = numbers.map((n) =>
    wasabiEvent(`t-${n}`, { updatedAt: `2024-01-02T00:00:${String(n).padStart(2, '0')}Z`, tags: ['vip'] }),
  )
  events.push(
    wasabiEvent('t-1', {
      ...{ updatedAt: '2024-01-03T00:00:00Z', resolvedAt: '2024-01-03T00:00:00Z', ticketOrigin: 'email' },
      ...{ reason: { type: 'LATE_DELIVERY', orderIds: ['o1'] }, firstReplyTimeInMinutes: 1.5, tags: ['vip'] },
    }),
  )
  const fixture = await openFixture(wasabiPlugin, { token: 'wasabi-token-of-the-tests' }, events, '')
  return { ...fixture, refs: numbers.map((n) => fixture.toRef(`t-${n}`)), missing: fixture.toRef('t-999') }
}

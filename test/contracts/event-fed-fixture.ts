import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'yaml'
import type * as z from 'zod'
import type { Outbox } from '../../src/delivery/outbox.ts'
import { systemClock } from '../../src/domain/clock.ts'
import { DeskgraphError } from '../../src/domain/errors.ts'
import type { EntityRef } from '../../src/domain/ids.ts'
import { noLogger, noMetrics } from '../../src/domain/telemetry.ts'
import { createIngestionService } from '../../src/ingestion/ingestion-service.ts'
import { claimAsLogin } from '../../src/sources/identity-map.ts'
import { rbiPlugin } from '../../src/sources/rbi/index.ts'
import type { SourceInfo } from '../../src/sources/source.ts'
import type { BuiltSource, SourceDeps, SourcePlugin } from '../../src/sources/source-plugin.ts'
import type { TicketStore } from '../../src/sources/stored-source.ts'
import { vccPlugin } from '../../src/sources/vcc/index.ts'
import { wasabiPlugin } from '../../src/sources/wasabi/index.ts'
import { routingText } from '../delivery/delivery-fixture.ts'
import { someCall } from '../support/call.ts'
import { openTestStore } from '../support/databases.ts'
import { requestOf, vccEvent, wasabiEvent } from '../support/ingestion-fixture.ts'
import type { SourceFixture } from './source-fixture.ts'

/** An event-fed source over the embedded database, filled by its own webhook. */
async function openFixture(plugin: SourcePlugin, block: object, events: readonly string[], tenant: string) {
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

const numbers = Array.from({ length: 12 }, (_, index) => index + 1)

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

export async function openVcc(): Promise<SourceFixture> {
  const events = numbers.map((n) =>
    vccEvent('add', n, { title: `Ticket ${n}`, status: 'park', firstOpenTime: 1_700_000_000 + n }),
  )
  // A later state of one ticket with every documented field.
  events.push(
    vccEvent('update', 1, {
      ...{ description: 'd', type: 'complaint', status: 'closed', subStatus: 'successful', entityId: 7 },
      ...{ lastOpenTime: 1_700_000_100, softDeadline: '2024-02-15T15:46:00+01:00', agentName: 'Ann', agentUserName: 'ann' },
      ...{ createdUserId: 6, createdUserName: 'Bob', userId: 8 },
    }),
  )
  const fixture = await openFixture(vccPlugin, { account: 'acme', secret: 'vcc-secret-of-the-tests' }, events, 'acme')
  return {
    ...fixture,
    refs: numbers.map((n) => fixture.toRef(`1-${n}`)),
    missing: fixture.toRef('1-999'),
    unfilled: ['deletedAt'],
  }
}

/** With tickets of partners and its own. */
export async function openRbi(): Promise<SourceFixture> {
  const folder = await mkdtemp(join(tmpdir(), 'deskgraph-contract-'))
  const routing = join(folder, 'routing.yaml')
  const partner = { key: 'regional', url: 'http://127.0.0.1:9/hook', secret: 'partner-secret-of-the-tests', general: true }
  await writeFile(routing, routingText([partner]))
  const events = numbers.map((n) =>
    JSON.stringify({
      id: `partner-${n}`,
      type: 'GENERAL',
      category: 'other',
      subcategory: 'app',
      comments: `It crashes ${n} times.`,
      source: 'APP',
      createdAt: `2024-01-02T00:00:${String(n).padStart(2, '0')}Z`,
      ...(n === 1 && { store: { id: 's1' }, order: { id: 'o1' }, customer: { id: 'c1' } }),
    }),
  )
  const fixture = await openFixture(rbiPlugin, { secret: 'rbi-secret-of-the-tests', routing }, events, '')
  const own = await fixture.source.createTicket!({ source: 'rbi', category: 'other', subcategory: 'app' }, someCall())
  const refs = [...numbers.map((n) => fixture.toRef(`partner-${n}`)), fixture.toRef(own.ticket!.externalId, 'plk-eu')]
  return {
    ...fixture,
    refs,
    missing: fixture.toRef('missing', 'plk-eu'),
    async close() {
      await fixture.close()
      await rm(folder, { recursive: true })
    },
  }
}

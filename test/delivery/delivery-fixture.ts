import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parse } from 'yaml'
import { openStore } from '../../src/db/open-store.ts'
import { createDeliveryStore } from '../../src/db/repositories/deliveries.ts'
import { deliveriesConfig } from '../../src/delivery/config.ts'
import { createDeliveryService } from '../../src/delivery/delivery-service.ts'
import { createOutbox } from '../../src/delivery/outbox.ts'
import type { Call } from '../../src/domain/call.ts'
import { systemClock } from '../../src/domain/clock.ts'
import type { Delivery, DeliveryState } from '../../src/domain/delivery.ts'
import { anonymous } from '../../src/domain/permissions.ts'
import { type Metrics, noLogger } from '../../src/domain/telemetry.ts'
import type { Ticket } from '../../src/domain/ticket.ts'
import type { CreateTicket, WriteResult } from '../../src/domain/writes.ts'
import { createJobs } from '../../src/jobs/jobs.ts'
import { openRoutingConfigStore } from '../../src/sources/rbi/routing-config-store.ts'
import { routingFile } from '../../src/sources/rbi/routing-file.ts'
import { createTicketRouter } from '../../src/sources/rbi/ticket-router.ts'
import { toSourceInfo } from '../support/memory-ticket.ts'

const rbi = toSourceInfo('rbi', { system: 'rbi', mode: 'EVENT_FED', actions: ['ROUTE'] })

export const call: Call = { viewer: anonymous, signal: new AbortController().signal, requestId: 'test' }

export interface PartnerSetup {
  readonly key: string
  readonly url: string
  readonly secret: string | readonly string[]
  readonly stores?: readonly string[]
  readonly general?: boolean
}

/** A routing file of one market that lets partners be on loopback. */
export function routingText(partners: readonly PartnerSetup[]): string {
  return JSON.stringify({
    allowPrivateNetworks: ['127.0.0.1/32'],
    markets: [
      {
        key: 'plk-eu',
        brand: 'plk',
        region: 'eu',
        storeSupportTicketTimeThresholdMinutes: 120,
        categoryGroups: [
          {
            key: 'order',
            label: 'My order',
            ticketType: 'STORE',
            subCategories: [{ key: 'missing-item', issueId: 'KF-102', submitToExternalPartners: true, selectRecentOrder: true }],
          },
          {
            key: 'other',
            label: 'Something else',
            ticketType: 'GENERAL',
            subCategories: [
              { key: 'app', issueId: 'KF-7', submitToExternalPartners: true },
              { key: 'praise', issueId: 'KF-8', submitToExternalPartners: false },
            ],
          },
        ],
        partners: partners.map(({ key, url, secret, stores, general }) => ({
          key,
          url,
          secret,
          events: [...(stores ? ['STORE_SUPPORT_TICKET_EVENT'] : []), ...(general ? ['GENERAL_SUPPORT_TICKET_EVENT'] : [])],
          ...(stores ? { stores } : {}),
        })),
      },
    ],
  })
}

export interface DeliveryFixtureSetup {
  readonly partners: readonly PartnerSetup[]
  readonly scheduleSeconds?: readonly number[]
  readonly timeoutMs?: number
  readonly concurrencyPerPartner?: number
  readonly databaseUrl?: string | undefined
  /** A directory for the embedded database; absent: in memory. */
  readonly dataDir?: string
  readonly metrics?: Metrics
  /** 0.5 is no jitter. */
  readonly random?: () => number
  /** Starts no worker, like a replica that has just died. */
  readonly idle?: boolean
}

/** Store, job queue, router and delivery service together, as the application wires them. */
export async function openDeliveryFixture(setup: DeliveryFixtureSetup) {
  const metrics: Metrics = setup.metrics ?? { count() {}, observe() {}, set() {} }
  const folder = await mkdtemp(join(tmpdir(), 'routing-'))
  const file = join(folder, 'routing.yaml')
  await writeFile(file, routingText(setup.partners))
  const store = await openStore({
    databaseUrl: setup.databaseUrl,
    dataDir: setup.dataDir,
    findSource: (key) => (key === 'rbi' ? rbi : null),
    logger: noLogger,
    metrics,
  })
  const jobs = createJobs({ database: store.engine, logger: noLogger, pollSeconds: 0.5, superviseSeconds: 1, stopTimeoutMs: 500 })
  await jobs.start()
  const routingConfig = await openRoutingConfigStore({
    sourceKey: 'rbi',
    file,
    read: (text) => routingFile.parse(parse(text)),
    logger: noLogger,
    pollMs: 60_000,
  })
  const config = deliveriesConfig.parse({
    scheduleSeconds: setup.scheduleSeconds ?? [0, 0.05, 0.05],
    timeoutMs: setup.timeoutMs ?? 2_000,
    concurrencyPerPartner: setup.concurrencyPerPartner ?? 4,
  })
  const deliveryStore = createDeliveryStore(store.db)
  const clock = systemClock
  const outbox = createOutbox({ deliveries: deliveryStore, jobs, timeoutMs: config.timeoutMs, clock })
  const deliveries = createDeliveryService({
    store,
    deliveries: deliveryStore,
    jobs,
    outbox,
    directories: [routingConfig],
    config,
    clock,
    logger: noLogger,
    metrics,
    random: setup.random ?? (() => 0.5),
  })
  const router = createTicketRouter({ source: rbi, store, outbox, routingConfig, clock })
  if (!setup.idle) await deliveries.start()
  return {
    store,
    jobs,
    routingConfig,
    deliveries,
    deliveryStore,
    router,
    /** Replaces the partners of the routing file. */
    edit: async (partners: readonly PartnerSetup[]) => {
      await writeFile(file, routingText(partners))
      await routingConfig.reload()
    },
    file,
    /** Waits until every delivery of the ticket is in one of the states. */
    async waitFor(ticketId: string, ...states: DeliveryState[]): Promise<readonly Delivery[]> {
      for (;;) {
        const [found = []] = await deliveries.ofTickets([ticketId])
        if (found.length > 0 && found.every((delivery) => states.includes(delivery.state))) return found
        await sleep(20)
      }
    },
    async close() {
      routingConfig.close()
      await jobs.stop()
      await store.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
export type DeliveryFixture = Awaited<ReturnType<typeof openDeliveryFixture>>

export const storeTicket: CreateTicket = {
  source: 'rbi',
  category: 'order',
  subcategory: 'missing-item',
  description: 'The fries are missing.',
  storeId: '1001',
  get order() {
    return { externalId: 'O-1', placedAt: new Date(Date.now() - 60_000).toISOString() }
  },
  customer: { externalId: 'g-1', name: 'Ana', email: 'ana@example.com' },
}
export const generalTicket: CreateTicket = { source: 'rbi', category: 'other', subcategory: 'app', description: 'It crashes.' }

export function ticketOf(result: WriteResult): Ticket {
  if (!result.ticket) throw new Error(`no ticket: ${JSON.stringify(result)}`)
  return result.ticket
}

import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { toIdentityMap } from '../config/gateway-config.ts'
import { type Environment, readYaml } from '../config/read-yaml.ts'
import type { Store } from '../db/open-store.ts'
import type { Call } from '../domain/call.ts'
import { systemClock } from '../domain/clock.ts'
import { anonymous } from '../domain/permissions.ts'
import { noLogger, noMetrics } from '../domain/telemetry.ts'
import type { Ticket } from '../domain/ticket.ts'
import { connectRedis } from '../redis/connect-redis.ts'
import { type Budgets, createBudgets } from '../sources/budget/budgets.ts'
import { createSources, findPlugin } from '../sources/registry.ts'
import type { TicketSource } from '../sources/source.ts'
import type { TicketFormat } from '../sources/source-plugin.ts'
import { fail } from './fail.ts'
import { withStore } from './with-store.ts'

/** `deskgraph export <system> [SOURCE…]`: prints the tickets of these sources, or of all, in that system's format. */
export function exportTickets(system: string, keys: readonly string[], environment: Environment): Promise<void> {
  const format = findPlugin(system)?.ticketFormat ?? fail(`Tickets cannot be written in a format of "${system}".`)
  return withStore(environment, async ({ config, store, proxies, signIn, redisUrl }) => {
    const unknown = keys.find((key) => !Object.hasOwn(config.sources, key))
    if (unknown !== undefined) fail(`There is no source "${unknown}".`)
    const chosen = Object.fromEntries(Object.entries(config.sources).filter(([key]) => keys.length === 0 || keys.includes(key)))
    await using parts = new AsyncDisposableStack()
    const budgets = await openBudgets(store, redisUrl, parts)
    const built = await createSources(chosen, {
      identity: toIdentityMap(config),
      tickets: store.tickets,
      store,
      outbox: null,
      readYaml: (text, file, schema) => readYaml({ text, file, schema, environment }),
      logger: noLogger,
      metrics: noMetrics,
      clock: systemClock,
      proxies,
      signIn,
      budgets,
    })
    const sources = built.map(({ source }) => source)
    const call = {
      ...{ viewer: anonymous, requestId: randomUUID(), signal: new AbortController().signal },
      priority: 'export',
    } as const
    const count = await runExport({ sources, format, call, out: process.stdout })
    console.error(`${count} tickets`)
    await Promise.all(sources.map((source) => source.close?.()))
  })
}

/**
 * The budgets that a running gateway has too. Without Redis, a gateway on the same PostgreSQL does not know of these calls: then the
 * command makes a fifth of them. The embedded database belongs to one process.
 */
async function openBudgets(store: Store, redisUrl: string | null, parts: AsyncDisposableStack): Promise<Budgets> {
  const redis = redisUrl === null ? null : await connectRedis({ redisUrl, use: 'call budgets', logger: noLogger })
  parts.defer(() => redis?.disconnect())
  const shareAlone = store.engine.kind === 'postgres' ? 0.2 : 1
  const budgets = createBudgets({ metrics: noMetrics, logger: noLogger, clock: systemClock, redis, shareAlone })
  budgets.startMeasuring()
  parts.defer(budgets.close)
  return budgets
}

/** What an export needs. */
export interface ExportCommand {
  readonly sources: readonly TicketSource[]
  readonly format: TicketFormat
  readonly call: Call
  /** Receives the lines. Its backpressure slows the reading. */
  readonly out: NodeJS.WritableStream
}

/** Many more tickets than change between two pages of a list. */
const maxRecentIds = 10_000

/** True for an id that was not among the latest ones. A ticket that shifts to the next page repeats soon. */
function createRecentIds(): (id: string) => boolean {
  const ids = new Set<string>()
  return (id) => {
    if (ids.has(id)) return false
    ids.add(id)
    if (ids.size > maxRecentIds) ids.delete(ids.values().next().value as string)
    return true
  }
}

/**
 * Yields every ticket of a source, with constant memory.
 * - `offset` lists shift towards their end while tickets change: a repeated ticket is skipped, and a ticket that changes
 *   meanwhile may be missing.
 * - `keyset` lists have the latest changes last: no ticket is missing, and a ticket that changes meanwhile repeats.
 */
async function* readAll(source: TicketSource, call: Call): AsyncGenerator<Ticket> {
  const isKeyset = source.paginationStyle === 'keyset'
  const order = { field: 'UPDATED_AT', direction: isKeyset ? 'ASC' : 'DESC' } as const
  const isNew = isKeyset ? () => true : createRecentIds()
  let position: string | null = null
  for (;;) {
    const slice = await source.listTickets({ filter: {}, order, position, limit: source.maxPageSize, counted: false }, call)
    for (const ticket of slice.tickets) if (isNew(ticket.id)) yield ticket
    const next = slice.positions.at(-1) ?? null
    if (slice.end || next === null) return
    position = next
  }
}

/** A ticket that never changed is CREATED, every other ticket UPDATED. */
function toLine(ticket: Ticket, format: TicketFormat): string {
  const isNew = ticket.updatedAt === null || ticket.updatedAt === ticket.createdAt
  return format.toLine(ticket, isNew ? 'CREATED' : 'UPDATED')
}

/** Writes the tickets of these sources as NDJSON. Returns the number of tickets. */
export async function runExport({ sources, format, call, out }: ExportCommand): Promise<number> {
  let count = 0
  for (const source of sources) {
    for await (const ticket of readAll(source, call)) {
      if (!out.write(`${toLine(ticket, format)}\n`)) await once(out, 'drain')
      count += 1
    }
  }
  return count
}

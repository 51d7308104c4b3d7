import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import type { Environment } from '../config/read-yaml.ts'
import type { Call } from '../domain/call.ts'
import { systemClock } from '../domain/clock.ts'
import { anonymous } from '../domain/permissions.ts'
import { noLogger, noMetrics } from '../domain/telemetry.ts'
import type { Ticket } from '../domain/ticket.ts'
import { buildSources } from '../server/build-sources.ts'
import { findPlugin } from '../sources/registry.ts'
import type { TicketSource } from '../sources/source.ts'
import type { TicketFormat } from '../sources/source-plugin.ts'
import { fail } from './fail.ts'
import { withStore } from './with-store.ts'

/** `deskgraph export <system>`: the tickets of the named sources (all when none is) in that system's schema, to the standard output. */
export function exportTickets(system: string, keys: readonly string[], environment: Environment): Promise<void> {
  const format = findPlugin(system)?.ticketFormat ?? fail(`Tickets cannot be written in a format of "${system}".`)
  return withStore(environment, async ({ config, store, infos }) => {
    const unknown = keys.find((key) => !Object.hasOwn(config.sources, key))
    if (unknown !== undefined) fail(`There is no source "${unknown}".`)
    const chosen = Object.fromEntries(Object.entries(config.sources).filter(([key]) => keys.length === 0 || keys.includes(key)))
    const deps = {
      tickets: store.tickets,
      store,
      outbox: null,
      environment,
      logger: noLogger,
      metrics: noMetrics,
      clock: systemClock,
    }
    const built = await buildSources(chosen, deps)
    const sources = built.map(({ source }) => source)
    for (const { info } of sources) infos.set(info.key, info)
    const call = { viewer: anonymous, requestId: randomUUID(), signal: new AbortController().signal }
    const count = await runExport({ sources, format, call, out: process.stdout })
    console.error(`${count} tickets`)
    await Promise.all(sources.map((source) => source.close?.()))
  })
}

export interface ExportCommand {
  readonly sources: readonly TicketSource[]
  readonly format: TicketFormat
  readonly call: Call
  readonly out: NodeJS.WritableStream
}

/** Far more than change between two pages of a list. */
const rememberedIds = 10_000

/** Tells tickets that came before from new ones, by the latest ids: what shifts comes again soon. */
function createMemory(): (id: string) => boolean {
  const ids = new Set<string>()
  return (id) => {
    if (ids.has(id)) return false
    ids.add(id)
    if (ids.size > rememberedIds) ids.delete(ids.values().next().value as string)
    return true
  }
}

/**
 * Walks a source's list to its end, in constant memory. A list of pages shifts towards its end while tickets change: a ticket
 * that comes again is given once, one that changes meanwhile may be missed. In one that is walked by time the latest changes
 * come last: nothing is missed, and what changes meanwhile comes again as it is then.
 */
async function* walk(source: TicketSource, call: Call): AsyncGenerator<Ticket> {
  const isByTime = source.paginationStyle === 'keyset'
  const order = { field: 'UPDATED_AT', direction: isByTime ? 'ASC' : 'DESC' } as const
  const isNew = isByTime ? () => true : createMemory()
  let position: string | null = null
  for (;;) {
    const slice = await source.listTickets({ filter: {}, order, position, limit: source.maxPageSize, counted: false }, call)
    for (const ticket of slice.tickets) if (isNew(ticket.id)) yield ticket
    const next = slice.positions.at(-1) ?? null
    if (slice.end || next === null) return
    position = next
  }
}

/** A ticket that was never changed is CREATED, any other UPDATED. */
function toLine(ticket: Ticket, format: TicketFormat): string {
  const isNew = ticket.updatedAt === null || ticket.updatedAt === ticket.createdAt
  return format.toLine(ticket, isNew ? 'CREATED' : 'UPDATED')
}

/** Writes the tickets of these sources as NDJSON. Returns how many. */
export async function runExport({ sources, format, call, out }: ExportCommand): Promise<number> {
  let count = 0
  for (const source of sources) {
    for await (const ticket of walk(source, call)) {
      if (!out.write(`${toLine(ticket, format)}\n`)) await once(out, 'drain')
      count += 1
    }
  }
  return count
}

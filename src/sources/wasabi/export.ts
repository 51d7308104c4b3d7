import { once } from 'node:events'
import type { Call } from '../../domain/call.ts'
import type { Ticket } from '../../domain/ticket.ts'
import type { TicketSource } from '../source.ts'
import { toWasabiEnvelope } from './envelope.ts'

export interface ExportCommand {
  readonly sources: readonly TicketSource[]
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
function toLine(ticket: Ticket): string {
  const isNew = ticket.updatedAt === null || ticket.updatedAt === ticket.createdAt
  return JSON.stringify(toWasabiEnvelope(ticket, isNew ? 'CREATED' : 'UPDATED'))
}

/** `deskgraph export wasabi`: the tickets of these sources as NDJSON in the Wasabi schema. Returns how many. */
export async function runExport({ sources, call, out }: ExportCommand): Promise<number> {
  let count = 0
  for (const source of sources) {
    for await (const ticket of walk(source, call)) {
      if (!out.write(`${toLine(ticket)}\n`)) await once(out, 'drain')
      count += 1
    }
  }
  return count
}

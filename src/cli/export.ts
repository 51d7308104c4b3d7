import { once } from 'node:events'
import type { Call } from '../domain/call.ts'
import type { TicketSource } from '../domain/source.ts'
import type { Ticket } from '../domain/ticket.ts'
import { toWasabiEnvelope } from '../sources/wasabi/envelope.ts'

export interface ExportCommand {
  readonly sources: readonly TicketSource[]
  readonly call: Call
  readonly out: NodeJS.WritableStream
}

/** Walks a source's list to its end. A pulled list may shift meanwhile: a ticket that comes twice is given once. */
async function* walk(source: TicketSource, call: Call): AsyncGenerator<Ticket> {
  const seen = new Set<string>()
  const order = { field: 'UPDATED_AT', direction: 'DESC' } as const
  let position: string | null = null
  for (;;) {
    const slice = await source.listTickets({ filter: {}, order, position, limit: source.maxPageSize }, call)
    for (const ticket of slice.tickets) {
      if (seen.has(ticket.id)) continue
      seen.add(ticket.id)
      yield ticket
    }
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

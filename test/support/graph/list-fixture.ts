import { encodeId } from '../../../src/domain/ids.ts'
import { createMemorySource } from '../memory-source.ts'
import { createTestGraph, type GraphOptions } from './graph.ts'
import { customer, message, sourceInfo, ticket, vendor } from './tickets.ts'

export const oneview = sourceInfo('oneview')
const verifik = sourceInfo('verifik')
export const at = (minute: number) => `2026-01-01T00:${String(minute).padStart(2, '0')}:00.000Z`

/** Ten full tickets (minutes 0, 2, 4, …) with a customer, a vendor and a link to the previous one. */
const fullTickets = Array.from({ length: 10 }, (_, index) =>
  ticket(oneview, `o${index}`, {
    updatedAt: at(index * 2),
    title: `chat ${index}`,
    customer: customer(oneview, 'c1', { name: 'Ann Lee' }),
    vendor: vendor(oneview, 'v1', { vertical: 'RESTAURANTS' }),
    links: [
      {
        kind: 'CHILD',
        system: 'ONEVIEW',
        externalId: `o${(index + 9) % 10}`,
        category: null,
        reason: null,
        creator: null,
        createdAt: null,
        url: null,
        ticketId: encodeId('ticket', 'oneview', '', `o${(index + 9) % 10}`),
      },
    ],
  }),
)

/** Ten tickets (minutes 1, 3, 5, …) whose lists leave out their description and messages. */
const lazyTickets = Array.from({ length: 10 }, (_, index) =>
  ticket(verifik, `f${index}`, {
    updatedAt: at(index * 2 + 1),
    description: `long ${index}`,
    messages: [message(verifik, `f${index}`, 0, 'first'), message(verifik, `f${index}`, 1, 'second')],
  }),
)
const lazyFields = ['description', 'messages', 'resolvedAt'] as const

/** A graph over both sources, with their recorded calls. `error` is thrown by the lists of the second source. */
export function createListFixture(error?: Error, options: Pick<GraphOptions, 'metrics' | 'failures'> = {}) {
  const a = createMemorySource(oneview, { tickets: fullTickets })
  const b = createMemorySource(verifik, { tickets: lazyTickets, lazyFields })
  b.broken = error ?? null
  return { a, b, graph: createTestGraph({ sources: [a, b], ...options }) }
}

import type { NewChange } from '../../src/domain/events.ts'
import type { EntityRef } from '../../src/domain/ids.ts'
import type { Logger } from '../../src/domain/telemetry.ts'
import type { Ticket } from '../../src/domain/ticket.ts'
import type { ObservedTicket, Transaction } from '../../src/domain/transaction.ts'
import { SourcePoller } from '../../src/ingestion/source-poller.ts'
import { createTestClock } from '../support/ingestion-fixture.ts'
import { createMemorySource, type MemorySourceOptions } from '../support/memory-source.ts'

export const noon = '2024-06-01T12:00:00.000Z'
const startAt = Date.parse('2024-06-01T11:00:00.000Z')

/** The poller of one source: of a desk whose first update was at 11:00:01, and everything that it stores. */
export function pollerOf(options: MemorySourceOptions = {}) {
  const clock = createTestClock(noon)
  const desk = createMemorySource('desk', { paginationStyle: 'offset', startAt, ...options })
  const observed = new Map<string, ObservedTicket>()
  const transactions: string[][] = []
  const lines: unknown[][] = []
  const leases: unknown[][] = []
  const stopping = new AbortController()
  const state = { checkpoint: null as unknown, leader: true, releaseFails: null as Error | null, slept: 0 }
  const saved: unknown[] = []
  const tx = {
    lockTickets: async () => {},
    findObserved: async (refs: readonly EntityRef[]) => refs.map(({ externalId }) => observed.get(externalId) ?? null),
    async saveObserved(tickets: readonly Ticket[]) {
      for (const ticket of tickets) observed.set(ticket.externalId, { ticket, recorded: false })
    },
    async record(changes: readonly NewChange[]) {
      transactions.push(changes.map(({ kind, ticket }) => `${kind} ${ticket.externalId}`))
      for (const { ticket } of changes) observed.set(ticket.externalId, { ticket, recorded: true })
    },
  } as unknown as Transaction
  const poller = new SourcePoller(desk, {
    store: { transaction: (work) => work(tx) },
    checkpoints: {
      findCheckpoint: async (name) => (name === 'poll:desk' ? state.checkpoint : undefined),
      async saveCheckpoint(_name, body) {
        state.checkpoint = body
        saved.push(body)
      },
    },
    leases: {
      async acquire(...args) {
        leases.push(['acquire', ...args])
        return state.leader
      },
      async release(...args) {
        leases.push(['release', ...args])
        if (state.releaseFails) throw state.releaseFails
      },
    },
    logger: { warn: (...args: unknown[]) => void lines.push(args) } as unknown as Logger,
    clock,
    holder: 'one',
    graceMs: 0,
    intervalMs: () => 10_000,
    signal: stopping.signal,
  })
  const recorded = () => transactions.flat()
  return { poller, desk, clock, observed, transactions, recorded, lines, leases, state, saved, stopping }
}

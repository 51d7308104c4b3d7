import type { NewChange } from '../../src/domain/events.ts'
import { type EntityRef, encodeId } from '../../src/domain/ids.ts'
import type { StoredTicket } from '../../src/domain/transaction.ts'
import type {
  EventStore,
  EventTransaction,
  NewDeadLetter,
  NewInboxEvent,
  PendingEvent,
  ProcessedState,
  ReduceEffects,
  StoredDeadLetter,
  TicketKey,
} from '../../src/ingestion/event-store.ts'
import { EventProblem, type ReduceContext, type WebhookHandler } from '../../src/sources/webhook-handler.ts'
import { toSourceInfo, toTicket } from '../support/memory-ticket.ts'

export const deskInfo = toSourceInfo('desk', { mode: 'EVENT_FED' })

/** The text of an event of the desk: it sets the title of a ticket. Without an id it cannot be decoded; the title `bad` cannot be applied. */
export const said = (id: string, title = 'said') => JSON.stringify({ id, title })

/** A webhook source that the tests made up: `{ id, title }`, one event in each line. */
export const deskHandler = {
  source: deskInfo,
  duplicateWindowMs: 60_000,
  answersPerItem: false,
  authorise: ({ query }) => query.secret === 'right',
  split: ({ rawBody }) =>
    rawBody
      .toString()
      .split('\n')
      .map((line) => ({ raw: Buffer.from(line), eventId: null })),
  decode({ raw }) {
    const payload = JSON.parse(raw.toString())
    if (payload.id === undefined) throw new EventProblem('It has no id.')
    return { tenant: 'eu', externalId: payload.id, payload, echoOf: null }
  },
  reduce({ payload }, { ticket }: ReduceContext) {
    const { id, title } = payload as { id: string; title: string }
    if (title === 'bad') throw new EventProblem('Its title is bad.')
    const next = { ...(ticket ?? toTicket(deskInfo, id, { tenant: 'eu' })), title }
    const unknown = title === 'odd' ? ['title'] : []
    return { outcome: 'APPLIED', ticket: next, state: null, kind: ticket ? 'UPDATED' : 'CREATED', actor: null, unknown }
  },
} satisfies WebhookHandler

export const keyOf = (externalId: string): TicketKey => ({ sourceKey: 'desk', tenant: 'eu', externalId })
const textOf = ({ sourceKey, tenant, externalId }: TicketKey) => encodeId('ticket', sourceKey, tenant, externalId)

let lastDigest = 0
export function inboxEventOf(externalId: string, changes: Partial<NewInboxEvent> = {}): NewInboxEvent {
  lastDigest += 1
  return {
    ...keyOf(externalId),
    eventId: null,
    digest: String(lastDigest),
    raw: Buffer.from(said(externalId)),
    receivedAt: '2024-06-01T12:00:00.000Z',
    ...changes,
  }
}

/** Inbox, tickets and dead letters in memory. A transaction that fails leaves no effect. Only what ingestion calls. */
export function createMemoryEvents() {
  let inbox = new Map<number, PendingEvent & { state?: ProcessedState }>()
  let tickets = new Map<string, StoredTicket>()
  let letters = new Map<number, StoredDeadLetter & { reason?: string }>()
  let changes: readonly NewChange[] = []
  let lastId = 0
  const busy = new Set<string>()
  const checkpoints = new Map<string, unknown>()
  const memory = {
    busy,
    /** Called before each transaction with its number; may throw or wait. */
    beforeTransaction: null as ((count: number) => unknown) | null,
    transactions: 0,
    /** The keys of each claim. */
    claims: [] as string[][],
    checkpoints,
    tickets: () => tickets,
    changes: () => changes,
    letters: () => [...letters.values()],
    ticket: (externalId: string) => tickets.get(textOf(keyOf(externalId)))?.ticket ?? null,
    states: () => [...inbox.values()].map(({ state }) => state ?? 'PENDING'),
    add: (events: readonly NewInboxEvent[]) => insertEvents(events),
    store: {} as EventStore,
  }
  function insertEvents(events: readonly NewInboxEvent[]): number[] {
    return events.map((event) => {
      lastId += 1
      inbox.set(lastId, { ...event, id: lastId, repeatedAt: null, firstDigest: null })
      return lastId
    })
  }
  function insertDeadLetters(added: readonly NewDeadLetter[]): void {
    for (const letter of added) {
      lastId += 1
      letters.set(lastId, { ...letter, id: lastId, state: 'HELD' })
    }
  }
  const tx = {
    async claim(keys: readonly TicketKey[], limit: number) {
      memory.claims.push(keys.map(({ externalId }) => externalId))
      const free = new Set(keys.filter((key) => !busy.has(key.externalId)).map(textOf))
      const events = [...inbox.values()].filter((event) => event.state === undefined && free.has(textOf(event))).slice(0, limit)
      return {
        events: events.map((event) => ({ ...event, stored: tickets.get(textOf(event)) ?? null })),
        busy: keys.filter((key) => busy.has(key.externalId)),
      }
    },
    async saveEffects(effects: ReduceEffects) {
      for (const stored of effects.tickets) tickets.set(stored.ticket.id, stored)
      for (const { id, state } of effects.processed) inbox.set(id, { ...inbox.get(id)!, state })
      changes = [...changes, ...effects.changes]
    },
    insertEvents: async (events: readonly NewInboxEvent[]) => insertEvents(events),
    insertDeadLetters: async (added: readonly NewDeadLetter[]) => insertDeadLetters(added),
    lockTickets: async () => {},
    findTickets: async (refs: readonly EntityRef[]) => refs.map((ref) => tickets.get(textOf(ref)) ?? null),
    isEcho: async () => false,
    lockDeadLetter: async (id: number) => letters.get(id) ?? null,
    async resolveDeadLetter(id: number, state: StoredDeadLetter['state'], change: { problem?: string; reason?: string }) {
      letters.set(id, { ...letters.get(id)!, state, ...change })
    },
    saveCheckpoint: async (name: string, body: unknown) => void checkpoints.set(name, body),
  } as unknown as EventTransaction
  memory.store = {
    async transaction<T>(work: (tx: EventTransaction) => Promise<T>): Promise<T> {
      memory.transactions += 1
      await memory.beforeTransaction?.(memory.transactions)
      const before = [new Map(inbox), new Map(tickets), new Map(letters), changes] as const
      try {
        return await work(tx)
      } catch (error) {
        ;[inbox, tickets, letters, changes] = before
        throw error
      }
    },
    async insert(events, deadLetters) {
      insertDeadLetters(deadLetters)
      return insertEvents(events)
    },
    async findPendingTickets(sourceKeys, before, limit) {
      const found = [...inbox.values()].filter(
        (one) => one.state === undefined && one.receivedAt <= before && sourceKeys.includes(one.sourceKey),
      )
      return [...new Map(found.map((one) => [textOf(one), keyOf(one.externalId)])).values()].slice(0, limit)
    },
    findOutcomes: async (ids) =>
      new Map(ids.flatMap((id) => (inbox.get(id)?.state ? [[id, inbox.get(id)!.state!] as const] : []))),
    listDeadLetters: async ({ sourceKeys, before, limit }) =>
      [...letters.values()]
        .filter(({ id, sourceKey }) => sourceKeys.includes(sourceKey) && (before === null || id < before))
        .sort((a, b) => b.id - a.id)
        .slice(0, limit),
    findHeldDeadLetters: async (sourceKey, limit) =>
      [...letters.values()]
        .filter((one) => one.state === 'HELD' && one.sourceKey === sourceKey)
        .map(({ id }) => id)
        .slice(0, limit),
    findDeadLetters: async (ids) => ids.flatMap((id) => letters.get(id) ?? []),
    findCheckpoint: async (name) => checkpoints.get(name) ?? null,
    saveCheckpoint: async (name, body) => void checkpoints.set(name, body),
  }
  return memory
}

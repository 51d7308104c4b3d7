import { describe, expect, test } from 'vitest'
import type { NewChange } from '../../src/domain/events.ts'
import type { EntityRef } from '../../src/domain/ids.ts'
import type { Ticket } from '../../src/domain/ticket.ts'
import { withFields } from '../../src/domain/ticket-view.ts'
import type { ObservedTicket, Transaction } from '../../src/domain/transaction.ts'
import {
  isChange,
  type Observation,
  type ObservationOptions,
  recordObservations,
  toRef,
} from '../../src/ingestion/observed-changes.ts'
import { createMemorySource } from '../support/memory-source.ts'
import { toMessage, toTicket } from '../support/memory-ticket.ts'

const noon = '2024-06-01T12:00:00.000Z'
const [older, known, newer] = ['2024-06-01T10:00:00.000Z', '2024-06-01T11:00:00.000Z', '2024-06-01T11:30:00.000Z']
const source = createMemorySource('desk')
const byId: ObservationOptions = { newSince: newer, readById: true }
const byList: ObservationOptions = { newSince: newer, readById: false, changedSince: known }

const ticketOf = (changes: Partial<Ticket> = {}, id = 't-1') =>
  toTicket(source.info, id, { createdAt: older, updatedAt: known, title: 'Old', ...changes })
const seenAt = (observedAt: string, changes: Partial<Ticket> = {}): Ticket => {
  const ticket = ticketOf(changes)
  return { ...ticket, freshness: { ...ticket.freshness, observedAt } }
}
const seen = (ticket: Ticket | null, recorded = true): ObservedTicket | null => ticket && { ticket, recorded }

interface Setup {
  readonly states: readonly (ObservedTicket | null)[]
  readonly options?: ObservationOptions
  readonly desk?: typeof source
}

/** Records observations at noon; `states` are the known states, in the order of the observations. */
async function record(observations: readonly Observation[], { states, options = byId, desk = source }: Setup) {
  const changes: NewChange[] = []
  const locked: EntityRef[] = []
  const tx = {
    lockTickets: async (refs: EntityRef[]) => void locked.push(...refs),
    findObserved: async () => states,
    record: async (added: NewChange[]) => void changes.push(...added),
  } as unknown as Transaction
  const store = { transaction: <T>(work: (tx: Transaction) => Promise<T>) => work(tx) }
  const outcomes = await recordObservations({ store, clock: () => Date.parse(noon) }, desk, observations, options)
  return { changes, outcomes, locked }
}

const read = (ticket: Ticket, told?: boolean): Observation => ({
  ref: toRef(ticket),
  ticket,
  ...(told !== undefined && { told }),
})
/** What a read of one ticket records, when `before` was known. */
async function changeOf(
  before: Ticket | null,
  after: Ticket,
  setup: Omit<Setup, 'states'> & { recorded?: boolean; told?: boolean } = {},
) {
  const { changes } = await record([read(after, setup.told)], { ...setup, states: [seen(before, setup.recorded)] })
  return changes[0] ?? null
}

describe('a read of a ticket that was seen before', () => {
  test('records what has changed, with the time of the update', async () => {
    expect(await changeOf(ticketOf(), ticketOf({ title: 'New', updatedAt: newer }))).toMatchObject({
      kind: 'UPDATED',
      before: { title: 'Old' },
      ticket: { title: 'New' },
      at: newer,
      actor: null,
      summary: 'Updated title',
    })
  })

  test('records a later update although no field shows it', async () => {
    expect(await changeOf(ticketOf(), ticketOf({ updatedAt: newer }))).toMatchObject({ kind: 'UPDATED', summary: 'Updated' })
  })

  test('records nothing of an older state, and nothing of the same one', async () => {
    expect(await changeOf(ticketOf(), ticketOf({ updatedAt: older, title: 'Older' }))).toBeNull()
    expect(await changeOf(ticketOf(), ticketOf())).toBeNull()
  })

  test('records a change of a ticket that is new to its source as a change', async () => {
    const young = { createdAt: newer }
    expect(await changeOf(ticketOf(young), ticketOf({ ...young, updatedAt: noon }))).toMatchObject({ kind: 'UPDATED' })
  })

  test('records a change of a ticket that is gone as such, not as a second removal', async () => {
    const gone = { deletedAt: known }
    expect(await changeOf(ticketOf(gone), ticketOf({ ...gone, updatedAt: newer }))).toMatchObject({ kind: 'UPDATED' })
  })

  test('compares times that are missing as the earliest', async () => {
    expect(await changeOf(ticketOf({ updatedAt: null }), ticketOf())).toMatchObject({ kind: 'UPDATED', at: known })
    expect(await changeOf(ticketOf(), ticketOf({ updatedAt: null, title: 'New' }))).toBeNull()
  })

  test('records a change that keeps the update time, at the time of the read', async () => {
    expect(await changeOf(ticketOf(), ticketOf({ status: 'CLOSED' }))).toMatchObject({ kind: 'CLOSED', at: noon })
  })

  test('takes of two answers with the same update time the one that arrived last', async () => {
    const [first, second] = ['2024-06-01T11:59:00.000Z', '2024-06-01T11:59:01.000Z']
    const closed = { status: 'CLOSED' } as const
    expect(await changeOf(seenAt(second), seenAt(first, closed))).toBeNull()
    expect(await changeOf(seenAt(first), seenAt(second, closed))).toMatchObject({ kind: 'CLOSED' })
    expect(await changeOf(seenAt(first), seenAt(first, closed))).toMatchObject({ kind: 'CLOSED' })
  })

  test('is compared without the fields that a list omits', async () => {
    const desk = createMemorySource('desk', { lazyFields: ['messages', 'resolvedAt'] })
    const full = ticketOf({ resolvedAt: older, messages: [toMessage(source.info, 't-1', '1')] })
    const summary = ticketOf({ isSummary: true, messages: null })
    expect(await changeOf(full, summary, { desk })).toBeNull()
    expect(await changeOf(summary, full, { desk })).toBeNull()
    expect(await changeOf(full, { ...summary, title: 'New' }, { desk })).toMatchObject({
      before: { title: 'Old', isSummary: true, messages: null },
    })
    // Two full reads are compared in every field.
    expect(await changeOf(full, ticketOf({ resolvedAt: known, messages: full.messages }), { desk })).toMatchObject({
      summary: 'Updated resolvedAt',
    })
  })
})

describe('a ticket that is gone and that a read shows again', () => {
  const gone = ticketOf({ deletedAt: known })

  test('is a change of a read by its id, not of a list, which may be late', async () => {
    expect(await changeOf(gone, ticketOf())).toMatchObject({ kind: 'UPDATED', before: { deletedAt: known } })
    expect(await changeOf(gone, ticketOf(), { options: byList })).toBeNull()
  })

  test('is a change of a list with a later update', async () => {
    expect(await changeOf(gone, ticketOf({ updatedAt: newer }), { options: byList })).not.toBeNull()
  })
})

describe('a ticket that was never seen', () => {
  test.each([
    ['created at the beginning of the time is new', newer, 'CREATED'],
    ['created before is changed', known, 'UPDATED'],
    ['without a time of its creation is changed', null, 'UPDATED'],
  ])('%s', async (_, createdAt, kind) => {
    expect(await changeOf(null, ticketOf({ createdAt, updatedAt: newer }))).toMatchObject({ kind, before: null, at: newer })
  })

  test('of a list is a change only when its update is not older than the poll looks back', async () => {
    const options = byList
    expect(await changeOf(null, ticketOf({ updatedAt: known }), { options })).not.toBeNull()
    expect(await changeOf(null, ticketOf({ updatedAt: older }), { options })).toBeNull()
    expect(await changeOf(null, ticketOf({ updatedAt: null }), { options })).toBeNull()
    expect(await changeOf(null, ticketOf({ updatedAt: null }))).toMatchObject({ kind: 'UPDATED', at: noon })
  })

  test('and that its source marks as deleted is recorded as deleted', async () => {
    expect(await changeOf(null, ticketOf({ deletedAt: known }))).toMatchObject({ kind: 'DELETED' })
  })
})

describe('a state that a poll has seen and not recorded', () => {
  test('is recorded when a webhook tells of it, without a state before', async () => {
    expect(await changeOf(ticketOf(), ticketOf(), { told: true, recorded: false })).toMatchObject({
      kind: 'UPDATED',
      before: null,
    })
  })

  test('is not recorded a second time, without a webhook, or in an older state', async () => {
    expect(await changeOf(ticketOf(), ticketOf(), { told: true, recorded: true })).toBeNull()
    expect(await changeOf(ticketOf(), ticketOf(), { told: false, recorded: false })).toBeNull()
    expect(await changeOf(ticketOf(), ticketOf(), { recorded: false })).toBeNull()
    expect(await changeOf(ticketOf(), ticketOf({ updatedAt: older }), { told: true, recorded: false })).toBeNull()
  })

  test('is the state before a change that the webhook shows', async () => {
    const change = await changeOf(ticketOf(), ticketOf({ updatedAt: newer, title: 'New' }), { told: true, recorded: false })
    expect(change).toMatchObject({ before: { title: 'Old' } })
  })
})

describe('a ticket that the source does not have', () => {
  const missing = (told: boolean): Observation => ({ ref: toRef(ticketOf()), ticket: null, told })

  test('is recorded as deleted, as it was last seen', async () => {
    const { changes, outcomes } = await record([missing(false)], { states: [seen(ticketOf())] })
    expect(outcomes).toEqual(['REMOVED'])
    expect(changes).toMatchObject([
      {
        kind: 'DELETED',
        before: { title: 'Old', deletedAt: null },
        ticket: { title: 'Old', deletedAt: noon, freshness: { observedAt: noon, mode: 'LIVE' } },
        at: noon,
        actor: null,
        summary: 'Deleted',
      },
    ])
  })

  test('is recorded once', async () => {
    const states = [seen(ticketOf({ deletedAt: known }))]
    expect(await record([missing(true)], { states })).toMatchObject({ changes: [], outcomes: ['UNCHANGED'] })
  })

  test('and was never seen is recorded only when its sender said that it is gone', async () => {
    expect((await record([missing(false)], { states: [null] })).changes).toEqual([])
    const { changes } = await record([missing(true)], { states: [null] })
    expect(changes).toMatchObject([
      { before: null, ticket: { externalId: 't-1', deletedAt: noon, title: null, freshness: { observedAt: noon } } },
    ])
  })
})

describe('several observations', () => {
  test('are locked, compared each with its own state, and recorded in their order', async () => {
    const tickets = ['t-1', 't-2', 't-3', 't-4'].map((id) => ticketOf({}, id))
    const [one, two, three, four] = tickets as [Ticket, Ticket, Ticket, Ticket]
    const { changes, outcomes, locked } = await record(
      [
        read(withFields(one, { title: 'New' })),
        read(two),
        { ref: toRef(three), ticket: null, told: true },
        read(withFields(four, { status: 'CLOSED' })),
      ],
      { states: [one, two, three, four].map((ticket) => seen(ticket)) },
    )
    expect(locked.map(({ externalId }) => externalId)).toEqual(['t-1', 't-2', 't-3', 't-4'])
    expect(outcomes).toEqual(['CHANGED', 'UNCHANGED', 'REMOVED', 'CHANGED'])
    expect(changes.map(({ kind, ticket }) => [kind, ticket.externalId])).toEqual([
      ['UPDATED', 't-1'],
      ['DELETED', 't-3'],
      ['CLOSED', 't-4'],
    ])
  })

  test('that are none need no transaction', async () => {
    const store = { transaction: () => Promise.reject(new Error('a transaction was begun')) }
    expect(await recordObservations({ store, clock: Date.now }, source, [], byId)).toEqual([])
  })
})

test('a poll asks in the same way which tickets of a page are changes', () => {
  expect(isChange(source, ticketOf({ updatedAt: newer }), seen(ticketOf()), byList)).toBe(true)
  expect(isChange(source, ticketOf(), seen(ticketOf()), byList)).toBe(false)
  expect(isChange(source, ticketOf(), null, byList)).toBe(true)
  expect(isChange(source, ticketOf({ updatedAt: older }), null, byList)).toBe(false)
})

test('the reference of a ticket has its source, its tenant and its own id', () => {
  const ref = { kind: 'ticket', sourceKey: 'desk', tenant: 'eu', externalId: 't-1' }
  expect(toRef(ticketOf({ tenant: 'eu' }))).toEqual(ref)
})

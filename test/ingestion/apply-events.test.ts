import { describe, expect, test } from 'vitest'
import { DeskgraphError } from '../../src/domain/errors.ts'
import type { Logger } from '../../src/domain/telemetry.ts'
import { applyPendingEvents } from '../../src/ingestion/apply-events.ts'
import { countingMetrics } from '../support/call.ts'
import { createMemoryEvents, deskHandler, inboxEventOf, keyOf, said } from './memory-events.ts'

/** An inbox with these events, and what applying them logs and counts. */
function inboxOf(events: readonly ReturnType<typeof inboxEventOf>[]) {
  const memory = createMemoryEvents()
  memory.add(events)
  const metrics = countingMetrics()
  const lines: (readonly [level: string, fields: object, message: string])[] = []
  const logger = {
    warn: (fields: object, message: string) => void lines.push(['warn', fields, message]),
    error: (fields: object, message: string) => void lines.push(['error', fields, message]),
  } as unknown as Logger
  const webhookHandlers = new Map([['desk', deskHandler]])
  const apply = (...ids: string[]) =>
    applyPendingEvents({ events: memory.store, webhookHandlers, metrics, logger }, ids.map(keyOf))
  return { ...memory, memory, apply, metrics, lines }
}

const eventOf = (id: string, title: string) => inboxEventOf(id, { raw: Buffer.from(said(id, title)) })

describe('pending events', () => {
  test('of the tickets are applied in one transaction, and counted by their outcomes', async () => {
    const { memory, apply, metrics } = inboxOf([eventOf('a', 'one'), eventOf('a', 'two'), eventOf('b', 'odd'), eventOf('c', 'x')])
    expect(await apply('a', 'b')).toEqual([])
    expect(memory.transactions).toBe(1)
    expect([memory.ticket('a')?.title, memory.ticket('b')?.title, memory.ticket('c')]).toEqual(['two', 'odd', null])
    expect(memory.states()).toEqual(['APPLIED', 'APPLIED', 'APPLIED', 'PENDING'])
    expect(memory.changes()).toHaveLength(3)
    expect(metrics.total('webhook_events_total', { source: 'desk', outcome: 'applied' })).toBe(3)
    expect(metrics.total('webhook_events_total')).toBe(3)
    expect(metrics.total('unknown_values_total', { source: 'desk', field: 'title' })).toBe(1)
  })

  test('that cannot be applied become dead letters, which are logged with their problem', async () => {
    const { memory, apply, metrics, lines } = inboxOf([eventOf('a', 'bad'), eventOf('a', 'good')])
    await apply('a')
    expect(memory.states()).toEqual(['QUARANTINED', 'APPLIED'])
    expect(memory.letters()).toMatchObject([{ sourceKey: 'desk', problem: 'Its title is bad.', state: 'HELD' }])
    expect(metrics.total('webhook_events_total', { outcome: 'quarantined' })).toBe(1)
    expect(lines).toEqual([
      [
        'warn',
        expect.objectContaining({ source: 'desk', problem: 'Its title is bad.' }),
        'an event became a dead letter; see the quarantine',
      ],
    ])
  })

  test('of a ticket that another process has locked are left, and the ticket is returned', async () => {
    const { memory, apply } = inboxOf([eventOf('a', 'one'), eventOf('b', 'one')])
    memory.busy.add('a')
    expect(await apply('a', 'b')).toEqual([keyOf('a')])
    expect(memory.states()).toEqual(['PENDING', 'APPLIED'])
  })

  test('that are more than a hundred are left, and all tickets are returned', async () => {
    const { memory, apply } = inboxOf(Array.from({ length: 101 }, (_, n) => eventOf(n < 60 ? 'a' : 'b', `title ${n}`)))
    expect(await apply('a', 'b')).toEqual([keyOf('a'), keyOf('b')])
    expect(memory.states().filter((state) => state === 'PENDING')).toHaveLength(1)
    expect(await apply('a', 'b')).toEqual([])
    expect(memory.ticket('b')?.title).toBe('title 100')
  })

  test('that are none change and count nothing', async () => {
    const { memory, apply, metrics, lines } = inboxOf([])
    expect(await apply('a')).toEqual([])
    expect([memory.changes(), metrics.total('webhook_events_total'), lines]).toEqual([[], 0, []])
  })
})

describe('a transaction that fails', () => {
  test('is divided until only the events of the ticket that causes it are dead letters', async () => {
    const { memory, apply, lines } = inboxOf(['a', 'b', 'c', 'd', 'e'].map((id) => eventOf(id, 'x')))
    const { transaction } = memory.store
    const fault = new Error('a value that the database refuses')
    memory.store.transaction = (work) =>
      transaction((tx) =>
        work({
          ...tx,
          saveEffects: (effects) => {
            if (effects.tickets.some(({ ticket }) => ticket.externalId === 'd')) throw fault
            return tx.saveEffects(effects)
          },
        }),
      )
    expect(await apply('a', 'b', 'c', 'd', 'e')).toEqual([])
    expect(memory.states()).toEqual(['APPLIED', 'APPLIED', 'APPLIED', 'QUARANTINED', 'APPLIED'])
    // All; the first three; d and e; d alone; its dead letters; e.
    expect(memory.claims).toEqual([['a', 'b', 'c', 'd', 'e'], ['a', 'b', 'c'], ['d', 'e'], ['d'], ['d'], ['e']])
    expect(memory.letters()).toMatchObject([
      {
        sourceKey: 'desk',
        eventId: null,
        raw: Buffer.from(said('d', 'x')),
        receivedAt: '2024-06-01T12:00:00.000Z',
        problem: 'The event could not be stored because of an internal fault. Replay it after the gateway is repaired.',
      },
    ])
    expect(memory.ticket('d')).toBeNull()
    expect(lines).toMatchObject([
      ['error', {}, 'the events of a ticket cannot be applied and become dead letters; see the quarantine'],
    ])
  })

  test('still returns the tickets of both halves that another process has locked', async () => {
    const { memory, apply } = inboxOf(['a', 'b'].map((id) => eventOf(id, 'x')))
    memory.busy.add('a').add('b')
    memory.beforeTransaction = (count) => {
      if (count === 1) throw new Error('once')
    }
    expect(await apply('a', 'b')).toEqual([keyOf('a'), keyOf('b')])
  })

  test('because the database is away rejects, and nothing becomes a dead letter', async () => {
    const { memory, apply } = inboxOf([eventOf('a', 'x')])
    memory.beforeTransaction = () => {
      throw new DeskgraphError('STORAGE_UNAVAILABLE', 'The database cannot be reached.')
    }
    await expect(apply('a')).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' })
    expect([memory.transactions, memory.letters(), memory.states()]).toEqual([1, [], ['PENDING']])
  })

  test('with another error of the gateway is divided as any other', async () => {
    const { memory, apply } = inboxOf([eventOf('a', 'x'), eventOf('b', 'x')])
    memory.beforeTransaction = (count) => {
      if (count === 1) throw new DeskgraphError('UPSTREAM_UNAVAILABLE', 'It is down.')
    }
    expect(await apply('a', 'b')).toEqual([])
    expect(memory.states()).toEqual(['APPLIED', 'APPLIED'])
  })
})

import { describe, expect, test } from 'vitest'
import { DeskgraphError } from '../../src/domain/errors.ts'
import type { NewChange } from '../../src/domain/events.ts'
import { type EntityRef, encodeId } from '../../src/domain/ids.ts'
import type { Ticket } from '../../src/domain/ticket.ts'
import { withFields } from '../../src/domain/ticket-view.ts'
import type { ObservedTicket, Transaction } from '../../src/domain/transaction.ts'
import { createReconciler } from '../../src/ingestion/reconciler.ts'
import { someCall } from '../support/call.ts'
import { createMemorySource, type MemorySourceOptions } from '../support/memory-source.ts'

const noon = '2024-06-01T12:00:00.000Z'
const idOf = (externalId: string) => encodeId('ticket', 'desk', 'eu', externalId)

/** A desk with `count` tickets, `t00` to the last one, that the gateway has seen as they are. */
function deskOf(count: number, options: MemorySourceOptions = {}) {
  const desk = createMemorySource('desk', { tenant: 'eu', ...options })
  const known = new Map<string, ObservedTicket | null>()
  for (let n = 0; n < count; n++) {
    const ticket: Ticket = desk.put(`t${String(n).padStart(2, '0')}`, { tenant: 'eu' })
    known.set(ticket.externalId, { ticket, recorded: true })
  }
  const lists: unknown[][] = []
  const changes: NewChange[] = []
  const tx = {
    lockTickets: async () => {},
    findObserved: async (refs: readonly EntityRef[]) => refs.map(({ externalId }) => known.get(externalId) ?? null),
    record: async (added: readonly NewChange[]) => void changes.push(...added),
  } as unknown as Transaction
  const reconciler = createReconciler({
    sources: [desk, createMemorySource('fed', { info: { mode: 'EVENT_FED', label: 'The fed desk' } })],
    store: {
      transaction: (work) => work(tx),
      observed: {
        async list(...args) {
          lists.push(args)
          const { after, limit } = args[1]
          const rest = [...known.keys()].filter((id) => after === null || id > after[1])
          return rest.slice(0, limit).map((externalId) => ({ kind: 'ticket', sourceKey: 'desk', tenant: 'eu', externalId }))
        },
        count: async () => known.size,
      },
    },
    clock: () => Date.parse(noon),
  })
  const reconcile = (request: Partial<Parameters<typeof reconciler.reconcile>[0]> = {}) =>
    reconciler.reconcile(
      { sourceKey: 'desk', limit: 100, after: null, dryRun: false, force: false, ...request },
      someCall({ requestId: 'request-7' }),
    )
  const kinds = () => changes.map(({ kind, ticket }) => `${kind} ${ticket.externalId}`)
  return { desk, known, reconcile, lists, kinds }
}

describe('a batch of known tickets', () => {
  test('is compared with the source, and what has changed or gone is recorded', async () => {
    const { desk, reconcile, kinds } = deskOf(12)
    desk.touch('t03', { title: 'New' })
    desk.remove('t05')
    expect(await reconcile()).toEqual({
      subject: 'desk',
      done: 2,
      failed: 0,
      checked: 12,
      changedIds: [idOf('t03')],
      removedIds: [idOf('t05')],
      userErrors: [],
      total: 12,
      endCursor: null,
    })
    expect(kinds()).toEqual(['UPDATED t03', 'DELETED t05'])
  })

  test('is read afresh by the account of the comparison, with the priority of an export', async () => {
    const calls: unknown[] = []
    const { reconcile } = deskOf(1, {
      methods: {
        async loadTickets(refs, call) {
          calls.push(call)
          return refs.map(() => null)
        },
      },
    })
    await reconcile()
    expect(calls).toMatchObject([
      { viewer: { id: 'reconcile' }, requestId: 'request-7', fresh: true, priority: 'export', signal: expect.any(AbortSignal) },
    ])
  })

  test('does not record a ticket as new that was created before', async () => {
    const { desk, known, reconcile, kinds } = deskOf(1)
    desk.put('t00', { tenant: 'eu', createdAt: '2024-06-01T11:59:59.999Z' })
    known.set('t00', null)
    await reconcile()
    expect(kinds()).toEqual(['UPDATED t00'])
  })

  test('continues behind the cursor of the one before, until a batch is not full', async () => {
    const { reconcile, lists } = deskOf(3)
    const first = await reconcile({ limit: 2 })
    expect(first.checked).toBe(2)
    const second = await reconcile({ limit: 2, after: first.endCursor })
    expect([second.checked, second.endCursor]).toEqual([1, null])
    expect(lists).toEqual([
      ['desk', { after: null, limit: 2 }],
      ['desk', { after: ['eu', 't01'], limit: 2 }],
    ])
  })

  test('of no tickets is the end', async () => {
    expect(await deskOf(0).reconcile({ limit: 0 })).toMatchObject({ checked: 0, done: 0, endCursor: null })
  })

  test.each(['nonsense', '[]', '["eu"]', '["eu","t00","x"]', '["eu",1]', '{"length":2}'])(
    'refuses the cursor %s',
    async (text) => {
      const after = Buffer.from(text).toString('base64url')
      await expect(deskOf(1).reconcile({ after })).rejects.toMatchObject({
        code: 'BAD_USER_INPUT',
        message: 'The cursor does not belong to this reconciliation.',
      })
    },
  )
})

describe('a comparison without recording', () => {
  test('has the same result, and leaves the change log alone', async () => {
    const { desk, known, reconcile, kinds } = deskOf(12)
    desk.touch('t03', { title: 'New' })
    desk.remove('t05')
    desk.remove('t06')
    const gone = known.get('t06')!
    known.set('t06', { ...gone, ticket: withFields(gone.ticket, { deletedAt: noon }) })
    desk.remove('t07')
    known.set('t07', null)
    expect(await reconcile({ dryRun: true })).toMatchObject({
      done: 2,
      changedIds: [idOf('t03')],
      removedIds: [idOf('t05')],
      userErrors: [],
    })
    expect(kinds()).toEqual([])
  })
})

describe('a source that no longer finds many of the tickets', () => {
  /** A desk with `count` tickets of which the first `missing` are gone. */
  function deskWithout(count: number, missing: number) {
    const one = deskOf(count)
    for (const id of [...one.known.keys()].slice(0, missing)) one.desk.remove(id)
    return one
  }

  test('may have taken a right from the account: of ten tickets or more, over a half, nothing is recorded', async () => {
    const { reconcile, kinds } = deskWithout(10, 6)
    const result = await reconcile()
    expect(result).toMatchObject({
      checked: 10,
      userErrors: [
        {
          code: 'CONFLICT',
          message:
            '6 of 10 tickets were not found. The account of the gateway may have lost a right at the source, so nothing of this batch was recorded. When the tickets are gone, repeat it with force.',
          field: ['force'],
        },
      ],
    })
    expect(result.removedIds).toHaveLength(6)
    expect(kinds()).toEqual([])
  })

  test.each([
    ['a half', 10, 5],
    ['of nine tickets', 9, 9],
  ])('is believed when they are %s', async (_, count, missing) => {
    const { reconcile, kinds } = deskWithout(count, missing)
    expect((await reconcile()).userErrors).toEqual([])
    expect(kinds()).toHaveLength(missing)
  })

  test('is believed with force, and without recording it is no error', async () => {
    const forced = deskWithout(10, 10)
    expect((await forced.reconcile({ force: true })).userErrors).toEqual([])
    expect(forced.kinds()).toHaveLength(10)
    expect((await deskWithout(10, 10).reconcile({ dryRun: true })).userErrors).toEqual([])
  })
})

describe('tickets that cannot be read', () => {
  const down = new DeskgraphError('UPSTREAM_UNAVAILABLE', 'It is down.')

  test('are counted, and the others are compared', async () => {
    const { reconcile, kinds } = deskOf(3, {
      methods: { loadTickets: async (refs) => refs.map(({ externalId }) => (externalId === 't01' ? down : null)) },
    })
    expect(await reconcile()).toMatchObject({
      checked: 2,
      failed: 1,
      failure: down,
      removedIds: [idOf('t00'), idOf('t02')],
    })
    expect(kinds()).toEqual(['DELETED t00', 'DELETED t02'])
  })

  test('are all of them when the call fails as a whole', async () => {
    const { reconcile } = deskOf(2, { methods: { loadTickets: () => Promise.reject(down) } })
    expect(await reconcile()).toMatchObject({ checked: 0, failed: 2, failure: down, done: 0 })
  })

  test('reject where it is a fault of the gateway', async () => {
    const { reconcile } = deskOf(1, { methods: { loadTickets: () => Promise.reject(new TypeError('x is undefined')) } })
    await expect(reconcile()).rejects.toThrow('x is undefined')
  })
})

test.each([
  ['unknown', 'NOT_FOUND', 'There is no source with this key.'],
  ['fed', 'NOT_SUPPORTED', 'The fed desk sends its events: its tickets are stored, and cannot be compared.'],
])('the source %s cannot be compared', async (sourceKey, code, message) => {
  expect(await deskOf(1).reconcile({ sourceKey })).toEqual({
    ...{ subject: null, done: 0, failed: 0, checked: 0, changedIds: [], removedIds: [], total: 0, endCursor: null },
    userErrors: [{ code, message, field: ['source'] }],
  })
})

import { describe, expect, it } from 'vitest'
import { DeskgraphError } from '../../../src/domain/errors.ts'
import type { EntityRef } from '../../../src/domain/ids.ts'
import type { OrderKey } from '../../../src/sources/pagination/ticket-order.ts'
import type { TicketOrder } from '../../../src/sources/source.ts'
import type { WantedFields } from '../../../src/sources/wanted-fields.ts'
import { NamedIterator } from '../../../src/tickets/pagination/sorted-iterator.ts'
import type { ReadPlan } from '../../../src/tickets/pagination/ticket-iterator.ts'
import { countingMetrics, someCall } from '../../support/call.ts'
import { createMemorySource, type MemorySourceOptions } from '../../support/memory-source.ts'
import { toSourceInfo, toTicket } from '../../support/memory-ticket.ts'

const info = toSourceInfo('desk')
const order: TicketOrder = { field: 'CREATED_AT', direction: 'ASC' }
const at = (minute: number) => `2026-01-01T00:0${minute}:00.000Z`
const refTo = (externalId: string): EntityRef => ({ kind: 'ticket', sourceKey: 'desk', tenant: 'acme', externalId })

interface Given extends Partial<Pick<ReadPlan, 'matches'>> {
  readonly ids?: readonly string[]
  readonly after?: OrderKey | null
  readonly wanted?: WantedFields
  readonly options?: MemorySourceOptions
}

/** Reads the tickets t3, t1 and t2 by their ids. The number is the minute of their creation. */
function iteratorOver({ ids = ['t3', 't1', 't2'], after = null, wanted, options, ...differences }: Given = {}) {
  const tickets = [1, 2, 3].map((minute) => toTicket(info, `t${minute}`, { tenant: 'acme', createdAt: at(minute) }))
  const source = createMemorySource(info, { tenant: 'acme', tickets, ...options })
  const conditions = { pushedDown: {}, matches: null, counted: true, scanLimit: 1, metrics: countingMetrics() }
  const plan = { source, order, listOrder: order, ...conditions, ...differences }
  const iterator = new NamedIterator(plan, ids.map(refTo), after, wanted)
  return { source, iterator, read: (signal?: AbortSignal) => iterator.read(1, someCall(signal && { signal })) }
}
const idsOf = ({ buffer }: NamedIterator) => buffer.map(({ externalId }) => externalId)
const broken = (text: string) => new DeskgraphError('UPSTREAM_BAD_RESPONSE', text)

describe('tickets that a filter names', () => {
  it('are read at once, also beyond the scan limit, and sorted', async () => {
    const { source, iterator, read } = iteratorOver()
    expect([iterator.exhausted, iterator.totalCount, iterator.dropped]).toEqual([false, null, 0])
    await read()
    expect(idsOf(iterator)).toEqual(['t1', 't2', 't3'])
    expect([iterator.exhausted, iterator.scanLimitReached, iterator.totalCount]).toEqual([true, false, 3])
    expect(source.loadedIds()).toEqual([['t3', 't1', 't2']])
    expect(source.calls.wanted).toEqual([null])
  })

  it('count without those that have gone or do not match, and with those before the page', async () => {
    const { iterator, read } = iteratorOver({
      ids: ['t3', 't1', 't2', 'gone'],
      matches: ({ externalId }) => externalId !== 't3',
      after: [at(1), 'acme', 't1'],
    })
    await read()
    expect([idsOf(iterator), iterator.totalCount, iterator.dropped]).toEqual([['t2'], 2, 0])
  })

  it('are read with the fields that are wanted', async () => {
    const costly = ['messages', 'organization'] as const
    const { source, read } = iteratorOver({
      wanted: new Set(['messages'] as const),
      options: { lazyFields: costly, costlyFields: costly },
    })
    await read()
    expect(source.calls.wanted).toEqual([['messages']])
  })

  it('are left out and counted where some cannot be read; where none can, the read fails with the first error', async () => {
    const answers = [broken('t3'), null, broken('t2')]
    const some = iteratorOver({ options: { methods: { loadTickets: async () => answers } } })
    await some.read()
    expect([idsOf(some.iterator), some.iterator.dropped, some.iterator.totalCount]).toEqual([[], 2, 0])
    const none = iteratorOver({ options: { methods: { loadTickets: async () => [broken('first'), broken('second')] } } })
    await expect(none.read()).rejects.toThrow('first')
  })

  it('are not waited for when the signal aborts', async () => {
    const { source, read } = iteratorOver()
    source.broken = 'hang'
    const reason = new Error('the time is over')
    const controller = new AbortController()
    const reading = read(controller.signal)
    controller.abort(reason)
    await expect(reading).rejects.toBe(reason)
  })
})

describe('where a later page resumes among tickets that a filter names', () => {
  it('is the key of the last emitted ticket', async () => {
    const { iterator, read } = iteratorOver()
    expect(iterator.positionAfter(0)).toBeNull()
    expect(iterator.hintAfter(0)).toEqual({ kind: 'active', offset: 0 })
    await read()
    expect(iterator.positionAfter(0)).toBeNull()
    expect(iterator.positionAfter(2)).toEqual({ kind: 'sorted', block: null, after: [at(2), 'acme', 't2'] })
    expect(iterator.placeAfter(2)).toEqual({ kind: 'key', key: { tenant: 'acme', externalId: 't2' } })
    expect(iterator.hintAfter(2)).toEqual({ kind: 'active', offset: 0 })
  })

  it('is where this page began when nothing was emitted', async () => {
    const after: OrderKey = [at(1), 'acme', 't1']
    const { iterator, read } = iteratorOver({ after })
    expect(iterator.positionAfter(0)).toEqual({ kind: 'sorted', block: null, after })
    await read()
    expect(iterator.positionAfter(0)).toEqual({ kind: 'sorted', block: null, after })
  })

  it('is nowhere after the last of them', async () => {
    const { iterator, read } = iteratorOver()
    await read()
    expect(iterator.positionAfter(3)).toEqual({ kind: 'exhausted', totalCount: 3 })
    expect(iterator.hintAfter(3)).toEqual({ kind: 'exhausted', totalCount: 3 })
  })
})

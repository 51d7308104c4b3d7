import { describe, expect, it } from 'vitest'
import { DeskgraphError } from '../../src/domain/errors.ts'
import type { EntityKind, EntityRef } from '../../src/domain/ids.ts'
import type { Ticket } from '../../src/domain/ticket.ts'
import { withFields } from '../../src/domain/ticket-view.ts'
import { createMemorySource, type MemorySource, type MemorySourceOptions } from '../support/memory-source.ts'
import { toCustomer, toVendor } from '../support/memory-ticket.ts'
import { createService, toCall, toRequest, viewerWith } from './ticket-service-fixture.ts'

const refTo = (sourceKey: string, externalId: string, kind: EntityKind = 'ticket', tenant = ''): EntityRef => ({
  ...{ kind, sourceKey, tenant, externalId },
})
const readsOf = (...sources: MemorySource[]) => createService(sources).service.begin(toCall()).reads

function withTicket(options: MemorySourceOptions = {}): MemorySource {
  const source = createMemorySource('a', options)
  source.put('x')
  return source
}

describe('the sources of an operation', () => {
  it('are those that the viewer may see, in the configured order', () => {
    const [b, a, c] = ['b', 'a', 'c'].map((key) => createMemorySource(key))
    const { service } = createService([b!, a!, c!])
    const { sources } = service.begin(toCall(viewerWith('tickets:read', 'source:a', 'source:b')))
    expect(sources.all).toEqual([b, a])
    expect([sources.get('a'), sources.get('b'), sources.get('c'), sources.get('d')]).toEqual([a, b, undefined, undefined])
  })
})

describe('how long a page waits for a source', () => {
  it.each([
    [{ a: 20 }, 5_000],
    [undefined, 20],
    [{ b: 5_000 }, 20],
  ])('is its own time (%j), else that of all sources (%i ms)', async (sourceDeadlinesMs, sourceDeadlineMs) => {
    const source = withTicket()
    source.broken = 'hang'
    const limits = {
      sourceDeadlineMs,
      ...(sourceDeadlinesMs && { sourceDeadlinesMs: sourceDeadlinesMs as Record<string, number> }),
    }
    const { service } = createService([source], limits)
    const page = await service.begin(toCall()).reads.list(toRequest())
    expect(page.sources).toMatchObject([{ outcome: 'TIMEOUT' }])
  })
})

describe('the fields of a list', () => {
  it('are those that the operation selects', async () => {
    const source = withTicket({ lazyFields: ['messages'], listedFields: ['messages'] })
    const { service } = createService([source])
    await service.begin(toCall(), () => new Set(['messages'] as const)).reads.list(toRequest())
    await service.begin(toCall()).reads.list(toRequest())
    expect(source.calls.list.map(({ wanted }) => wanted)).toEqual([['messages'], undefined])
  })
})

describe('a ticket that is read by its reference', () => {
  it('is the same promise for the same reference', async () => {
    const source = withTicket()
    const reads = readsOf(source)
    const ref = refTo('a', 'x')
    const read = reads.ticket(ref)
    expect(reads.ticket(ref)).toBe(read)
    expect((await read)?.externalId).toBe('x')
  })

  it('names its source where the id cannot be of that source', async () => {
    await expect(readsOf(withTicket()).ticket(refTo('a', '../x'))).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      message: 'This is not an id of a ticket of Memory a.',
    })
  })

  it('is none for another kind or tenant, also as a link', async () => {
    const source = withTicket()
    const reads = readsOf(source)
    for (const ref of [refTo('a', 'x', 'customer'), refTo('a', 'x', 'ticket', 'acme'), refTo('b', 'x')])
      expect([await reads.ticket(ref), await reads.linked(ref)]).toEqual([null, null])
    expect(source.calls.load).toEqual([])
  })
})

describe('a ticket that is read by its number', () => {
  const tenants = { tenant: null, methods: { tenants: () => ['acme', 'other'] } } satisfies MemorySourceOptions

  it('is looked for in every tenant of its source', async () => {
    const source = createMemorySource('a', tenants)
    source.put('x', { tenant: 'other' })
    expect(await readsOf(source).numbered('a', 'x')).toMatchObject({ externalId: 'x', tenant: 'other' })
    expect(source.calls.load).toEqual([[refTo('a', 'x', 'ticket', 'acme'), refTo('a', 'x', 'ticket', 'other')]])
  })

  it('is found by the id that its source has for the number', async () => {
    const source = withTicket({
      methods: { externalIdsOf: async (numbers) => numbers.map((one) => (one === 'NO-1' ? 'x' : null)) },
    })
    const reads = readsOf(source)
    expect((await reads.numbered('a', 'NO-1'))?.externalId).toBe('x')
    expect(await reads.numbered('a', 'NO-2')).toBeNull()
    expect(source.loadedIds()).toEqual([['x']])
  })

  it('is none where there is no such ticket or source, or the number cannot be an id', async () => {
    const source = withTicket()
    const reads = readsOf(source)
    expect(await Promise.all(['gone', '../x'].map((number) => reads.numbered('a', number)))).toEqual([null, null])
    expect(await reads.numbered('b', 'x')).toBeNull()
    expect(source.loadedIds()).toEqual([['gone']])
  })
})

describe('the full ticket of a summary', () => {
  const summary = (source: MemorySource, known: Partial<Ticket> = {}): Ticket => ({
    ...source.tickets()[0]!,
    isSummary: true,
    ...known,
  })

  it('is read where it is a summary of a source that the viewer sees', async () => {
    const source = withTicket({ lazyFields: ['messages'] })
    const reads = readsOf(source)
    const ticket = summary(source)
    expect((await reads.full(ticket, 'messages')).isSummary).toBe(false)
    const full = withFields(ticket, { isSummary: false })
    expect(await reads.full(full, 'messages')).toBe(full)
    const hidden = summary(source, { source: createMemorySource('b').info })
    expect(await reads.full(hidden, 'messages')).toBe(hidden)
    expect(source.loadedIds()).toEqual([['x']])
  })
})

describe('a customer or a vendor', () => {
  /** A source with a ticket of the customer c and one of the vendor v. */
  function withParties(): MemorySource {
    const source = createMemorySource('a')
    source.put('1', { customer: toCustomer(source.info, 'c', { name: 'Ada' }) })
    source.put('2', { vendor: toVendor(source.info, 'v') })
    return source
  }

  it('is asked for by the latest ticket that has it, without a count', async () => {
    const source = withParties()
    const reads = readsOf(source)
    expect(await reads.customer(refTo('a', 'c', 'customer'))).toMatchObject({ externalId: 'c', name: 'Ada' })
    expect(await reads.vendor(refTo('a', 'v', 'vendor'))).toMatchObject({ externalId: 'v' })
    expect(source.calls.list).toMatchObject([
      { filter: { customer: refTo('a', 'c', 'customer') }, limit: 1, position: null, counted: false },
      { filter: { vendor: refTo('a', 'v', 'vendor') }, limit: 1, position: null, counted: false },
    ])
    expect(source.calls.list[0]!.order).toEqual({ field: 'UPDATED_AT', direction: 'DESC' })
  })

  it('is looked for once in an operation, by its kind, source, tenant and id', async () => {
    const source = withParties()
    const reads = readsOf(source)
    const found = [
      await reads.customer(refTo('a', 'c', 'customer')),
      await reads.customer(refTo('a', 'c', 'customer')),
      await reads.customer(refTo('a', 'd', 'customer')),
      await reads.customer(refTo('a', 'c', 'customer', 'acme')),
      await reads.customer(refTo('b', 'c', 'customer')),
      await reads.vendor(refTo('a', 'c', 'vendor')),
    ]
    expect(found.map((one) => one?.externalId ?? null)).toEqual(['c', 'c', null, null, null, null])
    expect(source.calls.list).toHaveLength(4)
  })

  it('is none for a reference of another kind, without a call', async () => {
    const source = withParties()
    const reads = readsOf(source)
    expect(await reads.customer(refTo('a', 'c', 'vendor'))).toBeNull()
    expect(await reads.vendor(refTo('a', 'v', 'customer'))).toBeNull()
    expect(source.calls.list).toEqual([])
  })

  it('fails with the failure of its source', async () => {
    const source = withParties()
    source.broken = new DeskgraphError('CIRCUIT_OPEN', 'Not now.', { source: 'a' })
    await expect(readsOf(source).vendor(refTo('a', 'v', 'vendor'))).rejects.toBe(source.broken)
  })
})

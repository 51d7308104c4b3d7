import { describe, expect, it } from 'vitest'
import type { TicketSource } from '../../src/sources/source.ts'
import { createMemorySource } from '../support/memory-source.ts'
import { createService, toCall, viewerWith } from './ticket-service-fixture.ts'

/** A source whose tickets people call `NO-` and the id; `NO-0` is a ticket's name that is no id. */
function desk(tenants: readonly string[] = ['']) {
  const methods: Partial<TicketSource> = {
    externalIdsOf: async (numbers) =>
      numbers.map((number) => (number === 'NO-0' ? '../0' : number.startsWith('NO-') ? number.slice(3) : null)),
    tenants: () => tenants,
  }
  const source = createMemorySource('desk', { tenant: null, methods })
  const summaries: string[][] = []
  const load = source.loadTickets
  const withSummaries: TicketSource = {
    ...source,
    async loadSummaries(refs, call) {
      summaries.push(refs.map(({ tenant, externalId }) => `${tenant}/${externalId}`))
      return (await load(refs, call)).map(
        (ticket) => ticket && !(ticket instanceof Error) && { ...ticket, isSummary: true },
      ) as never
    },
  }
  const { service } = createService([withSummaries])
  return { source, summaries, service, reads: service.begin(toCall()).reads }
}

describe('a linked ticket', () => {
  const ref = { kind: 'ticket', sourceKey: 'desk', tenant: '', externalId: '1' } as const

  it('is read as lists have it, where its source reads many of those at once', async () => {
    const { source, summaries, reads } = desk()
    source.put('1')
    expect((await reads.linked(ref))?.isSummary).toBe(true)
    expect(summaries).toEqual([['/1']])
  })

  it('is read once by the same reference', async () => {
    const { source, reads } = desk()
    source.put('1')
    const first = reads.linked(ref)
    expect(reads.linked(ref)).toBe(first)
    expect(reads.ticket(ref)).toBe(first)
    expect((await first)?.externalId).toBe('1')
    expect(source.calls.load).toHaveLength(1)
  })
})

describe('a ticket by what people call it', () => {
  it('is found by its number', async () => {
    const { source, reads } = desk()
    source.put('1')
    expect((await reads.numbered('desk', 'NO-1'))?.externalId).toBe('1')
    expect(await reads.numbered('desk', 'NO-2')).toBeNull()
  })

  it.each([
    ['the source has no such number', 'desk', 'x'],
    ['the number leads to what is no id of the source', 'desk', 'NO-0'],
    ['the source is not known', 'other', 'NO-1'],
  ])('is null without reading a ticket where %s', async (_, key, number) => {
    const { source, reads } = desk()
    source.put('1')
    expect(await reads.numbered(key, number)).toBeNull()
    expect(source.calls.load).toEqual([])
  })

  it('is null where the viewer does not see the source', async () => {
    const { source, service } = desk()
    source.put('1')
    expect(await service.begin(toCall(viewerWith('tickets:read', 'source:other'))).reads.numbered('desk', 'NO-1')).toBeNull()
  })

  it('is looked for in every tenant, and is of the first that has it', async () => {
    const { source, summaries, reads } = desk(['acme', 'beta', 'core'])
    source.put('1', { tenant: 'beta' })
    source.put('2', { tenant: 'core' })
    expect(await reads.numbered('desk', 'NO-1')).toMatchObject({ externalId: '1', tenant: 'beta' })
    expect(await reads.numbered('desk', 'NO-2')).toMatchObject({ externalId: '2', tenant: 'core' })
    expect(summaries).toEqual([
      ['acme/1', 'beta/1', 'core/1'],
      ['acme/2', 'beta/2', 'core/2'],
    ])
  })
})

describe('a customer or a vendor', () => {
  it('is asked of no source by a reference of another kind', async () => {
    const { source, reads } = desk()
    const ref = { kind: 'customer', sourceKey: 'desk', tenant: '', externalId: 'c1' } as const
    expect(await reads.vendor(ref)).toBeNull()
    expect(await reads.customer({ ...ref, kind: 'vendor' })).toBeNull()
    expect(source.calls.list).toEqual([])
  })

  it('is read apart for each tenant, kind and id', async () => {
    const { source, reads } = desk()
    const ref = { kind: 'customer', sourceKey: 'desk', tenant: '', externalId: 'c1' } as const
    await Promise.all([reads.customer(ref), reads.customer({ ...ref }), reads.customer({ ...ref, tenant: 'acme' })])
    await Promise.all([reads.customer({ ...ref, externalId: 'c2' }), reads.vendor({ ...ref, kind: 'vendor' })])
    expect(source.calls.list.map(({ filter }) => filter)).toEqual([
      { customer: ref },
      { customer: { ...ref, tenant: 'acme' } },
      { customer: { ...ref, externalId: 'c2' } },
      { vendor: { ...ref, kind: 'vendor' } },
    ])
  })
})

describe('the limits of lists', () => {
  it('have a deadline for each source of its own, and one for all others', async () => {
    const [slow, quick] = [createMemorySource('slow'), createMemorySource('quick')]
    const left = new Map<string, number>()
    for (const source of [slow, quick]) {
      const list = source.listTickets
      source.listTickets = (request, call) => {
        left.set(source.info.key, call.endsAt! - performance.now())
        return list(request, call)
      }
    }
    const limits = { sourceDeadlineMs: 60_000, sourceDeadlinesMs: { slow: 600_000 } }
    const { reads } = createService([slow, quick], limits).service.begin(toCall())
    await reads.list({
      sources: null,
      filter: {},
      order: { field: 'UPDATED_AT', direction: 'DESC' },
      first: 1,
      after: null,
      counted: false,
    })
    expect(left.get('slow')).toBeGreaterThan(60_000)
    expect(left.get('quick')).toBeLessThanOrEqual(60_000)
  })
})

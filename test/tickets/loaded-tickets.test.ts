import { describe, expect, it } from 'vitest'
import type { Call } from '../../src/domain/call.ts'
import { DeskgraphError } from '../../src/domain/errors.ts'
import { noMetrics } from '../../src/domain/telemetry.ts'
import type { TicketSource } from '../../src/sources/source.ts'
import type { WantedFields } from '../../src/sources/wanted-fields.ts'
import { createTicketLoader, hasTenant, refOf, tenantsOf } from '../../src/tickets/ticket-loader.ts'
import { countingMetrics, someCall } from '../support/call.ts'
import { createMemorySource, type MemorySourceOptions } from '../support/memory-source.ts'

/** A loader over a source with the tickets 1, 2 and 3. `selected`: the fields that the operation reads. */
function withTickets(options: MemorySourceOptions = {}, selected: WantedFields | null = null) {
  const source = createMemorySource('desk', options)
  const refs = ['1', '2', '3'].map((id) => refOf(source.put(id, { messages: [] })))
  const loader = createTicketLoader(someCall(), noMetrics, () => selected)
  return { source, loader, one: refs[0]!, two: refs[1]! }
}

describe('what a loader has loaded', () => {
  it('is known by its reference, as the same promise, until a write has changed a ticket', async () => {
    const { source, loader, one } = withTickets()
    expect(loader.loadedFor(one)).toBeUndefined()
    const loaded = loader.load(source, one)
    expect(loader.loadedFor(one)).toBe(loaded)
    expect(loader.loadedFor({ ...one })).toBeUndefined()
    await loaded
    loader.clear(source, one)
    expect(loader.loadedFor(one)).toBeUndefined()
  })

  it('is cached until it is cleared: the next load reads the ticket again', async () => {
    const { source, loader, one, two } = withTickets()
    expect(loader.cached(one)).toBeNull()
    await Promise.all([loader.load(source, one), loader.load(source, two)])
    expect(loader.cached({ ...one })?.externalId).toBe('1')
    source.touch('1', { title: 'changed' })
    loader.clear(source, one)
    expect([loader.cached(one), loader.cached(two)?.externalId]).toEqual([null, '2'])
    expect((await loader.load(source, one))?.title).toBe('changed')
    await loader.load(source, two)
    expect(source.loadedIds()).toEqual([['1', '2'], ['1']])
  })

  it('belongs to one source, tenant and id', async () => {
    const { source, loader, one } = withTickets()
    await loader.load(source, one)
    expect(loader.cached({ ...one, sourceKey: 'other' })).toBeNull()
    expect(loader.cached({ ...one, tenant: 'acme' })).toBeNull()
    expect(loader.cached({ ...one, externalId: '2' })).toBeNull()
  })

  it('has what a list gave in full, and not its summaries', async () => {
    const { source, loader, one, two } = withTickets()
    const [full, other] = source.tickets()
    loader.prime([full!, { ...other!, isSummary: true }])
    expect([loader.cached(one)?.externalId, loader.cached(two)]).toEqual(['1', null])
    await Promise.all([loader.load(source, one), loader.load(source, two)])
    expect(source.loadedIds()).toEqual([['2']])
  })

  it('is counted, once for each load, and in batches', async () => {
    const metrics = countingMetrics()
    const source = createMemorySource('desk')
    const [one, two] = ['1', '2'].map((id) => refOf(source.put(id)))
    const loader = createTicketLoader(someCall(), metrics)
    await Promise.all([loader.load(source, one!), loader.load(source, two!), loader.loadedFor(one!)])
    expect(metrics.total('loader_loads_total', { loader: 'ticket' })).toBe(3)
    expect(metrics.total('loader_batches_total', { loader: 'ticket' })).toBe(1)
    await loader.load(source, two!)
    expect(metrics.total('loader_loads_total', { loader: 'ticket' })).toBe(4)
    expect(metrics.total('loader_batches_total', { loader: 'ticket' })).toBe(1)
  })
})

describe('fields that cost calls of their own', () => {
  const costly: MemorySourceOptions = { lazyFields: ['messages', 'organization'], costlyFields: ['messages', 'organization'] }

  it.each<[string, WantedFields | null, readonly string[] | null]>([
    ['that the operation selects are read', new Set(['title', 'messages'] as const), ['messages']],
    ['are not read where the operation selects none', new Set(['title'] as const), []],
    ['are all read where it is not known what the operation selects', null, null],
  ])('%s', async (_, selected, wanted) => {
    const { source, loader, one } = withTickets(costly, selected)
    await loader.load(source, one)
    expect(source.calls.wanted).toEqual([wanted])
  })

  it('are read with the ticket where one is needed that the operation does not select', async () => {
    const { source, loader, one } = withTickets(costly, new Set(['title', 'messages'] as const))
    expect((await loader.loadWith('messages', source, one))?.lazyFieldsRead).toEqual(['messages'])
    expect(source.calls.wanted).toEqual([['messages']])
    expect((await loader.loadWith('organization', source, one))?.isSummary).toBe(false)
    await loader.loadWith('organization', source, one)
    expect(source.calls.wanted).toEqual([['messages'], null])
    loader.clear(source, one)
    await loader.loadWith('organization', source, one)
    expect(source.calls.wanted).toEqual([['messages'], null, ['messages'], null])
  })

  it('are null for a ticket that does not exist, without a second call', async () => {
    const { source, loader, one } = withTickets(costly, new Set(['title'] as const))
    expect(await loader.loadWith('messages', source, { ...one, externalId: 'gone' })).toBeNull()
    expect(source.loadedIds()).toEqual([['gone']])
  })
})

describe('a ticket as it is now', () => {
  it('is read past every cache, with the asked fields beside the selected ones', async () => {
    const costly: MemorySourceOptions = { lazyFields: ['messages', 'organization'], costlyFields: ['messages', 'organization'] }
    const { source, loader, one } = withTickets(costly, new Set(['organization'] as const))
    const asked: (boolean | undefined)[] = []
    const load = source.loadTickets
    source.loadTickets = (refs, call: Call, wanted) => {
      asked.push(call.fresh)
      return load(refs, call, wanted)
    }
    await loader.load(source, one)
    source.touch('1', { title: 'changed' })
    expect((await loader.readNow(source, one, ['messages']))?.title).toBe('changed')
    expect(asked).toEqual([undefined, true])
    expect(source.calls.wanted).toEqual([['organization'], null])
    expect((await loader.load(source, one))?.title).toBe('changed')
    expect(source.calls.load).toHaveLength(2)
  })

  it('is null where there is none, and rejects with the error of the source', async () => {
    const { source, loader, one } = withTickets()
    expect(await loader.readNow(source, { ...one, externalId: 'gone' }, [])).toBeNull()
    const broken = new DeskgraphError('UPSTREAM_UNAVAILABLE', 'It is down.', { source: 'desk' })
    source.broken = broken
    await expect(loader.readNow(source, one, [])).rejects.toBe(broken)
    expect(loader.cached(one)).toBeNull()
  })
})

describe('what people call a ticket', () => {
  it('is looked up in one call for all numbers, each once', async () => {
    const asked: string[][] = []
    const methods: Partial<TicketSource> = {
      externalIdsOf: async (numbers) => {
        asked.push([...numbers])
        return numbers.map((number) => (number === 'NO-1' ? '1' : null))
      },
    }
    const { source, loader } = withTickets({ methods })
    const found = ['NO-1', 'NO-2', 'NO-1'].map((number) => loader.findExternalId(source, number))
    expect(await Promise.all(found)).toEqual(['1', null, '1'])
    expect(await loader.findExternalId(source, 'NO-1')).toBe('1')
    expect(asked).toEqual([['NO-1', 'NO-2']])
  })

  it('is its id where the source has no other names', async () => {
    const { source, loader } = withTickets()
    expect(await loader.findExternalId(source, '7')).toBe('7')
  })
})

describe('the tenants of a source', () => {
  const several = createMemorySource('desk', { tenant: null, methods: { tenants: () => ['acme', 'other'] } })
  const open = createMemorySource('desk', { tenant: null })
  const single = createMemorySource('desk', { tenant: 'acme' })

  it('are where an id without a tenant is looked up', () => {
    expect([several, open, single].map(tenantsOf)).toEqual([['acme', 'other'], [''], ['acme']])
  })

  it('are any where the source has no tenant of its own', () => {
    const ref = { kind: 'ticket', sourceKey: 'desk', tenant: 'acme', externalId: '1' } as const
    expect([several, open, single].map((source) => hasTenant(source, ref))).toEqual([true, true, true])
    expect(hasTenant(single, { ...ref, tenant: '' })).toBe(false)
  })
})

import { describe, expect, it } from 'vitest'
import { DeskgraphError } from '../../src/domain/errors.ts'
import type { EntityRef } from '../../src/domain/ids.ts'
import { createMemorySource } from '../support/memory-source.ts'
import { toCustomer, toVendor } from '../support/memory-ticket.ts'
import { createService, toCall, toRequest, viewerWith } from './ticket-service-fixture.ts'

const refTo = (sourceKey: string, externalId: string, differences: Partial<EntityRef> = {}): EntityRef => ({
  kind: 'ticket',
  sourceKey,
  tenant: '',
  externalId,
  ...differences,
})

describe('reading tickets one by one', () => {
  it('batches the tickets of a tick into one call per source, and loads none twice in an operation', async () => {
    const [a, b] = [createMemorySource('a'), createMemorySource('b')]
    for (const id of ['x', 'y']) for (const source of [a, b]) source.put(id)
    const { service, counted } = createService([a, b])
    const reads = service.begin(toCall()).reads
    const refs = [refTo('a', 'x'), refTo('b', 'x'), refTo('a', 'y'), refTo('a', 'x'), refTo('b', 'gone')]
    const tickets = await Promise.all(refs.map((ref) => reads.ticket(ref)))
    expect(tickets.map((ticket) => ticket && [ticket.source.key, ticket.externalId])).toEqual([
      ['a', 'x'],
      ['b', 'x'],
      ['a', 'y'],
      ['a', 'x'],
      null,
    ])
    await reads.ticket(refTo('a', 'x'))
    expect([a, b].map((source) => source.calls.load.map((batch) => batch.map((ref) => ref.externalId)))).toEqual([
      [['x', 'y']],
      [['x', 'gone']],
    ])
    expect(counted.get('loader_batches_total')).toBe(2)
  })

  it('shares nothing between operations (INPUT-09)', async () => {
    const source = createMemorySource('a')
    source.put('x')
    const { service } = createService([source])
    await service.begin(toCall()).reads.ticket(refTo('a', 'x'))
    await service.begin(toCall()).reads.ticket(refTo('a', 'x'))
    expect(source.calls.load).toHaveLength(2)
  })

  it('does not load a ticket that a list has given in full', async () => {
    const source = createMemorySource('a')
    source.put('x')
    const reads = createService([source]).service.begin(toCall()).reads
    await reads.list(toRequest())
    expect((await reads.ticket(refTo('a', 'x')))?.externalId).toBe('x')
    expect(source.calls.load).toEqual([])
  })

  it('loads the summaries of a list in one call, and only when asked', async () => {
    const source = createMemorySource('a', { lazyFields: ['messages'] })
    for (const id of ['x', 'y', 'z']) source.put(id, { messages: [] })
    const reads = createService([source]).service.begin(toCall()).reads
    const page = await reads.list(toRequest())
    expect(page.edges.map(({ node }) => [node.isSummary, node.messages])).toEqual(Array(3).fill([true, null]))
    const whole = await Promise.all(
      page.edges.flatMap(({ node }) => [reads.full(node, 'messages'), reads.full(node, 'messages')]),
    )
    expect(whole.every((ticket) => !ticket.isSummary && ticket.messages?.length === 0)).toBe(true)
    expect(source.calls.load.map((refs) => refs.length)).toEqual([3])
    expect(await reads.full(whole[0]!, 'messages')).toBe(whole[0])
  })

  it('keeps the summary of the list when the ticket has gone meanwhile', async () => {
    const source = createMemorySource('a', { lazyFields: ['messages'] })
    source.put('x')
    const reads = createService([source]).service.begin(toCall()).reads
    const { node } = (await reads.list(toRequest())).edges[0]!
    source.remove('x')
    expect(await reads.full(node, 'messages')).toBe(node)
  })

  it('is null, without a call, for a hidden or unknown source, another tenant, and another kind of entity', async () => {
    const [a, b] = [createMemorySource('a', { tenant: 'acme' }), createMemorySource('b')]
    a.put('x')
    b.put('x')
    const reads = createService([a, b]).service.begin(toCall(viewerWith('tickets:read', 'source:a'))).reads
    const refs = [refTo('b', 'x'), refTo('c', 'x'), refTo('a', 'x'), refTo('a', 'x', { kind: 'customer', tenant: 'acme' })]
    expect(await Promise.all(refs.map((ref) => reads.ticket(ref)))).toEqual([null, null, null, null])
    expect([a, b].flatMap((source) => source.calls.load)).toEqual([])
  })

  it('refuses an id outside the alphabet of its source without a call (INPUT-03)', async () => {
    const source = createMemorySource('a')
    const reads = createService([source]).service.begin(toCall()).reads
    await expect(reads.ticket(refTo('a', '../x'))).rejects.toMatchObject({ code: 'BAD_USER_INPUT' })
    expect(source.calls.load).toEqual([])
  })

  it('rejects with the error of a source', async () => {
    const source = createMemorySource('a')
    source.broken = new DeskgraphError('UPSTREAM_UNAVAILABLE', 'It is down.', { source: 'a' })
    await expect(createService([source]).service.begin(toCall()).reads.ticket(refTo('a', 'x'))).rejects.toMatchObject({
      code: 'UPSTREAM_UNAVAILABLE',
    })
  })
})

describe('a customer or vendor by itself', () => {
  it('is as its latest ticket shows it, read once per operation', async () => {
    const source = createMemorySource('a')
    source.put('old', { customer: toCustomer(source.info, 'c1', { name: 'Old' }) })
    source.put('new', { customer: toCustomer(source.info, 'c1', { name: 'New' }), vendor: toVendor(source.info, 'v1') })
    source.put('other', { customer: toCustomer(source.info, 'c2', { name: 'Other' }) })
    const reads = createService([source]).service.begin(toCall()).reads
    const ref = refTo('a', 'c1', { kind: 'customer' })
    expect((await Promise.all([reads.customer(ref), reads.customer(ref)])).map((customer) => customer?.name)).toEqual([
      'New',
      'New',
    ])
    expect((await reads.vendor(refTo('a', 'v1', { kind: 'vendor' })))?.externalId).toBe('v1')
    expect(source.calls.list.map(({ limit }) => limit)).toEqual([1, 1])
  })

  it('is null when there is none or the source is hidden, and an error when the source fails', async () => {
    const source = createMemorySource('a')
    const ref = refTo('a', 'c1', { kind: 'customer' })
    expect(await createService([source]).service.begin(toCall()).reads.customer(ref)).toBeNull()
    expect(
      await createService([source])
        .service.begin(toCall(viewerWith('source:b')))
        .reads.customer(ref),
    ).toBeNull()
    source.broken = new DeskgraphError('CIRCUIT_OPEN', 'Not now.', { source: 'a' })
    await expect(createService([source]).service.begin(toCall()).reads.customer(ref)).rejects.toMatchObject({
      code: 'CIRCUIT_OPEN',
    })
  })
})

import { expect, it } from 'vitest'
import type { Tracer } from '../../src/domain/telemetry.ts'
import { traceSource } from '../../src/observability/trace-source.ts'
import { someCall } from '../support/call.ts'
import { createMemorySource } from '../support/memory-source.ts'

it('puts a span around what a source is asked to do, and changes nothing else about it', async () => {
  const spans: unknown[] = []
  const tracer: Tracer = {
    span(name, attributes, work) {
      spans.push([name, attributes])
      return work()
    },
  }
  const source = createMemorySource('desk')
  source.put('t1', { title: 'One' })
  const traced = traceSource(source, tracer)
  const ref = { kind: 'ticket', sourceKey: 'desk', tenant: '', externalId: 't1' } as const
  expect(await traced.loadTickets([ref], someCall())).toEqual([expect.objectContaining({ title: 'One' })])
  const request = { filter: {}, order: { field: 'UPDATED_AT', direction: 'DESC' }, position: null, limit: 5 } as const
  expect((await traced.listTickets(request, someCall())).tickets).toHaveLength(1)
  expect(spans).toEqual([
    ['desk loadTickets', { source: 'desk' }],
    ['desk listTickets', { source: 'desk' }],
  ])
  expect(traced.info).toBe(source.info)
  expect(traced.isExternalId('t1')).toBe(source.isExternalId('t1'))
  expect(traced.createTicket === undefined).toBe(source.createTicket === undefined)
})

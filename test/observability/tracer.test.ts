import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { InMemorySpanExporter, type ReadableSpan } from '@opentelemetry/sdk-trace-base'
import { request } from 'undici'
import { describe, expect, it } from 'vitest'
import { DeskgraphError } from '../../src/domain/errors.ts'
import { noTracer, type Tracer } from '../../src/domain/telemetry.ts'
import { createTracer, traceSource } from '../../src/observability/tracer.ts'
import { someCall } from '../support/call.ts'
import { createMemorySource } from '../support/memory-source.ts'

const config = { endpoint: 'http://127.0.0.1:1/v1/traces', headers: {}, sampleRatio: 1, serviceName: 'deskgraph' }

async function spansOf(work: (tracer: Tracer) => Promise<unknown>, changes = {}): Promise<Map<string, ReadableSpan>> {
  // Kept past shutdown, which empties the exporter.
  const spans = new Map<string, ReadableSpan>()
  const exporter = new InMemorySpanExporter()
  const send = exporter.export.bind(exporter)
  exporter.export = (batch, done) => {
    for (const span of batch) spans.set(span.name, span)
    send(batch, done)
  }
  const tracer = createTracer({ ...config, ...changes }, exporter)
  await work(tracer)
  await tracer.close()
  return spans
}

describe('spans', () => {
  it('nest from the operation to the upstream call, across awaits', async () => {
    const spans = await spansOf((tracer) =>
      tracer.span('query Tickets', { requestId: 'r-1' }, async () => {
        await new Promise((resolve) => setTimeout(resolve, 1))
        return tracer.span('oneview', {}, () =>
          tracer.span('GET ticket', { source: 'oneview', attempt: 1 }, async () => 'ticket'),
        )
      }),
    )
    const [operation, source, call] = ['query Tickets', 'oneview', 'GET ticket'].map((name) => spans.get(name)!)
    expect(operation!.parentSpanContext).toBeUndefined()
    expect(source!.parentSpanContext?.spanId).toBe(operation!.spanContext().spanId)
    expect(call!.parentSpanContext?.spanId).toBe(source!.spanContext().spanId)
    expect(call!.attributes).toEqual({ source: 'oneview', attempt: 1 })
    expect(call!.resource.attributes['service.name']).toBe('deskgraph')
  })
  it('of operations at the same time do not mix', async () => {
    const spans = await spansOf((tracer) =>
      Promise.all(
        ['a', 'b'].map((name) =>
          tracer.span(name, {}, async () => {
            await new Promise((resolve) => setTimeout(resolve, 1))
            return tracer.span(`${name} call`, {}, async () => name)
          }),
        ),
      ),
    )
    for (const name of ['a', 'b']) {
      expect(spans.get(`${name} call`)!.parentSpanContext?.spanId).toBe(spans.get(name)!.spanContext().spanId)
    }
  })
  it('of failed work carry the code alone, and the failure goes on', async () => {
    const error = new DeskgraphError('UPSTREAM_TIMEOUT', 'canary@example.com was slow')
    const spans = await spansOf((tracer) => expect(tracer.span('call', {}, () => Promise.reject(error))).rejects.toBe(error))
    const span = spans.get('call')!
    expect(span.status.code).toBe(2)
    expect(span.attributes).toEqual({ 'error.type': 'UPSTREAM_TIMEOUT' })
    expect(JSON.stringify([span.status, span.events, span.attributes])).not.toContain('canary')
  })
  it('are not made for operations outside the sample', async () => {
    expect((await spansOf((tracer) => tracer.span('call', {}, async () => 1), { sampleRatio: 0 })).size).toBe(0)
  })
  it('are made for the HTTP calls of the work, inside it, without their addresses', async () => {
    const vendor = createServer((_request, response) => response.end('{}'))
    await new Promise<void>((listening) => vendor.listen(0, '127.0.0.1', listening))
    const url = `http://127.0.0.1:${(vendor.address() as AddressInfo).port}/v1/tickets/canary`
    const spans = await spansOf(async (tracer) => {
      await tracer.span('oneview loadTickets', {}, async () => (await request(url)).body.text())
      await tracer.span('verifik', {}, () => request('http://127.0.0.1:1/canary', { method: 'POST' })).catch(() => {})
    })
    expect(spans.get('GET')!.parentSpanContext?.spanId).toBe(spans.get('oneview loadTickets')!.spanContext().spanId)
    expect(spans.get('GET')!.attributes).toEqual({ 'http.request.method': 'GET', 'http.response.status_code': 200 })
    expect(spans.get('POST')!.attributes).toEqual({ 'http.request.method': 'POST', 'error.type': 'UPSTREAM_UNAVAILABLE' })
    expect(JSON.stringify([...spans.values()].map((span) => [span.name, span.attributes, span.events]))).not.toMatch(/canary|127/)
    await new Promise<void>((closed) => vendor.close(() => closed()))
  })
  it('go to a collector over OTLP', async () => {
    const received: string[] = []
    const collector = createServer((request, response) => {
      let body = ''
      request.on('data', (chunk) => {
        body += chunk
      })
      request.on('end', () => {
        received.push(`${request.method} ${request.url} ${request.headers['x-key']} ${body}`)
        response.end('{}')
      })
    })
    await new Promise<void>((listening) => collector.listen(0, '127.0.0.1', listening))
    const endpoint = `http://127.0.0.1:${(collector.address() as AddressInfo).port}/v1/traces`
    const tracer = createTracer({ ...config, endpoint, headers: { 'x-key': 'k' } })
    await tracer.span('query Tickets', {}, async () => 1)
    await tracer.close()
    expect(received).toHaveLength(1)
    expect(received[0]).toMatch(/^POST \/v1\/traces k \{.*"query Tickets"/)
    await new Promise<void>((closed) => collector.close(() => closed()))
  })
  it('do not exist while tracing is off: the work runs and its result is returned', async () => {
    expect(await noTracer.span('call', {}, async () => 'result')).toBe('result')
  })
})

it('a traced source has a span around each of its operations and is unchanged otherwise', async () => {
  const spans: unknown[] = []
  const tracer: Tracer = {
    span(name, attributes, work) {
      spans.push([name, attributes])
      return work({ set() {} })
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
    ['desk loadTickets', { 'deskgraph.source': 'desk' }],
    ['desk listTickets', { 'deskgraph.source': 'desk' }],
  ])
  expect(traced.info).toBe(source.info)
  expect(traced.isExternalId('t1')).toBe(source.isExternalId('t1'))
  expect(traced.createTicket === undefined).toBe(source.createTicket === undefined)
})

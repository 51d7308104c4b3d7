import { describe, expect, it } from 'vitest'
import { DeskgraphError } from '../../src/domain/errors.ts'
import { encodeId } from '../../src/domain/ids.ts'
import { applied, appliedUnseen, outcomeUnknown, rejected } from '../../src/domain/writes.ts'
import { createMemorySource } from '../support/memory-source.ts'
import { createService, toCall, viewerWith } from './ticket-service-fixture.ts'

const id = encodeId('ticket', 'a', '', 'x')
const ref = { kind: 'ticket', sourceKey: 'a', tenant: '', externalId: 'x' } as const
const target = { id, idempotencyKey: null }
const noon = Date.UTC(2026, 0, 1, 12)

function withTicket(options: Parameters<typeof createMemorySource>[1] = {}) {
  const source = createMemorySource('a', options)
  source.put('x', { messages: [] })
  const fixture = createService([source], {}, () => noon)
  return { source, ...fixture, begin: (call = toCall()) => fixture.service.begin(call) }
}

describe('the log of a write', () => {
  it('has the fault after which it is not known what the source has done', async () => {
    const { source, begin, logged } = withTicket()
    const fault = new TypeError('the answer has no ticket')
    source.closeTicket = () => Promise.reject(fault)
    expect(await begin().writes.close(target, {})).toMatchObject({ outcome: 'UNKNOWN', ticket: { externalId: 'x' } })
    expect(logged).toEqual([{ source: 'a', action: 'CLOSE', requestId: 'test', code: 'OUTCOME_UNKNOWN', err: fault }])
  })

  it('has the fault by which a write is missing in the change log', async () => {
    const { begin, logged, recorder } = withTicket()
    recorder.broken = true
    await begin().writes.close(target, {})
    expect(logged).toEqual([{ source: 'a', action: 'CLOSE', requestId: 'test', err: new Error('the change log is down') }])
  })

  it('says so where the ticket could not be read again', async () => {
    const { source, begin, logged } = withTicket()
    source.closeTicket = async () => appliedUnseen(ref)
    source.remove('x')
    expect(await begin().writes.close(target, {})).toMatchObject({ outcome: 'APPLIED', ticket: null })
    expect(logged).toMatchObject([{ err: new Error('the ticket could not be read again') }])
  })

  it('has no line about a write that was done, or that was refused', async () => {
    const { source, begin, logged } = withTicket()
    await begin().writes.close(target, {})
    source.closeTicket = async () => rejected('CONFLICT', 'No.')
    await begin().writes.close(target, {})
    source.nextFailures.push(new DeskgraphError('CIRCUIT_OPEN', 'Not now.', { source: 'a' }))
    await begin().writes.reopen(target, {})
    expect(logged).toEqual([])
  })
})

describe('the entry of a write in the change log', () => {
  it('has the time of the write and the viewer as its actor', async () => {
    const { begin, changeLog } = withTicket()
    const ann = { ...viewerWith('tickets:write', 'source:*'), id: 'ann', name: 'Ann' }
    await begin(toCall(ann)).writes.close(target, {})
    expect(changeLog[0]).toMatchObject({
      at: '2026-01-01T12:00:00.000Z',
      actor: { kind: 'AGENT', externalId: 'ann', name: 'Ann' },
    })
  })

  it('has the ticket before as the source read it for the write, else as the operation has read it', async () => {
    const { source, begin, changeLog } = withTicket()
    const before = { ...source.tickets()[0]!, title: 'as the source read it' }
    source.closeTicket = async () => ({ ...applied(source.tickets()[0]!), before })
    const { reads, writes } = begin()
    await reads.ticket(ref)
    await writes.close(target, {})
    expect(changeLog[0]!.before).toBe(before)
  })
})

describe('a write that was not sent', () => {
  it('because its time was over says that nothing was changed', async () => {
    const { begin, source } = withTicket()
    const payload = await begin(toCall(undefined, AbortSignal.abort())).writes.close(target, {})
    const message = 'The time of this operation was over before the change was sent; nothing was changed.'
    expect(payload.userErrors).toEqual([
      { code: 'SOURCE_UNAVAILABLE', message, field: null, retryable: true, retryAt: '2026-01-01T12:00:01.000Z' },
    ])
    expect(payload.failure).toMatchObject({ code: 'UPSTREAM_TIMEOUT', source: 'a' })
    expect(source.calls.write).toEqual([])
  })

  it('shows the ticket that the operation has read already, because nothing was changed', async () => {
    const { source, begin } = withTicket()
    const { reads, writes } = begin()
    const read = await reads.ticket(ref)
    source.nextFailures.push(new DeskgraphError('CIRCUIT_OPEN', 'Not now.', { source: 'a' }))
    expect((await writes.close(target, {})).ticket).toBe(read)
    expect(source.calls.load).toHaveLength(1)
  })

  it('shows no ticket where it would have created one', async () => {
    const { source, begin } = withTicket()
    source.nextFailures.push(new DeskgraphError('CIRCUIT_OPEN', 'Not now.', { source: 'a' }))
    expect(await begin().writes.create({ source: 'a' })).toMatchObject({ outcome: 'REJECTED', ticket: null, message: null })
    source.createTicket = async () => rejected('INVALID', 'No.')
    expect(await begin().writes.create({ source: 'a' })).toMatchObject({ outcome: 'REJECTED', ticket: null, message: null })
    expect(source.calls.load).toEqual([])
  })
})

describe('a creation whose ticket is not known', () => {
  it('keeps its outcome, shows no ticket and is not recorded', async () => {
    const { source, begin, changeLog } = withTicket()
    source.createTicket = async () => outcomeUnknown(null)
    expect(await begin().writes.create({ source: 'a' })).toMatchObject({
      outcome: 'UNKNOWN',
      ticket: null,
      message: null,
      userErrors: [{ code: 'OUTCOME_UNKNOWN' }],
    })
    expect(source.calls.load).toEqual([])
    expect(changeLog).toEqual([])
  })
})

describe('the ticket after a write', () => {
  it('is the one of the answer, also for later reads of the operation', async () => {
    const { source, begin } = withTicket()
    const { reads, writes } = begin()
    const { ticket } = await writes.close(target, {})
    expect(await reads.ticket(ref)).toBe(ticket)
    expect(source.calls.load).toEqual([])
  })

  it('is read with its thread after a reply, and without after any other write', async () => {
    const costly = ['messages', 'organization'] as const
    const { source, service } = withTicket({ lazyFields: costly, costlyFields: costly })
    const begin = () => service.begin(toCall(), () => new Set(['status'] as const))
    source.replyToTicket = async () => appliedUnseen(ref)
    source.closeTicket = async () => appliedUnseen(ref)
    await begin().writes.reply(target, { body: 'Hello', visibility: 'PUBLIC' })
    await begin().writes.close(target, {})
    expect(source.calls.wanted).toEqual([['messages'], []])
  })
})

import { describe, expect, it } from 'vitest'
import type { Clock } from '../../src/domain/clock.ts'
import { DeskgraphError } from '../../src/domain/errors.ts'
import { encodeId } from '../../src/domain/ids.ts'
import { appliedUnseen, outcomeUnknown, partial, rejected } from '../../src/domain/writes.ts'
import type { TicketPayload } from '../../src/tickets/ticket-service.ts'
import { createMemorySource } from '../support/memory-source.ts'
import { createService, toCall, viewerWith } from './ticket-service-fixture.ts'

function withTicket({ clock }: { readonly clock?: Clock } = {}) {
  const source = createMemorySource('a')
  source.put('x')
  return { source, ...createService([source], {}, clock), id: encodeId('ticket', 'a', '', 'x') }
}

const target = (id: string, idempotencyKey: string | null = null) => ({ id, idempotencyKey })
const ref = { kind: 'ticket', sourceKey: 'a', tenant: '', externalId: 'x' } as const

describe('a write', () => {
  it('is sent once, is recorded in the change log, and returns the ticket as it is afterwards', async () => {
    const { service, source, changeLog, id } = withTicket()
    const payload = await service.begin(toCall()).writes.escalate(target(id), { department: 'partner-service' })
    expect(payload).toMatchObject({ outcome: 'APPLIED', ticket: { status: 'ESCALATED' }, userErrors: [] })
    expect(source.calls.write).toEqual([['escalateTicket', ref, { department: 'partner-service' }]])
    expect(source.calls.load).toEqual([])
    expect(changeLog).toMatchObject([
      { kind: 'ESCALATED', ticket: { id, status: 'ESCALATED' }, before: null, actor: { kind: 'AGENT', externalId: 'anonymous' } },
    ])
  })

  it.each([
    ['update', 'UPDATED', {}],
    ['reply', 'MESSAGE', { body: 'Hello', visibility: 'PUBLIC' }],
    ['close', 'CLOSED', {}],
    ['reassign', 'REASSIGNED', { assignee: 'ada' }],
    ['reopen', 'STATUS_CHANGED', {}],
    ['transfer', 'TRANSFERRED', { queue: 'q1' }],
  ] as const)('%s is recorded as %s', async (method, kind, input) => {
    const { service, source, changeLog, id } = withTicket()
    const send = service.begin(toCall()).writes[method] as (t: object, i: object) => Promise<{ outcome: string }>
    expect((await send(target(id), input)).outcome).toBe('APPLIED')
    expect(source.calls.write).toEqual([[`${method}${method === 'reply' ? 'To' : ''}Ticket`, ref, input]])
    expect(changeLog.map((change) => change.kind)).toEqual([kind])
  })

  it('records the ticket as the operation had read it before', async () => {
    const { service, changeLog, id } = withTicket()
    const { reads, writes } = service.begin(toCall())
    await reads.ticket(ref)
    await writes.close(target(id), {})
    expect(changeLog[0]).toMatchObject({ before: { status: 'OPEN' }, ticket: { status: 'CLOSED' } })
    expect((await reads.ticket(ref))?.status).toBe('CLOSED')
  })

  it.each([
    ['malformed', 'nonsense'],
    ['of an unknown source', encodeId('ticket', 'nope', '', 'x')],
    ['of another kind', encodeId('customer', 'a', '', 'x')],
    ['of another tenant', encodeId('ticket', 'a', 'other', 'x')],
    ['outside the alphabet', encodeId('ticket', 'a', '', '../x')],
  ])('to an id that is %s finds no ticket and calls no source', async (_, id) => {
    const { service, source } = withTicket()
    const payload = await service.begin(toCall()).writes.close(target(id), {})
    expect(payload).toMatchObject({
      outcome: 'REJECTED',
      ticket: null,
      userErrors: [{ code: 'NOT_FOUND', field: ['input', 'id'] }],
    })
    expect(source.calls.write).toEqual([])
  })

  it('to a hidden source finds no ticket', async () => {
    const { service, id } = withTicket()
    const payload = await service.begin(toCall(viewerWith('tickets:write', 'source:b'))).writes.close(target(id), {})
    expect(payload.userErrors[0]!.code).toBe('NOT_FOUND')
  })

  it('that the source cannot do is refused before any call', async () => {
    const { service, id, source } = withTicket()
    const payload = await service.begin(toCall()).writes.route(target(id, 'key'))
    expect(payload).toMatchObject({ outcome: 'REJECTED', userErrors: [{ code: 'NOT_SUPPORTED' }] })
    const switchedOff = createMemorySource('a', { info: { actions: [], canCreate: false } })
    const writes = createService([switchedOff]).service.begin(toCall()).writes
    expect((await writes.close(target(id), {})).userErrors[0]!.code).toBe('NOT_SUPPORTED')
    expect((await writes.create({ source: 'a' })).userErrors[0]!.code).toBe('NOT_SUPPORTED')
    expect([...source.calls.write, ...switchedOff.calls.write]).toEqual([])
  })

  it('without tickets:write is a FORBIDDEN error', async () => {
    const { service, id } = withTicket()
    await expect(
      service.begin(toCall(viewerWith('tickets:read', 'source:*'))).writes.close(target(id), {}),
    ).rejects.toMatchObject({
      code: 'FORBIDDEN',
      message: 'Changing tickets needs the scope tickets:write.',
    })
  })

  it('needs every text that the graph requires', async () => {
    const { service, id, source } = withTicket()
    const writes = service.begin(toCall()).writes
    const payloads = [
      await writes.reply(target(id), { body: ' \n', visibility: 'PUBLIC' }),
      await writes.reassign(target(id), { assignee: '' }),
      await writes.transfer(target(id), { queue: '' }),
    ]
    expect(payloads.map((payload) => payload.userErrors[0])).toMatchObject([
      { code: 'REQUIRED', field: ['input', 'body'] },
      { code: 'REQUIRED', field: ['input', 'assignee'] },
      { code: 'REQUIRED', field: ['input', 'queue'] },
    ])
    expect(source.calls.write).toEqual([])
  })

  it('that creates a ticket refuses an unknown source by name', async () => {
    const { service, changeLog } = withTicket()
    const writes = service.begin(toCall()).writes
    expect((await writes.create({ source: 'nope' })).userErrors).toMatchObject([
      { code: 'NOT_FOUND', field: ['input', 'source'] },
    ])
    expect((await writes.create({ source: 'a', title: 'Help' })).ticket?.title).toBe('Help')
    expect(changeLog.map((change) => change.kind)).toEqual(['CREATED'])
  })

  it('that the source refuses is data with the ticket as it is now, and is not recorded', async () => {
    const { service, source, changeLog, id } = withTicket()
    const { reads, writes } = service.begin(toCall())
    await reads.ticket(ref)
    source.closeTicket = async () => {
      source.touch('x', { status: 'CLOSED' })
      return rejected('CONFLICT', 'It is closed already.')
    }
    expect(await writes.close(target(id), {})).toMatchObject({
      ticket: { externalId: 'x', status: 'CLOSED' },
      outcome: 'REJECTED',
      userErrors: [{ code: 'CONFLICT', message: 'It is closed already.', field: null }],
    })
    expect(changeLog).toEqual([])
  })

  it.each([
    ['without the capability', 'route', {}],
    ['without a required text', 'reply', { body: '', visibility: 'PUBLIC' }],
  ] as const)('that is refused %s shows the ticket', async (_, method, input) => {
    const { service, id } = withTicket()
    const send = service.begin(toCall()).writes[method] as (t: object, i: object) => Promise<TicketPayload>
    expect(await send(target(id), input)).toMatchObject({ outcome: 'REJECTED', ticket: { externalId: 'x' } })
  })

  it('that is refused keeps its user errors when the ticket cannot be read', async () => {
    const { service, source, id } = withTicket()
    source.closeTicket = async () => rejected('CONFLICT', 'It is closed already.')
    source.broken = new DeskgraphError('UPSTREAM_UNAVAILABLE', 'It is down.')
    expect(await service.begin(toCall()).writes.close(target(id), {})).toMatchObject({
      ticket: null,
      outcome: 'REJECTED',
      userErrors: [{ code: 'CONFLICT' }],
    })
  })

  it.each([
    ['CIRCUIT_OPEN', { retryAfter: 20 }, 'SOURCE_UNAVAILABLE', 20],
    ['UPSTREAM_UNAVAILABLE', {}, 'SOURCE_UNAVAILABLE', 1],
    ['UPSTREAM_RATE_LIMITED', { retryAfter: 7 }, 'SOURCE_RATE_LIMITED', 7],
    ['STORAGE_UNAVAILABLE', { retryAfter: 1 }, 'STORAGE_UNAVAILABLE', 1],
    ['UPSTREAM_AUTH_FAILED', {}, 'SOURCE_AUTH_FAILED', null],
    ['UPSTREAM_REJECTED', {}, 'SOURCE_REJECTED', null],
    ['UPSTREAM_NOT_SUPPORTED', {}, 'NOT_SUPPORTED', null],
    ['BAD_USER_INPUT', {}, 'INVALID', null],
    ['FORBIDDEN', {}, 'FORBIDDEN', null],
  ] as const)(
    'that failed with %s before anything was done is the user error of that failure (DECISION-22)',
    async (code, details, userCode, seconds) => {
      const { service, source, changeLog, id } = withTicket({ clock: () => Date.UTC(2026, 0, 1) })
      const failure = new DeskgraphError(code, 'It failed; nothing was changed.', { source: 'a', ...details })
      source.nextFailures.push(failure)
      const payload = await service.begin(toCall()).writes.close(target(id), {})
      const retry =
        seconds === null ? {} : { retryable: true, retryAt: new Date(Date.UTC(2026, 0, 1, 0, 0, seconds)).toISOString() }
      expect(payload).toMatchObject({ outcome: 'REJECTED', ticket: { externalId: 'x' }, failure })
      expect(payload.userErrors).toEqual([{ code: userCode, message: 'It failed; nothing was changed.', field: null, ...retry }])
      expect(changeLog).toEqual([])
    },
  )

  it('whose source hangs after a failure shows no ticket and is refused after a second', async () => {
    const { service, source, id } = withTicket()
    source.nextFailures.push(new DeskgraphError('UPSTREAM_UNAVAILABLE', 'It is down.'), 'hang')
    expect(await service.begin(toCall()).writes.close(target(id), {})).toMatchObject({ outcome: 'REJECTED', ticket: null })
  })

  it('reads the ticket past the cache, because another change may be newer than the cached answer', async () => {
    const { service, source, id } = withTicket()
    const fresh: (boolean | undefined)[] = []
    const load = source.loadTickets
    source.loadTickets = (refs, call) => {
      fresh.push(call.fresh)
      return load(refs, call)
    }
    source.closeTicket = async () => rejected('CONFLICT', 'It is closed already.')
    await service.begin(toCall()).writes.close(target(id), {})
    expect(fresh).toEqual([true])
  })

  it('that is done and answered without the ticket reads the ticket again', async () => {
    const { service, source, changeLog, id } = withTicket()
    source.closeTicket = async () => appliedUnseen(ref)
    expect((await service.begin(toCall()).writes.close(target(id), {})).ticket?.externalId).toBe('x')
    expect(source.calls.load).toEqual([[ref]])
    expect(changeLog).toHaveLength(1)
  })

  it('whose outcome is unknown reads the ticket again, records no change and leaves a line in the log', async () => {
    const { service, source, changeLog, logged, id } = withTicket()
    source.closeTicket = async () => outcomeUnknown(ref)
    const payload = await service.begin(toCall()).writes.close(target(id), {})
    expect(payload).toMatchObject({ outcome: 'UNKNOWN', ticket: { externalId: 'x' }, userErrors: [{ code: 'OUTCOME_UNKNOWN' }] })
    expect(changeLog).toEqual([])
    expect(logged).toEqual([{ source: 'a', action: 'CLOSE', requestId: 'test', code: 'OUTCOME_UNKNOWN' }])
  })

  it('whose ticket cannot be read again keeps its outcome', async () => {
    const { service, source, counted, id } = withTicket()
    source.closeTicket = async () => appliedUnseen(ref)
    source.broken = new DeskgraphError('UPSTREAM_UNAVAILABLE', 'It is down.')
    expect(await service.begin(toCall()).writes.close(target(id), {})).toMatchObject({ outcome: 'APPLIED', ticket: null })
    expect(counted.get('journal_failures_total')).toBe(1)
  })

  it('that was done stays APPLIED when the change log fails, and the failure is counted', async () => {
    const { service, recorder, counted, id } = withTicket()
    recorder.broken = true
    expect((await service.begin(toCall()).writes.close(target(id), {})).outcome).toBe('APPLIED')
    expect(counted.get('journal_failures_total')).toBe(1)
  })

  it('of an event-fed source is recorded by the store and not a second time', async () => {
    const source = createMemorySource('a', { info: { mode: 'EVENT_FED' } })
    const { service, changeLog } = createService([source])
    expect((await service.begin(toCall()).writes.create({ source: 'a' })).outcome).toBe('APPLIED')
    expect(changeLog).toEqual([])
  })

  it.each(['UPSTREAM_TIMEOUT', 'UPSTREAM_BAD_RESPONSE'] as const)('that ends in %s has the outcome UNKNOWN', async (code) => {
    const { service, source, id } = withTicket()
    source.nextFailures.push(new DeskgraphError(code, 'Hm.'))
    expect((await service.begin(toCall()).writes.close(target(id), {})).outcome).toBe('UNKNOWN')
  })

  it('that failed says itself what it has done, where its code does not tell', async () => {
    const { service, source, id } = withTicket()
    const send = () => service.begin(toCall()).writes.close(target(id, 'k'), {})
    // It waited for its turn until its deadline, and was never sent.
    source.nextFailures.push(new DeskgraphError('UPSTREAM_TIMEOUT', 'No answer; nothing was changed.', { effect: 'none' }))
    expect(await send()).toMatchObject({ outcome: 'REJECTED', userErrors: [{ code: 'SOURCE_UNAVAILABLE', retryable: true }] })
    // The answer to the commit was lost.
    source.nextFailures.push(new DeskgraphError('STORAGE_UNAVAILABLE', 'The store is down.', { effect: 'unknown' }))
    expect((await send()).outcome).toBe('UNKNOWN')
    expect((await send()).outcome).toBe('UNKNOWN')
    expect(source.calls.write).toHaveLength(2)
  })

  it('is not sent when the client has disconnected or the time of its operation is over', async () => {
    const { service, source, id } = withTicket()
    const client = AbortSignal.abort()
    expect(await service.begin(toCall(undefined, client)).writes.close(target(id, 'k'), {})).toMatchObject({
      outcome: 'REJECTED',
      ticket: null,
      userErrors: [{ code: 'SOURCE_UNAVAILABLE', retryable: true }],
    })
    expect(source.calls.write).toEqual([])
    expect((await service.begin(toCall()).writes.close(target(id, 'k'), {})).outcome).toBe('APPLIED')
  })
})

describe('an idempotency key (DECISION-21)', () => {
  it('gives the same answer and one change, with the ticket as it is now', async () => {
    const { service, source, changeLog, id } = withTicket()
    const first = await service.begin(toCall()).writes.escalate(target(id, 'k1'), { department: 'a' })
    source.touch('x', { title: 'changed since' })
    const second = await service.begin(toCall()).writes.escalate(target(id, 'k1'), { department: 'a', statusReason: null })
    expect(first.outcome).toBe('APPLIED')
    expect(second).toMatchObject({ outcome: 'APPLIED', ticket: { title: 'changed since' }, userErrors: [] })
    expect(source.calls.write).toHaveLength(1)
    expect(changeLog).toHaveLength(1)
  })

  it('gives one ticket for two creations', async () => {
    const { service, source } = withTicket()
    const input = { source: 'a', title: 'Help', idempotencyKey: 'k' }
    const [first, second] = [
      await service.begin(toCall()).writes.create(input),
      await service.begin(toCall()).writes.create(input),
    ]
    expect(second.ticket?.id).toBe(first.ticket?.id)
    expect(source.tickets()).toHaveLength(2)
  })

  it.each([
    ['another input', 'escalate', { department: 'b' }],
    ['another mutation', 'close', {}],
  ] as const)('with %s is a conflict', async (_, method, input) => {
    const { service, source, id } = withTicket()
    await service.begin(toCall()).writes.escalate(target(id, 'k'), { department: 'a' })
    const payload = await service.begin(toCall()).writes[method](target(id, 'k'), input)
    const message = 'This idempotency key was used for another change. Use a new key for each change.'
    expect(payload.outcome).toBe('REJECTED')
    expect(payload.userErrors).toEqual([{ code: 'CONFLICT', message, field: ['input', 'idempotencyKey'] }])
    expect(source.calls.write).toHaveLength(1)
  })

  /** A source that closes a ticket when it is told to. */
  function withSlowClose() {
    const fixture = withTicket()
    const gate = Promise.withResolvers<void>()
    const close = fixture.source.closeTicket!
    fixture.source.closeTicket = async (...args) => {
      await gate.promise
      return close(...args)
    }
    return { ...fixture, finish: gate.resolve, fail: gate.reject }
  }

  it('of a change that still runs waits for it, and gives its answer to all requests', async () => {
    const { service, source, id, finish } = withSlowClose()
    const send = () => service.begin(toCall()).writes.close(target(id, 'k'), {})
    const requests = [send(), send(), send()]
    finish()
    const [first, ...others] = await Promise.all(requests)
    expect(first).toMatchObject({ outcome: 'APPLIED', ticket: { status: 'CLOSED' }, userErrors: [] })
    expect(others).toEqual([first, first])
    expect(source.calls.write).toHaveLength(1)
  })

  it('of a change that still runs gives its refusal too, and is free for the next request', async () => {
    const { service, source, id, fail } = withSlowClose()
    const send = () => service.begin(toCall()).writes.close(target(id, 'k'), {})
    const requests = [send(), send()]
    fail(new DeskgraphError('UPSTREAM_RATE_LIMITED', 'It asks for fewer calls; nothing was changed.', { retryAfter: 7 }))
    const [first, second] = await Promise.all(requests)
    expect(first).toMatchObject({ outcome: 'REJECTED', userErrors: [{ code: 'SOURCE_RATE_LIMITED', retryable: true }] })
    expect(second!.userErrors).toEqual(first!.userErrors)
    source.closeTicket = createMemorySource('a', { tickets: source.tickets() }).closeTicket!
    expect((await send()).outcome).toBe('APPLIED')
  })

  it('of a change that still runs is a conflict when the time of the second request is over', async () => {
    const { service, id, finish } = withSlowClose()
    const first = service.begin(toCall()).writes.close(target(id, 'k'), {})
    const late = { ...toCall(), endsAt: performance.now() + 100 }
    const second = await service.begin(late).writes.close(target(id, 'k'), {})
    expect(second).toMatchObject({
      outcome: 'REJECTED',
      ticket: { status: 'OPEN' },
      userErrors: [{ code: 'CONFLICT', message: expect.stringContaining('still running') }],
    })
    finish()
    expect((await first).outcome).toBe('APPLIED')
  })

  it('of a change that still runs is not waited for by a client that has disconnected', async () => {
    const { service, idempotency, id, finish } = withSlowClose()
    const first = service.begin(toCall()).writes.close(target(id, 'k'), {})
    const client = new AbortController()
    const second = service.begin(toCall(undefined, client.signal)).writes.close(target(id, 'k'), {})
    client.abort()
    expect((await second).userErrors[0]?.code).toBe('CONFLICT')
    let looks = 0
    idempotency.answerOf = async () => {
      looks += 1
      return null
    }
    finish()
    await first
    expect(looks).toBe(0)
  })

  it('whose store fails while a request waits is STORAGE_UNAVAILABLE for that request', async () => {
    const { service, idempotency, id, finish } = withSlowClose()
    const first = service.begin(toCall()).writes.close(target(id, 'k'), {})
    idempotency.answerOf = async () => {
      throw new DeskgraphError('STORAGE_UNAVAILABLE', 'The store is down.')
    }
    const second = await service.begin(toCall()).writes.close(target(id, 'k'), {})
    expect(second).toMatchObject({ outcome: 'REJECTED', userErrors: [{ code: 'STORAGE_UNAVAILABLE', retryable: true }] })
    finish()
    expect((await first).outcome).toBe('APPLIED')
  })

  it.each([
    ['conflict', { department: 'b' }],
    ['repetition', { department: 'a' }],
  ])('shows the ticket as it is now after a %s', async (_, input) => {
    const { service, source, id } = withTicket()
    await service.begin(toCall()).writes.escalate(target(id, 'k'), { department: 'a' })
    source.touch('x', { status: 'RESOLVED' })
    const { ticket } = await service.begin(toCall()).writes.escalate(target(id, 'k'), input)
    expect(ticket?.status).toBe('RESOLVED')
  })

  it('is kept when only a part was done: PARTIAL is never sent again', async () => {
    const { service, source, changeLog, id } = withTicket()
    let sent = 0
    source.closeTicket = async () => {
      sent += 1
      return partial(ref, [{ code: 'SOURCE_REJECTED', message: 'The reason was not stored.', field: ['input', 'statusReason'] }])
    }
    const first = await service.begin(toCall()).writes.close(target(id, 'k'), { statusReason: 'done' })
    const second = await service.begin(toCall()).writes.close(target(id, 'k'), { statusReason: 'done' })
    expect(first).toMatchObject({ outcome: 'PARTIAL', ticket: { externalId: 'x' }, userErrors: [{ code: 'SOURCE_REJECTED' }] })
    expect(second).toEqual(first)
    expect(sent).toBe(1)
    expect(changeLog).toHaveLength(1)
  })

  it('whose outcome was unknown is never sent again', async () => {
    const { service, source, id } = withTicket()
    let sent = 0
    source.closeTicket = async () => {
      sent += 1
      return outcomeUnknown(ref)
    }
    await service.begin(toCall()).writes.close(target(id, 'k'), {})
    source.touch('x', { status: 'CLOSED' })
    const again = await service.begin(toCall()).writes.close(target(id, 'k'), {})
    expect(again).toMatchObject({ outcome: 'UNKNOWN', ticket: { status: 'CLOSED' }, userErrors: [{ code: 'OUTCOME_UNKNOWN' }] })
    expect(sent).toBe(1)
  })

  it('is released when nothing was sent', async () => {
    const { service, source, id } = withTicket()
    source.nextFailures.push(new DeskgraphError('CIRCUIT_OPEN', 'Not now.', { source: 'a' }))
    expect((await service.begin(toCall()).writes.close(target(id, 'k'), {})).outcome).toBe('REJECTED')
    expect((await service.begin(toCall()).writes.close(target(id, 'k'), {})).outcome).toBe('APPLIED')
  })

  it('that cannot be stored stops the change before it is sent', async () => {
    const { service, source, idempotency, id } = withTicket()
    idempotency.begin = async () => {
      throw new DeskgraphError('STORAGE_UNAVAILABLE', 'The store is down.')
    }
    expect(await service.begin(toCall()).writes.close(target(id, 'k'), {})).toMatchObject({
      outcome: 'REJECTED',
      ticket: { externalId: 'x' },
      userErrors: [{ code: 'STORAGE_UNAVAILABLE', retryable: true }],
    })
    expect(source.calls.write).toEqual([])
  })

  it('whose answer cannot be stored leaves the outcome APPLIED', async () => {
    const { service, idempotency, id } = withTicket()
    idempotency.finish = async () => {
      throw new DeskgraphError('STORAGE_UNAVAILABLE', 'The store is down.')
    }
    expect((await service.begin(toCall()).writes.close(target(id, 'k'), {})).outcome).toBe('APPLIED')
  })

  it('belongs to one viewer', async () => {
    const { service, source, id } = withTicket()
    await service.begin(toCall()).writes.escalate(target(id, 'k'), {})
    await service.begin(toCall(viewerWith('tickets:write', 'source:*'))).writes.escalate(target(id, 'k'), {})
    expect(source.calls.write).toHaveLength(2)
  })

  it.each(['', ' ', 'x'.repeat(256), '\u{1f511}'.repeat(256), 'k\u0000', 'k\ud800', '\udc00k'])(
    'must have 1 to 255 characters that are not all blank, and that every store keeps: %j',
    async (key) => {
      const { service, source, id } = withTicket()
      const closing = service.begin(toCall()).writes.close(target(id, key), {})
      await expect(closing).rejects.toMatchObject({
        code: 'BAD_USER_INPUT',
        message: expect.stringMatching(/^`idempotencyKey` must have 1 to 255 characters /),
      })
      expect(source.calls.write).toEqual([])
    },
  )

  it('is another key in another normal form or case, and may have 255 characters beyond the first plane', async () => {
    const { service, source, id } = withTicket()
    const keys = ['\u00e9', 'e\u0301', 'E\u0301', ' e\u0301', '\u{1f511}'.repeat(255)]
    for (const key of keys) await service.begin(toCall()).writes.escalate(target(id, key), {})
    expect(source.calls.write).toHaveLength(keys.length)
  })
})

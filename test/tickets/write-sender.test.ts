import { describe, expect, it } from 'vitest'
import { DeskgraphError, type ErrorDetails } from '../../src/domain/errors.ts'
import type { NewChange } from '../../src/domain/events.ts'
import { noLogger, noMetrics } from '../../src/domain/telemetry.ts'
import type { ThreadMessage, Ticket } from '../../src/domain/ticket.ts'
import { applied, appliedUnseen, outcomeUnknown, rejected, type WriteResult } from '../../src/domain/writes.ts'
import { createWriteSender, findMessage, type ValidatedWrite } from '../../src/tickets/send-write.ts'
import { createTicketLoader, refOf } from '../../src/tickets/ticket-loader.ts'
import { countingMetrics, someCall } from '../support/call.ts'
import { createMemorySource } from '../support/memory-source.ts'
import { toMessage, toSourceInfo, toTicket } from '../support/memory-ticket.ts'

const info = toSourceInfo('desk')
const noon = Date.UTC(2026, 0, 1, 12)

/** Sends a write to the ticket x, for which its source does this. The clock moves on by a second while it does. */
function senderOver(send: () => Promise<WriteResult>) {
  let time = noon
  const source = createMemorySource(info)
  const ref = refOf(source.put('x', { messages: [] }))
  const call = someCall()
  const loader = createTicketLoader(call, noMetrics)
  const changes: NewChange[] = []
  const lines: unknown[] = []
  const metrics = countingMetrics()
  const logger = {
    ...noLogger,
    warn: (fields: object, text: string) => void lines.push(['warn', text, fields]),
    error: (fields: object, text: string) => void lines.push(['error', text, fields]),
  }
  const recorder = { record: async (change: NewChange) => void changes.push(change) }
  const sender = createWriteSender(call, { loader, recorder, metrics, logger, clock: () => time })
  const write: ValidatedWrite = {
    ...{ source, ref, action: 'CLOSE', input: {}, key: null, asked: {} },
    async send() {
      time += 1_000
      return send()
    },
  }
  const execute = async (more: Partial<ValidatedWrite> = {}) => {
    const asked = { ...write, ...more }
    return sender.complete(asked, await sender.send(asked))
  }
  return { source, ref, loader, sender, write, execute, changes, lines, metrics }
}
const fault = (code: ConstructorParameters<typeof DeskgraphError>[0], details: ErrorDetails = {}) =>
  new DeskgraphError(code, 'No.', { source: 'desk', ...details })

describe('a fault of a write', () => {
  it.each<[ConstructorParameters<typeof DeskgraphError>[0], ErrorDetails, string]>([
    ['CIRCUIT_OPEN', {}, 'REJECTED'],
    ['UPSTREAM_TIMEOUT', {}, 'UNKNOWN'],
    ['UPSTREAM_BAD_RESPONSE', {}, 'UNKNOWN'],
    ['UPSTREAM_TIMEOUT', { effect: 'none' }, 'REJECTED'],
    ['CIRCUIT_OPEN', { effect: 'unknown' }, 'UNKNOWN'],
  ])('%s with %j makes the outcome %s', async (code, details, outcome) => {
    const error = fault(code, details)
    const { sender, write, ref } = senderOver(() => Promise.reject(error))
    const sent = await sender.send(write)
    expect(sent.outcome).toBe(outcome)
    if (outcome === 'UNKNOWN') expect(sent).toEqual({ ...outcomeUnknown(ref), sentAt: '2026-01-01T12:00:00.000Z' })
    else expect(sent.failure).toBe(error)
  })

  it('that the source answers as data was not done either', async () => {
    const failure = fault('UPSTREAM_UNAVAILABLE')
    const { sender, write } = senderOver(async () => ({ ...rejected('INVALID', 'unused'), failure }))
    const sent = await sender.send(write)
    expect(sent).toMatchObject({ outcome: 'REJECTED', failure, userErrors: [{ code: 'SOURCE_UNAVAILABLE', message: 'No.' }] })
    // What the failure says about a retry is from the time of the failure.
    expect(sent.userErrors).toMatchObject([{ retryAt: '2026-01-01T12:00:02.000Z' }])
  })
})

describe('an unknown outcome', () => {
  const fields = { source: 'desk', action: 'CLOSE', requestId: 'request-1', code: 'OUTCOME_UNKNOWN' }

  it('is in the log, with the fault where there is one', async () => {
    const answered = senderOver(async () => outcomeUnknown(null))
    await answered.sender.send(answered.write)
    expect(answered.lines).toStrictEqual([['error', 'the outcome of a write is unknown', fields]])
    const err = new TypeError('the answer has no ticket')
    const thrown = senderOver(() => Promise.reject(err))
    await thrown.sender.send(thrown.write)
    expect(thrown.lines).toStrictEqual([['error', 'the outcome of a write is unknown', { ...fields, err }]])
  })

  it('shows the ticket as it is now, no message, and is not recorded', async () => {
    const { source, ref, loader, execute, changes } = senderOver(async () => outcomeUnknown(null))
    await loader.load(source, ref)
    source.touch('x', { title: 'changed' })
    const payload = await execute({ reply: { body: 'Hello', visibility: 'PUBLIC' } })
    expect(payload).toMatchObject({ outcome: 'UNKNOWN', ticket: { title: 'changed' }, message: null })
    expect(changes).toEqual([])
  })
})

describe('the ticket of a write that was done', () => {
  it('is the one of the answer, and the operation has it from then on', async () => {
    const ticket = toTicket(info, 'x', { title: 'from the answer' })
    const { source, ref, loader, execute, changes } = senderOver(async () => applied(ticket))
    const before = await loader.load(source, ref)
    expect(await execute()).toEqual({ ticket, message: null, outcome: 'APPLIED', userErrors: [] })
    expect([loader.cached(ref), await loader.load(source, ref)]).toEqual([ticket, ticket])
    expect(source.calls.load).toHaveLength(1)
    expect(changes).toMatchObject([{ kind: 'CLOSED', ticket, before, at: '2026-01-01T12:00:01.000Z' }])
  })

  it('is read by the reference of the answer, else by that of the write', async () => {
    const { source, ref, execute } = senderOver(async () => appliedUnseen({ ...ref, externalId: 'y' }))
    source.put('y')
    expect((await execute()).ticket?.externalId).toBe('y')
    const other = senderOver(async () => ({ ...appliedUnseen(ref), ref: null }))
    expect((await other.execute()).ticket?.externalId).toBe('x')
  })

  it('is none where the answer and the write name none', async () => {
    const message = toMessage(info, 'x', '1')
    const result: WriteResult = { outcome: 'APPLIED', ticket: null, ref: null, userErrors: [], message }
    const { execute, changes } = senderOver(async () => result)
    expect(await execute({ ref: null })).toEqual({ ticket: null, message, outcome: 'APPLIED', userErrors: [] })
    expect(changes).toEqual([])
  })

  it('that cannot be read leaves the outcome, a line for the read and one for the change log, and is counted', async () => {
    const { source, ref, execute, lines, metrics } = senderOver(async () => appliedUnseen(ref))
    const err = fault('UPSTREAM_UNAVAILABLE')
    source.broken = err
    expect(await execute()).toMatchObject({ outcome: 'APPLIED', ticket: null })
    const missing = {
      source: 'desk',
      action: 'CLOSE',
      requestId: 'request-1',
      err: new Error('the ticket could not be read again'),
    }
    expect(lines).toEqual([
      ['warn', 'the ticket of a write could not be read', { source: 'desk', requestId: 'request-1', err }],
      ['error', 'a write is missing in the change log', missing],
    ])
    expect(metrics.total('journal_failures_total', { source: 'desk' })).toBe(1)
  })

  it('of an event-fed source is not recorded here', async () => {
    const ticket = toTicket(info, 'x')
    const { source, execute, changes, metrics } = senderOver(async () => applied(ticket))
    await execute({ source: { ...source, info: { ...info, mode: 'EVENT_FED' } } })
    expect([changes, metrics.total('journal_failures_total')]).toEqual([[], 0])
  })
})

describe('the ticket of a write that was refused', () => {
  it('is read again', async () => {
    const { source, ref, loader, sender } = senderOver(async () => applied(toTicket(info, 'x')))
    await loader.load(source, ref)
    source.touch('x', { title: 'changed' })
    const userErrors = [{ code: 'INVALID', message: 'No.', field: null }] as const
    const refused = await sender.refuse({ source, ref }, userErrors)
    expect(refused).toMatchObject({ ticket: { title: 'changed' }, message: null, outcome: 'REJECTED', userErrors })
    expect(await sender.refuse({ source, ref: null }, [])).toMatchObject({ ticket: null })
  })

  it('after a failure is none where it cannot be read, else it is read once for the operation', async () => {
    const { source, execute, lines } = senderOver(() => Promise.reject(fault('CIRCUIT_OPEN')))
    source.broken = fault('CIRCUIT_OPEN')
    expect(await execute()).toMatchObject({ outcome: 'REJECTED', ticket: null, message: null, failure: { code: 'CIRCUIT_OPEN' } })
    source.broken = null
    const { ticket } = await execute()
    expect(ticket?.externalId).toBe('x')
    expect((await execute()).ticket).toBe(ticket)
    expect(source.loadedIds()).toEqual([['x'], ['x']])
    // The failure of the write says enough.
    expect(lines).toEqual([])
  })
})

describe('the message of a reply in the thread', () => {
  const sentAt = '2026-01-01T12:00:00.700Z'
  const reply = { body: 'Hello', visibility: 'PUBLIC' } as const
  const find = (messages: Ticket['messages'], before: Ticket['messages'] | undefined = undefined) =>
    findMessage(
      toTicket(info, 'x', { messages }),
      reply,
      { sentAt },
      before === undefined ? undefined : toTicket(info, 'x', { messages: before }),
    )
  const message = (id: string, known: Partial<ThreadMessage> = {}) =>
    toMessage(info, 'x', id, { createdAt: '2026-01-01T12:00:00.000Z', ...known })

  it('is the only one of its text since the second in which it was sent', () => {
    const one = message('1')
    expect(find([one])).toBe(one)
    expect(find([message('1', { createdAt: '2026-01-01T11:59:59.999Z' })])).toBeNull()
    expect(find([one, message('2')])).toBeNull()
    expect(find([one, message('2', { body: 'Hello?' }), message('3', { visibility: 'INTERNAL' })])).toBe(one)
  })

  it('is none of those that were there before', () => {
    const [old, one] = [message('1'), message('2')]
    expect(find([old, one], [old])).toBe(one)
    expect(find([old], [old])).toBeNull()
  })

  it('may have no time only where the thread before is known', () => {
    const timeless = message('1', { createdAt: null })
    expect(find([timeless], [])).toBe(timeless)
    expect(find([timeless], null)).toBeNull()
    expect(find([timeless])).toBeNull()
  })

  it('may differ by blanks around its text', () => {
    const padded = message('1', { body: ' Hello\n' })
    expect(find([padded])).toBe(padded)
    expect(findMessage(toTicket(info, 'x', { messages: [message('1')] }), { ...reply, body: '\nHello ' }, { sentAt })?.body).toBe(
      'Hello',
    )
  })

  it('is none where there is no ticket or no thread', () => {
    expect(find(null)).toBeNull()
    expect(findMessage(null, reply, { sentAt })).toBeNull()
  })
})

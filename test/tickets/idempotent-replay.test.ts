import { describe, expect, it } from 'vitest'
import { encodeId } from '../../src/domain/ids.ts'
import type { ThreadMessage } from '../../src/domain/ticket.ts'
import { appliedUnseen, outcomeUnknown, partial, rejected, type WriteResult } from '../../src/domain/writes.ts'
import { createMemorySource } from '../support/memory-source.ts'
import { createService, toCall } from './ticket-service-fixture.ts'

const id = encodeId('ticket', 'a', '', 'x')
const ref = { kind: 'ticket', sourceKey: 'a', tenant: '', externalId: 'x' } as const
const target = { id, idempotencyKey: 'k' }
const sentAt = Date.UTC(2026, 0, 1, 12)
const reply = { body: 'Hello', visibility: 'PUBLIC' } as const
const written: ThreadMessage = {
  id: encodeId('message', 'a', '', 'x#1'),
  author: { kind: 'AGENT', externalId: 'a1', name: null },
  body: 'Hello',
  format: 'TEXT',
  visibility: 'PUBLIC',
  createdAt: '2026-01-01T12:00:00.000Z',
  attachments: null,
}

function withTicket(options: Parameters<typeof createMemorySource>[1] = {}) {
  const source = createMemorySource('a', options)
  source.put('x', { messages: [] })
  return { source, ...createService([source], {}, () => sentAt) }
}

/** A source that answers every reply in this way, and whose thread has the message afterwards. */
function withReply(answer: () => WriteResult, options: Parameters<typeof createMemorySource>[1] = {}) {
  const fixture = withTicket(options)
  fixture.source.replyToTicket = async () => {
    fixture.source.touch('x', { messages: [written] })
    return answer()
  }
  const send = (call = toCall()) => fixture.service.begin(call, () => new Set(['status'])).writes.reply(target, reply)
  return { ...fixture, send }
}

describe('the stored answer of an idempotency key', () => {
  const storedOf = ({ idempotency }: Pick<ReturnType<typeof withTicket>, 'idempotency'>) =>
    [...idempotency.rows.values()][0]?.answer

  it.each([
    ['APPLIED', () => appliedUnseen(ref)],
    ['PARTIAL', () => partial(ref, [{ code: 'SOURCE_REJECTED', message: 'The file was not stored.', field: null }])],
  ] as const)(
    'of a reply that is %s finds its message: by its id where the source named it, else by its time',
    async (outcome, answer) => {
      const unnamed = withReply(answer)
      await unnamed.send()
      expect(storedOf(unnamed)).toMatchObject({
        outcome,
        ticketId: id,
        message: { id: null, sentAt: '2026-01-01T12:00:00.000Z' },
      })
      const named = withReply(() => ({ ...answer(), message: written }))
      await named.send()
      expect(storedOf(named)).toMatchObject({ message: { id: written.id, sentAt: '2026-01-01T12:00:00.000Z' } })
    },
  )

  it.each([
    ['REJECTED', () => rejected('INVALID', 'No.')],
    ['UNKNOWN', () => outcomeUnknown(ref)],
  ] as const)('of a reply that is %s has no message, also where another one has its text', async (outcome, answer) => {
    const fixture = withReply(answer)
    expect(await fixture.send()).toMatchObject({ outcome, message: null })
    expect(await fixture.send()).toMatchObject({ outcome, message: null, ticket: { messages: [written] } })
    expect(storedOf(fixture)).not.toHaveProperty('message')
  })

  it('of any other change has no message', async () => {
    const fixture = withTicket()
    await fixture.service.begin(toCall()).writes.close(target, {})
    expect(storedOf(fixture)).toEqual({ outcome: 'APPLIED', ticketId: id, userErrors: [] })
  })

  it('of a creation names the ticket, also where the source answered its number alone', async () => {
    const { service, source } = withTicket()
    let created = 0
    source.createTicket = async () => {
      created += 1
      source.put('new-1', { title: 'Help' })
      return appliedUnseen({ ...ref, externalId: 'new-1' })
    }
    const input = { source: 'a', title: 'Help', idempotencyKey: 'k' }
    const send = () => service.begin(toCall()).writes.create(input)
    expect((await send()).ticket?.externalId).toBe('new-1')
    expect((await send()).ticket?.externalId).toBe('new-1')
    expect(created).toBe(1)
  })
})

describe('a repeated reply', () => {
  it('has its message also where the operation does not select the thread, which costs calls of its own', async () => {
    const { send } = withReply(() => appliedUnseen(ref), { lazyFields: ['messages'], costlyFields: ['messages'] })
    expect((await send()).message?.id).toBe(written.id)
    expect((await send()).message?.id).toBe(written.id)
  })

  it.each([
    ['the ticket cannot be read', (source: ReturnType<typeof createMemorySource>) => source.remove('x')],
    ['the source shows no messages', (source: ReturnType<typeof createMemorySource>) => source.touch('x', { messages: null })],
    [
      'the message is no longer in the thread',
      (source: ReturnType<typeof createMemorySource>) => source.touch('x', { messages: [] }),
    ],
  ])('has no message when %s', async (_, change) => {
    const { source, send } = withReply(() => ({ ...appliedUnseen(ref), message: written }))
    await send()
    change(source)
    expect(await send()).toMatchObject({ outcome: 'APPLIED', message: null, userErrors: [] })
  })
})

describe('an answer that cannot be stored', () => {
  it('leaves a line in the log with the request and the fault', async () => {
    const { service, idempotency, logged } = withTicket()
    const fault = new Error('the connection is gone')
    idempotency.finish = async () => {
      throw fault
    }
    expect((await service.begin(toCall()).writes.close(target, {})).outcome).toBe('APPLIED')
    expect(logged).toEqual([{ requestId: 'test', err: fault }])
  })
})

import { describe, expect, it } from 'vitest'
import { encodeId } from '../../src/domain/ids.ts'
import type { ThreadMessage, Ticket } from '../../src/domain/ticket.ts'
import { appliedUnseen, outcomeUnknown, partial, rejected } from '../../src/domain/writes.ts'
import { createMemorySource } from '../support/memory-source.ts'
import { createService, toCall } from './ticket-service-fixture.ts'

const id = encodeId('ticket', 'a', '', 'x')
const ref = { kind: 'ticket', sourceKey: 'a', tenant: '', externalId: 'x' } as const
/** When the tests send their replies. */
const sentAt = Date.UTC(2026, 0, 1, 12, 0, 0, 700)
const reply = { body: 'Hello', visibility: 'PUBLIC' } as const

function message(index: number, more: Partial<ThreadMessage> = {}): ThreadMessage {
  const author = { kind: 'AGENT', externalId: 'a1', name: null } as const
  return {
    id: encodeId('message', 'a', '', `x#${index}`),
    author,
    body: 'Hello',
    format: 'TEXT',
    visibility: 'PUBLIC',
    createdAt: '2026-01-01T12:00:00.700Z',
    attachments: null,
    ...more,
  }
}

/** A source that has these messages before and after a reply, and answers the reply without the ticket. */
function withThread(before: Ticket['messages'], after: Ticket['messages']) {
  const source = createMemorySource('a')
  source.put('x', { messages: before })
  source.replyToTicket = async () => {
    source.touch('x', { messages: after })
    return appliedUnseen(ref)
  }
  const { service } = createService([source], {}, () => sentAt)
  const begin = () => service.begin(toCall())
  const send = (operation = begin(), key: string | null = null) => operation.writes.reply({ id, idempotencyKey: key }, reply)
  return { source, begin, send }
}

describe('the message of a reply', () => {
  it("is the one of the source's answer", async () => {
    const { source, send } = withThread([], [message(0), message(1)])
    source.replyToTicket = async () => {
      source.touch('x', { messages: [message(0), message(1)] })
      return { ...appliedUnseen(ref), message: message(1) }
    }
    expect((await send()).message).toEqual(message(1))
  })

  it.each<[string, Partial<ThreadMessage>]>([
    ['the time of the reply', {}],
    ['that time in whole seconds', { createdAt: '2026-01-01T12:00:00.000Z' }],
    ['blanks around its text', { body: ' Hello\n' }],
    [
      'the customer as its author, as a source with one account for all has it',
      { author: { kind: 'CUSTOMER', externalId: 'c', name: null } },
    ],
  ])('is the only one of its text that is not older: with %s', async (_, more) => {
    const old = message(0, { createdAt: '2026-01-01T11:00:00.000Z' })
    const { send } = withThread([old], [old, message(1, more)])
    expect((await send()).message?.id).toBe(message(1).id)
  })

  it.each<[string, Ticket['messages'], Ticket['messages']]>([
    ['the source has no messages', null, null],
    ['the thread does not show it yet', [], []],
    ['only an older one has its text', [], [message(0, { createdAt: '2026-01-01T11:59:59.000Z' })]],
    ['two have its text', [], [message(0), message(1)]],
    ['the text differs', [], [message(0, { body: 'Hello!' })]],
    ['the visibility differs', [], [message(0, { visibility: 'INTERNAL' })]],
    ['the source gives messages no times', [], [message(0, { createdAt: null })]],
  ])('is null when %s', async (_, before, after) => {
    const { send } = withThread(before, after)
    expect(await send()).toMatchObject({ outcome: 'APPLIED', message: null })
  })

  it('is found without times when the operation has read the thread before', async () => {
    const old = message(0, { createdAt: null })
    const { begin, send } = withThread([old], [old, message(1, { createdAt: null })])
    const operation = begin()
    await operation.reads.ticket(ref)
    expect((await send(operation)).message?.id).toBe(message(1).id)
  })

  it('is null when nothing was written, or the source did not confirm it', async () => {
    const { source, send } = withThread([], [])
    source.touch('x', { messages: [message(0)] })
    source.replyToTicket = async () => rejected('INVALID', 'No.')
    expect(await send()).toMatchObject({ outcome: 'REJECTED', message: null })
    source.replyToTicket = async () => outcomeUnknown(ref)
    expect(await send()).toMatchObject({ outcome: 'UNKNOWN', message: null })
  })

  it('is shown beside what a PARTIAL reply did not do', async () => {
    const { source, send } = withThread([], [])
    source.replyToTicket = async () => {
      source.touch('x', { messages: [message(0)] })
      return partial(ref, [
        { code: 'SOURCE_REJECTED', message: 'The file was not stored.', field: ['input', 'attachments', '0'] },
      ])
    }
    expect(await send()).toMatchObject({ outcome: 'PARTIAL', message: { id: message(0).id } })
  })

  it('is the same for every request with the idempotency key', async () => {
    const { source, begin, send } = withThread([], [message(0)])
    const first = await send(begin(), 'k')
    source.touch('x', { messages: [message(0), message(1, { body: 'Thanks' })] })
    const second = await send(begin(), 'k')
    expect([first.message?.id, second.message?.id]).toEqual([message(0).id, message(0).id])
    source.replyToTicket = async () => ({ ...appliedUnseen(ref), message: message(1) })
    await send(begin(), 'named')
    expect((await send(begin(), 'named')).message).toMatchObject({ id: message(1).id, body: 'Thanks' })
  })
})

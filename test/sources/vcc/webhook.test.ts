import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Ticket } from '../../../src/domain/ticket.ts'
import { vccConfig } from '../../../src/sources/vcc/config.ts'
import { createVccWebhookHandler } from '../../../src/sources/vcc/webhook.ts'
import { EventProblem, type ReduceContext } from '../../../src/sources/webhook-handler.ts'
import { vccAdd, vccUpdate } from '../../fixtures/vcc/samples.ts'
import { requestOf, testWebhookHandlers, vccInfo } from '../../support/ingestion-fixture.ts'

const webhookHandler = testWebhookHandlers[0]!
const receivedAt = '2024-06-01T12:00:00.000Z'
const decode = (body: unknown) =>
  webhookHandler.decode({ raw: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)), eventId: null })

/** The ticket after these events, in this order. */
function ticketOf(...bodies: readonly unknown[]): Ticket {
  let context: ReduceContext = { receivedAt, ticket: null, state: null }
  for (const body of bodies) {
    const result = webhookHandler.reduce(decode(body), context)
    context = { receivedAt, state: result.state, ticket: result.outcome === 'APPLIED' ? result.ticket : context.ticket }
  }
  return context.ticket as Ticket
}
const event = (action: string, fields: object) => ({ action, ticket: { ticketId: 21, projectId: 130, ...fields } })

/** The ticket after these events, each with when it arrived and whether it is late. */
function ticketAfter(events: readonly { body: unknown; receivedAt: string; late: boolean }[]): Ticket {
  let context: Omit<ReduceContext, 'receivedAt'> = { ticket: null, state: null }
  for (const { body, receivedAt, late } of events) {
    const result = webhookHandler.reduce(decode(body), { ...context, receivedAt, late })
    // As the store gives it back.
    const state = JSON.parse(JSON.stringify(result.state))
    context = { state, ticket: result.outcome === 'APPLIED' ? result.ticket : context.ticket }
  }
  return context.ticket as Ticket
}

describe('a dead letter that is replayed', () => {
  const fields = fc.record(
    {
      title: fc.constantFrom('a', 'b', null),
      status: fc.constantFrom('park', 'closed', 'melted'),
      subStatus: fc.constantFrom('waiting4agent', 'successful', 'waiting4moon', null),
      agentUserName: fc.constantFrom('x', 'y', null),
    },
    { requiredKeys: [] },
  )
  const events = fc.array(fc.tuple(fc.constantFrom('add', 'update', 'update', 'update', 'delete'), fields), {
    minLength: 2,
    maxLength: 6,
  })

  test('ends in the ticket that the event would have made when it arrived, apart from its `updatedAt`', () => {
    const shown = ({ updatedAt: _, freshness, ...ticket }: Ticket) => ticket
    fc.assert(
      fc.property(events, fc.nat(), (plan, index) => {
        const all = plan.map(([action, named], n) => ({
          body: event(action, named),
          receivedAt: `2024-06-01T12:00:0${n}.000Z`,
          late: false,
        }))
        const replayedEvent = all[index % all.length]!
        const others = all.filter((one) => one !== replayedEvent)
        const replayed = ticketAfter([...others, { ...replayedEvent, late: true }])
        expect(shown(replayed)).toEqual(shown(ticketAfter(all)))
        expect(replayed.updatedAt! >= ticketAfter(others).updatedAt!).toBe(true)
      }),
      { numRuns: 500 },
    )
  })
  test('overrides nothing of a stored state that has no arrival times yet', () => {
    const state = { add: null, update: { fields: { title: 'newer' } }, delete: null, deletedAt: null }
    const context = { receivedAt, late: true, ticket: ticketOf(event('update', { title: 'newer' })), state }
    const result = webhookHandler.reduce(decode(event('update', { title: 'older', description: 'd' })), context)
    expect(result).toMatchObject({ outcome: 'APPLIED', ticket: { title: 'newer', description: 'd' } })
  })
})

describe('VCC Live', () => {
  test('maps every field of the documented add', () => {
    expect(ticketOf(vccAdd)).toMatchObject({
      tenant: 'acme',
      externalId: '130-21',
      number: '130-20240215-270338',
      title: 'bug',
      description: 'a',
      type: 'complaint',
      status: 'OPEN',
      sourceStatus: 'park/waiting4agent',
      queue: 'Manual',
      assignee: { externalId: 'john_smith', name: 'John Smith' },
      createdBy: { externalId: '6', name: 'John Smith' },
      updatedBy: { externalId: '8', name: null },
      customer: { externalId: '1814' },
      createdAt: '2024-02-15T14:46:46.000Z',
      firstOpenedAt: '2024-02-15T14:46:46.000Z',
      lastOpenedAt: '2024-02-15T14:46:46.000Z',
      dueAt: '2024-02-15T14:46:00.000Z',
      slaTargets: [
        {
          name: 'Soft deadline',
          kind: 'OTHER',
          dueAt: '2024-02-15T14:46:00.000Z',
          breached: null,
          paused: null,
          completedAt: null,
        },
      ],
      updatedAt: receivedAt,
      deletedAt: null,
      freshness: { mode: 'EVENT_FED', observedAt: receivedAt },
      raw: { contactId: 1220 },
    })
  })

  test('merges a sparse update: absent leaves, null clears (VCC-01, WEBHOOK-10)', () => {
    expect(ticketOf(vccAdd, vccUpdate)).toMatchObject({ title: 'Customer complaint', description: 'a', status: 'PENDING' })
    expect(ticketOf(vccAdd, event('update', { description: null }))).toMatchObject({ title: 'bug', description: null })
  })

  test('makes a stub of an update before its add; the add fills it and overrides nothing (VCC-02, WEBHOOK-08)', () => {
    expect(ticketOf(vccUpdate)).toMatchObject({ title: 'Customer complaint', description: null, status: 'PENDING' })
    expect(ticketOf(vccUpdate, vccAdd)).toMatchObject({ title: 'Customer complaint', description: 'a', status: 'PENDING' })
  })

  test('keeps a deleted ticket deleted, also when updates and an add arrive later (VCC-02, DECISION-25)', () => {
    expect(ticketOf(event('delete', {}), vccUpdate, vccAdd)).toMatchObject({ deletedAt: receivedAt })
  })

  test('accepts substatus as the table spells it (VCC-03)', () => {
    expect(ticketOf(event('add', { status: 'park', substatus: 'waiting4entity' })).status).toBe('PENDING')
  })

  test('accepts times as epoch seconds too (VCC-05)', () => {
    expect(ticketOf(event('add', { firstOpenTime: 1_708_008_406 })).createdAt).toBe('2024-02-15T14:46:46.000Z')
  })

  test('keeps `cc` in raw as it was sent, text or list (VCC-04)', () => {
    expect(ticketOf(event('add', { cc: ['a', 'b'] })).raw).toMatchObject({ cc: ['a', 'b'] })
  })

  test('keeps customers of two projects apart (VCC-07)', () => {
    const [one, two] = [130, 131].map((projectId) => ticketOf(event('add', { projectId, entityId: 7 })).customer)
    expect(one?.externalId).toBe('7')
    expect(one?.id).not.toBe(two?.id)
  })

  test('takes the last editor from userId, and the assignee from the agent fields alone (VCC-08)', () => {
    const ticket = ticketOf(event('update', { userId: 8 }))
    expect(ticket).toMatchObject({ updatedBy: { externalId: '8' }, assignee: null })
  })

  test('keeps the status of the merged state under an undocumented sub-status (VCC-09)', () => {
    const ticket = ticketOf(
      event('add', { status: 'park', subStatus: 'waiting4entity' }),
      event('update', { subStatus: 'waiting4moon' }),
    )
    expect(ticket).toMatchObject({ status: 'PENDING', sourceStatus: 'park/waiting4moon' })
  })

  test('gives the outcome of a closed ticket', () => {
    expect(ticketOf(event('update', { status: 'closed', subStatus: 'unsuccessful' })).resolution).toMatchObject({
      status: 'unsuccessful',
    })
  })

  test('keeps every digit of an id above 2^53 (UPSTREAM-19)', () => {
    expect(decode('{"action":"add","ticket":{"ticketId":9007199254740993,"projectId":1}}').externalId).toBe('1-9007199254740993')
  })

  test.each([
    ['an unknown action (VCC-06)', '{"action":"merge","ticket":{"ticketId":1,"projectId":1}}', /`action`/],
    ['no ticket', '{"action":"add"}', /`ticket` is not an object/],
    ['no project', '{"action":"add","ticket":{"ticketId":1}}', /`ticket.projectId`/],
    ['an id that is no number', '{"action":"add","ticket":{"ticketId":"x/..","projectId":1}}', /`ticket.ticketId`/],
    ['a list', '[]', /not a JSON object/],
    ['half a body', '{"action":"add","tick', /line 1, column 17/],
    ['nothing', '', /line 1, column 1/],
    ['depth', '['.repeat(5000), /64 levels/],
  ])('rejects %s and names the place', (_name, body, problem) => {
    expect(() => decode(body)).toThrow(problem)
  })

  test('rejects with an EventProblem', () => {
    expect(() => decode('[]')).toThrow(EventProblem)
  })

  test('accepts only a request with the right secret, given once (WEBHOOK-01)', () => {
    const body = vccAdd
    expect(webhookHandler.authorise(requestOf('vcc', body))).toBe(true)
    expect(webhookHandler.authorise(requestOf('vcc', body, { query: {} }))).toBe(false)
    expect(webhookHandler.authorise(requestOf('vcc', body, { query: { 'secret-key': 'wrong' } }))).toBe(false)
    const twice = ['vcc-secret-of-the-tests', 'vcc-secret-of-the-tests']
    expect(webhookHandler.authorise(requestOf('vcc', body, { query: { 'secret-key': twice } }))).toBe(false)
  })

  // The parsed values that one secret may arrive as: "a+b" sent as a%2Bb is "a+b", sent as a+b it is "a b" (WHATWG URL §5.1).
  test.each([
    ['+ that was escaped', 'k+3/Zs9=Qw7+aB1x', 'k+3/Zs9=Qw7+aB1x', true],
    ['+ that was not', 'k+3/Zs9=Qw7+aB1x', 'k 3/Zs9=Qw7 aB1x', true],
    ['+ of which one was escaped', 'k+3/Zs9=Qw7+aB1x', 'k+3/Zs9=Qw7 aB1x', true],
    ['+ that was not, beside a blank', 'a+b and a blank', 'a b and a blank', true],
    ['a blank', 'two words of a key', 'two words of a key', true],
    ['a + where the secret has a blank', 'two words of a key', 'two+words+of+a+key', false],
    ['a blank where the secret has a letter', 'k+3/Zs9=Qw7+aB1x', 'k+3/Zs9=Qw7+aB1 ', false],
    ['one character less', 'k+3/Zs9=Qw7+aB1x', 'k 3/Zs9=Qw7 aB1', false],
  ])('INPUT-13: a secret in the query has %s', (_what, secret, given, expected) => {
    const handler = createVccWebhookHandler({
      source: vccInfo,
      config: vccConfig.parse({ account: 'acme', secret: `${secret}-16` }),
    })
    const request = requestOf('vcc', vccAdd, { query: { 'secret-key': `${given}-16` } })
    expect(handler.authorise(request)).toBe(expected)
  })
})

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Ticket } from '../../../src/domain/ticket.ts'
import { toStatus } from '../../../src/sources/vcc/mapping.ts'
import { EventProblem, type ReduceContext } from '../../../src/sources/webhook-handler.ts'
import { vccAdd, vccUpdate } from '../../fixtures/vcc/samples.ts'
import { requestOf, testWebhookHandlers } from '../../support/ingestion-fixture.ts'

const webhookHandler = testWebhookHandlers[0]!
const receivedAt = '2024-06-01T12:00:00.000Z'
const decode = (body: unknown) =>
  webhookHandler.decode({ raw: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)), eventId: null })

/** The ticket after these events, in this order. */
function ticketOf(...bodies: readonly unknown[]): Ticket {
  let context: ReduceContext = { receivedAt, ticket: null, state: null }
  for (const body of bodies) {
    const reduction = webhookHandler.reduce(decode(body), context)
    context = { receivedAt, state: reduction.state, ticket: reduction.outcome === 'APPLIED' ? reduction.ticket : context.ticket }
  }
  return context.ticket as Ticket
}
const event = (action: string, fields: object) => ({ action, ticket: { ticketId: 21, projectId: 130, ...fields } })

/** The ticket after these events, each with when it arrived and whether it is late. */
function ticketAfter(events: readonly { body: unknown; receivedAt: string; late: boolean }[]): Ticket {
  let context: Omit<ReduceContext, 'receivedAt'> = { ticket: null, state: null }
  for (const { body, receivedAt, late } of events) {
    const reduction = webhookHandler.reduce(decode(body), { ...context, receivedAt, late })
    // As the store gives it back.
    const state = JSON.parse(JSON.stringify(reduction.state))
    context = { state, ticket: reduction.outcome === 'APPLIED' ? reduction.ticket : context.ticket }
  }
  return context.ticket as Ticket
}

describe('an event that was held and is replayed', () => {
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

  test('ends in the ticket that it would have made when it arrived, apart from when that was changed', () => {
    const shown = ({ updatedAt: _, freshness, ...ticket }: Ticket) => ticket
    fc.assert(
      fc.property(events, fc.nat(), (plan, index) => {
        const all = plan.map(([action, named], n) => ({
          body: event(action, named),
          receivedAt: `2024-06-01T12:00:0${n}.000Z`,
          late: false,
        }))
        const held = all[index % all.length]!
        const others = all.filter((one) => one !== held)
        const replayed = ticketAfter([...others, { ...held, late: true }])
        expect(shown(replayed)).toEqual(shown(ticketAfter(all)))
        expect(replayed.updatedAt! >= ticketAfter(others).updatedAt!).toBe(true)
      }),
      { numRuns: 500 },
    )
  })
  test('undoes nothing of a ticket whose times were not kept yet', () => {
    const state = { add: null, update: { fields: { title: 'newer' } }, delete: null, deletedAt: null }
    const context = { receivedAt, late: true, ticket: { ...ticketOf(event('update', { title: 'newer' })) }, state }
    const reduction = webhookHandler.reduce(decode(event('update', { title: 'older', description: 'd' })), context)
    expect(reduction).toMatchObject({ outcome: 'APPLIED', ticket: { title: 'newer', description: 'd' } })
  })
})

describe('VCC Live', () => {
  test('puts every field of the documented add in its place', () => {
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
      updatedAt: receivedAt,
      deletedAt: null,
      freshness: { mode: 'EVENT_FED', observedAt: receivedAt },
      raw: { contactId: 1220 },
    })
  })

  test('merges a sparse update: absent leaves, null clears (trap 1, W10)', () => {
    expect(ticketOf(vccAdd, vccUpdate)).toMatchObject({ title: 'Customer complaint', description: 'a', status: 'PENDING' })
    expect(ticketOf(vccAdd, event('update', { description: null }))).toMatchObject({ title: 'bug', description: null })
  })

  test('makes a stub of an update before its add; the add fills it and does not win (trap 2, W8)', () => {
    expect(ticketOf(vccUpdate)).toMatchObject({ title: 'Customer complaint', description: null, status: 'PENDING' })
    expect(ticketOf(vccUpdate, vccAdd)).toMatchObject({ title: 'Customer complaint', description: 'a', status: 'PENDING' })
  })

  test('never raises a deleted ticket from the dead (trap 2)', () => {
    expect(ticketOf(event('delete', {}), vccUpdate, vccAdd)).toMatchObject({ deletedAt: receivedAt })
  })

  test('accepts substatus as the table spells it (trap 3)', () => {
    expect(ticketOf(event('add', { status: 'park', substatus: 'waiting4entity' })).status).toBe('PENDING')
  })

  test('accepts times as epoch seconds too (trap 5)', () => {
    expect(ticketOf(event('add', { firstOpenTime: 1_708_008_406 })).createdAt).toBe('2024-02-15T14:46:46.000Z')
  })

  test('keeps `cc` as it came, text or list (trap 4)', () => {
    expect(ticketOf(event('add', { cc: ['a', 'b'] })).raw).toMatchObject({ cc: ['a', 'b'] })
  })

  test('keeps customers of two projects apart (traps 7 and key)', () => {
    const [one, two] = [130, 131].map((projectId) => ticketOf(event('add', { projectId, entityId: 7 })).customer)
    expect(one?.externalId).toBe('7')
    expect(one?.id).not.toBe(two?.id)
  })

  test('says who updated by userId, and who is assigned by the agent alone (trap 8)', () => {
    const ticket = ticketOf(event('update', { userId: 8 }))
    expect(ticket).toMatchObject({ updatedBy: { externalId: '8' }, assignee: null })
  })

  test.each([
    ['park', 'waiting4agent', 'OPEN'],
    ['park', 'waiting4entity', 'PENDING'],
    ['park', null, 'OPEN'],
    ['closed', 'successful', 'CLOSED'],
    ['closed', 'unsuccessful', 'CLOSED'],
    ['closed', null, 'CLOSED'],
    ['melted', null, 'UNKNOWN'],
    [null, null, 'UNKNOWN'],
  ])('maps %s and %s to %s (trap 9)', (status, subStatus, expected) => {
    expect(toStatus(status, subStatus)).toBe(expected)
  })

  test('keeps the merged state under a sub-status that has no meaning (trap 9)', () => {
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

  test('keeps every digit of an id above 2^53 (U19)', () => {
    expect(decode('{"action":"add","ticket":{"ticketId":9007199254740993,"projectId":1}}').externalId).toBe('1-9007199254740993')
  })

  test.each([
    ['an unknown action (trap 6)', '{"action":"merge","ticket":{"ticketId":1,"projectId":1}}', /`action`/],
    ['no ticket', '{"action":"add"}', /`ticket` is not an object/],
    ['no project', '{"action":"add","ticket":{"ticketId":1}}', /`ticket.projectId`/],
    ['an id that is no number', '{"action":"add","ticket":{"ticketId":"x/..","projectId":1}}', /`ticket.ticketId`/],
    ['a list', '[]', /not a JSON object/],
    ['half a body', '{"action":"add","tick', /line 1, column 17/],
    ['nothing', '', /line 1, column 1/],
    ['depth', '['.repeat(5000), /64 levels/],
  ])('refuses %s with its place', (_name, body, problem) => {
    expect(() => decode(body)).toThrow(problem)
  })

  test('names a defect of an event EventProblem', () => {
    expect(() => decode('[]')).toThrow(EventProblem)
  })

  test('lets nobody in without the right secret, once', () => {
    const body = vccAdd
    expect(webhookHandler.authorise(requestOf('vcc', body))).toBe(true)
    expect(webhookHandler.authorise(requestOf('vcc', body, { query: {} }))).toBe(false)
    expect(webhookHandler.authorise(requestOf('vcc', body, { query: { 'secret-key': 'wrong' } }))).toBe(false)
    expect(webhookHandler.authorise(requestOf('vcc', body, { query: { 'secret-key': ['vcc-secret', 'vcc-secret'] } }))).toBe(
      false,
    )
  })
})

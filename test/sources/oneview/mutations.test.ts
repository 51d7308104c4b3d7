import type { ServerResponse } from 'node:http'
import { describe, expect, it } from 'vitest'
import type { UpdateTicket } from '../../../src/domain/writes.ts'
import type { TicketSource } from '../../../src/sources/source.ts'
import { someCall } from '../../support/call.ts'
import { json, startVendor } from '../../support/vendor.ts'
import { oneViewAt, record, refTo } from './oneview-fixture.ts'

const ref = refTo('vsba-nhas')
const agent = () => someCall({ email: 'agent@foodpanda.com' })

/** A OneView that answers every write with the ticket, and the requests that it received. */
async function startOneView(changes: Record<string, unknown> = {}, answer?: (res: ServerResponse) => void) {
  const vendor = await startVendor((_, res) =>
    answer ? answer(res) : json(res, record({ id: 'vsba-nhas', status: 'ESCALATED' })),
  )
  const source = oneViewAt(vendor.url, changes) as Required<TicketSource>
  const sent = () => vendor.calls.map(({ method, path, body }) => [method, path.replace('/ticket-detail', ''), body])
  return { vendor, source, sent }
}

describe('escalating in OneView', () => {
  it('with a department sends TicketEscalateV2Param to v2, as the signed-in agent', async () => {
    const { vendor, source, sent } = await startOneView()
    const input = { statusReason: 'close by postman', resolutionReason: 'no refund', department: 'corporate' }
    const result = await source.escalateTicket(ref, input, agent())
    expect(sent()).toEqual([['POST', '/v2/tickets/vsba-nhas/escalate', input]])
    expect(vendor.calls[0]?.headers).toMatchObject({ authorization: 'Bearer t0ken', 'x-agent-user-id': 'agent@foodpanda.com' })
    expect(result).toMatchObject({ outcome: 'APPLIED', ticket: { externalId: 'vsba-nhas', status: 'ESCALATED' }, userErrors: [] })
  })

  it('without one sends TicketEscalateParam to v1', async () => {
    const { source, sent } = await startOneView()
    await source.escalateTicket(ref, { statusReason: 'close by postman', resolutionReason: null, department: null }, agent())
    await source.escalateTicket(ref, { statusReason: 'again', department: '' }, agent())
    expect(sent()).toEqual([
      ['POST', '/v1/tickets/vsba-nhas/escalate', { statusReason: 'close by postman' }],
      ['POST', '/v1/tickets/vsba-nhas/escalate', { statusReason: 'again' }],
    ])
  })

  it('ONEVIEW-18: sends any department to the server, whose 400 is a user error of that field', async () => {
    const { source } = await startOneView({}, (res) => json(res, { errors: [{ status: '400', title: 'bad request' }] }, 400))
    expect(await source.escalateTicket(ref, { department: 'corporate' }, agent())).toEqual({
      outcome: 'REJECTED',
      ticket: null,
      ref: null,
      userErrors: [{ code: 'INVALID', message: 'OneView did not accept the input.', field: ['input', 'department'] }],
    })
  })

  it('uses the forms that this deployment has', async () => {
    const v2 = await startOneView({ capabilities: { escalateV1: false } })
    expect(await v2.source.escalateTicket(ref, {}, agent())).toMatchObject({
      userErrors: [{ code: 'REQUIRED', field: ['input', 'department'] }],
    })
    const v1 = await startOneView({ capabilities: { escalateV2: false } })
    expect(await v1.source.escalateTicket(ref, { department: 'legal' }, agent())).toMatchObject({
      userErrors: [{ code: 'NOT_SUPPORTED', field: ['input', 'department'] }],
    })
    expect([...v2.sent(), ...v1.sent()]).toEqual([])
  })
})

describe('closing, reassigning and transferring in OneView', () => {
  it('send every documented parameter', async () => {
    const { source, sent } = await startOneView()
    const close = {
      statusReason: 'close by postman',
      resolutionStatus: 'NO_ACTION',
      resolutionReason: 'no action need to be taken',
    }
    await source.closeTicket(ref, close, agent())
    await source.reassignTicket(ref, { reason: 'agent overtime', assignee: 'otheragent' }, agent())
    await source.transferTicket(ref, { queue: 'dummyqueueid' }, agent())
    expect(sent()).toEqual([
      ['POST', '/v1/tickets/vsba-nhas/close', close],
      ['POST', '/v1/tickets/vsba-nhas/reassign', { reason: 'agent overtime', assignee: 'otheragent' }],
      ['POST', '/v1/tickets/vsba-nhas/transfer', { queueId: 'dummyqueueid' }],
    ])
  })

  it('ONEVIEW-09: names a queue by its id, and never sends an empty one', async () => {
    const { source, sent } = await startOneView()
    expect(await source.transferTicket(ref, { queue: ' ' }, agent())).toMatchObject({
      outcome: 'REJECTED',
      userErrors: [{ code: 'REQUIRED', field: ['input', 'queue'] }],
    })
    expect(await source.reassignTicket(ref, { assignee: '' }, agent())).toMatchObject({
      userErrors: [{ code: 'REQUIRED', field: ['input', 'assignee'] }],
    })
    expect(sent()).toEqual([])
  })

  it.each([
    [400, 'INVALID', ['input', 'queue']],
    [422, 'INVALID', ['input', 'queue']],
    [403, 'FORBIDDEN', null],
    [404, 'NOT_FOUND', null],
    [405, 'NOT_SUPPORTED', null],
    [409, 'CONFLICT', null],
  ])('UPSTREAM-07: %i is the user error %s', async (status, code, field) => {
    const { source, sent } = await startOneView({}, (res) => json(res, { errors: [{ status: String(status) }] }, status))
    const result = await source.transferTicket(ref, { queue: 'q' }, agent())
    expect(result).toMatchObject({ outcome: 'REJECTED', ticket: null, userErrors: [{ code, field }] })
    expect(sent()).toHaveLength(1)
  })

  it('UPSTREAM-13: an answer without the outcome is UNKNOWN, and the write is not sent again', async () => {
    const answers: ((res: ServerResponse) => void)[] = [
      (res) => json(res, {}, 500),
      (res) => void res.destroy(),
      (res) => res.writeHead(200).end('<html>proxy</html>'),
      (res) => res.writeHead(408).end(),
    ]
    for (const answer of answers) {
      const { source, sent } = await startOneView({}, answer)
      const result = await source.closeTicket(ref, {}, agent())
      expect(result).toMatchObject({
        outcome: 'UNKNOWN',
        ticket: null,
        ref,
        userErrors: [{ code: 'OUTCOME_UNKNOWN', field: null }],
      })
      expect(sent()).toHaveLength(1)
    }
  })

  it('an answer without the ticket, or with another ticket, is APPLIED and the ticket is read again', async () => {
    for (const answer of [
      (res: ServerResponse) => res.writeHead(204).end(),
      (res: ServerResponse) => json(res, record({ id: 'other' })),
    ]) {
      const { source } = await startOneView({}, answer)
      expect(await source.closeTicket(ref, {}, agent())).toEqual({ outcome: 'APPLIED', ticket: null, ref, userErrors: [] })
    }
  })

  it('INPUT-03: an id that could change a path is NOT_FOUND and sends no call', async () => {
    const { source, sent } = await startOneView()
    for (const id of ['..', 'a/../b', 'a?b']) {
      expect(await source.closeTicket(refTo(id), {}, agent())).toMatchObject({ userErrors: [{ code: 'NOT_FOUND' }] })
      expect(await source.updateTicket(refTo(id), { orderId: 'x' }, agent())).toMatchObject({
        userErrors: [{ code: 'NOT_FOUND' }],
      })
    }
    expect(sent()).toEqual([])
  })
})

describe('updating in OneView', () => {
  it.each<[string, UpdateTicket, object]>([
    ['a contact reason by its code', { contactReasonCode: '1A.1' }, { type: 'UPDATE_CCR', ccr: '1A.1' }],
    ['an order', { orderId: 'abc-123', entityId: 'FP_SG' }, { type: 'UPDATE_ORDER_ID', orderId: 'abc-123', geid: 'FP_SG' }],
    ['no order any more', { orderId: '', entityId: 'FP_SG' }, { type: 'UPDATE_ORDER_ID', orderId: '', geid: 'FP_SG' }],
    ['the response time', { event: 'CHAT_RESPONSE_TIME' }, { type: 'UPDATE_CHAT_RESPONSE_TIME' }],
    ['the picked time', { event: 'PICKED_TIME' }, { type: 'UPDATE_PICKED_TIME' }],
    ['a closed chat room', { event: 'CLOSE_CHAT_ROOM' }, { type: 'CLOSE_CHAT_ROOM' }],
  ])('ONEVIEW-14: sends TicketUpdateParam for %s', async (_, input, body) => {
    const { source, sent } = await startOneView()
    expect(await source.updateTicket(ref, input, agent())).toMatchObject({ outcome: 'APPLIED' })
    expect(sent()).toEqual([['PATCH', '/v1/tickets/vsba-nhas', body]])
  })

  it("uses the ticket's own entity for an order when the input names none", async () => {
    const { source, sent } = await startOneView()
    await source.updateTicket(ref, { orderId: 'abc-123' }, agent())
    expect(sent()).toEqual([
      ['GET', '/v1/tickets/vsba-nhas', undefined],
      ['PATCH', '/v1/tickets/vsba-nhas', { type: 'UPDATE_ORDER_ID', orderId: 'abc-123', geid: 'FP_SG' }],
    ])
  })

  it('DECISION-20: requires the entity when the ticket names none either, and is NOT_FOUND without a ticket', async () => {
    const without = await startOneView({}, (res) => json(res, { id: 'vsba-nhas' }))
    expect(await without.source.updateTicket(ref, { orderId: 'x' }, agent())).toMatchObject({
      outcome: 'REJECTED',
      userErrors: [{ code: 'REQUIRED', field: ['input', 'entityId'] }],
    })
    expect(without.sent()).toHaveLength(1)
    const missing = await startOneView({}, (res) => json(res, {}, 404))
    expect(await missing.source.updateTicket(ref, { orderId: 'x' }, agent())).toMatchObject({
      userErrors: [{ code: 'NOT_FOUND' }],
    })
  })

  it.each<[string, UpdateTicket, string, string[]]>([
    ['two kinds at once', { contactReasonCode: '1A.1', event: 'PICKED_TIME' }, 'INVALID', ['input']],
    ['no kind', {}, 'INVALID', ['input']],
    ['only an entity', { entityId: 'FP_SG' }, 'INVALID', ['input']],
    ['an empty contact reason', { contactReasonCode: '' }, 'REQUIRED', ['input', 'contactReasonCode']],
  ])('DECISION-20: sends nothing for %s', async (_, input, code, field) => {
    const { source, sent } = await startOneView()
    const result = await source.updateTicket(ref, input, agent())
    expect(result).toMatchObject({ outcome: 'REJECTED', userErrors: [{ code, field }] })
    expect(sent()).toEqual([])
  })
})

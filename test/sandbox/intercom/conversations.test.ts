import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { noon, openWorkspace, type Workspace } from './workspace.ts'

let workspace: Workspace
let id: string
beforeAll(async () => {
  workspace = await openWorkspace({ count: 60 })
  const { body } = await search('open', '=', true)
  id = body.conversations[0].id
})
afterAll(() => workspace.close())

const noor = '991267501'
const seconds = Math.floor(noon / 1000)
const post = (path: string, body: unknown) => workspace.call('POST', path, body)
const search = (field: string, operator: string, value: unknown) =>
  post('/conversations/search', { query: { field, operator, value }, pagination: { per_page: 150 } })
const lastPart = ({ body }: { body: { conversation_parts: { conversation_parts: object[] } } }) =>
  body.conversation_parts.conversation_parts.at(-1)

describe('a conversation', () => {
  it('has numbers for assignees, nulls for what it lacks, its opening and its parts', async () => {
    const { body } = await workspace.get(`/conversations/${id}`)
    expect(body).toMatchObject({
      ...{ type: 'conversation', id, state: 'open', open: true, snoozed_until: null, admin_assignee_id: null },
      ...{ title: null, sla_applied: null, statistics: null, priority: expect.stringMatching(/priority$/) },
      source: { delivered_as: 'customer_initiated', author: { type: 'user' }, body: expect.stringMatching(/^<p>/) },
      conversation_parts: { type: 'conversation_part.list', total_count: 1 },
      linked_objects: { data: [{ type: 'ticket' }], total_count: 1 },
    })
    expect((await workspace.get('/conversations/1')).body.errors[0].code).toBe('not_found')
  })

  it('is found by words of its opening, and not by several of them', async () => {
    const { body } = await workspace.get(`/conversations/${id}`)
    const [first, second] = body.source.body.replaceAll(/<[^>]+>/g, '').split(/[^\p{L}\p{N}]+/u)
    const ids = async (value: string) =>
      (await search('source.body', '=', value)).body.conversations.map((one: { id: string }) => one.id)
    expect(await ids(first)).toContain(id)
    expect(await ids(`${first} ${second}`)).toEqual([])
  })

  it('is searched by assignees as numbers, and listed without its parts', async () => {
    const { body } = await search('team_assignee_id', 'IN', [5017693, 5017694])
    expect(body).toMatchObject({ type: 'conversation.list', pages: { type: 'pages', page: 1 } })
    expect(body.total_count).toBeGreaterThan(0)
    for (const one of body.conversations) {
      expect([5017693, 5017694]).toContain(one.team_assignee_id)
      expect(one).not.toHaveProperty('conversation_parts')
    }
  })

  it('is answered, noted, closed, opened by its customer, snoozed and assigned', async () => {
    const admin = { type: 'admin', admin_id: noor }
    const note = await post(`/conversations/${id}/reply`, { ...admin, message_type: 'note', body: 'They called.' })
    expect([lastPart(note), typeof note.body.waiting_since]).toMatchObject([
      { part_type: 'note', body: '<p>They called.</p>' },
      'number',
    ])
    const said = await post(`/conversations/${id}/reply`, { ...admin, message_type: 'comment', body: 'Soon.' })
    expect([lastPart(said), said.body.waiting_since]).toMatchObject([{ part_type: 'comment' }, null])
    const closed = await post(`/conversations/${id}/parts`, { ...admin, message_type: 'close', body: 'Goodbye' })
    expect([lastPart(closed), closed.body.state]).toMatchObject([{ part_type: 'close', body: '<p>Goodbye</p>' }, 'closed'])
    const contact = closed.body.contacts.contacts[0].id
    const user = { message_type: 'comment', type: 'user', intercom_user_id: contact, body: 'Thanks again :)' }
    const again = await post(`/conversations/${id}/reply`, user)
    expect([lastPart(again), again.body.state, again.body.waiting_since]).toMatchObject([{ part_type: 'open' }, 'open', seconds])
    const snoozed = await post(`/conversations/${id}/parts`, {
      message_type: 'snoozed',
      admin_id: noor,
      snoozed_until: seconds + 60,
    })
    expect(snoozed.body).toMatchObject({ state: 'snoozed', snoozed_until: seconds + 60 })
    const opened = await post(`/conversations/${id}/parts`, { message_type: 'open', admin_id: noor })
    expect(opened.body).toMatchObject({ state: 'open', snoozed_until: null })
    const assigned = await post(`/conversations/${id}/parts`, { ...admin, message_type: 'assignment', assignee_id: '991267503' })
    expect([lastPart(assigned), assigned.body.admin_assignee_id]).toMatchObject([
      { part_type: 'assignment', assigned_to: { type: 'admin', id: '991267503' } },
      991267503,
    ])
    const wrong = await post(`/conversations/${id}/parts`, { ...admin, message_type: 'dance' })
    expect(wrong.status).toBe(400)
  })

  it('gets the notes of back-office tickets that are posted to it too', async () => {
    const { id: ticketId } = await workspace.create('55', { conversation_to_link_id: id })
    expect((await workspace.get(`/tickets/${ticketId}`)).body.linked_objects.data).toEqual([
      { type: 'conversation', id, category: null },
    ])
    await post(`/tickets/${ticketId}/reply`, {
      message_type: 'note',
      type: 'admin',
      admin_id: noor,
      body: 'Posted twice',
      cross_post: true,
    })
    const conversation = await workspace.get(`/conversations/${id}`)
    expect(lastPart(conversation)).toMatchObject({ part_type: 'note', body: '<p>Posted twice</p>' })
  })

  it('becomes a customer ticket with its id, its time and its messages', async () => {
    const { body } = await search('open', '=', false)
    const [one] = body.conversations
    const refused = await post(`/conversations/${one.id}/convert`, { ticket_type_id: '55' })
    expect([refused.status, refused.body.errors]).toEqual([
      400,
      [{ code: 'parameter_invalid', message: 'Ticket type is not a customer ticket type' }],
    ])
    const { body: ticket } = await post(`/conversations/${one.id}/convert`, {
      ticket_type_id: 53,
      attributes: { Priority: 'High' },
    })
    expect(ticket).toMatchObject({
      ...{ type: 'ticket', id: one.id, category: 'Customer', created_at: one.created_at, updated_at: seconds },
      ticket_attributes: { Priority: 'High' },
    })
    expect(ticket.ticket_parts.ticket_parts.map(({ part_type }: { part_type: string }) => part_type)).toEqual([
      ...['comment', 'comment', 'close', 'ticket_state_updated_by_admin'],
    ])
    expect((await post(`/conversations/${one.id}/convert`, { ticket_type_id: '53' })).status).toBe(400)
  })

  it('needs a subscription that is paid for', async () => {
    workspace.intercom.setPaid(false)
    expect((await workspace.get(`/conversations/${id}`)).body.errors[0].code).toBe('api_plan_restricted')
    workspace.intercom.setPaid(true)
  })
})

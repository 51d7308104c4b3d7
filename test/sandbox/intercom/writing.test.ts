import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { noon, openWorkspace, type Workspace } from './workspace.ts'

let workspace: Workspace
beforeAll(async () => {
  workspace = await openWorkspace({ count: 12 })
})
afterAll(() => workspace.close())

const noor = '991267501'
const seconds = (ms: number) => Math.floor(ms / 1000)
const post = (path: string, body: unknown) => workspace.call('POST', path, body)
const put = (path: string, body: unknown) => workspace.call('PUT', path, body)
const codeOf = ({ status, body }: { status: number; body: { errors?: { code: string; message: string }[] } }) => [
  status,
  body.errors?.[0]?.code,
]
interface TicketPart {
  readonly part_type: string
}
const typesOf = (ticket: { ticket_parts: { ticket_parts: TicketPart[] } }) =>
  ticket.ticket_parts.ticket_parts.map(({ part_type }) => part_type)

describe('a new ticket', () => {
  it('is submitted, open, shared with the customer and assigned to none', async () => {
    const ticket = await workspace.create('53', { ticket_type_id: 53 })
    expect(ticket).toMatchObject({
      ...{ type: 'ticket', category: 'Customer', is_shared: true, open: true, admin_assignee_id: '0', team_assignee_id: '0' },
      ticket_attributes: { _default_title_: 'Cold soup', _default_description_: 'It was cold.', 'Order number': 'abcd-1234' },
      ticket_state: { id: '8269', category: 'submitted' },
      created_at: seconds(noon),
    })
    expect(typesOf(ticket)).toEqual(['ticket_state_updated_by_admin'])
    expect((await workspace.get(`/tickets/${ticket.id}`)).body).toEqual(ticket)
    const { body: contact } = await workspace.get(`/contacts/${ticket.contacts.contacts[0].id}`)
    expect(contact).toMatchObject({ email: 'maria@mail.example', role: 'user', external_id: null })
  })

  it('may be assigned to a team and an admin at once, and is not shared in the back office', async () => {
    const ticket = await workspace.create('55', { assignment: { admin_assignee_id: '991267506', team_assignee_id: 5017693 } })
    expect(ticket).toMatchObject({
      admin_assignee_id: '991267506',
      team_assignee_id: '5017693',
      is_shared: false,
      category: 'Back-office',
    })
  })

  it('may have been made in the past', async () => {
    const ticket = await workspace.create('53', { created_at: seconds(noon) - 86_400 })
    expect([ticket.created_at, ticket.updated_at]).toEqual([seconds(noon) - 86_400, seconds(noon)])
  })

  it('needs a type in use, one contact, its attributes in their kinds and an assignee that there is', async () => {
    const base = { ticket_type_id: '53', contacts: [{ email: 'a@mail.example' }], ticket_attributes: { 'Order number': 'x' } }
    const refusals = async (changes: object) => codeOf(await post('/tickets', { ...base, ...changes }))
    expect(await refusals({ ticket_type_id: undefined })).toEqual([400, 'parameter_not_found'])
    expect(await refusals({ ticket_type_id: '57', ticket_attributes: {} })).toEqual([400, 'parameter_invalid'])
    expect(await refusals({ created_at: seconds(noon) + 99_999_999 })).toEqual([400, 'parameter_invalid'])
    expect(await refusals({ contacts: [] })).toEqual([400, 'parameter_not_found'])
    expect(await refusals({ contacts: [{ email: 'a@mail.example' }, { email: 'b@mail.example' }] })).toEqual([
      400,
      'parameter_invalid',
    ])
    expect(await refusals({ contacts: [{ id: '6762f2971bb69f9f2193bc49' }] })).toEqual([404, 'not_found'])
    expect(await refusals({ ticket_attributes: {} })).toEqual([400, 'parameter_invalid'])
    expect(await refusals({ ticket_attributes: { 'Order number': 'x', Colour: 'red' } })).toEqual([400, 'parameter_invalid'])
    expect(await refusals({ ticket_attributes: { 'Order number': 7 } })).toEqual([400, 'type_mismatch'])
    expect(await refusals({ ticket_attributes: { 'Order number': 'x', Priority: 'Soon' } })).toEqual([400, 'parameter_invalid'])
    expect(await refusals({ assignment: { admin_assignee_id: '1' } })).toEqual([404, 'assignee_not_found'])
    expect(workspace.intercom.tickets()).toBe(15)
  })

  it('may come later, by a job', async () => {
    const later = await openWorkspace({ count: 0, jobDelayMs: 5000 })
    const ticket = { ticket_type_id: '53', contacts: [{ email: 'a@mail.example' }], ticket_attributes: { 'Order number': 'x' } }
    const { body: job } = await later.call('POST', '/tickets/enqueue', ticket)
    expect(job).toMatchObject({ type: 'job', status: 'pending', resource_type: 'ticket', resource_id: null, resource_url: null })
    expect((await later.get(job.url)).body.status).toBe('pending')
    later.passes(5000)
    const { body: done } = await later.get(job.url)
    expect(done).toMatchObject({ status: 'success', resource_url: `${later.origin}/tickets/${done.resource_id}` })
    expect((await later.get(done.resource_url)).body.ticket_id).toBe('1')
    const refused = await later.call('POST', '/tickets/enqueue', { ...ticket, ticket_attributes: {} })
    expect([refused.status, refused.body.errors]).toEqual([
      400,
      [{ code: 'parameter_invalid', message: 'Missing required ticket attributes' }],
    ])
    expect(codeOf(await later.get('/jobs/status/9'))).toEqual([404, 'job_not_found'])
    await later.close()
  })
})

describe('an update', () => {
  it('changes attributes, state and assignee, and leaves a part of each', async () => {
    const { id } = await workspace.create()
    workspace.passes(60_000)
    const { body } = await put(`/tickets/${id}`, {
      ...{ ticket_attributes: { Priority: 'High' }, ticket_state_id: 8274, assignee_id: 991267502, admin_id: 991267501 },
    })
    expect(body).toMatchObject({
      ...{ admin_assignee_id: '991267502', team_assignee_id: '0', updated_at: body.created_at + 60 },
      ticket_attributes: { _default_title_: 'Cold soup', Priority: 'High' },
      ticket_state: {
        id: '8274',
        category: 'in_progress',
        internal_label: 'With the restaurant',
        external_label: 'We are checking',
      },
    })
    expect(body.ticket_parts.ticket_parts.slice(1)).toMatchObject([
      {
        part_type: 'ticket_attribute_updated_by_admin',
        author: { type: 'admin', id: noor },
        updated_attribute_data: { attribute: { id: '163', label: 'Priority' }, value: { id: 'High', label: 'High' } },
      },
      { part_type: 'ticket_state_updated_by_admin', previous_ticket_state: 'submitted', ticket_state: 'in_progress' },
      { part_type: 'assignment', assigned_to: { type: 'admin', id: '991267502' } },
    ])
  })

  it('is by the bot where it names no admin', async () => {
    const { id } = await workspace.create()
    const { body } = await put(`/tickets/${id}`, { ticket_state_id: '8270' })
    expect(body.ticket_parts.ticket_parts.at(-1).author).toMatchObject({ type: 'bot', name: 'Fin' })
  })

  it('assigns to a team beside an admin, and unassigns both with 0', async () => {
    const { id } = await workspace.create()
    await put(`/tickets/${id}`, { assignee_id: noor })
    const both = { admin_assignee_id: noor, team_assignee_id: '5017691' }
    expect((await put(`/tickets/${id}`, { assignee_id: '5017691' })).body).toMatchObject(both)
    const none = { admin_assignee_id: '0', team_assignee_id: '0' }
    expect((await put(`/tickets/${id}`, { assignee_id: '0' })).body).toMatchObject(none)
  })

  it('closes without resolving, and resolves without closing', async () => {
    const { id } = await workspace.create()
    const { body: closed } = await put(`/tickets/${id}`, { open: false })
    expect(closed).toMatchObject({ open: false, ticket_state: { category: 'submitted' } })
    const { body: resolved } = await put(`/tickets/${id}`, { open: true, ticket_state_id: '8272' })
    expect(resolved).toMatchObject({ open: true, ticket_state: { category: 'resolved' } })
    expect(typesOf(resolved)).toEqual([...['ticket_state_updated_by_admin', 'close', 'ticket_state_updated_by_admin', 'open']])
  })

  it('snoozes until a time, when the ticket wakes by itself; closing ends a snooze', async () => {
    const other = await openWorkspace({ count: 0 })
    const { id } = await other.create()
    const until = seconds(noon) + 3600
    const { body: snoozed } = await other.call('PUT', `/tickets/${id}`, { snoozed_until: until })
    expect(snoozed).toMatchObject({ snoozed_until: until, open: true })
    other.passes(3_600_000)
    const { body: awake } = await other.get(`/tickets/${id}`)
    expect([awake.snoozed_until, awake.updated_at, typesOf(awake).at(-1)]).toEqual([undefined, until, 'timer_unsnooze'])
    await other.call('PUT', `/tickets/${id}`, { snoozed_until: until + 9000 })
    expect((await other.call('PUT', `/tickets/${id}`, { open: false })).body).not.toHaveProperty('snoozed_until')
    const both = { open: false, snoozed_until: until + 9000 }
    expect((await other.call('PUT', `/tickets/${id}`, both)).body).toMatchObject({ open: false })
    await other.close()
  })

  it('does nothing where one of its parts is refused', async () => {
    const { id, ...before } = await workspace.create('54')
    const refusals = async (body: object) => codeOf(await put(`/tickets/${id}`, { ticket_attributes: { Amount: 9.5 }, ...body }))
    expect(await refusals({ ticket_state_id: '0' })).toEqual([400, 'ticket_state_id_invalid'])
    expect(await refusals({ ticket_state_id: '8274' })).toEqual([400, 'ticket_state_id_invalid'])
    expect(await refusals({ admin_id: 1 })).toEqual([404, 'assignee_not_found'])
    expect(await refusals({ assignee_id: 1 })).toEqual([404, 'assignee_not_found'])
    expect(await refusals({ open: 'no' })).toEqual([400, 'type_mismatch'])
    expect(await refusals({ snoozed_until: 1 })).toEqual([400, 'parameter_invalid'])
    expect((await workspace.get(`/tickets/${id}`)).body).toEqual({ id, ...before })
    expect(codeOf(await put('/tickets/1', {}))).toEqual([404, 'ticket_not_found'])
    const { id: other } = await workspace.create('53')
    expect(codeOf(await put(`/tickets/${other}`, { ticket_state_id: '8276' }))).toEqual([400, 'ticket_state_id_invalid'])
  })

  it('hides a ticket from the customer, and searches find it by what was changed', async () => {
    const { id } = await workspace.create()
    expect((await put(`/tickets/${id}`, { is_shared: false, assignee_id: '991267504' })).body.is_shared).toBe(false)
    const { body } = await workspace.search('admin_assignee_id', '=', '991267504')
    expect(body.tickets.map((ticket: { id: string }) => ticket.id)).toContain(id)
  })
})

describe('a reply', () => {
  it('of an admin is a comment or a note, with HTML and addresses of files', async () => {
    const { id } = await workspace.create()
    const url = 'https://files.shop.example/cold%20soup.jpg'
    const { status, body: note } = await post(`/tickets/${id}/reply`, {
      ...{
        message_type: 'note',
        type: 'admin',
        admin_id: Number(noor),
        body: '<html><body><p>Call <b>them</b></p></body></html>',
      },
      attachment_urls: [url],
    })
    expect(status).toBe(200)
    expect(note).toMatchObject({
      ...{ type: 'ticket_part', part_type: 'note', body: '<p>Call <b>them</b></p>', redacted: false },
      author: { type: 'admin', id: noor, name: 'Noor Aziz', email: 'noor@lunchbox.example' },
      attachments: [{ type: 'upload', name: 'cold soup.jpg', url, content_type: 'image/jpeg' }],
    })
    const comment = { message_type: 'comment', type: 'admin', admin_id: noor, body: 'Sorry & thank you' }
    expect((await post(`/tickets/${id}/reply`, comment)).body.body).toBe('<p>Sorry &amp; thank you</p>')
    const { body: ticket } = await workspace.get(`/tickets/${id}`)
    expect(ticket.ticket_parts.ticket_parts.find((part: { id: string }) => part.id === note.id)).toMatchObject({
      part_type: 'note',
    })
  })

  it('of a customer opens a closed ticket, and is refused in the back office', async () => {
    const { id } = await workspace.create()
    await put(`/tickets/${id}`, { open: false })
    const reply = { message_type: 'comment', type: 'user', email: 'maria@mail.example', body: 'Still cold' }
    expect((await post(`/tickets/${id}/reply`, reply)).body).toMatchObject({ part_type: 'comment', author: { type: 'user' } })
    expect((await workspace.get(`/tickets/${id}`)).body.open).toBe(true)
    for (const type of ['55', '56']) {
      const { id: inner } = await workspace.create(type)
      const { status, body } = await post(`/tickets/${inner}/reply`, reply)
      expect([status, body.errors]).toEqual([
        400,
        [{ code: 'parameter_mismatch', message: 'User replies are not allowed on Backoffice tickets' }],
      ])
    }
  })

  it('of another customer makes that one a contact of the ticket', async () => {
    const { id } = await workspace.create()
    await post('/contacts', { email: 'son@mail.example', name: 'Son' })
    await post(`/tickets/${id}/reply`, { message_type: 'comment', type: 'user', email: 'son@mail.example', body: 'Me too' })
    const { body } = await workspace.get(`/tickets/${id}`)
    expect(body.contacts.contacts).toHaveLength(2)
    expect(typesOf(body).slice(-2)).toEqual(['participant_added', 'comment'])
  })

  it('with choices is a quick reply', async () => {
    const { id } = await workspace.create()
    const options = [{ text: 'Yes', uuid: '0df48b85-9a93-4c66-a167-753eff0baaec' }]
    const { body } = await post(`/tickets/${id}/reply`, {
      message_type: 'quick_reply',
      type: 'admin',
      admin_id: noor,
      reply_options: options,
    })
    expect(body.part_type).toBe('quick_reply')
  })

  it('needs a ticket, an admin, a text, and at most ten addresses', async () => {
    const { id } = await workspace.create()
    const base = { message_type: 'comment', type: 'admin', admin_id: noor, body: 'x' }
    const refusals = async (changes: object) => codeOf(await post(`/tickets/${id}/reply`, { ...base, ...changes }))
    expect(codeOf(await post('/tickets/1/reply', base))).toEqual([404, 'not_found'])
    expect(await refusals({ admin_id: undefined })).toEqual([400, 'parameter_not_found'])
    expect(await refusals({ admin_id: '1' })).toEqual([404, 'admin_not_found'])
    expect(await refusals({ body: ' ' })).toEqual([400, 'parameter_not_found'])
    expect(await refusals({ message_type: 'shout' })).toEqual([400, 'parameter_invalid'])
    expect(await refusals({ attachment_urls: Array.from({ length: 11 }, () => 'https://a.example/1.png') })).toEqual([
      400,
      'parameter_invalid',
    ])
    expect(await refusals({ type: 'user', email: 'unknown@mail.example' })).toEqual([404, 'not_found'])
  })
})

describe('tags, deletes and files', () => {
  it('adds and removes a tag, which the ticket does not show', async () => {
    const { id } = await workspace.create()
    const { body } = await post(`/tickets/${id}/tags`, { id: 121, admin_id: noor })
    expect(body).toEqual({
      type: 'tag',
      id: '121',
      name: 'vip',
      applied_at: expect.any(Number),
      applied_by: { type: 'admin', id: noor },
    })
    expect((await workspace.get(`/tickets/${id}`)).body).not.toHaveProperty('tags')
    expect(workspace.intercom.ticket(id)).toMatchObject({ tag_ids: ['121'] })
    const untag = () => workspace.call('DELETE', `/tickets/${id}/tags/121`, { admin_id: noor })
    expect((await untag()).body).toMatchObject({ type: 'tag', id: '121' })
    expect(codeOf(await untag())).toEqual([404, 'tag_not_found'])
    expect(codeOf(await post('/tickets/1/tags', { id: '121', admin_id: noor }))).toEqual([404, 'ticket_not_found'])
  })

  it('deletes for good, while the subscription is paid for', async () => {
    const { id } = await workspace.create()
    workspace.intercom.setPaid(false)
    expect(codeOf(await workspace.call('DELETE', `/tickets/${id}`))).toEqual([403, 'api_plan_restricted'])
    workspace.intercom.setPaid(true)
    expect((await workspace.call('DELETE', `/tickets/${id}`)).body).toEqual({ id, object: 'ticket', deleted: true })
    expect(codeOf(await workspace.get(`/tickets/${id}`))).toEqual([404, 'ticket_not_found'])
    expect(codeOf(await workspace.call('DELETE', `/tickets/${id}`))).toEqual([404, 'ticket_not_found'])
  })

  it('gives files addresses on another host, for 30 minutes and without the token', async () => {
    const other = await openWorkspace({ count: 150 })
    const { body } = await other.search('ticket_type_id', '=', '53')
    const file = body.tickets.flatMap((one: { ticket_attributes: { Photo: unknown[] } }) => one.ticket_attributes.Photo)[0]
    expect(file).toMatchObject({ name: 'photo.png', content_type: 'image/png', width: 1, height: 1 })
    expect(new URL(file.url).host).not.toBe(new URL(other.origin).host)
    const image = await fetch(file.url)
    expect([image.status, image.headers.get('content-type'), (await image.arrayBuffer()).byteLength]).toEqual([
      200,
      'image/png',
      file.filesize,
    ])
    expect((await other.get(file.url)).status).toBe(400)
    expect((await fetch(`${file.url}0`)).status).toBe(403)
    other.passes(30 * 60_000)
    expect((await fetch(file.url)).status).toBe(403)
    await other.close()
  })
})

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Account, keyHeader, noon, openAccount } from './account.ts'

let account: Account
beforeAll(async () => {
  account = await openAccount({ agentKeys: { 'lukas@sandbox.freshdesk.example': 'key-of-lukas' }, jobDelayMs: 1000 })
})
afterAll(() => account.close())

const ask = { email: 'ada@example.com', name: 'Ada Byron', subject: 'The engine', description: 'It does not <b>add</b>.' }
/** A new ticket, with what the test wants of it. */
async function open(more: Record<string, unknown> = {}) {
  const { status, body } = await account.call('POST', '/tickets', { ...ask, ...more })
  expect(status).toBe(201)
  return body
}
const errorsOf = async (method: string, path: string, body: unknown) => {
  const answer = await account.call(method, path, body)
  return { status: answer.status, errors: answer.body?.errors }
}
const formOf = (
  values: Record<string, string>,
  files: readonly (readonly [name: string, bytes: string | Buffer<ArrayBuffer>])[] = [],
) => {
  const form = new FormData()
  for (const [name, value] of Object.entries(values)) form.append(name, value)
  for (const [name, bytes] of files) form.append('attachments[]', new Blob([bytes], { type: 'text/plain' }), name)
  return form
}

describe('creating a ticket', () => {
  it('makes an open one of low priority, and a contact of an unknown address', async () => {
    const { status, headers, body } = await account.call('POST', '/tickets', ask)
    expect(status).toBe(201)
    expect(headers.get('location')).toBe(`${account.origin}/api/v2/tickets/${body.id}`)
    expect(body).toMatchObject({ subject: 'The engine', status: 2, priority: 1, source: 2, type: null, responder_id: null })
    expect(body).toMatchObject({ description: '<div>It does not <b>add</b>.</div>', description_text: 'It does not add.' })
    expect((await account.get(`/contacts/${body.requester_id}`)).body).toMatchObject({ name: 'Ada Byron', email: ask.email })
    expect((await open()).requester_id).toBe(body.requester_id)
  })

  it('says when it is due some seconds later', async () => {
    const created = await open({ priority: 4 })
    expect([created.due_by, created.fr_due_by]).toEqual([null, null])
    const before = await account.get(`/tickets/${created.id}`)
    expect(before.body.due_by).toBeNull()
    account.passes(3000)
    // Urgent: half an hour for the response, four hours for the resolution.
    const due = (await account.get(`/tickets/${created.id}`)).body
    const at = Date.parse(created.created_at)
    expect([Date.parse(due.fr_due_by) - at, Date.parse(due.due_by) - at]).toEqual([30 * 60_000, 4 * 3_600_000])
    expect(due.updated_at).toBe(created.updated_at)
    const changed = await account.call('PUT', `/tickets/${created.id}`, { priority: 3 })
    expect(changed.body.due_by).toBe(due.due_by)
    account.passes(3000)
    const later = (await account.get(`/tickets/${created.id}`)).body
    expect(Date.parse(later.due_by) - at).toBe(12 * 3_600_000)
  })

  it('takes the times that it is given', async () => {
    const created = await open({ fr_due_by: '2026-03-03T12:00:00Z', due_by: '2026-03-04T17:30:00+05:30' })
    expect([created.fr_due_by, created.due_by]).toEqual(['2026-03-03T12:00:00Z', '2026-03-04T12:00:00Z'])
    expect(await errorsOf('POST', '/tickets', { ...ask, due_by: '2026-03-04T12:00:00Z' })).toMatchObject({
      errors: [{ field: 'fr_due_by', code: 'missing_field' }],
    })
  })

  it('refuses all of it for one unknown key, here and in custom fields', async () => {
    const count = account.freshdesk.tickets()
    expect(await errorsOf('POST', '/tickets', { ...ask, asignee: 1 })).toEqual({
      status: 400,
      errors: [{ field: 'asignee', message: 'Unexpected/invalid field in request', code: 'invalid_field' }],
    })
    expect(await errorsOf('POST', '/tickets', { ...ask, custom_fields: { cf_nothing: 'x' } })).toMatchObject({
      errors: [{ field: 'custom_fields.cf_nothing', code: 'invalid_field' }],
    })
    expect(account.freshdesk.tickets()).toBe(count)
  })

  it('refuses wrong types, values that are not offered, and references to nothing', async () => {
    expect((await errorsOf('POST', '/tickets', { ...ask, status: '2' })).errors).toEqual([
      {
        ...{ field: 'status', code: 'datatype_mismatch' },
        message: "Value set is of type String.It should be one of these values: '2,3,4,5,6,7,8,9'",
      },
    ])
    expect((await errorsOf('POST', '/tickets', { ...ask, priority: 5 })).errors).toEqual([
      { field: 'priority', message: "It should be one of these values: '1,2,3,4'", code: 'invalid_value' },
    ])
    const { errors } = await errorsOf('POST', '/tickets', { ...ask, responder_id: 7, group_id: 8, tags: 'one' })
    expect(errors.map(({ field, code }: { field: string; code: string }) => [field, code])).toEqual([
      ['tags', 'datatype_mismatch'],
      ['responder_id', 'invalid_value'],
      ['group_id', 'invalid_value'],
    ])
  })

  it('needs a requester, a subject and a description', async () => {
    const { errors } = await errorsOf('POST', '/tickets', { priority: 2 })
    expect(errors).toMatchObject([
      { field: 'requester_id', code: 'missing_field' },
      { field: 'subject', code: 'missing_field' },
      { field: 'description', code: 'missing_field' },
    ])
  })

  it('refuses what is no JSON, and another content type', async () => {
    expect((await account.call('POST', '/tickets', '{"subject":')).body.code).toBe('invalid_json')
    expect((await account.call('POST', '/tickets', '<a/>', { 'content-type': 'application/xml' })).status).toBe(415)
  })

  it('takes a form with files, whose texts are numbers and lists', async () => {
    const form = formOf({ ...ask, priority: '3', status: '6', 'tags[]': 'steam', 'custom_fields[cf_guests]': '12' }, [
      ['log.txt', 'It was hot.'],
    ])
    const { status, body } = await account.call('POST', '/tickets', form)
    expect(status).toBe(201)
    expect(body).toMatchObject({ priority: 3, status: 6, tags: ['steam'], custom_fields: { cf_guests: 12 } })
    expect(body.attachments).toMatchObject([{ name: 'log.txt', content_type: 'text/plain', file_size: 11 }])
    expect(body.attachments[0].created_at).toBe('2026-03-02T17:30:06+05:30')
  })
})

describe('changing a ticket', () => {
  it('moves its time, and leaves what is not named', async () => {
    const { id, created_at } = await open({ custom_fields: { cf_order_number: 'M-1', cf_vip: true } })
    account.passes(60_000)
    const { status, body } = await account.call('PUT', `/tickets/${id}`, {
      ...{ responder_id: 43000210202, group_id: 43000110101, status: 3, tags: ['a', 'b'], type: 'Question' },
      custom_fields: { cf_order_number: 'M-2' },
    })
    expect(status).toBe(200)
    expect(body).toMatchObject({
      responder_id: 43000210202,
      group_id: 43000110101,
      status: 3,
      tags: ['a', 'b'],
      type: 'Question',
    })
    expect(body.custom_fields).toMatchObject({ cf_order_number: 'M-2', cf_vip: true, cf_root_cause: null })
    expect(Date.parse(body.updated_at)).toBe(Date.parse(created_at) + 60_000)
    const cleared = await account.call('PUT', `/tickets/${id}`, { responder_id: null, group_id: null, tags: [] })
    expect(cleared.body).toMatchObject({ responder_id: null, group_id: null, tags: [], subject: 'The engine' })
  })

  it('does not resolve or close it without the fields that closing requires', async () => {
    const { id } = await open()
    for (const status of [4, 5]) {
      expect(await errorsOf('PUT', `/tickets/${id}`, { status })).toEqual({
        status: 400,
        errors: [
          {
            ...{ field: 'custom_fields.cf_root_cause', code: 'missing_field' },
            message: "It should be one of these values: 'Payment provider,Kitchen,Courier,Customer error,Our app'",
          },
        ],
      })
    }
    expect((await account.get(`/tickets/${id}`)).body.status).toBe(2)
    const closed = await account.call('PUT', `/tickets/${id}`, { status: 5, custom_fields: { cf_root_cause: 'Kitchen' } })
    expect(closed.body.status).toBe(5)
    const { body } = await account.get(`/tickets/${id}?include=stats`)
    expect(body.stats.closed_at).toBe(body.updated_at)
    const again = await account.call('PUT', `/tickets/${id}`, { status: 2 })
    expect(again.body.status).toBe(2)
    expect((await account.get(`/tickets/${id}?include=stats`)).body.stats).toMatchObject({
      ...{ closed_at: null, resolved_at: null, reopened_at: again.body.updated_at },
    })
  })

  it('checks each kind of its own fields', async () => {
    const { id } = await open()
    const codeOf = async (fields: Record<string, unknown>) =>
      (await account.call('PUT', `/tickets/${id}`, { custom_fields: fields })).body.errors?.[0].code
    expect(await codeOf({ cf_guests: 1.5 })).toBe('datatype_mismatch')
    expect(await codeOf({ cf_vip: 'yes' })).toBe('datatype_mismatch')
    expect(await codeOf({ cf_event_date: '2026-13-01' })).toBe('datatype_mismatch')
    expect(await codeOf({ cf_root_cause: 'Weather' })).toBe('invalid_value')
    expect(await codeOf({ cf_country: 'Germany', cf_city: 'Paris' })).toBe('invalid_value')
    expect(await codeOf({ cf_city: 'Berlin' })).toBe('invalid_value')
    expect(await codeOf({ cf_country: 'Germany', cf_city: 'Berlin', cf_refund_amount: 12.5, cf_guests: null })).toBeUndefined()
  })

  it('takes a form with more files', async () => {
    const { body } = await account.call('POST', '/tickets', formOf(ask, [['a.txt', 'one']]))
    const changed = await account.call('PUT', `/tickets/${body.id}`, formOf({ priority: '4' }, [['b.txt', 'two']]))
    expect(changed.body).toMatchObject({ priority: 4, attachments: [{ name: 'a.txt' }, { name: 'b.txt' }] })
    const wrong = await account.call('PUT', `/tickets/${body.id}`, formOf({ priority: 'high' }))
    expect(wrong.body.errors).toMatchObject([{ field: 'priority', code: 'datatype_mismatch' }])
  })

  it('refuses an empty request', async () => {
    const { id } = await open()
    expect(await account.call('PUT', `/tickets/${id}`, {})).toMatchObject({ status: 400, body: { code: 'missing_params' } })
  })
})

describe('deleting a ticket', () => {
  it('takes it out of lists, refuses writes with 405, and can be undone', async () => {
    const { id } = await open()
    expect((await account.call('DELETE', `/tickets/${id}`)).status).toBe(204)
    expect((await account.get(`/tickets/${id}`)).body.deleted).toBe(true)
    const isListed = async (query = '') => (await account.all(`/tickets?per_page=100${query}`)).some((one) => one.id === id)
    expect(await isListed()).toBe(false)
    expect(await isListed('&filter=deleted')).toBe(true)
    for (const [method, path, body] of [
      ['PUT', '', { priority: 2 }],
      ['DELETE', '', undefined],
      ['POST', '/notes', { body: 'x' }],
      ['POST', '/reply', { body: 'x' }],
    ] as const) {
      const refused = await account.call(method, `/tickets/${id}${path}`, body)
      expect([refused.status, refused.headers.get('allow'), refused.text]).toEqual([405, 'GET', ''])
    }
    expect((await account.call('PUT', `/tickets/${id}/restore`)).status).toBe(204)
    expect(await isListed()).toBe(true)
    expect((await account.call('PUT', `/tickets/${id}/restore`)).status).toBe(404)
  })

  it('refuses writes to spam too', async () => {
    const [spam] = await account.all('/tickets?filter=spam&updated_since=2020-01-01')
    expect((await account.call('PUT', `/tickets/${spam.id}`, { priority: 2 })).status).toBe(405)
  })
})

describe('a reply', () => {
  it('is public, is mailed to the customer, and its answer does not say that it is public', async () => {
    const { id } = await open()
    const { status, body } = await account.call('POST', `/tickets/${id}/reply`, {
      body: 'We look at it.',
      cc_emails: ['bob@example.com'],
    })
    expect(status).toBe(201)
    expect(body).toMatchObject({
      ticket_id: id,
      user_id: 43000210201,
      body: '<div>We look at it.</div>',
      replied_to: ['ada@example.com'],
    })
    for (const name of ['private', 'incoming', 'source']) expect(body).not.toHaveProperty(name)
    expect(account.freshdesk.outbox.mails().at(-1)).toEqual({
      ...{ ticketId: id, to: ['ada@example.com', 'bob@example.com'], body: '<div>We look at it.</div>' },
    })
    const [listed] = await account.all(`/tickets/${id}/conversations`)
    expect(listed).toMatchObject({ id: body.id, private: false, incoming: false, source: 0, body_text: 'We look at it.' })
    const { stats } = (await account.get(`/tickets/${id}?include=stats`)).body
    expect(stats.first_responded_at).toBe(listed.created_at)
  })

  it('may carry files, which are sized and timed otherwise than those of notes', async () => {
    const { id } = await open()
    const { status, body } = await account.call(
      'POST',
      `/tickets/${id}/reply`,
      formOf({ body: 'See the log' }, [['a.txt', 'abc']]),
    )
    expect(status).toBe(201)
    expect(body.structured_body).toBeNull()
    expect(body.attachments).toMatchObject([{ name: 'a.txt', size: 3, created_at: expect.stringMatching(/Z$/) }])
    const note = await account.call('POST', `/tickets/${id}/notes`, formOf({ body: 'Mine' }, [['b.txt', 'ab']]))
    expect(note.body.attachments).toMatchObject([{ name: 'b.txt', file_size: 2, created_at: expect.stringMatching(/\+05:30$/) }])
  })

  it('needs a structured body in a chat', async () => {
    const { id } = await open({ source: 7 })
    expect(await errorsOf('POST', `/tickets/${id}/reply`, { body: 'Hello' })).toMatchObject({
      ...{ status: 400, errors: [{ field: 'structured_body', code: 'missing_field' }] },
    })
    const structured = { body_contents: [{ type: 'text', data: { content: 'Hello & welcome' } }] }
    const { status, body } = await account.call('POST', `/tickets/${id}/reply`, { structured_body: structured })
    expect([status, body.body, body.body_text]).toEqual([201, '<div>Hello &amp; welcome</div>', 'Hello & welcome'])
    expect((await account.call('POST', `/tickets/${id}/notes`, { body: 'He is new' })).status).toBe(201)
    expect((await account.call('POST', `/tickets/${id}/notes`, { body: 'For all', private: false })).status).toBe(400)
  })
})

describe('a note', () => {
  it('is private and mailed to no customer, unless it is said to be public', async () => {
    const { id } = await open()
    const count = account.freshdesk.outbox.mails().length
    const { status, body } = await account.call('POST', `/tickets/${id}/notes`, { body: 'Ask the kitchen' })
    expect([status, body.private, body.incoming, body.user_id]).toEqual([201, true, false, 43000210201])
    const open_ = await account.call('POST', `/tickets/${id}/notes`, { body: 'All done', private: false, user_id: 43000210202 })
    expect([open_.body.private, open_.body.user_id]).toEqual([false, 43000210202])
    expect(account.freshdesk.outbox.mails()).toHaveLength(count)
    expect(await account.all(`/tickets/${id}/conversations`)).toMatchObject([
      { private: true, source: 2 },
      { private: false, source: 2 },
    ])
  })

  it('can be edited and deleted, a reply only deleted', async () => {
    const { id } = await open()
    const note = (await account.call('POST', `/tickets/${id}/notes`, { body: 'Draft' })).body
    const edited = await account.call('PUT', `/conversations/${note.id}`, { body: 'Final' })
    expect(edited.body).toMatchObject({ body: '<div>Final</div>', private: true, last_edited_user_id: 43000210201 })
    const reply = (await account.call('POST', `/tickets/${id}/reply`, { body: 'Sent' })).body
    expect((await account.call('PUT', `/conversations/${reply.id}`, { body: 'Other' })).status).toBe(400)
    expect((await account.call('DELETE', `/conversations/${note.id}`)).status).toBe(204)
    expect(await account.all(`/tickets/${id}/conversations`)).toMatchObject([{ id: reply.id, body_text: 'Sent' }])
    expect((await account.call('DELETE', '/conversations/5')).status).toBe(404)
  })

  it('refuses an unknown key, a missing body and an unknown author', async () => {
    const { id } = await open()
    const path = `/tickets/${id}/notes`
    expect((await errorsOf('POST', path, { body: 'x', public: true })).errors).toMatchObject([
      { field: 'public', code: 'invalid_field' },
    ])
    expect((await errorsOf('POST', path, {})).errors).toMatchObject([{ field: 'body', code: 'missing_field' }])
    expect((await errorsOf('POST', path, { body: 'x', private: 'no' })).errors).toMatchObject([{ field: 'private' }])
    expect((await errorsOf('POST', path, { body: 'x', user_id: 5 })).errors).toMatchObject([{ field: 'user_id' }])
  })
})

describe('the files of a ticket', () => {
  it('have an address on another host that works for five minutes and refuses the API key', async () => {
    const { body } = await account.call('POST', '/tickets', formOf(ask, [['log.txt', 'It was hot.']]))
    const [{ attachment_url: url }] = body.attachments
    expect(new URL(url).origin).not.toBe(account.origin)
    expect(await (await fetch(url)).text()).toBe('It was hot.')
    const withKey = await account.get(url)
    expect([withKey.status, withKey.text.includes('Only one auth mechanism allowed')]).toEqual([400, true])
    expect((await fetch(url.replace(/Signature=./, 'Signature=_'))).status).toBe(403)
    account.passes(5 * 60_000 + 1000)
    expect((await fetch(url)).status).toBe(403)
    const again = (await account.get(`/tickets/${body.id}`)).body.attachments[0]
    expect((await fetch(again.attachment_url)).status).toBe(200)
    expect((await account.call('DELETE', `/attachments/${again.id}`)).status).toBe(204)
    expect((await account.get(`/tickets/${body.id}`)).body.attachments).toEqual([])
  })

  it('have 20 MB together', async () => {
    const all = 20 * 1024 * 1024
    const { body } = await account.call('POST', '/tickets', formOf(ask, [['a.bin', Buffer.alloc(all - 10)]]))
    const attach = (size: number) =>
      account.call('POST', `/tickets/${body.id}/notes`, formOf({ body: 'more' }, [['b.bin', Buffer.alloc(size)]]))
    expect(await attach(11)).toMatchObject({ status: 400, body: { errors: [{ field: 'attachments', code: 'invalid_value' }] } })
    expect((await attach(10)).status).toBe(201)
  })
})

describe('associations', () => {
  it('of a parent and its children', async () => {
    const parent = await open({ subject: 'Parent' })
    const child = await open({ subject: 'Child', parent_id: parent.id })
    expect(child).toMatchObject({ association_type: 2, associated_tickets_list: [parent.id] })
    expect((await account.get(`/tickets/${parent.id}`)).body).toMatchObject({
      association_type: 1,
      associated_tickets_list: [child.id],
    })
    const { body } = await account.get(`/tickets/${parent.id}/associated_tickets`)
    expect(body.tickets).toMatchObject([{ id: child.id, subject: 'Child' }])
    expect((await account.get(`/tickets/${child.id}/prime_association`)).body.id).toBe(parent.id)
    expect((await account.get(`/tickets/${parent.id}/prime_association`)).status).toBe(404)
  })

  it('of a tracker and its related tickets', async () => {
    const related = await open()
    const tracker = await open({ subject: 'Outage', related_ticket_ids: [related.id] })
    expect(tracker).toMatchObject({ association_type: 3, associated_tickets_list: [related.id] })
    expect((await account.get(`/tickets/${related.id}`)).body).toMatchObject({
      association_type: 4,
      associated_tickets_list: [tracker.id],
    })
  })

  it('by a merge, which closes the others with a note in each', async () => {
    const primary = await open()
    const other = await open({ email: 'charles@example.com', subject: 'Same engine' })
    const merged = await account.call('PUT', '/tickets/merge', {
      ...{ primary_id: primary.id, ticket_ids: [primary.id, other.id], convert_recepients_to_cc: true },
      note_in_primary: { body: 'One case', private: true },
    })
    expect([merged.status, merged.text]).toEqual([204, ''])
    expect((await account.get(`/tickets/${other.id}`)).body.status).toBe(5)
    expect((await account.all(`/tickets/${other.id}/conversations`)).map((one) => one.body_text)).toEqual([
      `This ticket is closed and merged into ticket ${primary.id}`,
    ])
    expect((await account.get(`/tickets/${primary.id}?include=conversations`)).body).toMatchObject({
      ...{ cc_emails: ['charles@example.com'], conversations: [{ body_text: 'One case', private: true }] },
    })
    expect(await errorsOf('PUT', '/tickets/merge', { primary_id: primary.id, ticket_ids: [999_999] })).toMatchObject({
      ...{ status: 400, errors: [{ field: 'ticket_ids', code: 'invalid_value' }] },
    })
  })
})

describe('watchers', () => {
  it('are added by id, and only the caller is removed', async () => {
    const { id, updated_at } = await open()
    expect((await account.call('POST', `/tickets/${id}/watch`, { user_id: 43000210202 })).status).toBe(204)
    expect((await account.call('POST', `/tickets/${id}/watch`, { user_id: 43000210201 })).status).toBe(204)
    expect((await account.get(`/tickets/${id}/watchers`)).body).toEqual({ watcher_ids: [43000210202, 43000210201] })
    expect((await account.call('PUT', `/tickets/${id}/unwatch`)).status).toBe(204)
    expect((await account.get(`/tickets/${id}/watchers`)).body).toEqual({ watcher_ids: [43000210202] })
    expect((await account.call('POST', `/tickets/${id}/watch`, {})).status).toBe(400)
    expect((await account.get(`/tickets/${id}`)).body.updated_at).toBe(updated_at)
  })
})

describe('contacts', () => {
  it('are created once for an address', async () => {
    const { status, body } = await account.call('POST', '/contacts', {
      name: 'Grace',
      email: 'grace@example.com',
      company_id: 43000310301,
    })
    expect([status, body.company_id]).toEqual([201, 43000310301])
    expect(await account.call('POST', '/contacts', { name: 'Other', email: 'Grace@example.com' })).toMatchObject({
      ...{ status: 409, body: { errors: [{ field: 'email', code: 'duplicate_value', additional_info: { user_id: body.id } }] } },
    })
    expect((await account.call('POST', '/contacts', { name: 'No address' })).status).toBe(400)
  })
})

describe('many tickets', () => {
  it('are changed in the background', async () => {
    const [one, two] = [await open(), await open()]
    const action = { ids: [one.id, two.id], properties: { priority: 3 }, reply: { body: 'Please wait' } }
    const { status, body } = await account.call('POST', '/tickets/bulk_update', { bulk_action: action })
    expect([status, body.href]).toEqual([202, `${account.origin}/api/v2/jobs/${body.job_id}`])
    expect((await account.get(body.href)).body.status).toBe('IN PROGRESS')
    account.passes(1000)
    expect((await account.get(body.href)).body.status).toBe('COMPLETED')
    for (const { id } of [one, two]) {
      expect((await account.get(`/tickets/${id}?include=conversations`)).body).toMatchObject({
        ...{ priority: 3, conversations: [{ body_text: 'Please wait', private: false }] },
      })
    }
  })
})

describe('an agent who sees the own group', () => {
  it('changes no ticket of another', async () => {
    const { id } = await open({ group_id: 43000110102 })
    const headers = keyHeader('key-of-lukas')
    expect((await account.call('PUT', `/tickets/${id}`, { priority: 2 }, headers)).status).toBe(403)
    expect((await account.call('POST', `/tickets/${id}/reply`, { body: 'x' }, headers)).status).toBe(403)
    expect(noon).toBeLessThan(Date.parse((await account.get(`/tickets/${id}`)).body.created_at))
  })
})

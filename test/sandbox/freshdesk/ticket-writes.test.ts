import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Account, ask, formOf, openAccount } from './account.ts'

let account: Account
beforeAll(async () => {
  account = await openAccount()
})
afterAll(() => account.close())

describe('creating a ticket', () => {
  it('makes an open one of low priority, and a contact of an unknown address', async () => {
    const { status, headers, body } = await account.call('POST', '/tickets', ask)
    expect(status).toBe(201)
    expect(headers.get('location')).toBe(`${account.origin}/api/v2/tickets/${body.id}`)
    expect(body).toMatchObject({ subject: 'The engine', status: 2, priority: 1, source: 2, type: null, responder_id: null })
    expect(body).toMatchObject({ description: '<div>It does not <b>add</b>.</div>', description_text: 'It does not add.' })
    expect((await account.get(`/contacts/${body.requester_id}`)).body).toMatchObject({ name: 'Ada Byron', email: ask.email })
    expect((await account.open()).requester_id).toBe(body.requester_id)
    const since = await account.all(`/tickets?updated_since=${body.updated_at}`)
    expect(since.map(({ id }) => id)).toContain(body.id)
  })

  it('says when it is due some seconds later', async () => {
    const created = await account.open({ priority: 4 })
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
    const created = await account.open({ fr_due_by: '2026-03-03T12:00:00Z', due_by: '2026-03-04T17:30:00+05:30' })
    expect([created.fr_due_by, created.due_by]).toEqual(['2026-03-03T12:00:00Z', '2026-03-04T12:00:00Z'])
    expect(await account.errorsOf('POST', '/tickets', { ...ask, due_by: '2026-03-04T12:00:00Z' })).toMatchObject({
      errors: [{ field: 'fr_due_by', code: 'missing_field' }],
    })
  })

  it('refuses all of it for one unknown key, here and in custom fields', async () => {
    const count = account.freshdesk.tickets()
    expect(await account.errorsOf('POST', '/tickets', { ...ask, asignee: 1 })).toEqual({
      status: 400,
      errors: [{ field: 'asignee', message: 'Unexpected/invalid field in request', code: 'invalid_field' }],
    })
    expect(await account.errorsOf('POST', '/tickets', { ...ask, custom_fields: { cf_nothing: 'x' } })).toMatchObject({
      errors: [{ field: 'custom_fields.cf_nothing', code: 'invalid_field' }],
    })
    expect(account.freshdesk.tickets()).toBe(count)
  })

  it('refuses wrong types, values that are not offered, and references to nothing', async () => {
    expect((await account.errorsOf('POST', '/tickets', { ...ask, status: '2' })).errors).toEqual([
      {
        ...{ field: 'status', code: 'datatype_mismatch' },
        message: "Value set is of type String.It should be one of these values: '2,3,4,5,6,7,8,9'",
      },
    ])
    expect((await account.errorsOf('POST', '/tickets', { ...ask, priority: 5 })).errors).toEqual([
      { field: 'priority', message: "It should be one of these values: '1,2,3,4'", code: 'invalid_value' },
    ])
    const { errors } = await account.errorsOf('POST', '/tickets', { ...ask, responder_id: 7, group_id: 8, tags: 'one' })
    expect(errors.map(({ field, code }: { field: string; code: string }) => [field, code])).toEqual([
      ['tags', 'datatype_mismatch'],
      ['responder_id', 'invalid_value'],
      ['group_id', 'invalid_value'],
    ])
  })

  it('refuses times in the wrong order, and before the ticket itself', async () => {
    const wrong = { fr_due_by: '2026-03-05T00:00:00Z', due_by: '2026-03-04T00:00:00Z' }
    expect((await account.errorsOf('POST', '/tickets', { ...ask, ...wrong })).errors).toMatchObject([
      { field: 'due_by', code: 'invalid_value' },
    ])
    const { id } = await account.open()
    const past = { fr_due_by: '2026-03-01T00:00:00Z', due_by: '2026-03-04T00:00:00Z' }
    expect((await account.errorsOf('PUT', `/tickets/${id}`, past)).errors).toMatchObject([{ field: 'due_by' }])
  })

  it('needs a name with a telephone number alone, and a parent that exists', async () => {
    const { email: _, name: __, ...rest } = ask
    expect((await account.errorsOf('POST', '/tickets', { ...rest, phone: '+65 555 000' })).errors).toMatchObject([
      { field: 'name', code: 'missing_field' },
    ])
    const called = await account.call('POST', '/tickets', { ...rest, phone: '+65 555 000', name: 'Ida' })
    expect((await account.get(`/contacts/${called.body.requester_id}`)).body).toMatchObject({
      name: 'Ida',
      phone: '+65 555 000',
      email: null,
    })
    expect((await account.errorsOf('POST', '/tickets', { ...ask, parent_id: 999_999 })).errors).toMatchObject([
      { field: 'parent_id', code: 'invalid_value' },
    ])
  })

  it('needs a requester, a subject and a description', async () => {
    const { errors } = await account.errorsOf('POST', '/tickets', { priority: 2 })
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
    const { id, created_at } = await account.open({ custom_fields: { cf_order_number: 'M-1', cf_vip: true } })
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
    const nothing = { responder_id: null, group_id: null, tags: [], type: null }
    const cleared = await account.call('PUT', `/tickets/${id}`, nothing)
    expect(cleared.body).toMatchObject({ ...nothing, subject: 'The engine' })
  })

  it('does not resolve or close it without the fields that closing requires', async () => {
    const { id } = await account.open()
    for (const status of [4, 5]) {
      expect(await account.errorsOf('PUT', `/tickets/${id}`, { status })).toEqual({
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
    const { id } = await account.open()
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

  it('leaves the subject and text of an outbound e-mail', async () => {
    const { id } = await account.open({ source: 10 })
    expect((await account.errorsOf('PUT', `/tickets/${id}`, { subject: 'Other', description: 'Other' })).errors).toMatchObject([
      { field: 'subject', code: 'incompatible_field' },
      { field: 'description', code: 'incompatible_field' },
    ])
    expect((await account.call('PUT', `/tickets/${id}`, { priority: 2 })).body).toMatchObject({
      priority: 2,
      subject: 'The engine',
    })
  })

  it('takes a form with more files', async () => {
    const { body } = await account.call('POST', '/tickets', formOf(ask, [['a.txt', 'one']]))
    const changed = await account.call('PUT', `/tickets/${body.id}`, formOf({ priority: '4' }, [['b.txt', 'two']]))
    expect(changed.body).toMatchObject({ priority: 4, attachments: [{ name: 'a.txt' }, { name: 'b.txt' }] })
    const wrong = await account.call('PUT', `/tickets/${body.id}`, formOf({ priority: 'high' }))
    expect(wrong.body.errors).toMatchObject([{ field: 'priority', code: 'datatype_mismatch' }])
  })

  it('refuses an empty request', async () => {
    const { id } = await account.open()
    expect(await account.call('PUT', `/tickets/${id}`, {})).toMatchObject({ status: 400, body: { code: 'missing_params' } })
  })
})

describe('deleting a ticket', () => {
  it('takes it out of lists, refuses writes with 405, and can be undone', async () => {
    const { id } = await account.open()
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

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Account, ask, formOf, openAccount } from './account.ts'

let account: Account
beforeAll(async () => {
  account = await openAccount()
})
afterAll(() => account.close())

describe('a reply', () => {
  it('is public, is mailed to the customer, and its answer does not say that it is public', async () => {
    const { id } = await account.open()
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
    const { id } = await account.open()
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

  it('is the first response when it is the first public one', async () => {
    const { id } = await account.open()
    const firstOf = async () => (await account.get(`/tickets/${id}?include=stats`)).body.stats.first_responded_at
    await account.call('POST', `/tickets/${id}/notes`, { body: 'Look' })
    expect(await firstOf()).toBeNull()
    account.passes(1000)
    const first = (await account.call('POST', `/tickets/${id}/reply`, { body: 'One' })).body.created_at
    account.passes(1000)
    await account.call('POST', `/tickets/${id}/reply`, { body: 'Two' })
    expect(await firstOf()).toBe(first)
  })

  it('comes from an address of the account', async () => {
    const { id } = await account.open()
    const send = (from: string) => account.errorsOf('POST', `/tickets/${id}/reply`, { body: 'x', from_email: from })
    expect((await send('support@sandbox.freshdesk.example')).status).toBe(201)
    expect((await send('other@example.com')).errors).toMatchObject([{ field: 'from_email', code: 'invalid_value' }])
  })

  it('needs a structured body in a chat', async () => {
    const { id } = await account.open({ source: 7 })
    expect(await account.errorsOf('POST', `/tickets/${id}/reply`, { body: 'Hello' })).toMatchObject({
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
    const { id } = await account.open()
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
    const { id } = await account.open()
    const note = (await account.call('POST', `/tickets/${id}/notes`, { body: 'Draft' })).body
    const edited = await account.call('PUT', `/conversations/${note.id}`, { body: 'Final' })
    expect(edited.body).toMatchObject({ body: '<div>Final</div>', private: true, last_edited_user_id: 43000210201 })
    const path = `/conversations/${note.id}`
    await account.call('PUT', path, formOf({}, [['a.txt', 'a']]))
    const more = await account.call('PUT', path, formOf({ body: 'Final' }, [['b.txt', 'b']]))
    expect(more.body).toMatchObject({ body_text: 'Final', attachments: [{ name: 'a.txt' }, { name: 'b.txt' }] })
    const reply = (await account.call('POST', `/tickets/${id}/reply`, { body: 'Sent' })).body
    expect((await account.call('PUT', `/conversations/${reply.id}`, { body: 'Other' })).status).toBe(400)
    expect((await account.call('DELETE', `/conversations/${note.id}`)).status).toBe(204)
    expect(await account.all(`/tickets/${id}/conversations`)).toMatchObject([{ id: reply.id, body_text: 'Sent' }])
    expect((await account.call('DELETE', '/conversations/5')).status).toBe(404)
  })

  it('refuses an unknown key, a missing body and an unknown author', async () => {
    const { id } = await account.open()
    const path = `/tickets/${id}/notes`
    expect((await account.errorsOf('POST', path, { body: 'x', public: true })).errors).toMatchObject([
      { field: 'public', code: 'invalid_field' },
    ])
    expect((await account.errorsOf('POST', path, {})).errors).toMatchObject([{ field: 'body', code: 'missing_field' }])
    expect((await account.errorsOf('POST', path, { body: 'x', private: 'no' })).errors).toMatchObject([{ field: 'private' }])
    expect((await account.errorsOf('POST', path, { body: 'x', user_id: 5 })).errors).toMatchObject([{ field: 'user_id' }])
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

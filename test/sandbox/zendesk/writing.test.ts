import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Account, openAccount } from './account.ts'

let account: Account
beforeAll(async () => {
  account = await openAccount()
})
afterAll(() => account.close())

const orderNumber = 26843000000601
const country = 26843000000602
const affected = 26843000000607
const refundAmount = 26843000000604

const create = async (ticket: Record<string, unknown>, headers: Record<string, string> = {}) =>
  account.call('POST', '/api/v2/tickets', { ticket }, headers)
const update = async (id: number, ticket: Record<string, unknown>, headers: Record<string, string> = {}) =>
  account.call('PUT', `/api/v2/tickets/${id}.json`, { ticket }, headers)
const fresh = async (more: Record<string, unknown> = {}): Promise<number> =>
  (await create({ subject: 'Printer', comment: { body: 'It is on fire' }, ...more })).body.ticket.id
const comments = async (id: number) => (await account.get(`/api/v2/tickets/${id}/comments`)).body.comments
const fieldOf = (ticket: { custom_fields: { id: number; value: unknown }[] }, id: number) =>
  ticket.custom_fields.find((field) => field.id === id)?.value

describe('creating a ticket', () => {
  it('answers 201 with the ticket, its audit and its address', async () => {
    const { status, body, headers } = await create({
      ...{ subject: 'Wrong order', comment: { body: 'I got sushi' }, priority: 'high', type: 'incident', tags: ['VIP', 'sushi'] },
      ...{ requester: { name: 'Aino Virtanen', email: 'aino@example.com' }, group_id: 26843000000102, external_id: 'x-1' },
      custom_fields: [{ id: orderNumber, value: 'abcd-1234' }],
    })
    expect(status).toBe(201)
    expect(body.ticket).toMatchObject({
      ...{
        subject: 'Wrong order',
        description: 'I got sushi',
        status: 'new',
        priority: 'high',
        type: 'incident',
        tags: ['sushi', 'vip'],
      },
      ...{ group_id: 26843000000102, assignee_id: null, external_id: 'x-1', via: { channel: 'api' }, is_public: true },
    })
    expect(fieldOf(body.ticket, orderNumber)).toBe('abcd-1234')
    expect(body.audit).toMatchObject({ ticket_id: body.ticket.id, via: { channel: 'api' } })
    expect(headers.get('location')).toBe(`${account.origin}/api/v2/tickets/${body.ticket.id}.json`)
    const requester = await account.get('/api/v2/users/search?query=aino@example.com')
    expect(requester.body.users[0]).toMatchObject({ name: 'Aino Virtanen', role: 'end-user' })
  })

  it('has the requester as its submitter and first author, unless the call names a submitter', async () => {
    const requester = { name: 'Sami', email: 'sami@example.com' }
    const { body: plain } = await create({ comment: { body: 'mine' }, requester })
    expect(plain.ticket.submitter_id).toBe(plain.ticket.requester_id)
    expect((await comments(plain.ticket.id))[0].author_id).toBe(plain.ticket.requester_id)
    const { body: entered } = await create({ comment: { body: 'he called' }, requester, submitter_id: 26843000000202 })
    expect(entered.ticket).toMatchObject({ requester_id: plain.ticket.requester_id, submitter_id: 26843000000202 })
    expect((await comments(entered.ticket.id))[0].author_id).toBe(26843000000202)
  })

  it('refuses a ticket without a comment, or with a new requester without a name', async () => {
    const blank = await create({ subject: 'Nothing' })
    expect([blank.status, blank.body.error, blank.body.details.base[0].error]).toEqual([422, 'RecordInvalid', 'BlankValue'])
    const nameless = await create({ comment: { body: 'x' }, requester: { email: 'new@example.com' } })
    expect([nameless.status, Object.keys(nameless.body.details)]).toEqual([422, ['requester']])
  })

  it('once for each Idempotency-Key, for two hours', async () => {
    const headers = { 'idempotency-key': 'key-1' }
    const first = await create({ comment: { body: 'once' } }, headers)
    const again = await create({ comment: { body: 'once' } }, headers)
    expect([first.headers.get('x-idempotency-lookup'), again.headers.get('x-idempotency-lookup')]).toEqual(['miss', 'hit'])
    expect(again.body).toEqual(first.body)
    const other = await create({ comment: { body: 'other' } }, headers)
    expect([other.status, other.body.error]).toEqual([400, 'IdempotentRequestError'])
    account.passes(2 * 3_600_000)
    const later = await create({ comment: { body: 'once' } }, headers)
    expect([later.status, later.headers.get('x-idempotency-lookup')]).toEqual([201, 'miss'])
    expect(later.body.ticket.id).not.toBe(first.body.ticket.id)
  })

  it('follows up a closed ticket, with its tags and fields, and no other', async () => {
    const id = await fresh({ tags: ['old'], custom_fields: [{ id: orderNumber, value: 'zz-1' }] })
    const refused = await create({ comment: { body: 'again' }, via_followup_source_id: id })
    expect(refused.status).toBe(422)
    await update(id, { status: 'closed' })
    const { body } = await create({ comment: { body: 'again' }, via_followup_source_id: id })
    expect(body.ticket.via).toMatchObject({ channel: 'api', source: { rel: 'follow_up', from: { ticket_id: id } } })
    expect([body.ticket.tags, fieldOf(body.ticket, orderNumber)]).toEqual([['old'], 'zz-1'])
    expect((await account.get(`/api/v2/tickets/${id}`)).body.ticket.followup_ids).toEqual([body.ticket.id])
  })
})

describe('a comment', () => {
  it('is as public as the first one, unless the call says it', async () => {
    const open = await fresh()
    await update(open, { comment: { body: 'no word about public' } })
    const internal = await fresh({ comment: { body: 'note', public: false } })
    await update(internal, { comment: { body: 'no word about public' } })
    await update(internal, { comment: { body: 'said', public: true } })
    const visibility = async (id: number) => (await comments(id)).map((comment: { public: boolean }) => comment.public)
    expect(await visibility(open)).toEqual([true, true])
    expect(await visibility(internal)).toEqual([false, false, true])
  })

  it('may be HTML, and is shown as text too', async () => {
    const id = await fresh()
    await update(id, { comment: { html_body: '<p>Hello <b>Jo</b></p><p>2 &lt; 3</p>', public: true } })
    expect((await comments(id))[1]).toMatchObject({ body: 'Hello Jo\n\n2 < 3', plain_body: 'Hello Jo\n\n2 < 3' })
    expect((await comments(id))[1].html_body).toContain('<p>Hello <b>Jo</b></p>')
  })

  it('of a light agent stays private, although the call wants it public', async () => {
    const id = await fresh()
    const { status } = await update(id, { comment: { body: 'Hello', public: true } }, account.basic('agnieszka@support.example'))
    expect([status, (await comments(id))[1].public]).toEqual([200, false])
  })

  it('is refused when the ticket has as many as it may have, and other changes are not', async () => {
    const small = await openAccount({ maxComments: 2 })
    const { body } = await small.call('POST', '/api/v2/tickets', { ticket: { comment: { body: 'one' } } })
    const put = (ticket: unknown) => small.call('PUT', `/api/v2/tickets/${body.ticket.id}`, { ticket })
    expect((await put({ comment: { body: 'two' } })).status).toBe(200)
    const refused = await put({ comment: { body: 'three' } })
    expect([refused.status, refused.body.details.base[0].error]).toEqual([422, 'TooManyComments'])
    expect((await put({ priority: 'low' })).status).toBe(200)
    await small.close()
  })

  it('without text is refused', async () => {
    const { status, body } = await update(await fresh(), { comment: { body: '  ' } })
    expect([status, body.details.base[0].error]).toEqual([422, 'BlankValue'])
  })

  it('can be made private afterwards', async () => {
    const id = await fresh()
    const [first] = (await account.get(`/api/v2/tickets/${id}/comments`)).text.match(/"id":(\d+)/) ?? []
    const { status } = await account.call('PUT', `/api/v2/tickets/${id}/comments/${first?.slice(5)}/make_private`)
    expect([status, (await comments(id))[0].public]).toEqual([200, false])
  })
})

describe('changing a ticket', () => {
  it('answers with the ticket and an audit of what changed, and moves the time of the update', async () => {
    const id = await fresh()
    account.passes(60_000)
    const { status, body } = await update(id, { priority: 'urgent', comment: { body: 'on it', public: false } })
    expect([status, body.ticket.priority, body.ticket.updated_at]).toEqual([200, 'urgent', body.audit.created_at])
    expect(Date.parse(body.ticket.updated_at) - Date.parse(body.ticket.created_at)).toBe(60_000)
    expect(body.audit.events).toMatchObject([
      { type: 'Comment', body: 'on it', public: false },
      { type: 'Change', field_name: 'priority', value: 'urgent', previous_value: null },
    ])
  })

  it('drops what it does not know with 200, and says so in a header alone', async () => {
    const id = await fresh()
    const { status, headers, body } = await update(id, {
      urgency: 'max',
      created_at: '2020-01-01',
      subject: 'New',
      custom_fields: [{ id: 5, value: 'x' }],
    })
    expect([status, body.ticket.subject]).toEqual([200, 'New'])
    expect(headers.get('x-zendesk-api-warn')).toBe(
      'Removed restricted keys ["ticket.urgency","ticket.created_at"] from parameters according to whitelist',
    )
    expect((await update(id, { subject: 'Newer' })).headers.get('x-zendesk-api-warn')).toBeNull()
  })

  it('chooses a default custom status with a status, and the status with a custom one', async () => {
    const id = await fresh()
    expect((await update(id, { status: 'pending' })).body.ticket.custom_status_id).toBe(26843000000503)
    expect((await update(id, { custom_status_id: 26843000000507 })).body.ticket).toMatchObject({
      status: 'hold',
      custom_status_id: 26843000000507,
    })
    expect((await update(id, { custom_status_id: 1 })).status).toBe(422)
    expect((await update(id, { status: 'reopened' })).body.details).toHaveProperty('status')
  })

  it('opens a new ticket that gets an assignee, and never makes it new again', async () => {
    const id = await fresh()
    expect((await update(id, { assignee_email: 'tomasz@support.example' })).body.ticket).toMatchObject({
      status: 'open',
      assignee_id: 26843000000202,
    })
    expect((await update(id, { status: 'new' })).body.ticket.status).toBe('open')
  })

  it('keeps assignee and group together', async () => {
    const id = await fresh({ group_id: 26843000000103 })
    const notMember = await update(id, { assignee_id: 26843000000202, group_id: 26843000000103 })
    expect(notMember.body.details).toHaveProperty('assignee')
    expect((await update(id, { assignee_id: 26843000000202 })).body.ticket).toMatchObject({
      assignee_id: 26843000000202,
      group_id: 26843000000101,
    })
    expect((await update(id, { group_id: 26843000000103 })).body.ticket).toMatchObject({
      assignee_id: null,
      group_id: 26843000000103,
    })
    expect((await update(id, { assignee_id: 26843000000203 })).body.ticket).toMatchObject({
      assignee_id: 26843000000203,
      group_id: 26843000000103,
    })
    expect((await update(id, { assignee_id: null })).body.ticket).toMatchObject({ assignee_id: null, group_id: 26843000000103 })
    expect((await update(id, { group_id: 12 })).body.details).toHaveProperty('group')
  })

  it('takes an id beyond 2^53 to the digit', async () => {
    const id = await fresh()
    const body = `{"ticket":{"assignee_id":9007199254740995}}`
    const { text } = await account.call('PUT', `/api/v2/tickets/${id}`, body)
    expect(text).toContain('"assignee_id":9007199254740995,')
    const other = await account.call('PUT', `/api/v2/tickets/${id}`, `{"ticket":{"assignee_id":9007199254740996}}`)
    expect(other.status).toBe(422)
  })

  it('replaces all tags, and a choice field is its tag', async () => {
    const id = await fresh({ tags: ['a', 'b'] })
    const chosen = await update(id, { custom_fields: [{ id: country, value: 'country_th' }] })
    expect(chosen.body.ticket.tags).toEqual(['a', 'b', 'country_th'])
    const replaced = await update(id, { tags: ['c', 'country_my', 'affected_food', 'affected_drinks'] })
    expect(replaced.body.ticket.tags).toEqual(['affected_drinks', 'affected_food', 'c', 'country_my'])
    expect(fieldOf(replaced.body.ticket, country)).toBe('country_my')
    expect(fieldOf(replaced.body.ticket, affected)).toEqual(['affected_food', 'affected_drinks'])
    const cleared = await update(id, { tags: [] })
    expect([cleared.body.ticket.tags, fieldOf(cleared.body.ticket, country)]).toEqual([[], null])
  })

  it('checks the values of custom fields', async () => {
    const id = await fresh()
    const { status, body } = await update(id, {
      custom_fields: [
        { id: country, value: 'country_xx' },
        { id: refundAmount, value: 'ten' },
      ],
    })
    expect([status, body.details.base.map((problem: { ticket_field_id: number }) => problem.ticket_field_id)]).toEqual([
      422,
      [country, refundAmount],
    ])
  })

  it('a closed ticket is final', async () => {
    const id = await fresh()
    expect((await update(id, { status: 'closed' })).status).toBe(200)
    const details = { status: [{ description: 'Status: closed prevents ticket update' }] }
    for (const wish of [{ status: 'open' }, { comment: { body: 'hello' } }, { tags: ['x'] }]) {
      const { status, body } = await update(id, wish)
      expect([status, body.details]).toEqual([422, details])
    }
    expect((await account.call('PUT', `/api/v2/tickets/${id}/tags`, { tags: ['x'] })).status).toBe(422)
  })

  it('safe_update with any value wants the latest time', async () => {
    const id = await fresh()
    const { body } = await account.get(`/api/v2/tickets/${id}`)
    account.passes(5_000)
    expect((await update(id, { priority: 'low', safe_update: true, updated_stamp: body.ticket.updated_at })).status).toBe(200)
    for (const safe of [true, false]) {
      const stale = await update(id, { priority: 'high', safe_update: safe, updated_stamp: body.ticket.updated_at })
      expect([stale.status, stale.body.error]).toEqual([409, 'UpdateConflict'])
    }
    expect((await update(id, { priority: 'high' })).status).toBe(200)
  })

  it('links an incident to a problem', async () => {
    const problem = await fresh({ type: 'problem' })
    const incident = await fresh({ type: 'incident', problem_id: problem })
    expect((await account.get(`/api/v2/tickets/${problem}`)).body.ticket.has_incidents).toBe(true)
    const { body } = await account.get(`/api/v2/tickets/${problem}/incidents`)
    expect(body.tickets.map(({ id }: { id: number }) => id)).toEqual([incident])
    expect((await update(incident, { problem_id: incident })).status).toBe(422)
  })

  it('adds and removes followers', async () => {
    const id = await fresh()
    await update(id, { followers: [{ user_email: 'ploy@support.example' }, { user_id: '26843000000203', action: 'put' }] })
    await update(id, { followers: [{ user_id: '26843000000203', action: 'delete' }] })
    const { body } = await account.get(`/api/v2/tickets/${id}/followers`)
    expect(body.users.map(({ name }: { name: string }) => name)).toEqual(['Ploy Wongsakul'])
  })

  it('may meet a database collision without any fault of its client', async () => {
    const id = await fresh()
    account.server.setFault({ kind: 'status', status: 409, writesOnly: true, times: 1 })
    const first = await update(id, { priority: 'low' })
    expect([first.status, first.body]).toEqual([409, { error: 'DatabaseConflict', description: 'Database collision' }])
    expect((await update(id, { priority: 'low' })).status).toBe(200)
  })
})

describe('tags by their own address', () => {
  it('POST sets, PUT adds, DELETE removes', async () => {
    const id = await fresh({ tags: ['a'] })
    const tags = async (method: string, list: string[]) => {
      const { status, body } = await account.call(method, `/api/v2/tickets/${id}/tags.json`, { tags: list })
      return [status, body?.tags]
    }
    expect(await tags('PUT', ['b', 'c'])).toEqual([200, ['a', 'b', 'c']])
    expect(await tags('DELETE', ['a', 'c'])).toEqual([204, undefined])
    expect(await tags('POST', ['z'])).toEqual([201, ['z']])
    expect((await account.get(`/api/v2/tickets/${id}/tags`)).body).toEqual({ tags: ['z'] })
  })
})

describe('jobs', () => {
  it('a merge is done later: it closes the sources and tells the target', async () => {
    const [target, source, closed] = [await fresh({ subject: 'Target' }), await fresh(), await fresh({ status: 'closed' })]
    const ordered = await account.call('POST', `/api/v2/tickets/${target}/merge`, {
      ids: [source, closed],
      source_comment: 'See the other one',
    })
    const job = ordered.body.job_status
    expect([ordered.status, job.status, job.results]).toEqual([200, 'queued', null])
    const done = await account.get(job.url)
    expect(done.body.job_status).toMatchObject({ status: 'completed', total: 2 })
    expect(done.body.job_status.results).toMatchObject([
      { id: source, success: true },
      { id: closed, success: false, error: 'TicketMergeFailed' },
    ])
    const merged = await account.get(`/api/v2/tickets/${source}`)
    expect(merged.body.ticket).toMatchObject({ status: 'closed', tags: ['closed_by_merge'] })
    expect((await comments(source)).at(-1)).toMatchObject({ body: 'See the other one', public: false })
    expect((await comments(target)).at(-1).body).toBe(`Requests #${source} were closed and merged into this request.`)
  })

  it('many tickets get tags without losing theirs', async () => {
    const ids = [await fresh({ tags: ['a'] }), await fresh({ tags: ['b'] })]
    const { body } = await account.call('PUT', `/api/v2/tickets/update_many?ids=${ids}`, {
      ticket: { additional_tags: ['new'], remove_tags: ['b'] },
    })
    expect((await account.get(body.job_status.url)).body.job_status.status).toBe('completed')
    const { body: after } = await account.get(`/api/v2/tickets/show_many?ids=${ids}`)
    expect(after.tickets.map(({ tags }: { tags: string[] }) => tags)).toEqual([['a', 'new'], ['new']])
  })
})

describe('ratings and deletion', () => {
  it('the requester alone rates a solved ticket', async () => {
    const id = await fresh({ requester: { name: 'Rita', email: 'rita@example.com' } })
    const rate = () =>
      account.call(
        'POST',
        `/api/v2/tickets/${id}/satisfaction_rating`,
        { satisfaction_rating: { score: 'good', comment: 'Thanks' } },
        account.basic('rita@example.com'),
      )
    expect((await rate()).status).toBe(422)
    await update(id, { status: 'solved' })
    expect((await rate()).status).toBe(200)
    expect((await account.get(`/api/v2/tickets/${id}`)).body.ticket.satisfaction_rating).toMatchObject({
      score: 'good',
      comment: 'Thanks',
    })
  })

  it('a deleted ticket is gone by id, and can be restored', async () => {
    const id = await fresh({ subject: 'Gone' })
    expect((await account.call('DELETE', `/api/v2/tickets/${id}`)).status).toBe(204)
    expect((await account.get(`/api/v2/tickets/${id}`)).status).toBe(404)
    const { body } = await account.get('/api/v2/deleted_tickets')
    expect(body.deleted_tickets.find((ticket: { id: number }) => ticket.id === id)).toMatchObject({
      subject: 'Gone',
      previous_state: 'new',
      actor: { name: 'Nadia Rahman' },
    })
    expect((await account.call('PUT', `/api/v2/deleted_tickets/${id}/restore`)).status).toBe(200)
    expect((await account.get(`/api/v2/tickets/${id}`)).body.ticket.status).toBe('new')
  })
})

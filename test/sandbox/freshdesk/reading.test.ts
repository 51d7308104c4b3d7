import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Account, keyHeader, noon, openAccount } from './account.ts'

const agentKeys = { 'lukas@sandbox.freshdesk.example': 'key-of-lukas', 'inês@sandbox.freshdesk.example': 'key-of-ines' }
let account: Account
beforeAll(async () => {
  account = await openAccount({ agentKeys })
})
afterAll(() => account.close())

const beginning = 'updated_since=2020-01-01T00:00:00Z'
const lukas = keyHeader('key-of-lukas')

/** A ticket with more than 30 conversations. */
async function longThread(ids: readonly number[]) {
  for (const id of ids) {
    const thread = await account.all(`/tickets/${id}/conversations?per_page=100`)
    if (thread.length > 30) return { id, thread }
  }
  throw new Error('no ticket has a long thread')
}

describe('a list of tickets', () => {
  it('is a bare array of 30, the newest first, with the address of the next page in a header', async () => {
    const { status, body, headers } = await account.get('/tickets')
    expect(status).toBe(200)
    expect(body).toHaveLength(30)
    expect(headers.get('link')).toBe(`<${account.origin}/api/v2/tickets?page=2>;rel="next"`)
    const created = body.map((ticket: { created_at: string }) => Date.parse(ticket.created_at))
    expect(created).toEqual(created.toSorted((a: number, b: number) => b - a))
  })

  it('names a next page only where there is one', async () => {
    expect((await account.get('/groups?per_page=4')).headers.get('link')).toContain('page=2')
    expect((await account.get('/groups?per_page=4&page=2')).headers.get('link')).toBeNull()
    expect((await account.get('/groups?per_page=5')).headers.get('link')).toBeNull()
  })

  it('has only what was created in the last 30 days, and all since an older change', async () => {
    const recent = await account.all('/tickets?per_page=100')
    for (const ticket of recent) expect(Date.parse(ticket.created_at)).toBeGreaterThanOrEqual(noon - 30 * 86_400_000)
    const all = await account.all(`/tickets?${beginning}&per_page=100`)
    expect(all.length).toBeGreaterThan(recent.length)
    expect(all).toHaveLength(account.freshdesk.tickets())
    const since = '2026-02-20T00:00:00Z'
    const changed = await account.all(`/tickets?updated_since=${since}&per_page=100`)
    const expected = all.filter((ticket) => ticket.updated_at >= since)
    expect(changed.map(({ id }) => id).toSorted()).toEqual(expected.map(({ id }) => id).toSorted())
    // The second itself is among them.
    const { id, updated_at } = expected[0]
    const same = await account.all(`/tickets?updated_since=${updated_at}&per_page=100`)
    expect(same.map((ticket) => ticket.id)).toContain(id)
  })

  it('is sorted as asked', async () => {
    const tickets = await account.all(`/tickets?${beginning}&order_by=updated_at&order_type=asc&per_page=100`)
    const times = tickets.map(({ updated_at }) => updated_at)
    expect(times).toEqual(times.toSorted())
  })

  it('has no description, requester and stats unless they are included', async () => {
    const { body: plain } = await account.get('/tickets?per_page=1')
    expect(plain[0]).not.toHaveProperty('description')
    expect(plain[0]).not.toHaveProperty('requester')
    expect(plain[0]).not.toHaveProperty('stats')
    const { body } = await account.get('/tickets?per_page=1&include=description,requester,stats')
    expect(body[0]).toMatchObject({ description: expect.stringMatching(/^<div>/), description_text: expect.any(String) })
    expect(Object.keys(body[0].requester)).toEqual(['id', 'name', 'email', 'mobile', 'phone'])
    expect(body[0].stats).toMatchObject({ status_updated_at: expect.stringMatching(/Z$/) })
  })

  it('leaves out deleted and spam tickets, unless the filter asks for them', async () => {
    const listed = await account.all(`/tickets?${beginning}&per_page=100`)
    const deleted = await account.all(`/tickets?${beginning}&filter=deleted&per_page=100`)
    const spam = await account.all(`/tickets?${beginning}&filter=spam&per_page=100`)
    expect([deleted.length, spam.length]).toEqual([4, 3])
    expect(deleted.every((ticket) => ticket.deleted === true)).toBe(true)
    expect(spam.every((ticket) => ticket.spam === true)).toBe(true)
    const ids = new Set(listed.map(({ id }) => id))
    for (const { id } of [...deleted, ...spam]) expect(ids.has(id)).toBe(false)
  })

  it('has the tickets that the caller watches, and the new and own open ones', async () => {
    const watched = await account.all(`/tickets?${beginning}&filter=watching&per_page=100`)
    expect(watched.length).toBeGreaterThanOrEqual(2)
    for (const { id } of watched) expect((await account.get(`/tickets/${id}/watchers`)).body.watcher_ids).toContain(43000210201)
    const mine = await account.all(`/tickets?${beginning}&filter=new_and_my_open&per_page=100`)
    for (const { status, responder_id } of mine) {
      expect(status).toBe(2)
      expect([null, 43000210201]).toContain(responder_id)
    }
  })

  it('has fewer tickets for an agent who sees those of a group or the own ones', async () => {
    const { body } = await account.get(`/tickets?${beginning}&per_page=100`, lukas)
    expect(body.length).toBeGreaterThan(0)
    for (const ticket of body) expect(ticket.group_id).toBe(43000110104)
    const own = await account.get(`/tickets?${beginning}&per_page=100`, keyHeader('key-of-ines'))
    for (const ticket of own.body) expect(ticket.responder_id).toBe(43000210208)
  })

  it('refuses more than 100 a page, a page that is no number, and a word that it does not know', async () => {
    const fault = async (query: string) => (await account.get(`/tickets?${query}`)).body.errors[0]
    expect(await fault('per_page=101')).toEqual({
      ...{ field: 'per_page', code: 'invalid_value' },
      message: 'It should be a Positive Integer less than or equal to 100',
    })
    expect(await fault('page=x')).toMatchObject({ field: 'page', code: 'datatype_mismatch' })
    expect(await fault('sort=id')).toEqual({
      ...{ field: 'sort', message: 'Unexpected/invalid field in request', code: 'invalid_field' },
    })
    expect(await fault('order_by=id')).toMatchObject({ field: 'order_by', code: 'invalid_value' })
    expect(await fault('include=conversations')).toMatchObject({ field: 'include', code: 'invalid_value' })
    expect(await fault('updated_since=yesterday')).toMatchObject({ field: 'updated_since', code: 'datatype_mismatch' })
  })

  it('ends at its last page, where a list goes on only by a later time', async () => {
    const small = await openAccount({ maxPages: 3 })
    try {
      const { headers } = await small.get(`/tickets?${beginning}&per_page=10&page=3`)
      expect(headers.get('link')).toContain('page=4')
      const beyond = await small.get(`/tickets?${beginning}&per_page=10&page=4`)
      expect(beyond.status).toBe(400)
      expect(beyond.body.errors[0]).toMatchObject({ field: 'page', message: expect.stringContaining('the 3th page') })
    } finally {
      await small.close()
    }
  })

  it('reads every documented form of a time', async () => {
    const counts = await Promise.all(
      ['2026-02-20', '2026-02-20T00:00', '2026-02-20T00:00:00Z', '2026-02-20T05:30:00%2B05:30', '2026-02-20T05:30:00%2B0530'].map(
        async (time) => (await account.all(`/tickets?updated_since=${time}&per_page=100`)).length,
      ),
    )
    expect(new Set(counts).size).toBe(1)
  })
})

describe('one ticket', () => {
  it('has its text, and with includes its requester, company, stats and ten conversations', async () => {
    const all = await account.all(`/tickets?${beginning}&per_page=100`)
    const { id, thread: long } = await longThread(all.map((ticket) => ticket.id))
    const { body } = await account.get(`/tickets/${id}?include=conversations,requester,company,stats`)
    expect(body).toMatchObject({
      id,
      description_text: expect.any(String),
      association_type: null,
      attachments: expect.any(Array),
    })
    expect(body.conversations.map((one: { id: number }) => one.id)).toEqual(long.slice(0, 10).map((one) => one.id))
    expect(body.requester.id).toBe(body.requester_id)
    const first = await account.get(`/tickets/${id}/conversations`)
    expect(first.body).toHaveLength(30)
    expect(first.headers.get('link')).toContain('page=2')
    expect(long.map((one) => one.created_at)).toEqual(long.map((one) => one.created_at).toSorted())
  })

  it('is 404 without JSON where there is none, and 403 for an agent who may not see it', async () => {
    const missing = await account.get('/tickets/99999')
    expect([missing.status, missing.text, missing.headers.get('content-type')]).toEqual([404, '', 'text/html; charset=utf-8'])
    const [foreign] = await account
      .all(`/tickets?${beginning}&per_page=100`)
      .then((all) => all.filter((one) => one.group_id !== 43000110104))
    expect(await account.get(`/tickets/${foreign.id}`, lukas)).toMatchObject({ status: 403, body: { code: 'access_denied' } })
  })

  it('is on another path once it was closed for 120 days', async () => {
    const listed = new Set((await account.all(`/tickets?${beginning}&per_page=100`)).map(({ id }) => id))
    const gone = await Promise.all(
      Array.from({ length: 140 }, (_, index) => index + 1)
        .filter((id) => !listed.has(id))
        .map(async (id) => [await account.get(`/tickets/${id}`), await account.get(`/tickets/archived/${id}`)] as const),
    )
    const archived = gone.filter(([plain]) => plain.status === 404)
    expect(archived.length).toBeGreaterThan(3)
    for (const [, other] of archived) expect(other.body).toMatchObject({ status: 5, archived: true })
    const { id } = archived[0]![1].body
    expect((await account.get(`/tickets/archived/${id}/conversations`)).status).toBe(200)
  })

  it('says of a tweet no more than that it is one', async () => {
    const all = await account.all(`/tickets?${beginning}&per_page=100&include=description`)
    const tweets = all.filter(({ source }) => source === 5)
    expect(tweets.length).toBeGreaterThan(0)
    for (const tweet of tweets) expect(tweet.description_text).toBe('View the message on Twitter')
  })
})

describe('what tickets refer to', () => {
  it('has the labels of statuses in the fields of tickets only', async () => {
    const { body } = await account.get('/ticket_fields')
    const status = body.find((field: { name: string }) => field.name === 'status')
    expect(status.choices).toMatchObject({ 2: ['Open', 'Being Processed'], 6: ['Waiting on Customer', 'Awaiting your Reply'] })
    expect(body.filter((field: { required_for_closure: boolean }) => field.required_for_closure)).toMatchObject([
      { name: 'cf_root_cause', type: 'custom_dropdown' },
    ])
  })

  it('has agents, groups, contacts and companies', async () => {
    expect((await account.get('/agents/me')).body).toMatchObject({ id: 43000210201, contact: { name: 'Meera Pillai' } })
    const { body: agents } = await account.get('/agents')
    expect(agents.map((agent: { contact: { name: string } }) => agent.contact.name)[0]).toBe('Anan Boonmee')
    expect((await account.get('/agents?state=occasional')).body).toMatchObject([{ id: 43000210208, occasional: true }])
    expect((await account.get('/agents?email=zofia@sandbox.freshdesk.example')).body).toMatchObject([{ id: 43000210205 }])
    expect((await account.get('/contacts?updated_since=2026-03-02T12:00:01Z')).body).toEqual([])
    expect((await account.get('/agents/43000210205')).body).toMatchObject({ group_ids: [43000110102] })
    expect((await account.get('/groups')).body[1]).toMatchObject({ id: 43000110102, name: 'Billing' })
    const { body: contacts } = await account.get('/contacts?per_page=1')
    expect((await account.get(`/contacts/${contacts[0].id}`)).body).toEqual(contacts[0])
    expect((await account.get(`/contacts?email=${encodeURIComponent(contacts[0].email)}`)).body).toEqual(contacts)
    expect((await account.get('/companies/43000310301')).body).toMatchObject({ name: 'Harbour Bank' })
    expect((await account.get('/companies/1')).status).toBe(404)
  })

  it('lets administrators alone list agents and service levels', async () => {
    expect((await account.get('/agents', lukas)).status).toBe(403)
    expect((await account.get('/sla_policies', lukas)).status).toBe(403)
    expect((await account.get('/agents/me', lukas)).body).toMatchObject({ ticket_scope: 2 })
    expect((await account.get('/sla_policies')).body).toMatchObject([
      { sla_target: { priority_4: { respond_within: 1800, resolve_within: 14_400 } } },
    ])
  })
})

describe('a call', () => {
  it('is refused without a key that it knows', async () => {
    const wrong = await account.get('/tickets', keyHeader('other'))
    expect([wrong.status, wrong.body.code]).toEqual([401, 'invalid_credentials'])
    expect((await account.get('/tickets', { authorization: 'Bearer key-of-meera' })).status).toBe(401)
  })

  it('is 405 with a verb that the path does not take, 404 on an unknown path, and 406 for another format', async () => {
    const wrong = await account.call('PATCH', '/tickets')
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'GET, POST'])
    expect((await account.get('/nothing')).status).toBe(404)
    expect((await account.get('/tickets', { accept: 'text/xml' })).status).toBe(406)
  })
})

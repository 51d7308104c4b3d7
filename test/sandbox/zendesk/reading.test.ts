import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { storyOf } from '../one-customer.ts'
import { type Account, openAccount } from './account.ts'

let account: Account
beforeAll(async () => {
  account = await openAccount()
})
afterAll(() => account.close())

const ids = (body: { tickets: { id: number }[] }) => body.tickets.map(({ id }) => id)

describe('the list of tickets', () => {
  it('by cursor: newest change first, each ticket once, with absolute addresses on its own host', async () => {
    const seen: { id: number; updated_at: string }[] = []
    let next: string | null = '/api/v2/tickets?sort=-updated_at&page[size]=40'
    while (next !== null) {
      const { status, body } = await account.get(next)
      expect(status).toBe(200)
      expect(body.tickets.length).toBeLessThanOrEqual(40)
      expect(body.meta.has_more).toBe(body.links.next !== null)
      seen.push(...body.tickets)
      next = body.links.next
      if (next !== null) expect(next.startsWith(`${account.origin}/api/v2/tickets?sort=-updated_at&`)).toBe(true)
    }
    expect(seen).toHaveLength(account.zendesk.tickets())
    expect(new Set(seen.map(({ id }) => id)).size).toBe(seen.length)
    expect(seen.map((ticket) => ticket.updated_at)).toEqual(
      seen
        .map((ticket) => ticket.updated_at)
        .toSorted()
        .toReversed(),
    )
  })

  it('by cursor: a page back is the page before', async () => {
    const first = await account.get('/api/v2/tickets.json?sort=id&page[size]=10')
    const second = await account.get(first.body.links.next)
    const back = await account.get(second.body.links.prev)
    expect(ids(back.body)).toEqual(ids(first.body))
  })

  it('by offset: count, next and previous page, and the older sort', async () => {
    const { body } = await account.get('/api/v2/tickets.json?per_page=30&page=2&sort_by=created_at&sort_order=desc')
    expect(body.count).toBe(account.zendesk.tickets())
    expect(body.next_page).toBe(`${account.origin}/api/v2/tickets.json?per_page=30&sort_by=created_at&sort_order=desc&page=3`)
    expect(body.previous_page).toBe(`${account.origin}/api/v2/tickets.json?per_page=30&sort_by=created_at&sort_order=desc&page=1`)
    const times = body.tickets.map((ticket: { created_at: string }) => ticket.created_at)
    expect(times).toEqual(times.toSorted().toReversed())
  })

  it('ignores the older sort beside a cursor, and answers 200 all the same', async () => {
    const mixed = await account.get('/api/v2/tickets?page[size]=5&sort_by=updated_at&sort_order=desc')
    const plain = await account.get('/api/v2/tickets?page[size]=5')
    expect(ids(mixed.body)).toEqual(ids(plain.body))
  })

  it('refuses a deep offset page, a sort that a cursor does not have, and a page of more than 100', async () => {
    const deep = await account.get('/api/v2/tickets?page=101&per_page=10')
    expect(deep.status).toBe(400)
    expect(deep.body.errors[0].code).toBe('InvalidPaginationDepth')
    const sort = await account.get('/api/v2/tickets?page[size]=10&sort=created_at')
    expect(sort.status).toBe(400)
    expect(sort.body.errors[0].code).toBe('InvalidPaginationParameter')
    expect((await account.get('/api/v2/tickets?page[size]=101')).status).toBe(400)
  })

  it('has neither archived nor deleted tickets: the first by id alone, the second not at all', async () => {
    const all = Array.from({ length: 129 }, (_, index) => index + 1)
    const listed = new Set<number>()
    for (const page of [1, 2]) for (const id of ids((await account.get(`/api/v2/tickets?page=${page}`)).body)) listed.add(id)
    const hidden = all.filter((id) => !listed.has(id))
    const answers = await Promise.all(hidden.map((id) => account.get(`/api/v2/tickets/${id}/related`)))
    const archived = answers.filter(({ status }) => status === 200)
    expect(archived.length).toBeGreaterThan(0)
    expect(archived.every(({ body }) => body.from_archive === true)).toBe(true)
    const gone = answers.filter(({ status }) => status !== 200)
    expect(gone.map(({ status, body }) => [status, body])).toEqual(
      gone.map(() => [404, { error: 'RecordNotFound', description: 'Not found' }]),
    )
  })

  it('a restricted agent sees the tickets of the own group only', async () => {
    const { body } = await account.get('/api/v2/tickets?page[size]=100', account.basic('hafiz@support.example'))
    expect(body.tickets.length).toBeGreaterThan(0)
    expect(new Set(body.tickets.map((ticket: { group_id: number }) => ticket.group_id))).toEqual(new Set([26843000000103]))
    const { body: all } = await account.get('/api/v2/tickets?page[size]=100&sort=id')
    const other = all.tickets.find((ticket: { group_id: number }) => ticket.group_id !== 26843000000103)
    const refused = await account.get(`/api/v2/tickets/${other.id}`, account.basic('hafiz@support.example'))
    expect([refused.status, refused.body.error.title]).toEqual([403, 'Forbidden'])
  })
})

describe('a ticket and its parts', () => {
  it('writes ids beyond 2^53 without the loss of a digit', async () => {
    const { text } = await account.get('/api/v2/tickets/9007199254740997')
    expect(text).toContain('"id":9007199254740997,')
    expect(text).toContain(`${account.origin}/api/v2/tickets/9007199254740997.json`)
    const comments = await account.get('/api/v2/tickets/9007199254740997/comments')
    expect(comments.text.match(/"comments":\[{"id":(\d+)/)?.[1]).toMatch(/^9034042254/)
  })

  it('comes in batches with people, groups and organizations beside it', async () => {
    const { body } = await account.get('/api/v2/tickets/show_many?ids=1,2,3,3,999999&include=users,groups,organizations')
    expect(ids(body)).toEqual([1, 2, 3])
    const users = new Set(body.users.map(({ id }: { id: number }) => id))
    expect(body.tickets.every((ticket: { requester_id: number }) => users.has(ticket.requester_id))).toBe(true)
    const groups = new Set(body.groups.map(({ id }: { id: number }) => id))
    expect(body.tickets.every((ticket: { group_id: number }) => groups.has(ticket.group_id))).toBe(true)
    const tooMany = await account.get(`/api/v2/tickets/show_many?ids=${Array.from({ length: 101 }, (_, id) => id + 1)}`)
    expect(tooMany.status).toBe(400)
  })

  it('has its comments oldest first, and the first of them as its description', async () => {
    const [{ body }, { body: ticket }] = await Promise.all([
      account.get('/api/v2/tickets/2/comments?page[size]=100&include=users'),
      account.get('/api/v2/tickets/2'),
    ])
    const times = body.comments.map((comment: { created_at: string }) => comment.created_at)
    expect(times).toEqual(times.toSorted())
    expect(ticket.ticket.description).toBe(body.comments[0].body)
    expect(body.comments[0]).toMatchObject({ type: 'Comment', public: true, author_id: ticket.ticket.requester_id })
    expect(body.users.map(({ id }: { id: number }) => id)).toContain(ticket.ticket.requester_id)
  })

  it('has public and internal comments', async () => {
    const comments = []
    for (let id = 1; id <= 20; id++)
      comments.push(...((await account.get(`/api/v2/tickets/${id}/comments`)).body?.comments ?? []))
    expect(new Set(comments.map((comment) => comment.public))).toEqual(new Set([true, false]))
  })

  it('has service level targets in lists alone', async () => {
    const { body } = await account.get('/api/v2/tickets?page[size]=100&include=slas&sort=-updated_at')
    const metrics = body.tickets.flatMap((ticket: { slas: { policy_metrics: unknown[] } }) => ticket.slas.policy_metrics)
    expect(new Set(metrics.map(({ metric }: { metric: string }) => metric))).toEqual(
      new Set(['first_reply_time', 'next_reply_time', 'requester_wait_time']),
    )
    const single = await account.get(`/api/v2/tickets/${body.tickets[0].id}?include=slas`)
    expect(single.body.ticket).not.toHaveProperty('slas')
  })
})

describe('the generated tickets', () => {
  it('are the same for the same seed, and belong to the sandbox and to each other', async () => {
    const story = storyOf('hugo', 'dan', 'test@email.com', 'sdw-srr')
    const other = await openAccount({ story })
    const same = await openAccount({ story })
    const path = '/api/v2/incremental/tickets/cursor?start_time=0'
    const [{ body }, { text: again }] = await Promise.all([other.get(path), same.get(path.replace('?', '.json?'))])
    expect(again.replaceAll(same.origin, other.origin).replace('cursor.json', 'cursor')).toBe((await other.get(path)).text)
    const { body: known } = await other.get('/api/v2/users/search?query=test@email.com')
    const ofKnown = body.tickets.filter((ticket: { requester_id: number }) => ticket.requester_id === known.users[0].id)
    expect(ofKnown.length).toBeGreaterThan(20)
    expect(ofKnown.map(({ custom_fields: [order] }: { custom_fields: { value: string }[] }) => order?.value)).toContain('sdw-srr')
    const has = (test: (ticket: Record<string, unknown>) => boolean) => body.tickets.some(test)
    expect([
      has(({ problem_id: problem }) => problem !== null),
      has(({ followup_ids: ids }) => (ids as unknown[]).length > 0),
      has(({ tags }) => (tags as string[]).includes('closed_by_merge')),
      has(({ due_at: due }) => due !== null),
      has(({ submitter_id: submitter, requester_id: requester }) => submitter !== requester),
      has(({ email_cc_ids: ids }) => (ids as unknown[]).length > 0),
    ]).toEqual([true, true, true, true, true, true])
    await Promise.all([other.close(), same.close()])
  })
})

describe('who calls', () => {
  it('an API token acts as the user whom the caller names', async () => {
    const { body } = await account.get('/api/v2/users/me', account.basic('camila@support.example'))
    expect(body.user).toMatchObject({ name: 'Camila Restrepo', role: 'agent' })
  })

  it('a wrong token pair is an anonymous visitor of /users/me, and nothing elsewhere', async () => {
    const wrong = account.basic('camila@support.example', 'wrong')
    const me = await account.get('/api/v2/users/me.json', wrong)
    expect([me.status, me.body.user.id, me.body.user.name]).toEqual([200, null, 'Anonymous user'])
    const list = await account.get('/api/v2/tickets', wrong)
    expect([list.status, list.body]).toEqual([401, { error: "Couldn't authenticate you" }])
  })

  it('an unknown access token is an OAuth error', async () => {
    const { status, body } = await account.get('/api/v2/users/me', { authorization: 'Bearer wrong' })
    expect([status, body.error]).toEqual([401, 'invalid_token'])
  })

  it('an administrator acts on behalf of another user, an agent does not', async () => {
    const { body } = await account.get('/api/v2/users/me', { 'x-on-behalf-of': 'ploy@support.example' })
    expect(body.user.name).toBe('Ploy Wongsakul')
    const headers = { ...account.basic('camila@support.example'), 'x-on-behalf-of': 'ploy@support.example' }
    expect((await account.get('/api/v2/users/me', headers)).status).toBe(403)
  })

  it('a path that the account does not have is another error than a record', async () => {
    const { status, body } = await account.get('/api/v2/nothing/here')
    expect([status, body.error]).toEqual([404, 'InvalidEndpoint'])
    expect((await account.get('/api/v2/users/5')).body.error).toBe('RecordNotFound')
  })
})

describe('what the account defines', () => {
  it('custom statuses belong to categories, and each category has a default', async () => {
    const { body } = await account.get('/api/v2/custom_statuses')
    const defaults = body.custom_statuses.filter((status: { default: boolean }) => status.default)
    expect(defaults.map((status: { status_category: string }) => status.status_category)).toEqual([
      ...['new', 'open', 'pending', 'hold', 'solved'],
    ])
    expect(body).not.toHaveProperty('next_page')
  })

  it('fields have types and choices', async () => {
    const { body } = await account.get('/api/v2/ticket_fields')
    const types = Object.fromEntries(
      body.ticket_fields.map((field: { title: string; type: string }) => [field.title, field.type]),
    )
    expect(types).toMatchObject({ Subject: 'subject', 'Order number': 'text', Country: 'tagger', 'Refund amount': 'decimal' })
    const country = body.ticket_fields.find((field: { title: string }) => field.title === 'Country')
    expect(country.custom_field_options[0]).toMatchObject({ name: 'Singapore', value: 'country_sg' })
  })

  it('groups, people and organizations can be listed and searched', async () => {
    const groups = await account.get('/api/v2/groups/assignable')
    expect(groups.body.groups.map((group: { name: string }) => group.name)).toContain('Second Line')
    expect(groups.text).toContain('"id":9007199254740993,')
    const agents = await account.get('/api/v2/users/search?query=role:agent email:ploy@support.example')
    expect(agents.body.users.map((user: { name: string }) => user.name)).toEqual(['Ploy Wongsakul'])
    const organizations = await account.get('/api/v2/organizations/show_many?ids=26843000000301,1')
    expect(organizations.body.organizations.map((one: { name: string }) => one.name)).toEqual(['Sakura Sushi Group'])
  })
})

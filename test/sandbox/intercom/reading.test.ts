import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openWorkspace, type Workspace } from './workspace.ts'

let workspace: Workspace
beforeAll(async () => {
  workspace = await openWorkspace({ count: 45 })
})
afterAll(() => workspace.close())

const everyTicket = { query: { field: 'created_at', operator: '>', value: 0 } }
const search = (body: object) => workspace.call('POST', '/tickets/search', { ...everyTicket, ...body })

describe('a ticket', () => {
  it('has the shape of the document: attributes by name, text ids, seconds, "0" where it is not assigned', async () => {
    const { body: list } = await search({ pagination: { per_page: 150 } })
    const { id } = list.tickets.find((one: { admin_assignee_id: string }) => one.admin_assignee_id === '0')
    const { status, body } = await workspace.get(`/tickets/${id}`)
    expect(status).toBe(200)
    expect(body).toMatchObject({
      ...{ type: 'ticket', id: expect.stringMatching(/^\d{15}$/), ticket_id: expect.stringMatching(/^\d{1,2}$/) },
      ticket_attributes: { _default_title_: expect.any(String), _default_description_: expect.any(String) },
      ticket_state: { type: 'ticket_state', id: '8269', category: 'submitted', internal_label: 'Submitted' },
      ticket_type: { type: 'ticket_type', workspace_id: 'dg5k2m8x', ticket_type_attributes: { type: 'list' } },
      contacts: { type: 'contact.list', contacts: [{ type: 'contact', id: expect.stringMatching(/^[0-9a-f]{24}$/) }] },
      ...{ admin_assignee_id: '0', open: true },
      linked_objects: { type: 'list', has_more: false },
    })
    expect(body.created_at).toBeGreaterThan(1_700_000_000)
    expect(body.created_at).toBeLessThan(1_800_000_000)
    expect(body).not.toHaveProperty('snoozed_until')
  })

  it('is found by its id and not by the number that people say', async () => {
    const { body } = await search({ pagination: { per_page: 1 } })
    const { status, body: error } = await workspace.get(`/tickets/${body.tickets[0].ticket_id}`)
    expect(status).toBe(404)
    expect(error).toMatchObject({ type: 'error.list', errors: [{ code: 'ticket_not_found', message: 'Ticket not found' }] })
    expect(error.request_id).toMatch(/^[0-9a-f-]{36}$/)
  })

  it('has at most 500 parts, the newest, and says how many there are', async () => {
    const other = await openWorkspace({ count: 50 })
    const { body } = await other.search('title', '!=', 'x')
    await other.close()
    const long = body.tickets.find((one: { ticket_parts: { total_count: number } }) => one.ticket_parts.total_count > 500)
    expect(long.ticket_parts.ticket_parts).toHaveLength(500)
    expect(long.ticket_parts.ticket_parts[0].part_type).toBe('ticket_attribute_updated_by_admin')
    expect(long.ticket_parts.ticket_parts.at(-1)).toMatchObject({
      ...{ part_type: 'ticket_attribute_updated_by_admin', author: { type: 'bot', name: 'Fin' } },
      updated_attribute_data: {
        attribute: { type: 'attribute', label: 'Priority' },
        value: { type: 'value', id: 'High', label: 'High' },
      },
    })
  })

  it('has more events than messages in its history', async () => {
    const { body } = await search({ pagination: { per_page: 150 } })
    const types = body.tickets.flatMap((one: { ticket_parts: { ticket_parts: { part_type: string }[] } }) =>
      one.ticket_parts.ticket_parts.map(({ part_type }) => part_type),
    )
    const known = [
      'ticket_state_updated_by_admin',
      'ticket_attribute_updated_by_admin',
      'assignment',
      'snoozed',
      'close',
      'comment',
      'note',
      'quick_reply',
    ]
    expect(types.filter((type: string) => !known.includes(type))).toEqual([])
    const messages = types.filter((type: string) => ['comment', 'note', 'quick_reply'].includes(type))
    expect(messages.length).toBeLessThan(types.length / 2)
  })
})

describe('the search of tickets', () => {
  it('walks all pages by the cursor, each ticket once, newest change first', async () => {
    const seen: { id: string; updated_at: number }[] = []
    let after: string | undefined
    do {
      const { body } = await search({ pagination: { per_page: 20, ...(after === undefined ? {} : { starting_after: after }) } })
      expect(body).toMatchObject({ type: 'ticket.list', total_count: 45, pages: { type: 'pages', per_page: 20, total_pages: 3 } })
      seen.push(...body.tickets)
      after = body.pages.next?.starting_after
    } while (after !== undefined)
    expect(new Set(seen.map(({ id }) => id)).size).toBe(45)
    expect(seen).toHaveLength(45)
    const times = seen.map(({ updated_at }) => updated_at)
    expect(times).toEqual(times.toSorted((left, right) => right - left))
  })

  it('has no next page after one that is full and the last', async () => {
    const { body } = await search({ pagination: { per_page: 45 } })
    expect([body.tickets.length, body.pages]).toEqual([45, { type: 'pages', page: 1, per_page: 45, total_pages: 1 }])
  })

  it('gives 20 tickets by default and refuses more than 150', async () => {
    expect((await search({})).body.tickets).toHaveLength(20)
    const { status, body } = await search({ pagination: { per_page: 151 } })
    expect([status, body.errors]).toEqual([400, [{ code: 'client_error', message: 'Per Page is too big' }]])
  })

  it('sorts by creation, oldest first', async () => {
    const { body } = await search({ sort: { field: 'created_at', order: 'ascending' } })
    const times = body.tickets.map((one: { created_at: number }) => one.created_at)
    expect(times).toEqual(times.toSorted((left: number, right: number) => left - right))
    expect((await search({ sort: { field: 'title', order: 'ascending' } })).status).toBe(400)
  })

  it('includes the second that `>` and `<` name', async () => {
    const { body } = await search({ pagination: { per_page: 1 } })
    const [{ id, updated_at: at }] = body.tickets
    const ids = async (operator: string, value: unknown) =>
      (await workspace.search('updated_at', operator, value)).body.tickets.map((one: { id: string }) => one.id)
    expect(await ids('>', at)).toContain(id)
    expect(await ids('>', String(at))).toContain(id)
    expect(await ids('>', at + 1)).not.toContain(id)
    expect(await ids('=', at)).toContain(id)
    expect(await ids('<', at - 1)).not.toContain(id)
    expect(await ids('<', at)).toContain(id)
  })

  it('calls the categories request, task and tracker', async () => {
    const counts = await Promise.all(
      ['request', 'task', 'tracker', 'Customer', 'Back-office'].map(
        async (word) => (await workspace.search('category', '=', word)).body.total_count,
      ),
    )
    expect(counts.slice(0, 3).reduce((sum, count) => sum + count)).toBe(45)
    expect(Math.min(...counts.slice(0, 3))).toBeGreaterThan(0)
    expect(counts.slice(3)).toEqual([0, 0])
  })

  it('nests AND and OR two levels deep, with 15 filters each', async () => {
    const open = { field: 'open', operator: '=', value: true }
    const state = (value: string) => ({ field: 'state', operator: '=', value })
    const nested = { operator: 'AND', value: [open, { operator: 'OR', value: [state('submitted'), state('in_progress')] }] }
    const { body } = await search({ query: nested, pagination: { per_page: 150 } })
    expect(body.total_count).toBeGreaterThan(0)
    for (const ticket of body.tickets) {
      expect(ticket.open).toBe(true)
      expect(['submitted', 'in_progress']).toContain(ticket.ticket_state.category)
    }
    const deeper = { operator: 'OR', value: [nested] }
    expect((await search({ query: deeper })).status).toBe(400)
    expect((await search({ query: { operator: 'OR', value: Array.from({ length: 16 }, () => open) } })).status).toBe(400)
  })

  it('searches attributes by their ids, and refuses their names', async () => {
    const { body } = await workspace.search('ticket_attribute.163', 'IN', ['Urgent', 'High'])
    expect(body.total_count).toBeGreaterThan(0)
    for (const ticket of body.tickets) {
      expect(ticket.ticket_type.id).toBe('53')
      expect(['Urgent', 'High']).toContain(ticket.ticket_attributes.Priority)
    }
    const refused = await workspace.search('ticket_attribute.Priority', '=', 'High')
    expect([refused.status, refused.body.errors]).toEqual([
      400,
      [{ code: 'field_not_found', message: 'The requested ticket attribute ID is not a valid integer' }],
    ])
  })

  it('takes operators that fit the kind of the field', async () => {
    const count = async (...filter: Parameters<Workspace['search']>) => (await workspace.search(...filter)).body.total_count
    expect(await count('title', '~', 'VOUCHER')).toBeGreaterThan(0)
    expect((await count('title', '~', 'order')) + (await count('title', '!~', 'order'))).toBe(45)
    expect(await count('title', '^', 'Where is order')).toBe(await count('title', '$', '?'))
    expect((await count('open', '=', true)) + (await count('open', '!=', true))).toBe(45)
    expect(await count('admin_assignee_id', 'NIN', ['0'])).toBe(45 - (await count('admin_assignee_id', '=', '0')))
    const wrongs: [string, string, unknown][] = [
      ['title', '>', 'a'],
      ['open', '~', 'true'],
      ['created_at', '=', 'yesterday'],
      ['state', 'IN', 'submitted'],
      ['colour', '=', 'red'],
    ]
    for (const wrong of wrongs) {
      expect((await workspace.search(...wrong)).status, wrong.join(' ')).toBe(400)
    }
  })
})

describe('the workspace', () => {
  it('says who the token belongs to', async () => {
    const { body } = await workspace.get('/me')
    expect(body).toMatchObject({ type: 'admin', email: 'noor@lunchbox.example', app: { type: 'app', id_code: 'dg5k2m8x' } })
  })

  it('lists admins and teams, who name each other', async () => {
    const { body: admins } = await workspace.get('/admins')
    const { body: team } = await workspace.get('/teams/5017692')
    const members = admins.admins.filter(({ team_ids }: { team_ids: number[] }) => team_ids.includes(5017692))
    expect(members.map(({ id }: { id: string }) => Number(id))).toEqual(team.admin_ids)
    expect((await workspace.get('/admins/991267504')).body).toMatchObject({ name: 'Anja Brandt', has_inbox_seat: true })
    expect((await workspace.get('/admins/1')).body.errors[0].code).toBe('admin_not_found')
    expect((await workspace.get('/teams/1')).body.errors[0].code).toBe('team_not_found')
  })

  it('has ticket types with attributes and states, and states with types', async () => {
    const { body: types } = await workspace.get('/ticket_types')
    expect(types.data.map(({ category, archived }: { category: string; archived: boolean }) => [category, archived])).toEqual([
      ...[
        ['Customer', false],
        ['Customer', false],
        ['Back-office', false],
        ['Tracker', false],
      ],
      ['Customer', true],
    ])
    const { body: type } = await workspace.get('/ticket_types/54')
    expect(
      type.ticket_type_attributes.data.map(({ name, data_type }: { name: string; data_type: string }) => [name, data_type]),
    ).toEqual([
      ...[
        ['_default_title_', 'string'],
        ['_default_description_', 'string'],
        ['Order number', 'string'],
        ['Amount', 'decimal'],
      ],
      ...[
        ['Approved', 'boolean'],
        ['Priority', 'list'],
        ['Zendesk ticket', 'string'],
        ['Jira issue', 'string'],
        ['OneView ticket', 'string'],
        ['Verifik ticket', 'string'],
      ],
    ])
    const { body: states } = await workspace.get('/ticket_states')
    const waiting = states.data.find(({ id }: { id: string }) => id === '8271')
    expect(waiting).toMatchObject({
      category: 'waiting_on_customer',
      internal_label: 'Waiting on customer',
      external_label: 'Waiting on you',
    })
    expect(waiting.ticket_types.data.map(({ id }: { id: string }) => id)).toEqual(['53', '54', '55', '56', '57'])
  })
})

describe('contacts', () => {
  it('are found by id and by address', async () => {
    const { body: list } = await search({ pagination: { per_page: 1 } })
    const { body: contact } = await workspace.get(`/contacts/${list.tickets[0].contacts.contacts[0].id}`)
    const query = { field: 'email', operator: '=', value: contact.email }
    const { body: found } = await workspace.call('POST', '/contacts/search', { query })
    expect(found).toMatchObject({ type: 'list', total_count: 1, data: [{ id: contact.id, email: contact.email }] })
    expect((await workspace.get('/contacts/6762f2971bb69f9f2193bc49')).body.errors[0]).toEqual({
      code: 'not_found',
      message: 'User Not Found',
    })
  })

  it('are searched by whole days of the workspace in Singapore', async () => {
    const count = async (operator: string, at: string) => {
      const value = Date.parse(at) / 1000
      const query = { field: 'created_at', operator, value }
      return (await workspace.call('POST', '/contacts/search', { query })).body.total_count
    }
    // All were made on 3 February 2025 at 16:00 in Singapore.
    const all = await count('=', '2025-02-02T16:00:00Z')
    expect(all).toBeGreaterThan(20)
    expect(await count('=', '2025-02-03T15:59:00Z')).toBe(all)
    expect(await count('=', '2025-02-03T16:00:00Z')).toBe(0)
    expect(await count('>', '2025-02-02T16:00:00Z')).toBe(0)
    expect(await count('>', '2025-02-02T15:59:00Z')).toBe(all)
    expect(await count('>=', '2025-02-02T16:00:00Z')).toBeUndefined()
  })

  it('are found by a search some time after they were made', async () => {
    await workspace.call('POST', '/contacts', { email: 'late@mail.example' })
    const query = { field: 'email', operator: '=', value: 'late@mail.example' }
    const count = async () => (await workspace.call('POST', '/contacts/search', { query })).body.total_count
    expect(await count()).toBe(0)
    workspace.passes(60_000)
    expect(await count()).toBe(1)
  })

  it('belong to companies', async () => {
    const { body } = await workspace.get('/companies/6762f07f1bb69f9f2193baf5')
    expect(body).toMatchObject({ type: 'company', company_id: 'hotpot', name: 'Hotpot House', plan: { name: 'Partner Plus' } })
    expect((await workspace.get('/companies/1')).body.errors[0].code).toBe('company_not_found')
  })
})

describe('a call', () => {
  it('needs a token that is known, not revoked and allowed', async () => {
    const other = await openWorkspace({ count: 0 })
    const code = async (authorization: string) => {
      const { status, body } = await other.get('/me', { authorization })
      return [status, body.errors?.[0].code]
    }
    expect(await code('Bearer wrong')).toEqual([401, 'unauthorized'])
    expect(await code('Basic bm9vcjpwYXNz')).toEqual([401, 'missing_authorization'])
    expect(await code('Bearer token-of-noor')).toEqual([200, undefined])
    other.intercom.revoke('token-of-noor')
    expect(await code('Bearer token-of-noor')).toEqual([401, 'token_revoked'])
    const readOnly = { authorization: 'Bearer token-of-the-auditor' }
    expect((await other.call('POST', '/contacts', { email: 'a@mail.example' }, readOnly)).body.errors[0].code).toBe(
      'token_unauthorized',
    )
    await other.close()
  })

  it('names a version of the API that there is', async () => {
    const { status, body } = await workspace.get('/me', { 'intercom-version': '7.5' })
    expect([status, body.errors[0].code]).toEqual([400, 'intercom_version_invalid'])
    expect((await workspace.get('/me')).headers.get('intercom-version')).toBe('2.14')
  })

  it('is 400 with a body that is no JSON, and 404 on a path or method that the API does not have', async () => {
    expect((await workspace.call('POST', '/tickets/search', '{"query"')).body.errors[0].code).toBe('parameter_invalid')
    expect((await workspace.get('/ticket')).body.errors[0].code).toBe('not_found')
    expect((await workspace.call('PATCH', '/admins', {})).status).toBe(404)
  })

  it('may be answered with 200 and a page instead of JSON, when a test wants it', async () => {
    workspace.intercom.oddities.set({ withoutJson: 1 })
    const odd = await workspace.get('/me')
    expect([odd.status, odd.headers.get('content-type'), odd.body]).toEqual([200, 'text/html; charset=utf-8', undefined])
    expect((await workspace.get('/me')).body.type).toBe('admin')
  })

  it('may be told of a next page for ever, when a test wants it', async () => {
    workspace.intercom.oddities.set({ endlessPages: true })
    const { body } = await search({ pagination: { per_page: 150 } })
    const after = body.pages.next.starting_after
    const { body: beyond } = await search({ pagination: { per_page: 150, starting_after: after } })
    expect([beyond.tickets, typeof beyond.pages.next.starting_after]).toEqual([[], 'string'])
    workspace.intercom.oddities.set({ endlessPages: false })
  })
})

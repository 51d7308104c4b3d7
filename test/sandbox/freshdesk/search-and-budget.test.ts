import { describe, expect, it, onTestFinished } from 'vitest'
import { createBudget, type Endpoint, plans } from '../../../sandbox/freshdesk/budget.ts'
import type { FreshdeskOptions } from '../../../sandbox/freshdesk/simulator.ts'
import { keyHeader, openAccount } from './account.ts'

async function start(options: Partial<FreshdeskOptions> = {}) {
  const account = await openAccount(options)
  onTestFinished(account.close)
  return account
}
const minute = 60_000
const ask = { email: 'ada@example.com', name: 'Ada', subject: 'Engine', description: 'It stopped.' }

interface Listed {
  readonly created_at: string
  readonly tags: readonly string[]
  readonly type: string | null
  readonly responder_id: number | null
  readonly custom_fields: Readonly<Record<'cf_vip' | 'cf_root_cause', unknown>>
}

describe('the search', () => {
  const search = (query: string, page = 1) => `/search/tickets?query=${encodeURIComponent(`"${query}"`)}&page=${page}`

  it('finds by fields, 30 a page, and says agent_id where a ticket says responder_id', async () => {
    const account = await start()
    const all = await account.all('/tickets?updated_since=2020-01-01&per_page=100')
    const expected = all.filter(({ responder_id, status }) => responder_id === 43000210202 && (status === 4 || status === 5))
    const { body } = await account.get(search('agent_id:43000210202 AND (status:4 OR status:5)'))
    expect(body.total).toBe(expected.length)
    expect(body.results).toHaveLength(Math.min(30, expected.length))
    for (const ticket of body.results) expect(ticket.responder_id).toBe(43000210202)
    const everything = await account.get(search('priority:>1'))
    expect(everything.body.results).toHaveLength(30)
    expect((await account.get(search('priority:>1', 2))).body.results[0].id).not.toBe(everything.body.results[0].id)
    expect((await account.get(search('responder_id:43000210202'))).body.errors).toEqual([
      { field: 'responder_id', message: 'Unexpected/invalid field in request', code: 'invalid_field' },
    ])
  })

  it('compares days, texts, numbers, booleans and null', async () => {
    const account = await start()
    const all = await account.all('/tickets?updated_since=2020-01-01&per_page=100')
    const total = async (query: string) => (await account.get(search(query))).body.total
    const count = (test: (ticket: Listed) => boolean) => all.filter(test).length
    expect(await total("created_at:>'2026-02-20' AND created_at:<'2026-02-25'")).toBe(
      count(({ created_at: at }) => at >= '2026-02-20' && at < '2026-02-26'),
    )
    expect(await total("tag:'refund' AND type:'Refund'")).toBe(
      count(({ tags, type }) => tags.includes('refund') && type === 'Refund'),
    )
    expect(await total('agent_id:null')).toBe(count(({ responder_id: id }) => id === null))
    expect(await total("cf_vip:true OR cf_root_cause:'Kitchen'")).toBe(
      count(({ custom_fields: fields }) => fields.cf_vip === true || fields.cf_root_cause === 'Kitchen'),
    )
    expect(await total("type:null AND cf_country:'Germany'")).toBeGreaterThan(0)
  })

  it('knows a change some minutes late', async () => {
    const account = await start()
    const { body } = await account.call('POST', '/tickets', { ...ask, tags: ['zeppelin'] })
    const found = async () => (await account.get(search("tag:'zeppelin'"))).body.results.map(({ id }: { id: number }) => id)
    expect(await found()).toEqual([])
    account.passes(2 * minute)
    expect(await found()).toEqual([body.id])
    await account.call('PUT', `/tickets/${body.id}`, { tags: [] })
    expect(await found()).toEqual([body.id])
    account.passes(2 * minute)
    expect(await found()).toEqual([])
  })

  it('refuses page 11, more than 512 characters, and what is no query', async () => {
    const account = await start({ count: 20 })
    const fault = async (path: string) => (await account.get(path)).body.errors?.[0]
    expect(await fault(search('status:2', 11))).toMatchObject({
      ...{ field: 'page', message: 'It should be a Positive Integer less than or equal to 10' },
    })
    const long = Array.from({ length: 60 }, () => 'status:2').join(' OR ')
    expect(await fault(search(long))).toMatchObject({ field: 'query', message: expect.stringContaining('512') })
    expect(await fault('/search/tickets?query=status:2')).toMatchObject({ field: 'query', code: 'invalid_value' })
    for (const wrong of ['status:', '(status:2', 'status:2 status:3', 'status:two', "created_at:'yesterday'", "tag:>'a'"]) {
      expect(await fault(search(wrong)), wrong).toMatchObject({ code: 'invalid_value' })
    }
  })

  it('has no deleted and archived tickets, and for an agent only those of the own group', async () => {
    const account = await start({ agentKeys: { 'lukas@sandbox.freshdesk.example': 'key-of-lukas' } })
    const own = await account.get(search('status:>2'), keyHeader('key-of-lukas'))
    expect(own.body.total).toBeGreaterThan(0)
    for (const ticket of own.body.results) expect(ticket.group_id).toBe(43000110104)
    const listed = await account.all('/tickets?updated_since=2020-01-01&per_page=100')
    const { body } = await account.get(search('status:>2'))
    expect(body.total).toBe(listed.length)
  })
})

describe('the budget', () => {
  it('counts a call, and more for what is included', async () => {
    const account = await start({ plan: plans.pro })
    const cost = async (path: string) => (await account.get(path)).headers.get('x-ratelimit-used-currentrequest')
    expect(await cost('/tickets')).toBe('1')
    expect(await cost('/tickets?include=stats')).toBe('3')
    expect(await cost('/tickets?include=stats,requester,description')).toBe('7')
    expect(await cost('/tickets/1?include=requester,company')).toBe('3')
    const { headers } = await account.get('/groups')
    expect([headers.get('x-ratelimit-total'), headers.get('x-ratelimit-remaining')]).toEqual(['400', '385'])
  })

  it('counts refused calls too, and ends with 429 without JSON until the minute is over', async () => {
    const account = await start({ count: 20, plan: plans.trial })
    for (let call = 0; call < 48; call++) await account.get('/tickets/99999')
    expect((await account.get('/groups', { authorization: 'Basic eDpY' })).status).toBe(401)
    account.passes(20_000)
    expect((await account.get('/groups')).headers.get('x-ratelimit-remaining')).toBe('0')
    const refused = await account.get('/groups')
    expect([refused.status, refused.headers.get('retry-after'), refused.body]).toEqual([429, '40', undefined])
    expect(refused.headers.get('content-type')).not.toContain('json')
    account.passes(40_000)
    expect((await account.get('/groups')).status).toBe(200)
  })

  it('has a limit of its own for lists, which leaves other calls', async () => {
    const account = await start({ count: 20, plan: plans.growth })
    for (let call = 0; call < 20; call++) expect((await account.get('/tickets?per_page=1')).status).toBe(200)
    const list = await account.get('/tickets?per_page=1')
    expect([list.status, list.headers.get('retry-after')]).toEqual([429, '60'])
    expect((await account.get('/tickets/1')).status).toBe(200)
  })

  it.each([
    ['trial', 50, 20, 20],
    ['growth', 200, 20, 80],
    ['pro', 400, 100, 160],
    ['enterprise', 700, 200, 280],
  ] as const)('of %s has %i calls a minute, of them %i lists, and %i writes of each kind', (plan, total, lists, writes) => {
    const admitted = (endpoint: Endpoint | undefined) => {
      const budget = createBudget(plans[plan])
      const answers = Array.from({ length: 1000 }, () => budget.admit({ now: 0, cost: 1, endpoint }))
      return answers.filter(({ refusal }) => refusal === undefined).length
    }
    expect(admitted(undefined)).toBe(total)
    expect([admitted('ticket-list'), admitted('contact-list')]).toEqual([lists, lists])
    expect([admitted('ticket-create'), admitted('ticket-update')]).toEqual([writes, writes])
  })
})

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Account, noon, openAccount } from './account.ts'

let account: Account
beforeAll(async () => {
  account = await openAccount()
})
afterAll(() => account.close())

const start = '/api/v2/incremental/tickets/cursor?start_time=0'
const create = async (subject: string) =>
  (await account.call('POST', '/api/v2/tickets', { ticket: { subject, comment: { body: subject } } })).body.ticket
const idsOf = (body: { tickets: { id: number }[] }) => body.tickets.map(({ id }) => id)

describe('the export by cursor', () => {
  it('has every ticket once, archived and deleted ones too, in the order of their generated time', async () => {
    const seen: { id: number; status: string; generated_timestamp: number }[] = []
    let next: string | null = `${start}&per_page=25`
    while (next !== null) {
      const { body }: Awaited<ReturnType<Account['get']>> = await account.get(next)
      seen.push(...body.tickets)
      next = body.end_of_stream ? null : body.after_url
    }
    expect(seen).toHaveLength(130)
    expect(new Set(seen.map(({ id }) => id)).size).toBe(130)
    const times = seen.map((ticket) => ticket.generated_timestamp)
    expect(times).toEqual(times.toSorted((one, other) => one - other))
    expect(seen.some(({ status }) => status === 'deleted')).toBe(true)
    const { body } = await account.get(`${start}&exclude_deleted=true`)
    expect(body.tickets.some((ticket: { status: string }) => ticket.status === 'deleted')).toBe(false)
  })

  it('leaves out the last minute, and its last cursor goes on later', async () => {
    const { body: before } = await account.get(start)
    expect(before.end_of_stream).toBe(true)
    const ticket = await create('Fresh')
    const cursor = encodeURIComponent(before.after_cursor)
    const now = await account.get(`/api/v2/incremental/tickets/cursor?cursor=${cursor}`)
    expect([idsOf(now.body), now.body.end_of_stream, now.body.after_cursor]).toEqual([[], true, before.after_cursor])
    account.passes(61_000)
    const later = await account.get(`/api/v2/incremental/tickets/cursor?cursor=${cursor}`)
    expect(idsOf(later.body)).toEqual([ticket.id])
  })

  it('shows a ticket again when a rule looked at it, although its update is old', async () => {
    const { body: before } = await account.get(start)
    const old = before.tickets[0]
    account.zendesk.recalculate(String(old.id))
    account.passes(61_000)
    const { body } = await account.get(`/api/v2/incremental/tickets/cursor?cursor=${encodeURIComponent(before.after_cursor)}`)
    const again = body.tickets.find(({ id }: { id: number }) => id === old.id)
    expect(again.updated_at).toBe(old.updated_at)
    expect(again.generated_timestamp).toBeGreaterThan(old.generated_timestamp)
  })

  it('is for administrators, and wants a start that is a minute old', async () => {
    expect((await account.get(start, account.basic('camila@support.example'))).status).toBe(403)
    const recent = await account.get(`/api/v2/incremental/tickets/cursor?start_time=${Math.floor(noon / 1000) + 3_600}`)
    expect([recent.status, recent.body.error]).toEqual([422, 'StartTimeTooRecent'])
    expect((await account.get('/api/v2/incremental/tickets/cursor?cursor=wrong')).status).toBe(400)
  })
})

describe('the older export by time', () => {
  it('goes on at the second of its last ticket, and so stays where a page is one second', async () => {
    const second = Math.floor(noon / 1000) + 86_400
    account.passes(noon + 86_400_000 - Date.parse((await create('now')).created_at))
    await Promise.all(['a', 'b', 'c'].map(create))
    account.passes(120_000)
    const { body } = await account.get(`/api/v2/incremental/tickets.json?start_time=${second}&per_page=2`)
    expect([body.count, body.end_of_stream, body.end_time]).toEqual([2, false, second])
    const again = await account.get(body.next_page)
    expect(again.body.next_page).toBe(body.next_page)
    expect(idsOf(again.body)).toEqual(idsOf(body))
  })
})

describe('the search', () => {
  it('knows a change a while after it was made', async () => {
    const ticket = await create('Quetzalcoatl statue')
    const query = '/api/v2/search.json?query=type:ticket quetzalcoatl'
    expect((await account.get(query)).body.count).toBe(0)
    account.passes(10_000)
    const { body } = await account.get(query)
    expect(body.results).toMatchObject([{ id: ticket.id, result_type: 'ticket' }])
    expect([body.count, body.next_page, body.previous_page]).toEqual([1, null, null])
  })

  it('has conditions by property, and their negation', async () => {
    const { body: solved } = await account.get('/api/v2/search?query=type:ticket status>=solved -tags:refund')
    expect(solved.count).toBeGreaterThan(0)
    for (const ticket of solved.results) {
      expect(['solved', 'closed']).toContain(ticket.status)
      expect(ticket.tags).not.toContain('refund')
    }
    const writer = { name: 'Aino Virtanen', email: 'aino@example.com' }
    await account.call('POST', '/api/v2/tickets', { ticket: { comment: { body: 'mine' }, requester: writer } })
    account.passes(10_000)
    const { body: mine } = await account.get('/api/v2/search?query=type:ticket requester:aino@example.com')
    expect(mine.results).toMatchObject([{ description: 'mine' }])
    const { body: created } = await account.get('/api/v2/search/count?query=type:ticket created<2026-01-01')
    const { body: rest } = await account.get('/api/v2/search/count?query=type:ticket created>=2026-01-01')
    expect(created.count + rest.count).toBe((await account.get('/api/v2/search/count?query=type:ticket')).body.count)
  })

  it('shows 1,000 results at most, and no cursor', async () => {
    expect((await account.get('/api/v2/search?query=type:ticket&page=11&per_page=100')).status).toBe(422)
    expect((await account.get('/api/v2/search?query=type:ticket&page[size]=2')).status).toBe(400)
  })

  it('exports all results by a cursor that dies after an hour', async () => {
    const { body } = await account.get('/api/v2/search/export?query=tags:refund&filter[type]=ticket&page[size]=5')
    expect([body.results.length, body.meta.has_more]).toEqual([5, true])
    const next = await account.get(body.links.next)
    const ids = new Set([...body.results, ...next.body.results].map(({ id }: { id: number }) => id))
    expect(ids.size).toBe(10)
    account.passes(3_601_000)
    expect((await account.get(body.links.next)).status).toBe(400)
    expect((await account.get('/api/v2/search/export?query=tags:refund')).status).toBe(400)
  })
})

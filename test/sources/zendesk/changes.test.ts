import { describe, expect, it } from 'vitest'
import { someCall } from '../../support/call.ts'
import { linesOf, me, send, startZendesk, ticket, zendeskAt, zendeskRef } from './zendesk-fixture.ts'

describe('the export of a Zendesk account', () => {
  const at = (id: number, more: object = {}) => ({ ...ticket, id, ...more })
  const request = { since: '2026-03-09T12:00:00.000Z', cursor: null, limit: 100 }
  const include = 'include=users,groups,organizations'

  it('ZENDESK-03 goes on by cursor, and ends where the stream does or the cursor repeats', async () => {
    const pages: { readonly [cursor: string]: object } = {
      '': { tickets: [at(1)], after_cursor: 'c1', end_of_stream: false },
      c1: { tickets: [at(2)], after_cursor: 'c2=', end_of_stream: true },
      'c2=': { tickets: [], after_cursor: 'c2=', end_of_stream: false },
    }
    const vendor = await startZendesk({
      'GET /api/v2/incremental/tickets/cursor': ({ path }, res) =>
        send(res, pages[new URL(path, 'http://x').searchParams.get('cursor') ?? '']),
    })
    const source = zendeskAt(vendor.url)
    expect(await source.changesSince!(request, someCall())).toMatchObject({
      tickets: [{ externalId: '1' }],
      cursor: 'c1',
      end: false,
    })
    expect(await source.changesSince!({ ...request, cursor: 'c1' }, someCall())).toMatchObject({ cursor: 'c2=', end: true })
    expect(await source.changesSince!({ ...request, cursor: 'c2=' }, someCall())).toMatchObject({
      tickets: [],
      cursor: 'c2=',
      end: true,
    })
    expect(linesOf(vendor)).toEqual([
      // 2026-03-09T11:59:59Z
      `GET /api/v2/incremental/tickets/cursor?start_time=1773057599&per_page=100&${include}`,
      `GET /api/v2/incremental/tickets/cursor?cursor=c1&per_page=100&${include}`,
      `GET /api/v2/incremental/tickets/cursor?cursor=c2%3D&per_page=100&${include}`,
    ])
  })

  it('ZENDESK-04 ZENDESK-13 gives tickets whose update is older, and names those that are deleted', async () => {
    const tickets = [at(1, { updated_at: '2020-01-01T00:00:00Z' }), at(2, { status: 'deleted' })]
    const vendor = await startZendesk({
      'GET /api/v2/incremental/tickets/cursor': { tickets, after_cursor: 'c', end_of_stream: true },
    })
    const slice = await zendeskAt(vendor.url).changesSince!(request, someCall())
    expect(slice.tickets.map(({ externalId, updatedAt }) => [externalId, updatedAt])).toEqual([['1', '2020-01-01T00:00:00.000Z']])
    expect(slice.removed).toEqual([zendeskRef('2')])
  })

  it('begins a minute ago at the latest, and is not asked for by an account that is no administrator', async () => {
    const answer = { tickets: [], after_cursor: null, end_of_stream: true }
    const vendor = await startZendesk({ 'GET /api/v2/incremental/tickets/cursor': answer })
    // The clock of the source is at 2026-03-10T00:00:00Z.
    await zendeskAt(vendor.url).changesSince!({ ...request, since: '2026-03-09T23:59:50.000Z' }, someCall())
    expect(linesOf(vendor)[0]).toContain('start_time=1773100739&')
    const agent = await startZendesk({ 'GET /api/v2/users/me': { user: { ...me, role: 'agent' } } })
    expect(await zendeskAt(agent.url).changesSince!(request, someCall())).toEqual({
      tickets: [],
      removed: [],
      cursor: null,
      end: true,
    })
    expect(linesOf(agent)).toEqual([])
  })
})

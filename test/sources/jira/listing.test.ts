import { describe, expect, it } from 'vitest'
import type { ListRequest, ListSlice, TicketFilter, TicketSource } from '../../../src/sources/source.ts'
import { countingMetrics, someCall } from '../../support/call.ts'
import type { Vendor, VendorCall } from '../../support/vendor.ts'
import { issue, issueRoutes, jiraAt, jiraRef, mia, startJira, withStatus } from './jira-fixture.ts'

const path = '/rest/api/3/search/jql'
const request: ListRequest = { filter: {}, order: { field: 'UPDATED_AT', direction: 'DESC' }, position: null, limit: 3 }
const list = (source: TicketSource, changes: Partial<ListRequest> = {}) =>
  source.listTickets({ ...request, ...changes }, someCall())
const idsOf = ({ tickets }: ListSlice) => tickets.map(({ externalId }) => externalId)

interface SearchBody {
  readonly jql: string
  readonly fields: readonly string[]
  readonly maxResults: number
  readonly nextPageToken?: string
  readonly reconcileIssues: readonly number[]
}
const searches = (vendor: Vendor) => vendor.calls.filter((call) => call.path === path).map(({ body }) => body as SearchBody)

/** An issue that was changed so many seconds after 2026-01-01T00:00Z. */
const at = (id: string, seconds: number) => issue(id, { updated: new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toISOString() })

/** Pages by their tokens: '' is the first. */
const pagesOf = (pages: Readonly<Record<string, { issues: readonly object[]; nextPageToken?: string }>>) => ({
  [`POST ${path}`]: ({ body }: VendorCall) =>
    pages[(body as SearchBody).nextPageToken ?? ''] ?? withStatus(400, { errorMessages: ['bad token'] }),
})

async function jqlOf(filter: TicketFilter, order = request.order, position: string | null = null): Promise<string | undefined> {
  const vendor = await startJira({
    ...pagesOf({ '': { issues: [] } }),
    'GET /rest/api/3/user/bulk': { values: [{ accountId: mia.accountId }] },
  })
  await list(jiraAt(vendor.url), { filter, order, position })
  return searches(vendor)[0]?.jql
}

describe('a list of Jira', () => {
  it('JIRA-01, JIRA-02: is asked for by /search/jql, with its fields named and a search that is bounded by the projects', async () => {
    const vendor = await startJira(pagesOf({ '': { issues: [at('10002', 20), at('10001', 10)] } }))
    const slice = await list(jiraAt(vendor.url))
    expect(slice).toMatchObject({
      positions: ['0_1767225620000_10002', '0_1767225610000_10001'],
      end: true,
      totalCount: null,
      dropped: 0,
    })
    expect(slice.tickets).toMatchObject([
      { externalId: '10002', isSummary: true, title: 'Printer on fire', messages: null, statusOptions: null },
      { externalId: '10001' },
    ])
    expect(vendor.calls.map(({ path: asked }) => asked.split('?')[0]).sort()).toEqual([
      '/rest/api/3/field',
      '/rest/api/3/search/jql',
      '/rest/servicedeskapi/servicedesk',
    ])
    const [{ jql, fields, maxResults }] = searches(vendor) as [SearchBody]
    expect([jql, maxResults]).toEqual(['project in (10000, 10100) ORDER BY updated DESC, key ASC', 4])
    expect(fields).toEqual(expect.arrayContaining(['summary', 'status', 'updated', 'customfield_10010', 'customfield_10042']))
    // The clocks of plugins are not read, and no history (JIRA-12).
    expect(fields).not.toContain('customfield_10030')
  })

  it('JIRA-12: never asks a search for the history of issues, which would end at 40 entries', async () => {
    const vendor = await startJira({ ...pagesOf({ '': { issues: [at('10001', 1)] } }), ...issueRoutes('10001', at('10001', 1)) })
    const source = jiraAt(vendor.url)
    await list(source)
    await source.loadTickets([jiraRef('10001')], someCall())
    expect(vendor.calls.filter((call) => /changelog/.test(call.path + JSON.stringify(call.body ?? null)))).toEqual([])
  })

  it('JIRA-03: goes on behind short and empty pages until no token comes, and gives each issue once', async () => {
    const vendor = await startJira(
      pagesOf({
        '': { issues: [at('10005', 500)], nextPageToken: 'two' },
        two: { issues: [], nextPageToken: 'three' },
        three: { issues: [at('10005', 500), at('10004', 400)], nextPageToken: 'four' },
        four: { issues: [at('10003', 300)] },
      }),
    )
    const slice = await list(jiraAt(vendor.url))
    expect([idsOf(slice), slice.end]).toEqual([['10005', '10004', '10003'], true])
    expect(searches(vendor).map(({ nextPageToken }) => nextPageToken)).toEqual([undefined, 'two', 'three', 'four'])
  })

  it('JIRA-03: refuses a token that repeats, and a chain that does not end', async () => {
    const repeating = await startJira(pagesOf({ '': { issues: [], nextPageToken: 'a' }, a: { issues: [], nextPageToken: 'a' } }))
    await expect(list(jiraAt(repeating.url))).rejects.toMatchObject({ code: 'UPSTREAM_BAD_RESPONSE' })
    expect(searches(repeating)).toHaveLength(2)
    let count = 0
    const endless = await startJira({ [`POST ${path}`]: () => ({ issues: [], nextPageToken: `token ${count++}` }) })
    await expect(list(jiraAt(endless.url))).rejects.toMatchObject({ code: 'UPSTREAM_BAD_RESPONSE' })
    expect(searches(endless)).toHaveLength(50)
  })

  it('ends a slice where the next issue has another second, and reads on where issues share one: their order is not promised', async () => {
    const shared = [at('10003', 60.1), at('10009', 60.3), at('10002', 60.2)]
    const vendor = await startJira(
      pagesOf({
        '': { issues: [at('10011', 90), ...shared], nextPageToken: 'two' },
        two: { issues: [at('10001', 60.3), at('10000', 50)], nextPageToken: 'three' },
      }),
    )
    const slice = await list(jiraAt(vendor.url))
    expect([idsOf(slice), slice.end]).toEqual([['10011', '10001', '10009'], false])
    expect(searches(vendor)).toHaveLength(2)
  })

  it('JIRA-04: goes on behind a position at a whole minute, in milliseconds since 1970, and leaves out what lies before it', async () => {
    const vendor = await startJira(
      pagesOf({ '': { issues: [at('10009', 170), at('10008', 130), at('10007', 130), at('10006', 125)] } }),
    )
    // 130 seconds are 2 minutes and 10 seconds.
    const slice = await list(jiraAt(vendor.url), { position: '0_1767225730000_10007' })
    expect(idsOf(slice)).toEqual(['10008', '10006'])
    expect(searches(vendor)[0]!.jql).toBe('project in (10000, 10100) AND updated <= 1767225780000 ORDER BY updated DESC, key ASC')
    expect(await jqlOf({}, { field: 'CREATED_AT', direction: 'ASC' }, '0_1767225730000_10007')).toBe(
      'project in (10000, 10100) AND created >= 1767225720000 ORDER BY created ASC, key ASC',
    )
    await expect(list(jiraAt(vendor.url), { position: '3' })).rejects.toBeInstanceOf(RangeError)
  })

  it('JIRA-04: is narrowed by whole minutes in milliseconds since 1970, which no time zone changes', async () => {
    const filter = { updatedAfter: '2026-01-01T00:01:30.500Z', createdBefore: '2026-01-01T00:01:30.500Z' }
    expect(await jqlOf(filter)).toBe(
      'project in (10000, 10100) AND created <= 1767225720000 AND updated >= 1767225660000 ORDER BY updated DESC, key ASC',
    )
    const source = jiraAt('http://127.0.0.1:1')
    expect([source.pushdownFilters!(filter), source.narrowingFilters!(filter)]).toEqual([[], ['CREATED', 'UPDATED']])
  })

  it('names statuses and priorities by the ids of the site, and asks nothing where none can match', async () => {
    const base = 'project in (10000, 10100)'
    const end = ' ORDER BY updated DESC, key ASC'
    expect(await jqlOf({ status: ['NEW', 'IN_PROGRESS'] })).toBe(`${base} AND status in (10003, 10004)${end}`)
    expect(await jqlOf({ status: ['RESOLVED'] })).toBe(
      `${base} AND (status in (10006) OR (status in (10005) AND resolution is not EMPTY))${end}`,
    )
    expect(await jqlOf({ status: ['CLOSED'] })).toBe(`${base} AND (status in (10005) AND resolution is EMPTY)${end}`)
    expect(await jqlOf({ priority: ['URGENT', 'UNKNOWN'] })).toBe(`${base} AND priority in (1, 9)${end}`)
    expect(await jqlOf({ unassigned: true, tags: ['a "b"', 'c'] })).toBe(
      `${base} AND assignee is EMPTY AND labels in ("a \\"b\\"", "c")${end}`,
    )
    expect(await jqlOf({ customer: { kind: 'customer', sourceKey: 'jira', tenant: '', externalId: mia.accountId } })).toBe(
      `${base} AND reporter = "${mia.accountId}"${end}`,
    )
    expect(
      await jqlOf({ customer: { kind: 'customer', sourceKey: 'jira', tenant: '', externalId: 'qm:unknown' } }),
    ).toBeUndefined()
    expect(await jqlOf({ priority: ['LOW'] })).toBeUndefined()
  })

  it('by priority is one search for each, and those without a known one come last', async () => {
    const vendor = await startJira({
      [`POST ${path}`]: ({ body }: VendorCall) => ({
        issues: (body as SearchBody).jql.includes('EMPTY') ? [issue('10007')] : [],
      }),
    })
    const slice = await list(jiraAt(vendor.url), { order: { field: 'PRIORITY', direction: 'DESC' } })
    expect([idsOf(slice), slice.positions, slice.end]).toEqual([['10007'], ['0_1732905891887_10007'], true])
    expect(searches(vendor).map(({ jql }) => jql)).toEqual([
      'project in (10000, 10100) AND priority in (1) ORDER BY created DESC, key ASC',
      'project in (10000, 10100) AND priority in (3) ORDER BY created DESC, key ASC',
      'project in (10000, 10100) AND (priority is EMPTY OR priority not in (1, 3)) ORDER BY created DESC, key ASC',
    ])
  })

  it('JIRA-05: names the issues that the gateway has just changed, so that the search sees the change', async () => {
    const vendor = await startJira({
      ...pagesOf({ '': { issues: [] } }),
      ...issueRoutes('10001', issue('10001', { summary: 'New' })),
      'PUT /rest/api/3/issue/10001': withStatus(204),
    })
    const source = jiraAt(vendor.url)
    await list(source)
    await source.updateTicket!(jiraRef('10001'), { title: 'New' }, someCall())
    await list(source)
    expect(searches(vendor).map(({ reconcileIssues }) => reconcileIssues)).toEqual([[], [10001]])
    // A poll looks back five minutes.
    expect(source.listLagMs).toBe(300_000)
  })

  it('counts what cannot be decoded', async () => {
    const metrics = countingMetrics()
    const vendor = await startJira(pagesOf({ '': { issues: [{ id: '..' }, at('10001', 1), []] } }))
    const slice = await list(jiraAt(vendor.url, {}, metrics))
    expect([idsOf(slice), slice.dropped, metrics.total('dropped_records_total', { source: 'jira' })]).toEqual([['10001'], 2, 2])
  })

  it('is empty where the account sees no service desk, without a search', async () => {
    const vendor = await startJira({
      'GET /rest/servicedeskapi/servicedesk': { size: 0, start: 0, limit: 50, isLastPage: true, values: [] },
    })
    expect(await list(jiraAt(vendor.url))).toMatchObject({ tickets: [], end: true })
    expect(searches(vendor)).toEqual([])
  })
})

describe('a count of Jira', () => {
  it('is an estimate for each status of the site, and none for a filter that JQL does not apply exactly', async () => {
    const counted: string[] = []
    const vendor = await startJira({
      'POST /rest/api/3/search/approximate-count': ({ body }: VendorCall) => {
        counted.push((body as { jql: string }).jql)
        return { count: 153 }
      },
    })
    const source = jiraAt(vendor.url)
    expect(await source.countTickets!({ filter: {}, by: 'SOURCE' }, someCall())).toEqual({
      total: 153,
      groups: [],
      complete: true,
    })
    expect(await source.countTickets!({ filter: { status: ['NEW', 'ESCALATED'] }, by: 'STATUS' }, someCall())).toEqual({
      total: 153,
      complete: true,
      groups: [
        { key: 'NEW', label: null, count: 153, exact: false },
        { key: 'ESCALATED', label: null, count: 0, exact: false },
      ],
    })
    expect(
      await source.countTickets!({ filter: { updatedAfter: '2026-01-01T00:00:00.000Z' }, by: 'SOURCE' }, someCall()),
    ).toBeNull()
    expect(counted).toEqual(['project in (10000, 10100)', 'project in (10000, 10100) AND status in (10003)'])
  })
})

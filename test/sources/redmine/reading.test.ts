import { describe, expect, it } from 'vitest'
import { DeskgraphError } from '../../../src/domain/errors.ts'
import { noMetrics } from '../../../src/domain/telemetry.ts'
import type { Ticket } from '../../../src/domain/ticket.ts'
import type { ListRequest, TicketFilter } from '../../../src/sources/source.ts'
import { countingMetrics, someCall } from '../../support/call.ts'
import { json, startVendor } from '../../support/vendor.ts'
import { readRecording, redmineAt, redmineRef } from './redmine-fixture.ts'

interface RecordedIssue {
  readonly issue: Record<string, unknown> & { readonly journals: readonly Record<string, unknown>[] }
}
const request: ListRequest = { filter: {}, order: { field: 'UPDATED_AT', direction: 'DESC' }, position: null, limit: 3 }

async function load(body: unknown, changes: Record<string, unknown> = {}, status = 200): Promise<Ticket | DeskgraphError | null> {
  const vendor = await startVendor((_, res) => json(res, body, status))
  const [ticket] = await redmineAt(vendor.url, changes).loadTickets([redmineRef('20')], someCall())
  return ticket ?? null
}

describe('a ticket of Redmine', () => {
  it('is read with the key in its own header, and as the viewer only where that is configured', async () => {
    const vendor = await startVendor((_, res) => json(res, readRecording('issue-20')))
    await redmineAt(vendor.url).loadTickets([redmineRef('20')], someCall({ viewerId: 'ann' }))
    await redmineAt(vendor.url, { actAsViewer: true }).loadTickets([redmineRef('20')], someCall({ viewerId: 'ann' }))
    expect(vendor.calls.map(({ headers }) => [headers['x-redmine-api-key'], headers['x-redmine-switch-user']])).toEqual([
      ['ap1-key', undefined],
      ['ap1-key', 'ann'],
    ])
    expect(vendor.calls[0]?.headers.authorization).toBeUndefined()
  })

  it('REDMINE-04 has its messages oldest first, though the account prefers the newest first', async () => {
    const { issue } = readRecording<RecordedIssue>('issue-20')
    const ticket = (await load({ issue: { ...issue, journals: issue.journals.toReversed() } })) as Ticket
    expect(ticket.messages?.map(({ body }) => body)).toEqual([
      'Question of the customer on 20',
      'Answer of Ann on 20',
      'Private note of Ben on 20',
    ])
  })

  it('shows a message whose journal does not say that it is public as internal', async () => {
    const { issue } = readRecording<RecordedIssue>('issue-20')
    const journals = issue.journals.map(({ private_notes: _, ...journal }) => journal)
    const ticket = (await load({ issue: { ...issue, journals } })) as Ticket
    expect(new Set(ticket.messages?.map(({ visibility }) => visibility))).toEqual(new Set(['INTERNAL']))
  })

  it('takes an unknown status by the flag of Redmine, and an unknown priority as UNKNOWN', async () => {
    const { issue } = readRecording<RecordedIssue>('issue-20')
    const changed = (isClosed: boolean) =>
      load({ issue: { ...issue, status: { id: 9, name: 'Odd', is_closed: isClosed }, priority: { id: 9, name: 'Odd' } } })
    expect(await changed(true)).toMatchObject({
      status: 'CLOSED',
      sourceStatus: 'Odd',
      priority: 'UNKNOWN',
      sourcePriority: 'Odd',
    })
    expect(await changed(false)).toMatchObject({ status: 'OPEN' })
  })

  it('has the words of its installation', async () => {
    const dialect = { statuses: { Resolved: 'PENDING' }, priorities: { Immediate: 'LOW' }, textFormat: 'markdown' }
    const ticket = (await load(readRecording('issue-20'), { dialect })) as Ticket
    expect(ticket).toMatchObject({ status: 'PENDING', priority: 'LOW', channel: null, tags: null })
    expect(ticket.messages?.[0]?.format).toBe('MARKDOWN')
    expect(ticket.customFields?.map(({ label }) => label)).toContain('Tags')
  })

  it('is null where the answer is 404 or 403, and an error where it is another issue', async () => {
    expect(await load('', {}, 404)).toBeNull()
    expect(await load('', {}, 403)).toBeNull()
    expect(await load(readRecording('issue-1'))).toMatchObject({ code: 'UPSTREAM_BAD_RESPONSE' })
  })
})

describe('a list of Redmine', () => {
  it('REDMINE-08 has no parts that only single issues have, and asks for those that lists may have', async () => {
    const vendor = await startVendor((_, res) => json(res, readRecording('list-first-3')))
    const { tickets, positions, totalCount, end } = await redmineAt(vendor.url).listTickets(request, someCall())
    expect(tickets.map(({ externalId }) => externalId)).toEqual(['31', '33', '32'])
    expect([positions, totalCount, end]).toEqual([['1', '2', '3'], 60, false])
    expect(tickets[0]).toMatchObject({ isSummary: true, messages: null, attachments: [], followers: null })
    expect(vendor.lines()).toEqual([
      'GET /issues.json?status_id=*&sort=updated_on:desc,id:desc&limit=3&offset=0&include=attachments,relations',
    ])
  })

  it('counts what cannot be decoded, and keeps the positions of the others', async () => {
    const metrics = countingMetrics()
    const page = readRecording<{ issues: unknown[] }>('list-first-3')
    const vendor = await startVendor((_, res) => json(res, { ...page, issues: [{ id: 'x' }, ...page.issues.slice(1)] }))
    const slice = await redmineAt(vendor.url, {}, metrics).listTickets(request, someCall())
    expect([slice.positions, slice.dropped]).toEqual([['2', '3'], 1])
    expect(metrics.total('dropped_records_total', { source: 'redmine' })).toBe(1)
  })

  it('asks for the ids of the installation, and does not ask for a status that no name has', async () => {
    const vendor = await startVendor(({ path }, res) => {
      if (path.startsWith('/issue_statuses')) json(res, readRecording('issue-statuses'))
      else if (path.startsWith('/enumerations')) json(res, readRecording('issue-priorities'))
      else json(res, readRecording('list-first-3'))
    })
    const source = redmineAt(vendor.url)
    await source.listTickets({ ...request, filter: { status: ['CLOSED', 'NEW'], priority: ['URGENT'] } }, someCall())
    expect(vendor.lines().at(-1)).toContain('status_id=1%7C5&priority_id=4%7C5&sort=')
    const none = await source.listTickets({ ...request, filter: { status: ['ON_HOLD'] } }, someCall())
    expect(none).toEqual({ tickets: [], positions: [], end: true, totalCount: 0, dropped: 0 })
    // The table of the first list is still valid.
    expect(vendor.lines()).toHaveLength(3)
  })

  it('reads the tables again after a minute', async () => {
    const vendor = await startVendor(({ path }, res) =>
      json(res, readRecording(path.startsWith('/issue_statuses') ? 'issue-statuses' : 'list-first-3')),
    )
    const clock = { ms: 0 }
    const source = redmineAt(vendor.url, {}, noMetrics, () => clock.ms)
    const list = () => source.listTickets({ ...request, filter: { status: ['NEW'] } }, someCall())
    for (const ms of [0, 59_999, 60_000]) {
      clock.ms = ms
      await list()
    }
    expect(vendor.lines().filter((line) => line.includes('issue_statuses'))).toHaveLength(2)
  })

  it('narrows by times and by the id of an assignee, wider than asked', async () => {
    const vendor = await startVendor((_, res) => json(res, readRecording('list-first-3')))
    const source = redmineAt(vendor.url)
    const filter = {
      assignee: '5',
      createdAfter: '2026-01-01T00:00:00.500Z',
      createdBefore: '2026-01-02T00:00:00.000Z',
      updatedBefore: '2026-01-03T00:00:00.000Z',
    }
    expect(source.narrowingFilters!(filter)).toEqual(['CREATED', 'UPDATED', 'ASSIGNEE'])
    expect(source.pushdownFilters!(filter)).toEqual([])
    expect(source.narrowingFilters!({ assignee: 'Ann Agent' })).toEqual([])
    await source.listTickets({ ...request, filter }, someCall())
    const query = new URL(vendor.calls[0]!.path, 'http://redmine').searchParams
    expect(Object.fromEntries(query)).toMatchObject({
      assigned_to_id: '5',
      created_on: '><2026-01-01T00:00:00Z|2026-01-02T00:00:02Z',
      updated_on: '<=2026-01-03T00:00:02Z',
    })
  })

  it.each([
    ['UPDATED_AT', 'ASC', 'updated_on:asc,id:asc'],
    ['CREATED_AT', 'DESC', 'created_on:desc,id:desc'],
    ['CREATED_AT', 'ASC', 'created_on:asc,id:asc'],
  ] as const)('has the order %s %s', async (field, direction, sort) => {
    const vendor = await startVendor((_, res) => json(res, readRecording('list-first-3')))
    const source = redmineAt(vendor.url)
    expect(source.sorts!({ field, direction })).toBe(true)
    await source.listTickets({ ...request, order: { field, direction } }, someCall())
    expect(vendor.lines()[0]).toContain(`&sort=${sort}&`)
  })

  it('leaves priorities to the gateway, because an administrator chooses their order', () => {
    expect(redmineAt('http://127.0.0.1:1').sorts!({ field: 'PRIORITY', direction: 'DESC' })).toBe(false)
  })

  it('reads single tickets as lists have them in one call, closed ones too', async () => {
    const vendor = await startVendor((_, res) => json(res, readRecording('list-first-3')))
    const refs = [
      redmineRef('33'),
      redmineRef('31'),
      redmineRef('999'),
      { ...redmineRef('32'), sourceKey: 'other' },
      redmineRef('33'),
    ]
    const tickets = await redmineAt(vendor.url).loadSummaries!(refs, someCall())
    expect(tickets.map((ticket) => ticket?.externalId ?? null)).toEqual(['33', '31', null, null, '33'])
    expect(vendor.lines()).toEqual([
      'GET /issues.json?status_id=*&issue_id=33,31,999&limit=100&offset=0&include=attachments,relations',
    ])
  })

  it('asks for 100 records at most, since Redmine returns no more', async () => {
    const vendor = await startVendor((_, res) => json(res, readRecording('list-first-3')))
    await redmineAt(vendor.url).listTickets({ ...request, position: '7', limit: 101 }, someCall())
    expect(vendor.lines()[0]).toContain('limit=100&offset=7')
  })
})

describe('counting in Redmine', () => {
  it('DECISION-37 reads the total of a page of one ticket, with at most the calls that its capabilities declare', async () => {
    const vendor = await startVendor(({ path }, res) => {
      if (path.startsWith('/issue_statuses')) return json(res, readRecording('issue-statuses'))
      if (path.startsWith('/enumerations')) return json(res, readRecording('issue-priorities'))
      json(res, { issues: [], total_count: 42, offset: 0, limit: 1 })
    })
    const source = redmineAt(vendor.url)
    const count = (filter: TicketFilter) => source.countTickets!({ filter, by: 'SOURCE' }, someCall())
    expect(await count({})).toEqual({ total: 42, groups: [], complete: true })
    expect(vendor.lines()).toEqual([
      'GET /issues.json?status_id=*&sort=updated_on:desc,id:desc&limit=1&offset=0&include=attachments,relations',
    ])
    expect(await count({ status: ['CLOSED'], priority: ['URGENT'], customer: redmineRef('7') })).toMatchObject({ total: 42 })
    expect(vendor.calls).toHaveLength(4)
    expect(vendor.lines().at(-1)).toContain('author_id=7')
  })

  it('counts by statuses and priorities with one call for each value', async () => {
    const totals: Readonly<Record<string, number>> = { '1': 5, '2': 4, '3': 3, '4': 2, '5': 1, '6': 0, '4%7C5': 7 }
    const vendor = await startVendor(({ path }, res) => {
      if (path.startsWith('/issue_statuses')) return json(res, readRecording('issue-statuses'))
      if (path.startsWith('/enumerations')) return json(res, readRecording('issue-priorities'))
      const [, status = ''] = /status_id=([^&]+)/.exec(path) ?? []
      const [, priority] = /priority_id=([^&]+)/.exec(path) ?? []
      json(res, { issues: [], total_count: totals[priority ?? status] ?? -1, offset: 0, limit: 1 })
    })
    const source = redmineAt(vendor.url)
    const byStatus = await source.countTickets!({ filter: {}, by: 'STATUS' }, someCall())
    expect(byStatus).toMatchObject({ total: 15, complete: true })
    expect(Object.fromEntries(byStatus!.groups.map(({ key, count }) => [key, count]))).toEqual({
      ...{ NEW: 5, IN_PROGRESS: 4, RESOLVED: 3, PENDING: 2, CLOSED: 1, CANCELLED: 0 },
    })
    expect(vendor.calls.length).toBeLessThanOrEqual(source.info.capabilities.callsPerCount)
    const byPriority = await source.countTickets!({ filter: { priority: ['URGENT', 'LOW'] }, by: 'PRIORITY' }, someCall())
    expect(byPriority!.groups.map(({ key, count }) => [key, count])).toEqual([
      ['URGENT', 7],
      ['LOW', 5],
    ])
  })

  it('cannot count with a condition that it does not apply exactly, and makes no call', async () => {
    const vendor = await startVendor((_, res) => json(res, { issues: [], total_count: 42, offset: 0, limit: 1 }))
    const source = redmineAt(vendor.url)
    for (const filter of [{ updatedAfter: '2026-01-01T00:00:00.000Z' }, { status: ['OPEN'], tags: ['vip'] }] as const) {
      expect(await source.countTickets!({ filter, by: 'SOURCE' }, someCall())).toBeNull()
    }
    expect(vendor.calls).toEqual([])
  })
})

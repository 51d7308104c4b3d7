import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { encodeId } from '../../../src/domain/ids.ts'
import { noLogger, noMetrics } from '../../../src/domain/telemetry.ts'
import type { Ticket } from '../../../src/domain/ticket.ts'
import type { TicketFilter, TicketOrder } from '../../../src/sources/source.ts'
import { listTickets } from '../../../src/tickets/pagination/list-tickets.ts'
import { describeSource } from '../../contracts/source-contract.ts'
import { someCall } from '../../support/call.ts'
import { isInstalled, redmineDesk } from '../support/debian.ts'
import { type RedmineServer, startRedmine } from './redmine-server.ts'
import { redmineRef, redmineSourceAt } from './redmine-source.ts'
import { type NamedRecord, type RedmineLogin, redmineRest } from './rest.ts'
import { seededAssignee, seededAuthor, seededCount, seededProject, seededStatus } from './seed.ts'
import { seededCreation, seededUpdate } from './spread-times.ts'

const allIds = Array.from({ length: seededCount }, (_, index) => index + 1)
const latestFirst: TicketOrder = { field: 'UPDATED_AT', direction: 'DESC' }

describe.skipIf(!isInstalled(redmineDesk))('over a real Redmine (skipped where it is not installed)', () => {
  let server: RedmineServer
  beforeAll(async () => {
    server = await startRedmine()
  })
  afterAll(() => server?.close())

  describeSource('Redmine', async () => ({
    source: redmineSourceAt(server.url),
    refs: allIds.map(redmineRef),
    missing: redmineRef(999_999),
    unreachable: redmineSourceAt('http://127.0.0.1:1'),
    close: async () => {},
  }))

  /** Every page of a list of the gateway. */
  async function listAll(filter: TicketFilter, order = latestFirst, login: RedmineLogin = 'ann') {
    const source = redmineSourceAt(server.url, login)
    const sources = { all: [source], get: (key: string) => (key === 'redmine' ? source : undefined) }
    const deps = {
      metrics: noMetrics,
      logger: noLogger,
      clock: Date.now,
      scanLimit: 1000,
      maxPageSize: 100,
      timeoutMsOf: () => 30_000,
    }
    const tickets: Ticket[] = []
    let after: string | null = null
    for (;;) {
      const page = await listTickets(
        { sources: null, filter, order, first: 25, after, counted: true },
        sources as never,
        someCall(),
        deps,
      )
      expect(page.sources).toMatchObject([{ error: null }])
      tickets.push(...page.edges.map(({ node }) => node))
      if (!page.hasNextPage) {
        await source.close?.()
        return { tickets, ids: tickets.map(({ externalId }) => Number(externalId)), page }
      }
      after = page.endCursor
    }
  }
  const load = async (id: number, login: RedmineLogin = 'ann') => {
    const source = redmineSourceAt(server.url, login)
    const [ticket] = await source.loadTickets([redmineRef(id)], someCall())
    await source.close?.()
    return ticket as Ticket | null
  }

  it('lists what its users see, with the total', async () => {
    for (const [login, total] of [
      ['ann', 60],
      ['carl', 59],
      ['otto', 20],
    ] as const) {
      const { ids, page } = await listAll({}, latestFirst, login)
      const { issues } = await redmineRest(server.url, login)<{ issues: NamedRecord[] }>(
        'GET',
        '/issues.json?status_id=*&limit=100',
      )
      expect(ids.toSorted()).toEqual(issues.map(({ id }) => id).toSorted())
      expect([ids.length, page.totalCount]).toEqual([total, total])
    }
  })

  it('REDMINE-10 lists tickets that were changed within one second once each, also over pages', async () => {
    const { ids, page } = await listAll({})
    expect(ids.slice(0, 4)).toEqual([31, 33, 32, 34])
    expect(new Set(ids).size).toBe(60)
    expect(page.sources[0]?.ordering).toBe('EXACT')
  })

  it.each([
    ['UPDATED_AT', 'ASC'],
    ['UPDATED_AT', 'DESC'],
    ['CREATED_AT', 'ASC'],
    ['CREATED_AT', 'DESC'],
  ] as const)('lists every ticket in the order %s %s', async (field, direction) => {
    const { tickets, page } = await listAll({}, { field, direction })
    const times = tickets.map(({ createdAt, updatedAt }) => (field === 'CREATED_AT' ? createdAt : updatedAt))
    const expected = allIds.map(field === 'CREATED_AT' ? seededCreation : seededUpdate).toSorted()
    expect(times).toEqual(direction === 'ASC' ? expected : expected.toReversed())
    expect(page.sources[0]?.ordering).toBe('EXACT')
  })

  const unifiedStatus = {
    New: 'NEW',
    'In Progress': 'IN_PROGRESS',
    Resolved: 'RESOLVED',
    Feedback: 'PENDING',
    Closed: 'CLOSED',
    Rejected: 'CANCELLED',
  }
  const statusOf = (id: number) => unifiedStatus[seededStatus(id) as keyof typeof unifiedStatus]
  const annId = () => load(1).then((ticket) => ticket?.assignee?.externalId ?? '')

  it('REDMINE-11 filters by status, closed ones too, and says how many there are', async () => {
    for (const status of [['NEW'], ['CLOSED'], ['CANCELLED', 'RESOLVED'], ['ON_HOLD'], ['NEW', 'UNKNOWN']] as const) {
      const { ids, page } = await listAll({ status })
      const expected = allIds.filter((id) => (status as readonly string[]).includes(statusOf(id)))
      expect(ids.toSorted((a, b) => a - b)).toEqual(expected)
      expect(page.totalCount).toBe(expected.length)
    }
  })

  it('filters by priority: two names of Redmine are one priority of the graph', async () => {
    const { ids, page } = await listAll({ priority: ['URGENT'] })
    expect(ids.toSorted((a, b) => a - b)).toEqual(allIds.filter((id) => id % 5 === 4 || id % 5 === 0))
    expect(page.totalCount).toBe(24)
  })

  it('filters by the author, the assignee, the category, the tags and the channel', async () => {
    const [ann, ticket] = [await annId(), (await load(1))!]
    const { sourceKey, tenant } = redmineRef(1)
    const customer = { kind: 'customer' as const, sourceKey, tenant, externalId: ticket.customer!.externalId }
    const byRule = async (filter: TicketFilter, rule: (id: number) => boolean) =>
      expect((await listAll(filter)).ids.toSorted((a, b) => a - b)).toEqual(allIds.filter(rule))
    await byRule({ customer }, (id) => seededAuthor(id) === 'carl')
    await byRule({ assignee: ann }, (id) => seededAssignee(id) === 'ann')
    await byRule({ assignee: 'ann agent' }, (id) => seededAssignee(id) === 'ann')
    // A group is no agent.
    await byRule({ unassigned: true }, (id) => seededAssignee(id) === null || seededAssignee(id) === 'Second level')
    await byRule({ category: [ticket.category!.code] }, (id) => seededProject(id) === 'support' && id % 4 !== 0)
    await byRule({ tags: ['outage'] }, (id) => id % 3 === 0)
    await byRule({ channel: ['PHONE'] }, (id) => id % 4 === 1)
  })

  it('REDMINE-12 filters by times to the second, at both bounds, though Redmine compares microseconds', async () => {
    const second = '2026-03-01T00:00:00.000Z'
    expect((await listAll({ updatedAfter: second })).ids).toEqual([])
    expect((await listAll({ updatedAfter: '2026-02-28T23:59:59.999Z' })).ids).toEqual([31, 33, 32, 34])
    expect((await listAll({ updatedBefore: second })).ids).toHaveLength(56)
    expect((await listAll({ updatedBefore: '2026-03-01T00:00:00.001Z' })).ids).toHaveLength(60)
    const between = { createdAfter: seededCreation(9), createdBefore: seededCreation(13) }
    expect((await listAll(between)).ids.toSorted((a, b) => a - b)).toEqual([10, 11, 12])
  })

  it('reads a ticket with its parts', async () => {
    const ticket = (await load(1))!
    expect(ticket).toMatchObject({
      number: '1',
      url: `${server.url}/issues/1`,
      title: 'Ticket number 1',
      description: 'Hello,\r\n\r\n*problem* 1 has happened.\r\n',
      status: 'IN_PROGRESS',
      priority: 'MEDIUM',
      sourcePriority: 'Normal',
      category: { label: 'Hardware', path: ['Support', 'Hardware'] },
      type: 'Support',
      channel: 'PHONE',
      queue: 'Support',
      tags: ['vip'],
      assignee: { name: 'Ann Agent' },
      group: null,
      customer: { name: 'Carl Customer' },
      createdAt: '2026-01-01T01:00:00.000Z',
      updatedAt: '2026-02-01T07:00:00.000Z',
      links: [{ kind: 'RELATED', externalId: '2', ticketId: encodeId('ticket', 'redmine', '', '2') }],
    })
    expect(ticket.customFields!.map(({ label, type, value }) => [label, type, value])).toEqual([
      ['External ref', 'TEXT', 'EXT-1'],
      ['Amount', 'NUMBER', 12.5],
      ['Follow up', 'DATE', '2026-03-01'],
      ['Warranty', 'BOOLEAN', true],
      ['Expert', 'USER', ticket.assignee!.externalId],
      ['Margin', 'NUMBER', 40],
    ])
    expect(ticket.followers?.map(({ name }) => name)).toEqual(['Ann Agent', 'Ben Agent'])
    expect(ticket.statusOptions?.map(({ label, status }) => `${label} ${status}`)).toContain('Rejected CANCELLED')
    expect((await load(7))?.title).toBe('Größe & Zeichen: "quotes" <tag> ✓')
    expect((await load(11))?.description).toBeNull()
    expect((await load(3))?.group).toMatchObject({ name: 'Second level' })
    expect((await load(10))?.attachments).toMatchObject([
      { filename: 'log-10.txt', size: 10, contentType: 'text/plain', requiresAuth: true },
    ])
  })

  it('REDMINE-09 has a due date at the end of its day', async () => {
    expect((await load(13))?.dueAt).toBe('2026-05-01T23:59:59.000Z')
  })

  it('shows relations from both ends, parents and children', async () => {
    const kinds = async (id: number) => (await load(id))!.links!.map(({ kind, externalId }) => `${kind} ${externalId}`)
    expect(await kinds(4)).toEqual(['BLOCKS 3'])
    expect(await kinds(3)).toEqual(['BLOCKED_BY 4'])
    expect(await kinds(6)).toEqual(['DUPLICATE 5'])
    expect(await kinds(5)).toEqual(['DUPLICATED_BY 6'])
    expect(await kinds(8)).toEqual(['PRECEDES 7'])
    expect(await kinds(7)).toEqual(['FOLLOWS 8'])
    expect(await kinds(10)).toEqual(['PARENT 9'])
    expect(await kinds(9)).toEqual(['CHILD 10'])
  })

  it('REDMINE-05 has the notes as messages, private ones as internal, and none of the changes', async () => {
    const threads = async (login: RedmineLogin) =>
      (await load(20, login))!.messages!.map(({ author, body, visibility }) => [author?.kind, body, visibility])
    const visible = [
      ['CUSTOMER', 'Question of the customer on 20', 'PUBLIC'],
      ['UNKNOWN', 'Answer of Ann on 20', 'PUBLIC'],
    ]
    expect(await threads('ann')).toEqual([...visible, ['AGENT', 'Private note of Ben on 20', 'INTERNAL']])
    expect(await threads('rita')).toEqual(visible)
    expect(await threads('dora')).toEqual(visible)
  })

  it('does not show a private ticket to another customer, and calls it not found', async () => {
    expect(await load(12, 'carl')).toBeNull()
    expect(await load(12, 'dora')).toMatchObject({ externalId: '12' })
  })
})

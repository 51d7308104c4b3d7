import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decodeId, encodeId } from '../../../src/domain/ids.ts'
import { noLogger, noMetrics } from '../../../src/domain/telemetry.ts'
import type { Ticket } from '../../../src/domain/ticket.ts'
import { scanList } from '../../../src/ingestion/poll-scan.ts'
import type { TicketFilter, TicketOrder } from '../../../src/sources/source.ts'
import { listTickets } from '../../../src/tickets/pagination/list-tickets.ts'
import { matchesFilter } from '../../../src/tickets/ticket-filter.ts'
import { someCall } from '../../support/call.ts'
import { isInstalled, rtDesk } from '../support/debian.ts'
import { type RtServer, startRt } from './rt-server.ts'
import { rtRef, rtRest, rtSourceAt } from './rt-source.ts'
import {
  deletedId,
  mergedId,
  type RtLogin,
  reminderId,
  seededChannel,
  seededCount,
  seededCreation,
  seededOwner,
  seededPriority,
  seededQueue,
  seededRequestor,
  seededStatus,
  seededTags,
  seededUpdate,
} from './seed.ts'

const allIds = Array.from({ length: seededCount }, (_, index) => index + 1)
const latestFirst: TicketOrder = { field: 'UPDATED_AT', direction: 'DESC' }
const byNumber = (one: number, other: number) => one - other

describe.skipIf(!isInstalled(rtDesk))('over a real Request Tracker (skipped where it is not installed)', () => {
  let server: RtServer
  beforeAll(async () => {
    server = await startRt()
  })
  afterAll(() => server?.close())

  /** Every page of a list of the gateway. */
  async function listAll(filter: TicketFilter, order = latestFirst, login: RtLogin = 'ann', first = 25) {
    const source = rtSourceAt(server, login)
    const sources = { all: [source], get: (key: string) => (key === 'rt' ? source : undefined) }
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
        { sources: null, filter, order, first, after, counted: true },
        sources as never,
        someCall(),
        deps,
      )
      expect(page.sources).toMatchObject([{ error: null, ordering: 'EXACT' }])
      tickets.push(...page.edges.map(({ node }) => node))
      if (!page.hasNextPage) {
        await source.close?.()
        return { tickets, ids: tickets.map(({ externalId }) => Number(externalId)), page }
      }
      after = page.endCursor
    }
  }
  const load = async (id: number, login: RtLogin = 'ann') => {
    const source = rtSourceAt(server, login)
    const [ticket] = await source.loadTickets([rtRef(id)], someCall())
    await source.close?.()
    return ticket as Ticket | null
  }

  it('lists what its users see, with the total', async () => {
    for (const [login, total] of [
      ['ann', 24],
      ['carl', 12],
      ['otto', 8],
      ['root', 24],
    ] as const) {
      const { ids, page } = await listAll({}, latestFirst, login)
      const { items } = await rtRest(server, login)<{ items: { id: string }[] }>('GET', '/tickets?query=id>0&per_page=100')
      expect(ids.toSorted(byNumber)).toEqual(items.map(({ id }) => Number(id)).toSorted(byNumber))
      expect([ids.length, page.totalCount]).toEqual([total, total])
    }
  })

  it.each([
    ['UPDATED_AT', 'ASC'],
    ['UPDATED_AT', 'DESC'],
    ['CREATED_AT', 'ASC'],
    ['CREATED_AT', 'DESC'],
    ['PRIORITY', 'ASC'],
    ['PRIORITY', 'DESC'],
  ] as const)('RT-17 lists every ticket once in the order %s %s, by pages of 7', async (field, direction) => {
    const { ids, page } = await listAll({}, { field, direction }, 'ann', 7)
    const keyOf = (id: number) => {
      if (field === 'PRIORITY') return String(seededPriority(id)).padStart(3, '0')
      return field === 'CREATED_AT' ? seededCreation(id) : seededUpdate(id)
    }
    const ascending = allIds.toSorted((one, other) => keyOf(one).localeCompare(keyOf(other)) || one - other)
    expect(ids).toEqual(direction === 'ASC' ? ascending : ascending.toReversed())
    expect(page.totalCount).toBe(24)
  })

  it('RT-17 lists tickets that were changed in the same second once each', async () => {
    expect((await listAll({}, latestFirst, 'ann', 2)).ids.slice(0, 6)).toEqual([22, 21, 20, 19, 17, 8])
  })

  const unifiedStatus = { new: 'NEW', open: 'OPEN', stalled: 'PENDING', resolved: 'RESOLVED', rejected: 'CANCELLED' } as const
  const statusOf = (id: number) => unifiedStatus[seededStatus(id)]

  let everything: ReturnType<typeof listAll> | undefined
  /** `isExact`: RT applies the filter, and so knows the total. */
  async function expectFiltered(filter: TicketFilter, rule: (id: number) => boolean, isExact: boolean) {
    const { ids, page } = await listAll(filter)
    const expected = allIds.filter(rule)
    expect([filter, ids.toSorted(byNumber)]).toEqual([filter, expected])
    expect([filter, page.totalCount]).toEqual([filter, isExact ? expected.length : null])
    // The same as the gateway's own test of every ticket.
    everything ??= listAll({})
    const tested = (await everything).tickets
      .filter((ticket) => matchesFilter(ticket, filter))
      .map(({ externalId }) => Number(externalId))
    expect([filter, tested.toSorted(byNumber)]).toEqual([filter, expected])
  }

  it('filters by status, priority and queue exactly, with totals', async () => {
    for (const status of [['NEW'], ['CANCELLED', 'RESOLVED'], ['ON_HOLD'], ['NEW', 'UNKNOWN'], ['UNKNOWN']] as const) {
      await expectFiltered({ status }, (id) => (status as readonly string[]).includes(statusOf(id)), true)
    }
    await expectFiltered({ priority: ['LOW'] }, (id) => seededPriority(id) < 50, true)
    await expectFiltered({ priority: ['MEDIUM'] }, (id) => seededPriority(id) === 50 || seededPriority(id) === 70, true)
    await expectFiltered({ priority: ['HIGH', 'URGENT'] }, (id) => seededPriority(id) === 100, true)
    await expectFiltered({ priority: ['UNKNOWN'] }, () => false, true)
    const { category } = (await load(1))!
    await expectFiltered({ category: [category!.code] }, (id) => seededQueue(id) === 'Support', true)
    await expectFiltered({ category: ['none'] }, () => false, true)
  })

  it('filters by the owner, by login, address and name, and by none', async () => {
    for (const assignee of ['ann', 'ANN', 'ann@desk.example', 'Ann Agent']) {
      await expectFiltered({ assignee }, (id) => seededOwner(id) === 'ann', true)
    }
    await expectFiltered({ assignedTo: { rt: 'ben' } }, (id) => seededOwner(id) === 'ben', true)
    await expectFiltered({ unassigned: true }, (id) => seededOwner(id) === null, true)
    await expectFiltered({ assignee: 'Nobody' }, () => false, true)
    await expectFiltered({ assignee: 'o\'hara \\ "x"' }, () => false, true)
    await expectFiltered({ assignee: 'CF.Channel' }, () => false, false)
  })

  it('filters by the requestor, the tags, the channel and a text: RT narrows, and the gateway tests', async () => {
    const customer = { ...rtRef('dora'), kind: 'customer' as const }
    // Dora is the second requestor of ticket 9.
    await expectFiltered({ customer }, (id) => seededRequestor(id) === 'dora', false)
    await expectFiltered({ customerEmail: 'DORA@desk.example' }, (id) => seededRequestor(id) === 'dora', false)
    await expectFiltered({ tags: ['outage'] }, (id) => seededTags(id).includes('outage'), false)
    await expectFiltered({ tags: ['VIP'] }, () => false, false)
    await expectFiltered({ channel: ['PHONE'] }, (id) => seededChannel(id) === 'phone', false)
    await expectFiltered({ channel: ['UNKNOWN'] }, () => false, false)
    await expectFiltered({ text: 'ticket NUMBER 1' }, (id) => String(id).startsWith('1'), false)
    await expectFiltered({ text: '100% _' }, () => false, false)
    await expectFiltered({ text: '12' }, (id) => id === 12, false)
    await expectFiltered({ text: 'größe & zeichen: "' }, (id) => id === 7, false)
  })

  it('RT-15 filters by times exactly, at both bounds, to the second and between seconds', async () => {
    const second = '2026-03-01T00:00:00.000Z'
    const isLate = (id: number) => id >= 19 && id <= 22
    await expectFiltered({ updatedAfter: second }, () => false, true)
    await expectFiltered({ updatedAfter: '2026-02-28T23:59:59.999Z' }, isLate, true)
    await expectFiltered({ updatedBefore: second }, (id) => !isLate(id), true)
    await expectFiltered({ updatedBefore: '2026-03-01T00:00:00.001Z' }, () => true, true)
    const between = { createdAfter: seededCreation(9), createdBefore: seededCreation(13) }
    await expectFiltered(between, (id) => id > 9 && id < 13, true)
    await expectFiltered({ ...between, status: ['NEW'] }, (id) => id > 9 && id < 13 && statusOf(id) === 'NEW', true)
  })

  it('RT-16 reads times in the zone of its account', async () => {
    const between = { createdAfter: seededCreation(9), createdBefore: seededCreation(13) }
    expect((await listAll(between, latestFirst, 'tina')).ids.toSorted(byNumber)).toEqual([10, 11, 12])
    expect((await listAll({}, latestFirst, 'tina', 7)).ids).toEqual((await listAll({})).ids)
    // RT itself takes the text as a time in Tokyo, nine hours before the one that is meant.
    const query = encodeURIComponent("LastUpdated > '2026-03-01T08:59:59Z'")
    const { total } = await rtRest(server, 'tina')<{ total: number }>('GET', `/tickets?query=${query}`)
    expect(total).toBe(4)
  })

  it('counts by status and priority', async () => {
    const source = rtSourceAt(server)
    const count = async (by: 'STATUS' | 'PRIORITY', filter: TicketFilter = {}) => {
      const tally = await source.countTickets!({ filter, by }, someCall())
      return (
        tally && Object.fromEntries(tally.groups.filter((group) => group.count > 0).map(({ key, count: found }) => [key, found]))
      )
    }
    expect(await count('STATUS')).toEqual({ NEW: 10, OPEN: 4, PENDING: 4, RESOLVED: 4, CANCELLED: 2 })
    expect(await count('PRIORITY')).toEqual({ LOW: 10, MEDIUM: 10, HIGH: 4 })
    expect(await count('STATUS', { assignee: 'ann' })).toEqual({ NEW: 2, OPEN: 2, CANCELLED: 2 })
    expect(await count('STATUS', { tags: ['vip'] })).toBeNull()
    await source.close?.()
  })

  it('reads a ticket with its parts', async () => {
    const ticket = (await load(1))!
    expect(ticket).toMatchObject({
      number: '1',
      url: `${server.url}/Ticket/Display.html?id=1`,
      title: 'Ticket number 1',
      description: 'Hello,\n\nproblem 1 has happened ✓.\n',
      status: 'OPEN',
      sourceStatus: 'open',
      priority: 'LOW',
      sourcePriority: '0',
      category: { label: 'Support', path: ['Support'] },
      channel: 'PHONE',
      queue: 'Support',
      tags: ['vip'],
      assignee: { externalId: 'ann', name: 'Ann Agent', email: 'ann@desk.example' },
      customer: { externalId: 'carl', name: 'Carl Customer', email: 'carl@desk.example' },
      followers: [{ kind: 'UNKNOWN', externalId: 'ben', name: 'Ben Agent' }],
      createdAt: '2026-01-01T01:00:00.000Z',
      updatedAt: '2026-02-01T07:00:00.000Z',
      links: [{ kind: 'RELATED', externalId: '2', ticketId: encodeId('ticket', 'rt', '', '2') }],
    })
    expect(ticket.customFields!.map(({ label, type, value }) => [label, type, value])).toEqual([
      ['External ref', 'TEXT', 'EXT-1'],
      ['Amount', 'NUMBER', 12.5],
      ['Follow up', 'DATE', '2026-03-01'],
      ['Call at', 'DATETIME', '2026-03-02T10:30:00Z'],
      ['Regions', 'CHOICES', ['north', 'south']],
    ])
    expect(ticket.statusOptions?.map(({ key, status }) => `${key} ${status}`).toSorted()).toEqual([
      'rejected CANCELLED',
      'resolved RESOLVED',
      'stalled PENDING',
    ])
    expect((await load(7))?.title).toBe('Größe & Zeichen: "quotes" <tag> ✓')
    expect((await load(9))?.followers).toMatchObject([{ kind: 'CUSTOMER', externalId: 'dora' }])
    expect((await load(11))?.description).toBeNull()
    expect((await load(10))?.attachments).toMatchObject([
      { filename: 'log-10.txt', size: 10, contentType: 'text/plain', requiresAuth: true },
    ])
  })

  it('RT-21 opens a file for those who see its ticket', async () => {
    const [attachment] = (await load(10))!.attachments!
    const open = async (login: RtLogin) => {
      const source = rtSourceAt(server, login)
      const file = await source.openFile!(decodeId(attachment!.id)!, someCall())
      const text = file && (await buffer(file.body)).toString()
      await source.close?.()
      return text
    }
    expect([await open('ann'), await open('dora'), await open('carl')]).toEqual(['log of 10\n', 'log of 10\n', null])
  })

  it('RT-14 has no time where RT sends 1970', async () => {
    expect(await load(1)).toMatchObject({ dueAt: null, resolvedAt: null, deletedAt: null })
    expect((await load(14))?.dueAt).toBe('2026-05-01T12:00:00.000Z')
    expect((await load(6))?.resolvedAt).toBe(seededUpdate(6))
  })

  it('has no assignee where RT has its user for none', async () => {
    expect((await load(3))?.assignee).toBeNull()
  })

  it('shows links from both ends, parents and children, and addresses', async () => {
    const kinds = async (id: number) => (await load(id))!.links!.map(({ kind, externalId }) => `${kind} ${externalId}`)
    expect(await kinds(4)).toEqual(['BLOCKED_BY 3'])
    expect(await kinds(3)).toEqual(['BLOCKS 4'])
    expect(await kinds(2)).toEqual(['RELATED 1'])
    expect(await kinds(10)).toEqual(['PARENT 9'])
    expect(await kinds(9)).toEqual(['CHILD 10'])
    expect((await load(14))!.links).toMatchObject([{ system: 'external', url: 'https://wiki.example/broken', ticketId: null }])
  })

  it('RT-09 has correspondence as public and comments as internal messages, and none of the changes', async () => {
    const threads = async (id: number, login: RtLogin = 'ann') =>
      (await load(id, login))!.messages!.map(({ author, body, format, visibility }) => [author?.kind, body, format, visibility])
    const opened = ['CUSTOMER', 'Hello,\n\nproblem 20 has happened ✓.\n', 'TEXT', 'PUBLIC']
    const visible = [
      opened,
      ['CUSTOMER', 'Question of the customer on 20', 'TEXT', 'PUBLIC'],
      ['UNKNOWN', 'Answer of Ann on 20', 'TEXT', 'PUBLIC'],
    ]
    expect(await threads(20)).toEqual([...visible, ['AGENT', 'Note of Ben on 20', 'TEXT', 'INTERNAL']])
    expect(await threads(20, 'rita')).toEqual(visible)
    expect(await threads(20, 'dora')).toEqual(visible)
    expect((await threads(10)).at(-1)).toEqual(['AGENT', '<p>Note of <b>Ben</b> on 10</p>', 'HTML', 'INTERNAL'])
    expect((await threads(14))[0]).toEqual(['CUSTOMER', '<p>Hello,<br>it is <b>broken</b>.</p>', 'HTML', 'PUBLIC'])
    expect(await threads(11)).toEqual([])
  })

  it('does not show a ticket to another customer, and calls it not found', async () => {
    expect(await load(12, 'carl')).toBeNull()
    expect(await load(12, 'dora')).toMatchObject({ externalId: '12' })
    expect(await load(12, 'otto')).toBeNull()
  })

  it('RT-10 shows a merged ticket as MERGED_INTO the other one, and nothing of that', async () => {
    const ticket = (await load(mergedId))!
    expect(ticket).toMatchObject({ externalId: '25', status: 'UNKNOWN', title: null, messages: [], raw: null, isSummary: false })
    expect(ticket.links).toMatchObject([{ kind: 'MERGED_INTO', externalId: '21', ticketId: encodeId('ticket', 'rt', '', '21') }])
    expect((await load(21))!.messages).toHaveLength(2)
  })

  it('has a deleted ticket by its id alone, and no reminder', async () => {
    expect(await load(deletedId)).toMatchObject({
      status: 'CANCELLED',
      sourceStatus: 'deleted',
      deletedAt: seededUpdate(deletedId),
    })
    expect(await load(reminderId)).toBeNull()
  })

  it('offers its queues, its fields and the members of a group for a new ticket', async () => {
    const source = rtSourceAt(server)
    const { queueKey } = (await load(1))!
    const fields = await source.customFieldDefinitions!({ queue: queueKey, type: null }, someCall())
    expect(fields.map(({ label, type, options }) => [label, type, options?.map(({ key }) => key) ?? null])).toEqual([
      ['Channel', 'CHOICE', ['chat', 'email', 'phone', 'web']],
      ['Tags', 'CHOICES', null],
      ['External ref', 'TEXT', null],
      ['Amount', 'NUMBER', null],
      ['Follow up', 'DATE', null],
      ['Call at', 'DATETIME', null],
      ['Regions', 'CHOICES', ['north', 'south']],
    ])
    const form = await source.createForm!({ queue: queueKey, type: null, market: null }, someCall())
    expect(form.filter(({ required }) => required).map(({ key }) => key)).toEqual(['queue', 'title'])
    expect(form[0]?.options?.map(({ label }) => label).toSorted()).toEqual(['Billing', 'Network', 'Support'])
    const agents = async (search: string | null, first = 10) =>
      (await source.agents!({ search, first }, someCall())).map(({ name }) => name)
    expect(await agents(null)).toEqual(['Ann Agent', 'Ben Agent', 'Tina Tokyo'])
    expect([await agents('AGENT', 1), await agents('tina@')]).toEqual([['Ann Agent'], ['Tina Tokyo']])
    await source.close?.()
  })

  it('loads a page with its messages by few searches', async () => {
    const source = rtSourceAt(server)
    const call = { ...someCall(), stats: { upstreamCalls: 0 } }
    expect(await source.loadTickets(allIds.map(rtRef), call)).toHaveLength(24)
    expect(call.stats.upstreamCalls).toBeLessThanOrEqual(1 + 10)
    await source.close?.()
  })

  it('sees a change by polling', async () => {
    const source = rtSourceAt(server)
    const known = new Map<string, string | null>()
    const selectChanged = async (tickets: readonly Ticket[]) =>
      tickets.filter(({ id, updatedAt }) => known.has(id) && known.get(id) !== updatedAt)
    const scan = async (knownBefore: string | null) => {
      const now = new Date().toISOString()
      const { read, changed, latest } = await scanList(source, { knownBefore, lagMs: 0, selectChanged, now }, someCall())
      for (const { id, updatedAt } of read) known.set(id, updatedAt)
      return { latest, changed: changed.map(({ externalId, title }) => [externalId, title]) }
    }
    const { latest } = await scan(null)
    expect((await scan(latest)).changed).toEqual([])
    await rtRest(server, 'ben')('PUT', '/ticket/18', { Subject: 'Changed elsewhere' })
    expect((await scan(latest)).changed).toEqual([['18', 'Changed elsewhere']])
    expect((await scan(latest)).changed).toEqual([])
    await source.close?.()
  })
})

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TicketOrder } from '../../../src/sources/source.ts'
import { someCall } from '../../support/call.ts'
import { isInstalled, redmineDesk } from '../support/debian.ts'
import { type RedmineServer, startRedmine } from './redmine-server.ts'
import { redmineRef, redmineSourceAt } from './redmine-source.ts'
import { type RedmineLogin, redmineRest } from './rest.ts'
import { seededCount, seededStatus } from './seed.ts'
import { seededCreation, seededUpdate } from './spread-times.ts'

const ids = Array.from({ length: seededCount }, (_, index) => index + 1)

describe.skipIf(!isInstalled(redmineDesk))('what a real Redmine offers (skipped where it is not installed)', () => {
  let server: RedmineServer
  beforeAll(async () => {
    server = await startRedmine()
  })
  afterAll(() => server?.close())

  const as = <T>(login: RedmineLogin, work: (source: ReturnType<typeof redmineSourceAt>) => Promise<T>): Promise<T> => {
    const source = redmineSourceAt(server.url, login)
    return work(source).finally(() => source.close?.())
  }
  const keyOf = (name: string) =>
    as('ann', async (source) => (await source.transferQueues!(someCall())).find((queue) => queue.name === name)!.key)

  it('has a form that opens a ticket', async () => {
    const support = await keyOf('Support')
    const form = await as('ann', (source) => source.createForm!({ queue: support, type: null, market: null }, someCall()))
    const optionsOf = (key: string) => form.find((field) => field.key === key)?.options?.map(({ label }) => label)
    expect(form.filter(({ required }) => required).map(({ key }) => key)).toEqual(['queue', 'title'])
    expect(optionsOf('queue')).toEqual(['Billing', 'Network', 'Support'])
    expect(optionsOf('type')).toEqual(['Bug', 'Feature', 'Support'])
    expect(optionsOf('category')).toEqual(['Account', 'Hardware', 'Software'])
    expect(new Set(optionsOf('priority'))).toEqual(new Set(['LOW', 'MEDIUM', 'HIGH', 'URGENT']))
    const [type, category] = ['type', 'category'].map((key) => form.find((field) => field.key === key)!.options!.at(-1)!.key)
    const input = {
      source: 'redmine',
      queue: support,
      title: 'By the form',
      type: type!,
      category: category!,
      priority: 'HIGH' as const,
    }
    const created = await as('ann', (source) => source.createTicket!(input, someCall()))
    expect(created).toMatchObject({ outcome: 'APPLIED', userErrors: [] })
  })

  it('tells the types of its fields to an administrator, and the fields of tickets to others', async () => {
    const definitions = (login: RedmineLogin) =>
      as(login, (source) => source.customFieldDefinitions!({ queue: null, type: null }, someCall()))
    const known = await definitions('admin')
    const typesOf = (fields: typeof known) => Object.fromEntries(fields.map(({ label, type }) => [label, type]))
    expect(typesOf(known)).toMatchObject({ Channel: 'CHOICE', Tags: 'CHOICES', 'External ref': 'TEXT', Warranty: 'BOOLEAN' })
    expect(known.find(({ label }) => label === 'Channel')!.options!.map(({ key }) => key)).toEqual([
      'email',
      'phone',
      'web',
      'chat',
    ])
    expect(typesOf(await definitions('ann'))).toMatchObject({ Channel: 'TEXT', Tags: 'CHOICES', Amount: 'NUMBER' })
  })

  it('has the people and the groups to whom tickets can be given', async () => {
    const agents = await as('ann', (source) => source.agents!({ search: ' agent'.trim(), first: 10 }, someCall()))
    expect(agents.map(({ name }) => name)).toEqual(expect.arrayContaining(['Ann Agent', 'Ben Agent']))
    const groups = await as('ann', (source) => source.groups!({ first: 10 }, someCall()))
    expect(groups.map(({ name }) => name)).toEqual(['Second level'])
    const given = await as('ann', (source) =>
      source.reassignTicket!(redmineRef(28), { assignee: agents[0]!.externalId }, someCall()),
    )
    expect(given.outcome).toBe('APPLIED')
  })

  it('counts by status and by priority as its own lists do', async () => {
    const expected: Record<string, number> = {}
    const words: Readonly<Record<string, string>> = {
      ...{ New: 'NEW', 'In Progress': 'IN_PROGRESS', Resolved: 'RESOLVED', Feedback: 'PENDING', Closed: 'CLOSED' },
      Rejected: 'CANCELLED',
    }
    for (const id of ids) expected[words[seededStatus(id)]!] = (expected[words[seededStatus(id)]!] ?? 0) + 1
    // The ticket of the form is new.
    const opened = (await redmineRest(server.url, 'admin')<{ total_count: number }>('GET', '/issues.json?status_id=*&limit=1'))
      .total_count
    expected.NEW! += opened - seededCount
    const byStatus = await as('admin', (source) => source.countTickets!({ filter: {}, by: 'STATUS' }, someCall()))
    expect(Object.fromEntries(byStatus!.groups.map(({ key, count }) => [key, count]))).toEqual(expected)
    const byPriority = await as('admin', (source) => source.countTickets!({ filter: {}, by: 'PRIORITY' }, someCall()))
    expect([byStatus!.total, byPriority!.total]).toEqual([opened, opened])
  })

  describe('after a reset', () => {
    beforeAll(() => server.reset())

    it.each([
      ['UPDATED_AT', 'DESC'],
      ['UPDATED_AT', 'ASC'],
      ['CREATED_AT', 'DESC'],
      ['CREATED_AT', 'ASC'],
    ] as const)('lists by %s %s, with the total', async (field, direction) => {
      const order: TicketOrder = { field, direction }
      const timeOf = field === 'CREATED_AT' ? seededCreation : seededUpdate
      const slice = await as('ann', (source) => source.listTickets({ filter: {}, order, position: null, limit: 100 }, someCall()))
      const sign = direction === 'ASC' ? 1 : -1
      const times = slice.tickets.map((ticket) => Date.parse((field === 'CREATED_AT' ? ticket.createdAt : ticket.updatedAt)!))
      expect(times).toEqual(
        ids.map((id) => Math.floor(Date.parse(String(timeOf(id))) / 1000) * 1000).toSorted((a, b) => sign * (a - b)),
      )
      expect(slice.totalCount).toBe(seededCount)
    })
  })
})

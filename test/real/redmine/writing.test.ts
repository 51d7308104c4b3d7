import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Ticket } from '../../../src/domain/ticket.ts'
import type { TicketSource } from '../../../src/sources/source.ts'
import { someCall } from '../../support/call.ts'
import { isInstalled, redmineDesk } from '../support/debian.ts'
import { type RedmineServer, startRedmine } from './redmine-server.ts'
import { redmineRef, redmineSourceAt } from './redmine-source.ts'
import { type RedmineLogin, redmineRest } from './rest.ts'

// Each test writes to tickets of its own. What Redmine has done is read past the source, over its REST API.

interface RawIssue {
  readonly issue: {
    readonly status: { readonly name: string }
    readonly project: { readonly name: string }
    readonly priority: { readonly name: string }
    readonly assigned_to?: { readonly name: string }
    readonly subject: string
    readonly custom_fields: readonly { readonly name: string; readonly value: unknown }[]
    readonly journals: readonly { readonly notes: string | null; readonly private_notes: boolean }[]
  }
}

describe.skipIf(!isInstalled(redmineDesk))('writes to a real Redmine (skipped where it is not installed)', () => {
  let server: RedmineServer
  const sources = new Map<RedmineLogin, TicketSource>()
  beforeAll(async () => {
    server = await startRedmine()
  })
  afterAll(async () => {
    for (const source of sources.values()) await source.close?.()
    await server?.close()
  })
  const as = (login: RedmineLogin): TicketSource => {
    const source = sources.get(login) ?? redmineSourceAt(server.url, login)
    sources.set(login, source)
    return source
  }
  const raw = async (id: number | string, login: RedmineLogin = 'ann') =>
    (await redmineRest(server.url, login)<RawIssue>('GET', `/issues/${id}.json?include=journals`)).issue
  const notes = async (id: number, login: RedmineLogin) =>
    (await raw(id, login)).journals.flatMap((one) => (one.notes ? [[one.notes, one.private_notes]] : []))
  const load = async (id: number) => (await as('ann').loadTickets([redmineRef(id)], someCall()))[0] as Ticket

  it('writes a public message, which the customer reads', async () => {
    const result = await as('ann').replyToTicket!(
      redmineRef(1),
      { body: 'Hello,\n\nall well ✓\n', visibility: 'PUBLIC' },
      someCall(),
    )
    expect(result).toMatchObject({ outcome: 'APPLIED', message: { visibility: 'PUBLIC', author: { name: 'Ann Agent' } } })
    expect(await notes(1, 'carl')).toEqual([['Hello,\n\nall well ✓\n', false]])
  })

  it('REDMINE-01 writes an internal note, which agents with the right read, and the customer does not', async () => {
    const result = await as('ann').replyToTicket!(redmineRef(3), { body: 'For us only', visibility: 'INTERNAL' }, someCall())
    expect(result).toMatchObject({ outcome: 'APPLIED', message: { body: 'For us only', visibility: 'INTERNAL' } })
    expect(await notes(3, 'ben')).toEqual([['For us only', true]])
    expect([await notes(3, 'carl'), await notes(3, 'rita')]).toEqual([[], []])
  })

  it('REDMINE-01 refuses an internal note of an account without the right, and sends nothing', async () => {
    for (const login of ['rita', 'carl'] as const) {
      const result = await as(login).replyToTicket!(redmineRef(5), { body: 'Secret', visibility: 'INTERNAL' }, someCall())
      expect(result).toMatchObject({ outcome: 'REJECTED', userErrors: [{ code: 'FORBIDDEN' }] })
    }
    expect((await notes(5, 'admin')).flat()).not.toContain('Secret')
  })

  it('closes and reopens, and refuses what the state does not allow', async () => {
    const closed = await as('ann').closeTicket!(redmineRef(13), {}, someCall())
    expect(closed).toMatchObject({ outcome: 'APPLIED', ticket: { status: 'CLOSED', sourceStatus: 'Closed' } })
    expect((await raw(13)).status.name).toBe('Closed')
    expect(await as('ann').closeTicket!(redmineRef(13), {}, someCall())).toMatchObject({ userErrors: [{ code: 'CONFLICT' }] })
    const reopened = await as('ann').reopenTicket!(redmineRef(13), {}, someCall())
    expect(reopened).toMatchObject({ outcome: 'APPLIED', ticket: { status: 'IN_PROGRESS' } })
    expect((await raw(13)).status.name).toBe('In Progress')
    expect(await as('ann').reopenTicket!(redmineRef(13), {}, someCall())).toMatchObject({ userErrors: [{ code: 'CONFLICT' }] })
  })

  it('REDMINE-03 does not send a status that the workflow or a blocking ticket forbids', async () => {
    // Ticket 4 is open and blocks ticket 3.
    expect((await load(3)).statusOptions?.map(({ label }) => label)).not.toContain('Closed')
    expect(await as('ann').closeTicket!(redmineRef(3), {}, someCall())).toMatchObject({
      outcome: 'REJECTED',
      userErrors: [{ code: 'CONFLICT' }],
    })
    // Redmine offers this status to the customer, who may not edit the ticket, and drops the change.
    const update = await as('carl').updateTicket!(redmineRef(7), { status: 'CLOSED' }, someCall())
    expect(update).toMatchObject({ outcome: 'REJECTED', userErrors: [{ code: 'SOURCE_REJECTED', field: ['input', 'status'] }] })
    expect((await raw(7)).status.name).toBe('In Progress')
  })

  it('REDMINE-03 says what Redmine has dropped behind a 204', async () => {
    const result = await as('carl').updateTicket!(redmineRef(7), { title: 'Not mine to change' }, someCall())
    expect(result.outcome).toBe('REJECTED')
    expect((await raw(7)).subject).toBe('Größe & Zeichen: "quotes" <tag> ✓')
  })

  it('changes title, priority, status, tags and custom fields in one call', async () => {
    const ticket = await load(19)
    const keyOf = (label: string) => ticket.customFields!.find((field) => field.label === label)!.key
    const result = await as('ann').updateTicket!(
      redmineRef(19),
      {
        title: 'New title',
        priority: 'HIGH',
        status: 'PENDING',
        addTags: ['invoice'],
        removeTags: ['vip'],
        customFields: [
          { key: keyOf('Amount'), value: 7.5 },
          { key: keyOf('Warranty'), value: true },
          { key: keyOf('External ref'), value: null },
        ],
      },
      someCall(),
    )
    expect(result).toMatchObject({ outcome: 'APPLIED', ticket: { title: 'New title', priority: 'HIGH', status: 'PENDING' } })
    const issue = await raw(19)
    expect([issue.subject, issue.priority.name, issue.status.name]).toEqual(['New title', 'High', 'Feedback'])
    const values = Object.fromEntries(issue.custom_fields.map(({ name, value }) => [name, value]))
    expect(values).toMatchObject({ Tags: ['invoice'], Amount: '7.5', Warranty: '1', 'External ref': '' })
  })

  it('refuses a custom field that the ticket does not have, and a value that its list does not have', async () => {
    const update = (key: string, value: unknown) =>
      as('ann').updateTicket!(redmineRef(21), { customFields: [{ key, value }] }, someCall())
    expect(await update('999', 'x')).toMatchObject({
      userErrors: [{ code: 'INVALID', field: ['input', 'customFields', '0', 'key'] }],
    })
    const tags = await as('ann').updateTicket!(redmineRef(21), { tags: ['no such tag'] }, someCall())
    expect(tags).toMatchObject({ outcome: 'REJECTED', userErrors: [{ code: 'INVALID' }] })
  })

  it('gives a ticket to another agent, to a group and to none', async () => {
    const assign = (input: { assignee?: string; group?: string; unassign?: boolean }) =>
      as('ann').reassignTicket!(redmineRef(25), input, someCall())
    expect(await assign({ assignee: 'ben agent' })).toMatchObject({
      outcome: 'APPLIED',
      ticket: { assignee: { name: 'Ben Agent' } },
    })
    expect((await raw(25)).assigned_to?.name).toBe('Ben Agent')
    const group = await assign({ group: 'Second level' })
    expect(group).toMatchObject({ outcome: 'APPLIED', ticket: { assignee: null, group: { name: 'Second level' } } })
    expect(await assign({ unassign: true })).toMatchObject({ outcome: 'APPLIED', ticket: { assignee: null, group: null } })
    expect((await raw(25)).assigned_to).toBeUndefined()
    expect(await assign({ assignee: 'no such member' })).toMatchObject({
      userErrors: [{ code: 'INVALID', field: ['input', 'assignee'] }],
    })
  })

  it('moves a ticket to another project, and refuses one that the account does not see', async () => {
    const queues = await as('ann').transferQueues!(someCall())
    expect(queues.map(({ name }) => name)).toEqual(['Billing', 'Network', 'Support'])
    const billing = queues.find(({ name }) => name === 'Billing')!
    const moved = await as('ann').transferTicket!(redmineRef(27), { queue: billing.key }, someCall())
    expect(moved).toMatchObject({ outcome: 'APPLIED', ticket: { queue: 'Billing', queueKey: billing.key } })
    expect((await raw(27)).project.name).toBe('Billing')
    const support = queues.find(({ name }) => name === 'Support')!
    const unseen = await as('otto').transferTicket!(redmineRef(27), { queue: support.key }, someCall())
    expect(unseen).toMatchObject({ outcome: 'REJECTED', userErrors: [{ code: 'INVALID', field: ['input', 'queue'] }] })
  })

  it('opens a ticket, and says which of its fields Redmine did not take', async () => {
    const { queueKey } = await load(1)
    const input = {
      source: 'redmine',
      queue: queueKey,
      type: 'Bug',
      title: 'From the gateway',
      description: 'A\nB',
      priority: 'LOW' as const,
    }
    const created = await as('ann').createTicket!(input, someCall())
    expect(created).toMatchObject({ outcome: 'APPLIED', userErrors: [] })
    expect(await raw(created.ref!.externalId)).toMatchObject({ subject: 'From the gateway', priority: { name: 'Low' } })
    const odd = await as('ann').createTicket!({ ...input, customFields: [{ key: '999', value: 'x' }] }, someCall())
    expect(odd).toMatchObject({ outcome: 'PARTIAL', userErrors: [{ field: ['input', 'customFields', '0'] }] })
    expect(await as('ann').createTicket!({ source: 'redmine', queue: '999', title: 'x' }, someCall())).toMatchObject({
      outcome: 'REJECTED',
    })
    expect(await as('ann').createTicket!({ source: 'redmine', title: 'x' }, someCall())).toMatchObject({
      userErrors: [{ code: 'REQUIRED', field: ['input', 'queue'] }],
    })
  })

  it('acts as the viewer where the key is an administrator’s', async () => {
    const source = redmineSourceAt(server.url, 'admin', { actAsViewer: true })
    const reply = { body: 'Written by Ben', visibility: 'PUBLIC' as const }
    const result = await source.replyToTicket!(redmineRef(29), reply, someCall({ viewerId: 'ben' }))
    const note = { body: 'Not for Rita', visibility: 'INTERNAL' as const }
    const refused = await source.replyToTicket!(redmineRef(29), note, someCall({ viewerId: 'rita' }))
    await source.close?.()
    expect(result).toMatchObject({ outcome: 'APPLIED', message: { author: { name: 'Ben Agent' } } })
    expect(refused).toMatchObject({ outcome: 'REJECTED', userErrors: [{ code: 'FORBIDDEN' }] })
  })

  it('REDMINE-02 applies parallel changes of one ticket, or says that they were in conflict', async () => {
    const titles = ['One', 'Two', 'Three']
    const results = await Promise.all(
      titles.map((body) => as('ann').replyToTicket!(redmineRef(33), { body, visibility: 'PUBLIC' }, someCall())),
    )
    const written = (await notes(33, 'ann')).map(([text]) => text)
    for (const [index, { outcome }] of results.entries()) {
      if (outcome === 'APPLIED') expect(written).toContain(titles[index])
      if (outcome === 'REJECTED') expect(written).not.toContain(titles[index])
    }
    expect(results.some(({ outcome }) => outcome === 'APPLIED')).toBe(true)
  })
})

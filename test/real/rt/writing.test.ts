import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Ticket } from '../../../src/domain/ticket.ts'
import type { TicketSource } from '../../../src/sources/source.ts'
import { describeSource } from '../../contracts/source-contract.ts'
import { someCall } from '../../support/call.ts'
import { startFaultProxy } from '../../support/fault-proxy.ts'
import { isInstalled, rtDesk } from '../support/debian.ts'
import { type RtServer, startRt } from './rt-server.ts'
import { rtRef, rtRest, rtSourceAt } from './rt-source.ts'
import { mergedId, type RtLogin, seededCount } from './seed.ts'

// Each test writes to tickets of its own. What RT has done is read past the source, over its REST API.

interface RawTicket {
  readonly id: number
  readonly Subject: string
  readonly Status: string
  readonly Priority: string
  readonly Owner: { readonly id: string }
  readonly Queue: { readonly id: string }
  readonly Requestor: readonly { readonly id: string }[]
  readonly LastUpdated: string
  readonly CustomFields: readonly { readonly id: string; readonly name: string; readonly values: readonly string[] }[]
}
interface Rows {
  readonly items: readonly {
    readonly id: string
    readonly Type: string
    readonly Content: string
    readonly TransactionId: string
  }[]
}

describe.skipIf(!isInstalled(rtDesk))('writes to a real Request Tracker (skipped where it is not installed)', () => {
  let server: RtServer
  const sources = new Map<RtLogin, TicketSource>()
  beforeAll(async () => {
    server = await startRt()
  })
  afterAll(async () => {
    for (const source of sources.values()) await source.close?.()
    await server?.close()
  })
  const as = (login: RtLogin): TicketSource => {
    const source = sources.get(login) ?? rtSourceAt(server, login)
    sources.set(login, source)
    return source
  }
  const raw = (id: number | string) => rtRest(server, 'root')<RawTicket>('GET', `/ticket/${id}`)
  /** The texts of a ticket that a person sees, with the kind of their transactions. */
  const texts = async (id: number | string, login: RtLogin, kinds = ['Correspond', 'Comment']): Promise<string[][]> => {
    const rest = rtRest(server, login)
    const { items } = await rest<Rows>('GET', `/ticket/${id}/history?per_page=100&fields=Type`)
    const types = new Map(items.map((one) => [one.id, one.Type]))
    const parts = await rest<Rows>('GET', `/ticket/${id}/attachments?per_page=100&fields=TransactionId,Content`)
    return parts.items.flatMap(({ TransactionId, Content }) => {
      const type = types.get(TransactionId)
      return type && kinds.includes(type) ? [[type, Content]] : []
    })
  }
  const load = async (id: number | string) => (await as('ann').loadTickets([rtRef(id)], someCall()))[0] as Ticket

  // Otto sees the eight tickets of one queue.
  describeSource('Request Tracker', async () => {
    const proxy = await startFaultProxy()
    const source = rtSourceAt({ ...server, url: proxy.before(server.url) }, 'otto')
    const ids = Array.from({ length: seededCount }, (_, index) => index + 1).filter((id) => id % 3 === 2)
    const { Queue } = await raw(2)
    return {
      source,
      refs: ids.map(rtRef),
      // Lists leave deleted tickets out.
      unfilled: ['deletedAt'],
      missing: rtRef(999_999),
      unreachable: rtSourceAt({ ...server, url: 'http://127.0.0.1:1' }),
      vendor: {
        proxy,
        refusals: [
          { status: 400, body: '{"message":"Permission Denied"}' },
          { status: 403, body: '{"message":"Forbidden"}' },
          { status: 412, body: '{"message":"Precondition Failed"}' },
        ],
        dropped: { status: 200, body: '["Ticket 2: Permission Denied"]' },
        customerReads: async ({ externalId }) =>
          (await texts(externalId, Number(externalId) % 2 === 1 ? 'carl' : 'dora', ['Create', 'Correspond', 'Comment']))
            .map(([, text]) => text!)
            // A file, and the part that holds both.
            .filter((text) => text !== '' && !text.startsWith('log of')),
      },
      writes: {
        refs: ids.map(rtRef),
        change: (ref) => source.updateTicket!(ref, { title: 'Changed by the contract' }, someCall()),
        isChanged: ({ title }) => title === 'Changed by the contract',
        create: { source: 'rt', queue: Queue.id, title: 'Opened by the contract' },
      },
      close: () => proxy.close(),
    }
  })

  it('writes a public message, which the customer reads', async () => {
    const body = 'Hello,\n\nall well ✓\n'
    const result = await as('ann').replyToTicket!(rtRef(1), { body, visibility: 'PUBLIC' }, someCall())
    expect(result).toMatchObject({ outcome: 'APPLIED', message: { body, visibility: 'PUBLIC', author: { name: 'Ann Agent' } } })
    expect(await texts(1, 'carl')).toContainEqual(['Correspond', body])
  })

  it('RT-09 writes an internal note, which agents with the right read, and the customer does not', async () => {
    const note = { body: '<b>For us only</b>', format: 'HTML', visibility: 'INTERNAL' } as const
    const result = await as('ann').replyToTicket!(rtRef(3), note, someCall())
    expect(result).toMatchObject({ outcome: 'APPLIED', message: { body: note.body, format: 'HTML', visibility: 'INTERNAL' } })
    expect(await texts(3, 'ben')).toContainEqual(['Comment', '<b>For us only</b>'])
    expect([await texts(3, 'carl'), await texts(3, 'rita')]).toEqual([[], []])
    expect((await load(3)).messages?.at(-1)).toMatchObject({ id: result.message?.id, visibility: 'INTERNAL' })
  })

  it('RT-09 refuses an internal note of an account without the right, and a reply of one that may not answer', async () => {
    for (const login of ['rita', 'carl'] as const) {
      const result = await as(login).replyToTicket!(rtRef(7), { body: 'Secret', visibility: 'INTERNAL' }, someCall())
      expect(result).toMatchObject({ outcome: 'REJECTED', userErrors: [{ code: 'FORBIDDEN' }] })
    }
    expect((await texts(7, 'root')).flat()).not.toContain('Secret')
  })

  it('RT-02 writes the message "0", of which RT would make an empty one', async () => {
    await rtRest(server, 'ann')('POST', '/ticket/9/comment', { Content: '0', ContentType: 'text/plain' })
    expect((await texts(9, 'ann')).at(-1)).toEqual(['Comment', ''])
    const result = await as('ann').replyToTicket!(rtRef(9), { body: '0', visibility: 'INTERNAL' }, someCall())
    expect(result.outcome).toBe('APPLIED')
    expect((await texts(9, 'ann')).at(-1)?.[1]?.trim()).toBe('0')
  })

  it('RT-10 refuses a write to a merged ticket, which would go to the other one', async () => {
    const update = await as('ann').updateTicket!(rtRef(mergedId), { title: 'Not yours' }, someCall())
    const reply = await as('ann').replyToTicket!(rtRef(mergedId), { body: 'Not yours', visibility: 'PUBLIC' }, someCall())
    for (const result of [update, reply])
      expect(result).toMatchObject({ outcome: 'REJECTED', userErrors: [{ code: 'CONFLICT' }] })
    expect((await raw(21)).Subject).toBe('Ticket number 21')
    expect((await texts(21, 'root')).flat()).not.toContain('Not yours')
  })

  it('closes and reopens, and refuses what the state does not allow', async () => {
    const closed = await as('ann').closeTicket!(rtRef(13), {}, someCall())
    expect(closed).toMatchObject({ outcome: 'APPLIED', ticket: { status: 'RESOLVED', sourceStatus: 'resolved' } })
    expect((await raw(13)).Status).toBe('resolved')
    expect(await as('ann').closeTicket!(rtRef(13), {}, someCall())).toMatchObject({ userErrors: [{ code: 'CONFLICT' }] })
    expect(await as('ann').reopenTicket!(rtRef(13), {}, someCall())).toMatchObject({
      outcome: 'APPLIED',
      ticket: { status: 'OPEN' },
    })
    expect((await raw(13)).Status).toBe('open')
    expect(await as('ann').reopenTicket!(rtRef(13), {}, someCall())).toMatchObject({ userErrors: [{ code: 'CONFLICT' }] })
  })

  it('RT-01 says what RT has refused behind a 200, and why', async () => {
    const denied = await as('rita').updateTicket!(rtRef(7), { title: 'Not mine to change', priority: 'HIGH' }, someCall())
    expect(denied).toMatchObject({ outcome: 'REJECTED', userErrors: [{ code: 'FORBIDDEN' }, { code: 'FORBIDDEN' }] })
    expect((await raw(7)).Subject).toBe('Größe & Zeichen: "quotes" <tag> ✓')
    // Ticket 4 depends on ticket 3, which is open.
    const blocked = await as('ann').closeTicket!(rtRef(4), {}, someCall())
    expect(blocked).toMatchObject({ outcome: 'REJECTED', userErrors: [{ code: 'SOURCE_REJECTED' }] })
    const partly = await as('ann').updateTicket!(rtRef(4), { title: 'Half of it', status: 'RESOLVED' }, someCall())
    expect(partly).toMatchObject({ outcome: 'PARTIAL', userErrors: [{ code: 'SOURCE_REJECTED', field: ['input', 'status'] }] })
    expect(await raw(4)).toMatchObject({ Subject: 'Half of it', Status: 'new' })
  })

  it('changes title, priority, status, tags and custom fields in one call', async () => {
    const ticket = await load(19)
    const keyOf = (label: string) => ticket.customFields!.find((field) => field.label === label)!.key
    const result = await as('ann').updateTicket!(
      rtRef(19),
      {
        title: 'New title',
        priority: 'HIGH',
        status: 'PENDING',
        addTags: ['invoice'],
        removeTags: ['vip'],
        customFields: [
          { key: keyOf('Amount'), value: 7.5 },
          { key: keyOf('Call at'), value: '2026-05-05T10:00:00.000Z' },
          { key: keyOf('Follow up'), value: '2026-06-06' },
          { key: keyOf('External ref'), value: null },
          { key: keyOf('Regions'), value: ['south', 'north'] },
        ],
      },
      someCall(),
    )
    expect(result).toMatchObject({ outcome: 'APPLIED', ticket: { title: 'New title', priority: 'HIGH', status: 'PENDING' } })
    const { Subject, Status, Priority, CustomFields } = await raw(19)
    expect([Subject, Status, Priority]).toEqual(['New title', 'stalled', '100'])
    const values = Object.fromEntries(CustomFields.map((field) => [field.name, field.values.filter((value) => value !== null)]))
    expect(values).toMatchObject({
      ...{ Tags: ['invoice'], Amount: ['7.5'], 'External ref': [], Channel: ['chat'] },
      ...{ 'Call at': ['2026-05-05T10:00:00Z'], 'Follow up': ['2026-06-06'] },
    })
    expect(values.Regions?.toSorted()).toEqual(['north', 'south'])
  })

  it('RT-06 refuses a field that the ticket does not have, a value that its list does not have, and what is no time', async () => {
    const ticket = await load(21)
    const keyOf = (label: string) => ticket.customFields!.find((field) => field.label === label)!.key
    const update = (key: string, value: unknown) =>
      as('ann').updateTicket!(rtRef(21), { customFields: [{ key, value }] }, someCall())
    expect(await update('999', 'x')).toMatchObject({
      userErrors: [{ code: 'INVALID', field: ['input', 'customFields', '0', 'key'] }],
    })
    expect(await update(keyOf('Regions'), 'west')).toMatchObject({
      outcome: 'REJECTED',
      userErrors: [{ code: 'SOURCE_REJECTED' }],
    })
    // RT would make the first of January 1970 of it.
    expect(await update(keyOf('Follow up'), 'soon')).toMatchObject({ outcome: 'REJECTED', userErrors: [{ code: 'INVALID' }] })
    expect((await raw(21)).CustomFields.flatMap(({ values }) => values).filter((value) => /^19|west/.test(value ?? ''))).toEqual(
      [],
    )
  })

  it('RT-16 writes a time of a custom field in the zone of the account', async () => {
    const key = (await load(22)).customFields!.find((field) => field.label === 'Call at')!.key
    const customFields = [{ key, value: '2026-05-05T10:00:00.000Z' }]
    expect((await as('tina').updateTicket!(rtRef(22), { customFields }, someCall())).outcome).toBe('APPLIED')
    expect((await raw(22)).CustomFields.find(({ name }) => name === 'Call at')?.values).toEqual(['2026-05-05T10:00:00Z'])
  })

  it('RT-03 changes nothing when the ticket was updated after the given time', async () => {
    const { updatedAt } = await load(24)
    await rtRest(server, 'ben')('PUT', '/ticket/24', { Subject: 'By Ben' })
    const late = await as('ann').updateTicket!(rtRef(24), { title: 'By Ann', ifUpdatedAt: updatedAt }, someCall())
    expect(late).toMatchObject({ outcome: 'REJECTED', userErrors: [{ code: 'CONFLICT', field: ['input', 'ifUpdatedAt'] }] })
    expect((await raw(24)).Subject).toBe('By Ben')
    const current = await as('ann').updateTicket!(
      rtRef(24),
      { title: 'By Ann', ifUpdatedAt: (await load(24)).updatedAt },
      someCall(),
    )
    expect(current.outcome).toBe('APPLIED')
  })

  it('gives a ticket to another user by login, address and name, and to none', async () => {
    const assign = (input: { assignee?: string; unassign?: boolean }) => as('ann').reassignTicket!(rtRef(12), input, someCall())
    for (const assignee of ['BEN', 'tina@desk.example', 'ann agent']) {
      expect(await assign({ assignee })).toMatchObject({ outcome: 'APPLIED' })
    }
    expect((await raw(12)).Owner.id).toBe('ann')
    expect(await assign({ unassign: true })).toMatchObject({ outcome: 'APPLIED', ticket: { assignee: null } })
    expect((await raw(12)).Owner.id).toBe('Nobody')
    expect(await assign({ assignee: 'no such user' })).toMatchObject({
      userErrors: [{ code: 'INVALID', field: ['input', 'assignee'] }],
    })
    // Otto may own tickets of another queue only.
    expect(await assign({ assignee: 'otto' })).toMatchObject({ outcome: 'REJECTED', userErrors: [{ code: 'SOURCE_REJECTED' }] })
  })

  it('moves a ticket to another queue, and refuses one that there is not', async () => {
    const queues = await as('ann').transferQueues!(someCall())
    expect(queues.map(({ name }) => name).toSorted()).toEqual(['Billing', 'Network', 'Support'])
    const billing = queues.find(({ name }) => name === 'Billing')!
    const moved = await as('ann').transferTicket!(rtRef(18), { queue: billing.key }, someCall())
    expect(moved).toMatchObject({ outcome: 'APPLIED', ticket: { queue: 'Billing', queueKey: billing.key } })
    expect((await raw(18)).Queue.id).toBe(billing.key)
    expect(await as('ann').transferTicket!(rtRef(18), { queue: '999' }, someCall())).toMatchObject({ outcome: 'REJECTED' })
  })

  it('RT-20 opens a ticket, and says which of its fields RT did not take', async () => {
    const { queueKey } = await load(1)
    const input = {
      ...{ source: 'rt', queue: queueKey, title: 'From the gateway', description: 'A\nB ✓', priority: 'MEDIUM' as const },
      customer: { email: 'new.customer@elsewhere.example' },
    }
    const created = await as('ann').createTicket!(input, someCall())
    expect(created).toMatchObject({ outcome: 'APPLIED', userErrors: [] })
    const ticket = await load(created.ticket!.externalId)
    expect(ticket).toMatchObject({ title: 'From the gateway', description: 'A\nB ✓', priority: 'MEDIUM', status: 'NEW' })
    expect((await raw(ticket.externalId)).Requestor).toMatchObject([{ id: 'new.customer@elsewhere.example' }])
    const keyOf = (label: string) => ticket.customFields!.find((field) => field.label === label)!.key
    const odd = await as('ann').createTicket!(
      { ...input, customFields: [{ key: keyOf('Regions'), value: ['west'] }] },
      someCall(),
    )
    expect(odd).toMatchObject({ outcome: 'PARTIAL', userErrors: [{ field: ['input', 'customFields', '0'] }] })
    // RT fails on such a field.
    const failing = await as('ann').createTicket!({ ...input, customFields: [{ key: '999', value: 'x' }] }, someCall())
    expect(failing).toMatchObject({ outcome: 'REJECTED', userErrors: [{ field: ['input', 'customFields', '0', 'key'] }] })
    const withoutCustomer = await as('ann').createTicket!({ ...input, customer: { externalId: 'no such user' } }, someCall())
    expect(withoutCustomer).toMatchObject({ outcome: 'PARTIAL', userErrors: [{ field: ['input', 'customer'] }] })
    const unknown = await as('ann').createTicket!({ ...input, queue: '999' }, someCall())
    expect(unknown).toMatchObject({ outcome: 'REJECTED', userErrors: [{ code: 'FORBIDDEN', field: ['input', 'queue'] }] })
    expect(await as('ann').createTicket!({ source: 'rt', title: 'x' }, someCall())).toMatchObject({
      userErrors: [{ code: 'REQUIRED', field: ['input', 'queue'] }],
    })
  })

  it('acts as the viewer where that one has a token', async () => {
    const source = rtSourceAt(server, 'ann', { viewerTokens: { ben: server.tokens.ben, rita: server.tokens.rita } })
    const reply = { body: 'Written by Ben', visibility: 'PUBLIC' as const }
    const result = await source.replyToTicket!(rtRef(16), reply, someCall({ viewerId: 'ben' }))
    const note = { body: 'Not for Rita', visibility: 'INTERNAL' as const }
    const refused = await source.replyToTicket!(rtRef(16), note, someCall({ viewerId: 'rita' }))
    await source.close?.()
    expect(result).toMatchObject({ outcome: 'APPLIED', message: { author: { name: 'Ben Agent' } } })
    expect(refused).toMatchObject({ outcome: 'REJECTED', userErrors: [{ code: 'FORBIDDEN' }] })
  })

  it('changes a ticket with three calls', async () => {
    const call = { ...someCall(), stats: { upstreamCalls: 0 } }
    await as('ann').updateTicket!(rtRef(15), { title: 'Three calls' }, call)
    expect(call.stats.upstreamCalls).toBe(3)
  })
})

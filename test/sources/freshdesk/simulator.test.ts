import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { plans } from '../../../sandbox/freshdesk/budget.ts'
import { createFreshdesk, type Freshdesk } from '../../../sandbox/freshdesk/simulator.ts'
import { createRandom } from '../../../sandbox/random.ts'
import { type SimulatorServer, serveSimulator } from '../../../sandbox/simulator-server.ts'
import type { Ticket } from '../../../src/domain/ticket.ts'
import { createHintHandler } from '../../../src/sources/freshdesk/hints.ts'
import type { TicketSource } from '../../../src/sources/source.ts'
import { receiveWebhooks } from '../../sandbox/webhook-receiver.ts'
import { someCall } from '../../support/call.ts'
import { freshdeskAt, freshdeskRef } from './freshdesk-fixture.ts'

// Whole scenarios over the simulator, which is another reading of the vendor's document.

let now: number
let freshdesk: Freshdesk
let server: SimulatorServer
let source: TicketSource

beforeEach(async () => {
  now = Date.UTC(2026, 2, 2, 12)
  const until = Date.UTC(2026, 2, 2)
  freshdesk = createFreshdesk({ random: createRandom('scenarios'), until, count: 60, apiKey: 'api-key', now: () => now })
  server = await serveSimulator(freshdesk, { host: '127.0.0.1', port: 0, latencyMs: 0 })
  onTestFinished(() => server.close())
  source = freshdeskAt(server.origin, { upstream: { fileNetworks: ['127.0.0.1/32'] } }, () => now)
})

/** Past the source. */
async function atFreshdesk(method: string, path: string, body?: object) {
  const headers = { authorization: `Basic ${btoa('api-key:X')}`, 'content-type': 'application/json' }
  const answer = await fetch(`${server.origin}/api/v2${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) })
  const text = await answer.text()
  // biome-ignore lint/suspicious/noExplicitAny: a vendor's answer
  return { status: answer.status, body: (text === '' ? null : JSON.parse(text)) as any }
}

const everything = '/tickets?updated_since=2000-01-01T00:00:00Z&per_page=100'

async function read(id: string): Promise<Ticket> {
  const [ticket] = await source.loadTickets([freshdeskRef(id)], someCall({ fresh: true }))
  if (!ticket || ticket instanceof Error) throw new Error(`no ticket ${id}`, { cause: ticket })
  return ticket
}

/** A new ticket, through the source. */
async function open(title: string): Promise<string> {
  const input = {
    source: 'freshdesk',
    title,
    description: `About ${title}`,
    customer: { email: 'new@example.com', name: 'New Customer' },
  }
  const result = await source.createTicket!(input, someCall())
  expect([result.outcome, result.userErrors]).toEqual(['APPLIED', []])
  return result.ref!.externalId
}

describe('at Freshdesk', () => {
  it('a new ticket has the times of its service levels some seconds later', async () => {
    const id = await open('Times')
    expect(await read(id)).toMatchObject({ status: 'OPEN', slaTargets: [], customer: { email: 'new@example.com' } })
    now += 10_000
    expect((await read(id)).slaTargets?.map(({ kind, breached }) => [kind, breached])).toEqual([
      ['FIRST_REPLY', false],
      ['RESOLUTION', false],
    ])
  })

  it('a file goes with its message, and comes back also when its first address has ended', async () => {
    const id = await open('File')
    const file = {
      filename: 'Größe "1".txt',
      contentType: 'text/plain',
      size: 5,
      uploadId: 'u',
      open: () => Readable.from([Buffer.from('bytes')]),
    }
    const result = await source.replyToTicket!(
      freshdeskRef(id),
      { body: 'See', visibility: 'INTERNAL', attachments: [file] },
      someCall(),
    )
    expect([result.outcome, result.userErrors]).toEqual(['APPLIED', []])
    const [attachment] = (await read(id)).attachments!
    expect(attachment).toMatchObject({ size: 5, contentType: 'text/plain' })
    now += 3_600_000
    const [stored] = (await atFreshdesk('GET', `/tickets/${id}/conversations`)).body[0].attachments
    const opened = await source.openFile!({ ...freshdeskRef(`${id}#${stored.id}`), kind: 'attachment' }, someCall())
    expect((await buffer(opened!.body)).toString()).toBe('bytes')
  })

  it('a reply is mailed to the customer, in a chat too, and a note is not', async () => {
    const list: { id: number; source: number }[] = (await atFreshdesk('GET', everything)).body
    for (const sourceId of [1, 7]) {
      const ref = freshdeskRef(String(list.find((one) => one.source === sourceId)!.id))
      const mailed = freshdesk.outbox.mails().length
      const noted = await source.replyToTicket!(ref, { body: 'Only for us', visibility: 'INTERNAL' }, someCall())
      expect([sourceId, noted.outcome, noted.message?.visibility]).toEqual([sourceId, 'APPLIED', 'INTERNAL'])
      expect(freshdesk.outbox.mails()).toHaveLength(mailed)
      const replied = await source.replyToTicket!(ref, { body: 'For you', visibility: 'PUBLIC' }, someCall())
      expect([sourceId, replied.outcome, replied.message?.visibility, replied.message?.body]).toEqual([
        sourceId,
        'APPLIED',
        'PUBLIC',
        'For you',
      ])
    }
  })

  it('a ticket is not closed without the fields that it needs, and is with them', async () => {
    const id = await open('Close')
    const closed = await source.closeTicket!(freshdeskRef(id), {}, someCall())
    const { requires } = (await read(id)).statusOptions!.find(({ status }) => status === 'CLOSED')!
    expect(requires.length).toBeGreaterThan(0)
    expect(closed.userErrors).toMatchObject([{ code: 'INVALID', message: expect.stringContaining(requires[0]!) }])
    const definitions = await source.customFieldDefinitions!({ queue: null, type: null }, someCall())
    const customFields = requires.map((key) => ({
      key,
      value: definitions.find((one) => one.key === key)?.options?.[0]?.key ?? 'text',
    }))
    const result = await source.updateTicket!(freshdeskRef(id), { status: 'CLOSED', customFields }, someCall())
    expect([result.outcome, result.userErrors]).toEqual(['APPLIED', []])
    expect((await read(id)).status).toBe('CLOSED')
  })

  it('deleted tickets and spam are told by their own lists, and refuse writes', async () => {
    const [deleted] = [await open('Deleted')]
    await atFreshdesk('DELETE', `/tickets/${deleted}`)
    const slice = await source.changesSince!({ since: '2026-03-02T11:00:00.000Z', cursor: null, limit: 100 }, someCall())
    expect(slice.tickets.map(({ externalId, deletedAt }) => [externalId, deletedAt])).toContainEqual([
      deleted,
      '2026-03-02T12:00:00.000Z',
    ])
    expect((await read(deleted!)).deletedAt).not.toBeNull()
    const result = await source.updateTicket!(freshdeskRef(deleted!), { title: 'New' }, someCall())
    expect(result.userErrors).toMatchObject([{ code: 'NOT_FOUND' }])
  })

  it('an archived ticket is read, with its thread, and takes no change', async () => {
    const listed: { id: number }[] = (await atFreshdesk('GET', everything)).body
    const ids = Array.from({ length: 60 }, (_, index) => index + 1).filter((id) => !listed.some((one) => one.id === id))
    const found = await Promise.all(
      ids.map(async (id) => [id, (await atFreshdesk('GET', `/tickets/archived/${id}`)).status] as const),
    )
    const archived = String(found.find(([, status]) => status === 200)![0])
    const ticket = await read(archived)
    expect(ticket).toMatchObject({ status: 'CLOSED', statusOptions: [] })
    expect(ticket.messages?.length).toBeGreaterThan(0)
    const result = await source.reopenTicket!(freshdeskRef(archived), {}, someCall())
    expect(result.userErrors).toMatchObject([{ code: 'CONFLICT' }])
  })

  it('an automation rule names the ticket of a change, and says that one is gone', async () => {
    const receiver = await receiveWebhooks()
    onTestFinished(async () => void (await receiver.close()))
    const secret = 'secret-of-the-automation-rule'
    const rule = { url: receiver.url, headers: { 'x-deskgraph-secret': secret } }
    freshdesk.rules.add({ ...rule, name: 'changes', events: ['created', 'updated'], body: '{ "ticket_id": "{{ticket.id}}" }' })
    freshdesk.rules.add({
      ...rule,
      name: 'gone',
      events: ['removed'],
      body: '{ "ticket_id": "{{ticket.id}}", "event": "deleted" }',
    })
    const id = await open('Rule')
    await atFreshdesk('DELETE', `/tickets/${id}`)
    await expect.poll(() => receiver.received.length).toBe(2)
    const handler = createHintHandler(source.info, [secret])
    const requests = receiver.received.map(({ body, headers }) => ({
      ...{ rawBody: Buffer.from(body), contentType: 'application/json', query: {} },
      headers: headers as { [name: string]: string },
    }))
    expect(requests.map((request) => [handler.authorise(request), handler.read(request)])).toEqual([
      [true, { deliveryId: null, ticketIds: [id], removed: false }],
      [true, { deliveryId: null, ticketIds: [id], removed: true }],
    ])
  })

  it('FRESHDESK-17 a gateway on the smallest plan is held before Freshdesk refuses it', async () => {
    freshdesk.budget.set(plans.growth)
    const held = freshdeskAt(server.origin, { budget: {}, timeoutMs: 700, pageSize: 5 })
    const order = { field: 'UPDATED_AT', direction: 'DESC' } as const
    const outcomes: string[] = []
    for (let index = 0; index < 25; index++) {
      // Each with another filter: equal reads would be shared.
      const filter = { updatedAfter: `2026-01-${String(index + 1).padStart(2, '0')}T00:00:00.000Z` }
      const request = { filter, order, position: null, limit: 2, wanted: ['customer'] as const }
      const read = held.listTickets(request, someCall()).then(() => 'read')
      outcomes.push(await read.catch(({ code }: { code: string }) => code))
    }
    expect(new Set(outcomes)).toEqual(new Set(['read', 'BUDGET_HELD']))
    expect(outcomes.filter((outcome) => outcome === 'read')).toHaveLength(20)
  })
})

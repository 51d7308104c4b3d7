import { Readable } from 'node:stream'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { createRandom } from '../../../sandbox/random.ts'
import type { SimulatorServer } from '../../../sandbox/simulator-server.ts'
import { serveSimulator } from '../../../sandbox/simulator-server.ts'
import { createZendesk } from '../../../sandbox/zendesk/simulator.ts'
import { noLogger, noMetrics } from '../../../src/domain/telemetry.ts'
import type { Ticket } from '../../../src/domain/ticket.ts'
import { claimAsLogin } from '../../../src/sources/identity-map.ts'
import type { TicketSource } from '../../../src/sources/source.ts'
import { zendeskConfig } from '../../../src/sources/zendesk/config.ts'
import { createZendeskSource } from '../../../src/sources/zendesk/index.ts'
import { someCall } from '../../support/call.ts'
import { zendeskRef } from './zendesk-fixture.ts'

// Whole scenarios over the simulator, which is another reading of the vendor's document.

const credentials = { token: 'token-of-nadia', apiToken: 'api-token' }
let now: number
let server: SimulatorServer

beforeEach(async () => {
  now = Date.UTC(2026, 2, 2, 12)
  const options = { random: createRandom('scenarios'), until: Date.UTC(2026, 2, 2), count: 40, credentials, now: () => now }
  server = await serveSimulator(createZendesk(options), { host: '127.0.0.1', port: 0, latencyMs: 0 })
  onTestFinished(() => server.close())
})

function sourceAs(changes: Record<string, unknown> = {}): TicketSource {
  const upstream = { fileNetworks: ['127.0.0.1/32'] }
  const config = zendeskConfig.parse({ url: server.origin, token: credentials.token, upstream, ...changes })
  const deps = { key: 'zendesk', loginOf: claimAsLogin, metrics: noMetrics, logger: noLogger, clock: () => now }
  const source = createZendeskSource(config, deps)
  onTestFinished(() => source.close?.())
  return source
}

async function atZendesk(method: string, path: string, body?: object) {
  const headers = { authorization: `Bearer ${credentials.token}`, 'content-type': 'application/json' }
  const answer = await fetch(`${server.origin}/api/v2${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) })
  const text = await answer.text()
  // biome-ignore lint/suspicious/noExplicitAny: a vendor's answer
  return (text === '' ? null : JSON.parse(text)) as any
}

async function read(source: TicketSource, id: string): Promise<Ticket> {
  const [ticket] = await source.loadTickets([zendeskRef(id)], someCall({ fresh: true }))
  if (!ticket || ticket instanceof Error) throw new Error(`no ticket ${id}`, { cause: ticket })
  return ticket
}

/** A new ticket, through the source. */
async function open(source: TicketSource, title: string): Promise<string> {
  const result = await source.createTicket!({ source: 'zendesk', title, description: `About ${title}` }, someCall())
  expect([result.outcome, result.userErrors]).toEqual(['APPLIED', []])
  return result.ref!.externalId
}

describe('at Zendesk', () => {
  it('a merged ticket leads to the one it was merged into, and takes no change', async () => {
    const source = sourceAs()
    const [one, other] = [await open(source, 'One'), await open(source, 'Other')]
    await atZendesk('POST', `/tickets/${other}/merge`, { ids: [Number(one)] })
    // A job does the work.
    await atZendesk('GET', '/users/me')
    const merged = await read(source, one)
    expect(merged).toMatchObject({ externalId: one, status: 'CLOSED', links: [{ kind: 'MERGED_INTO', externalId: other }] })
    expect(source.suitsState?.('REPLY', merged)).toBe(false)
    const reply = { body: 'Hello', visibility: 'PUBLIC' as const }
    expect(await source.replyToTicket!(zendeskRef(one), reply, someCall())).toMatchObject({
      outcome: 'REJECTED',
      userErrors: [{ code: 'CONFLICT' }],
    })
  })

  it('a problem and its incidents are linked both ways', async () => {
    const source = sourceAs()
    const [problem, incident] = [await open(source, 'Outage'), await open(source, 'No orders')]
    await atZendesk('PUT', `/tickets/${problem}`, { ticket: { type: 'problem' } })
    await atZendesk('PUT', `/tickets/${incident}`, { ticket: { type: 'incident', problem_id: Number(problem) } })
    expect((await read(source, problem)).links).toMatchObject([{ kind: 'CHILD', externalId: incident }])
    expect((await read(source, incident)).links).toMatchObject([{ kind: 'PARENT', externalId: problem }])
  })

  it('ZENDESK-13 a ticket that is deleted is named by the export, a minute later, and read no more', async () => {
    const source = sourceAs()
    const id = await open(source, 'To be deleted')
    await atZendesk('DELETE', `/tickets/${id}`)
    now += 90_000
    const request = { since: new Date(now - 120_000).toISOString(), cursor: null, limit: 100 }
    const slice = await source.changesSince!(request, someCall())
    expect(slice.removed).toEqual([zendeskRef(id)])
    expect(await source.loadTickets([zendeskRef(id)], someCall())).toEqual([null])
    expect(await source.changesSince!({ ...request, cursor: slice.cursor }, someCall())).toMatchObject({
      tickets: [],
      removed: [],
      end: true,
    })
  })

  it('ZENDESK-06 a change on the ticket as it was some time ago is a conflict', async () => {
    const source = sourceAs()
    const id = await open(source, 'Contended')
    const ifUpdatedAt = (await read(source, id)).updatedAt
    now += 5_000
    await atZendesk('PUT', `/tickets/${id}`, { ticket: { subject: 'Of another' } })
    expect(await source.updateTicket!(zendeskRef(id), { title: 'Mine', ifUpdatedAt }, someCall())).toMatchObject({
      outcome: 'REJECTED',
      userErrors: [{ code: 'CONFLICT' }],
    })
    const current = (await read(source, id)).updatedAt
    const mine = { title: 'Mine', addTags: ['vip'], ifUpdatedAt: current }
    expect(await source.updateTicket!(zendeskRef(id), mine, someCall())).toMatchObject({ outcome: 'APPLIED' })
    expect(await read(source, id)).toMatchObject({ title: 'Mine', tags: ['vip'] })
  })

  it('ZENDESK-16 a file goes up, is in the thread, and comes back from the other host', async () => {
    const source = sourceAs()
    const id = await open(source, 'With a file')
    const file = { filename: 'log.txt', contentType: 'text/plain', size: 5, body: Readable.from([Buffer.from('lines')]) }
    const uploadId = await source.uploadFile!(file, someCall())
    const reply = { body: 'See the log', visibility: 'PUBLIC' as const, attachments: [{ filename: 'log.txt', uploadId }] }
    const result = await source.replyToTicket!(zendeskRef(id), reply, someCall())
    expect([result.outcome, result.userErrors]).toEqual(['APPLIED', []])
    const [attachment] = (await read(source, id)).attachments ?? []
    expect(attachment).toMatchObject({ filename: 'log.txt', size: 5, contentType: 'text/plain' })
    const fileId = /attachments\/token\/(\d+)\./.exec(attachment?.url ?? '')?.[1]
    const opened = await source.openFile!({ ...zendeskRef(`${id}#${fileId}`), kind: 'attachment' }, someCall())
    expect(Buffer.concat(await opened!.body.toArray()).toString()).toBe('lines')
    // A token works once.
    expect(await source.replyToTicket!(zendeskRef(id), reply, someCall())).toMatchObject({
      outcome: 'REJECTED',
      userErrors: [{ code: 'INVALID' }],
    })
  })

  it('ZENDESK-18 a ticket with one key is opened once, and with another input it is a conflict', async () => {
    const source = sourceAs()
    const input = { source: 'zendesk', title: 'Once', description: 'Once', idempotencyKey: 'k' }
    const [first, second] = [await source.createTicket!(input, someCall()), await source.createTicket!(input, someCall())]
    expect(second.ref).toEqual(first.ref)
    const other = await source.createTicket!({ ...input, title: 'Twice' }, someCall())
    expect(other).toMatchObject({ outcome: 'REJECTED', userErrors: [{ code: 'CONFLICT' }] })
  })

  it('the viewer is the author where the source acts as the viewer, and the account is one everywhere else', async () => {
    const source = sourceAs({ actAsViewer: true })
    const id = await open(source, 'By whom')
    const write = (body: string, email: string | null) =>
      source.replyToTicket!(zendeskRef(id), { body, visibility: 'INTERNAL' }, someCall({ email }))
    expect((await write('As Ploy', 'ploy@support.example')).message?.author).toMatchObject({
      kind: 'AGENT',
      name: 'Ploy Wongsakul',
    })
    expect((await write('As the account', null)).message?.author).toMatchObject({ name: 'Nadia Rahman' })
  })

  it('ZENDESK-02 a restricted agent gets a shorter list, and the operator is told', async () => {
    const all = sourceAs()
    // Sees the tickets of the own group only.
    const restricted = sourceAs({ token: credentials.apiToken, email: 'hafiz@support.example' })
    const list = async (source: TicketSource) =>
      (
        await source.listTickets(
          { filter: {}, order: { field: 'UPDATED_AT', direction: 'DESC' }, position: null, limit: 100 },
          someCall(),
        )
      ).tickets.length
    const [whole, part] = [await list(all), await list(restricted)]
    expect(part).toBeGreaterThan(0)
    expect(part).toBeLessThan(whole)
    const warnings = (await restricted.checkAccount?.()) ?? []
    expect(warnings.map(({ found }) => found)).toContainEqual(expect.stringContaining('a part of the tickets'))
    expect(
      await restricted.changesSince!({ since: '2026-01-01T00:00:00.000Z', cursor: null, limit: 100 }, someCall()),
    ).toMatchObject({ tickets: [], end: true })
  })

  it('ZENDESK-11 a ticket has the custom statuses of the account, is solved and opened again', async () => {
    const source = sourceAs()
    const id = await open(source, 'To be solved')
    const { statusOptions } = await read(source, id)
    expect(statusOptions?.map(({ label, status }) => [label, status])).toContainEqual(['Waiting for courier', 'OPEN'])
    const courier = statusOptions!.find(({ label }) => label === 'Waiting for courier')!
    expect(await source.updateTicket!(zendeskRef(id), { statusOption: courier.key }, someCall())).toMatchObject({
      outcome: 'APPLIED',
      ticket: { status: 'OPEN', sourceStatus: 'Waiting for courier' },
    })
    expect(await source.closeTicket!(zendeskRef(id), {}, someCall())).toMatchObject({ outcome: 'APPLIED' })
    expect(await read(source, id)).toMatchObject({ status: 'RESOLVED', sourceStatus: 'Solved' })
    expect(await source.reopenTicket!(zendeskRef(id), {}, someCall())).toMatchObject({ outcome: 'APPLIED' })
    expect(await read(source, id)).toMatchObject({ status: 'OPEN', sourceStatus: 'Open' })
  })
})

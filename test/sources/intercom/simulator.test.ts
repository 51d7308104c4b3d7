import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { createIntercom, type Intercom } from '../../../sandbox/intercom/simulator.ts'
import { createRandom } from '../../../sandbox/random.ts'
import { type SimulatorServer, serveSimulator } from '../../../sandbox/simulator-server.ts'
import { decodeId } from '../../../src/domain/ids.ts'
import { noLogger, noMetrics } from '../../../src/domain/telemetry.ts'
import type { Ticket } from '../../../src/domain/ticket.ts'
import { createIdentityMap } from '../../../src/sources/identity-map.ts'
import { intercomConfig } from '../../../src/sources/intercom/config.ts'
import { createIntercomSource } from '../../../src/sources/intercom/index.ts'
import type { TicketSource } from '../../../src/sources/source.ts'
import { someCall } from '../../support/call.ts'
import { intercomRef } from './intercom-fixture.ts'

// Whole scenarios over the simulator, which is another reading of the vendor's document.

const token = 'access-token-of-noor'
const now = Date.UTC(2026, 2, 2, 12)
let intercom: Intercom
let server: SimulatorServer

beforeEach(async () => {
  intercom = createIntercom({ random: createRandom('scenarios'), until: Date.UTC(2026, 2, 2), count: 32, token, now: () => now })
  server = await serveSimulator(intercom, { host: '127.0.0.1', port: 0, latencyMs: 0 })
  onTestFinished(() => server.close())
})

function sourceAs(changes: Record<string, unknown> = {}): TicketSource {
  const upstream = { fileNetworks: ['127.0.0.1/32'], retries: 0 }
  const config = intercomConfig.parse({ url: server.origin, token, pageSize: 10, upstream, ...changes })
  const { loginOf } = createIdentityMap({ map: { 'anja@elsewhere.test': { intercom: '991267504' } } }, () => true)
  const deps = { key: 'intercom', metrics: noMetrics, logger: noLogger, clock: () => now }
  const source = createIntercomSource(config, { ...deps, loginOf: (viewer) => loginOf('intercom', viewer) })
  onTestFinished(() => source.close?.())
  return source
}

async function list(source: TicketSource): Promise<readonly Ticket[]> {
  const tickets: Ticket[] = []
  let position: string | null = null
  for (let end = false; !end; ) {
    const request = { filter: {}, order: { field: 'UPDATED_AT', direction: 'DESC' }, position, limit: 10 } as const
    const slice = await source.listTickets(request, someCall({ fresh: true }))
    tickets.push(...slice.tickets)
    position = slice.positions.at(-1) ?? position
    end = slice.end
  }
  return tickets
}

async function read(source: TicketSource, id: string): Promise<Ticket> {
  const [ticket] = await source.loadTickets([intercomRef(id)], someCall({ fresh: true }))
  if (!ticket || ticket instanceof Error) throw new Error(`no ticket ${id}`, { cause: ticket })
  return ticket
}

const shared = async (source: TicketSource) =>
  (await list(source)).find(({ category, status }) => category?.code === 'Customer' && status === 'IN_PROGRESS')!.externalId

describe('at Intercom', () => {
  it('INTERCOM-05 a list is complete and ends where the last page names itself as the next one', async () => {
    const source = sourceAs()
    const expected = (await list(source)).map(({ externalId }) => externalId)
    expect(expected).toHaveLength(intercom.tickets())
    intercom.oddities.set({ endlessPages: true })
    expect((await list(source)).map(({ externalId }) => externalId)).toEqual(expected)
  })

  it('INTERCOM-12 times in milliseconds are the same as in seconds, and a page in place of JSON is an error', async () => {
    const source = sourceAs()
    const timesOf = async () => (await list(source)).map(({ externalId, updatedAt }) => [externalId, updatedAt])
    const expected = await timesOf()
    intercom.oddities.set({ mixedTimes: true })
    expect(await timesOf()).toEqual(expected)
    intercom.oddities.set({ withoutJson: 1 })
    await expect(list(source)).rejects.toMatchObject({ code: 'UPSTREAM_BAD_RESPONSE' })
  })

  it('INTERCOM-09 a reply has the author that the identity map names, and a note the owner of the token', async () => {
    const source = sourceAs()
    const id = await shared(source)
    const write = (body: string, visibility: 'PUBLIC' | 'INTERNAL', email: string | null) =>
      source.replyToTicket!(intercomRef(id), { body, visibility }, someCall({ email }))
    expect(await write('Refunded.\nSorry!', 'PUBLIC', 'anja@elsewhere.test')).toMatchObject({ outcome: 'APPLIED' })
    expect(await write('5 < 7 & <b>not bold</b>', 'INTERNAL', null)).toMatchObject({ outcome: 'APPLIED' })
    const { messages } = await read(source, id)
    expect(messages?.slice(-2)).toMatchObject([
      { body: 'Refunded.\nSorry!', visibility: 'PUBLIC', author: { kind: 'AGENT', name: 'Anja Brandt' } },
      { body: '5 < 7 & <b>not bold</b>', visibility: 'INTERNAL', author: { kind: 'AGENT', name: 'Noor Aziz' } },
    ])
  })

  it('INTERCOM-06 a teammate and a team are given, and taken away, each by itself', async () => {
    const source = sourceAs()
    const ref = intercomRef(await shared(source))
    const peopleAfter = async (input: object) => {
      expect((await source.reassignTicket!(ref, input, someCall())).outcome).toBe('APPLIED')
      const { assignee, group } = await read(source, ref.externalId)
      return [assignee?.name ?? null, group?.name ?? null]
    }
    expect(await peopleAfter({ group: '5017692' })).toEqual([expect.anything(), 'Payments'])
    expect(await peopleAfter({ assignee: 'rafael@lunchbox.example' })).toEqual(['Rafael Ocampo', 'Payments'])
    expect((await peopleAfter({ unassign: true }))[0]).toBeNull()
  })

  it('INTERCOM-08 a ticket is resolved, opened again, snoozed and closed, and each can be found by its status', async () => {
    const source = sourceAs()
    const id = await shared(source)
    const ref = intercomRef(id)
    const findsIt = async (status: Ticket['status']) => {
      const request = {
        filter: { status: [status] },
        order: { field: 'UPDATED_AT', direction: 'DESC' },
        position: null,
        limit: 10,
      } as const
      const { tickets } = await source.listTickets(request, someCall({ fresh: true }))
      return tickets.find((ticket) => ticket.externalId === id)?.status
    }
    expect((await source.updateTicket!(ref, { status: 'RESOLVED' }, someCall())).outcome).toBe('APPLIED')
    expect(await findsIt('RESOLVED')).toBe('RESOLVED')
    expect((await source.reopenTicket!(ref, {}, someCall())).outcome).toBe('APPLIED')
    expect(await findsIt('IN_PROGRESS')).toBe('IN_PROGRESS')
    expect((await source.updateTicket!(ref, { status: 'ON_HOLD' }, someCall())).outcome).toBe('APPLIED')
    expect(await findsIt('ON_HOLD')).toBe('ON_HOLD')
    expect((await source.closeTicket!(ref, {}, someCall())).outcome).toBe('APPLIED')
    expect(await findsIt('CLOSED')).toBe('CLOSED')
    expect((await source.updateTicket!(ref, { status: 'PENDING' }, someCall())).outcome).toBe('APPLIED')
    expect(await findsIt('PENDING')).toBe('PENDING')
  })

  it('INTERCOM-11 a file of a message is read from its host, by its id alone', async () => {
    const source = sourceAs()
    const tickets = await Promise.all((await list(source)).map(({ externalId }) => read(source, externalId)))
    const file = tickets.flatMap(({ attachments }) => attachments ?? []).find(({ size }) => size !== null && size > 0)!
    const opened = await source.openFile!(decodeId(file.id)!, someCall())
    expect(Buffer.concat(await opened!.body.toArray())).toHaveLength(file.size!)
  })
})

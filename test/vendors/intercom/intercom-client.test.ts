import { setTimeout as sleep } from 'node:timers/promises'
import { IntercomClient, IntercomError, type Intercom as Vendor } from 'intercom-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { limitTables } from '../../../sandbox/intercom/limits.ts'
import { createIntercom, type Intercom } from '../../../sandbox/intercom/simulator.ts'
import { createRandom } from '../../../sandbox/random.ts'
import { type SimulatorServer, serveSimulator } from '../../../sandbox/simulator-server.ts'

// intercom-client, the vendor's own, against the simulator. No source of the gateway takes part.

let intercom: Intercom
let server: SimulatorServer
beforeAll(async () => {
  const random = createRandom('intercom-client')
  intercom = createIntercom({ random, until: Date.UTC(2026, 2, 2), count: 170, token: 'access-token', contactLagMs: 0 })
  server = await serveSimulator(intercom, { host: '127.0.0.1', port: 0, latencyMs: 0 })
})
afterAll(() => server.close())

const clientOf = (options: Partial<IntercomClient.Options> = {}) =>
  new IntercomClient({
    token: 'access-token',
    baseUrl: server.origin,
    version: '2.14',
    maxRetries: 0,
    ...options,
  } as IntercomClient.Options)

/** The status and the codes of the refusal of a call. */
async function refusalOf(call: Promise<unknown>) {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!(error instanceof IntercomError)) throw new Error('The call was not refused')
  return [error.statusCode, ...(error.body as { errors: { code: string }[] }).errors.map(({ code }) => code)]
}

const everything = { field: 'created_at', operator: '>', value: '0' } as const
// The client's type of the request has no attributes, but it sends what it is given.
const ticketRequest: Vendor.CreateTicketRequest & { readonly ticket_attributes: object } = {
  ticket_type_id: '53',
  contacts: [{ email: 'maria@mail.example' }],
  ticket_attributes: { _default_title_: 'Cold soup', _default_description_: 'It was cold.', 'Order number': 'abcd-1234' },
}

async function createTicket() {
  const ticket = await clientOf().tickets.create(ticketRequest)
  if (!ticket) throw new Error('No ticket')
  return ticket
}

describe('intercom-client, unchanged', () => {
  it('walks all tickets, page after page, in pages of 150', async () => {
    const page = await clientOf().tickets.search({ query: everything, pagination: { per_page: 150 } })
    expect(page.data).toHaveLength(150)
    const ids = page.data.map((ticket) => ticket?.id)
    for (let rest = page; rest.hasNextPage(); ) {
      rest = await rest.getNextPage()
      ids.push(...rest.data.map((ticket) => ticket?.id))
    }
    expect(ids).toHaveLength(intercom.tickets())
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('searches with nested filters', async () => {
    const { data } = await clientOf().tickets.search({
      query: {
        operator: 'AND',
        value: [
          { field: 'category', operator: '=', value: 'request' },
          { field: 'state', operator: 'IN', value: ['resolved'] as unknown as string },
        ],
      },
      pagination: { per_page: 20 },
    })
    expect(data).toHaveLength(20)
    for (const ticket of data) expect([ticket?.category, ticket?.ticket_state?.category]).toEqual(['Customer', 'resolved'])
  })

  it('creates, reads, changes and deletes a ticket', async () => {
    const { tickets } = clientOf()
    const created = await createTicket()
    expect(created).toMatchObject({ category: 'Customer', open: true, ticket_state: { category: 'submitted' } })
    const update = { ticket_id: created.id, ticket_state_id: '8270', assignee_id: '991267502', admin_id: 991267501 }
    await tickets.update({ ...update, ticket_attributes: { Priority: 'High' } })
    const read = await tickets.get({ ticket_id: created.id })
    expect(read).toMatchObject({ admin_assignee_id: '991267502', ticket_attributes: { Priority: 'High' } })
    expect(read?.ticket_parts?.ticket_parts?.map(({ part_type }) => part_type)).toEqual([
      'ticket_state_updated_by_admin',
      'ticket_attribute_updated_by_admin',
      'ticket_state_updated_by_admin',
      'assignment',
    ])
    expect(await tickets.deleteTicket({ ticket_id: created.id })).toEqual({ id: created.id, object: 'ticket', deleted: true })
    expect(await refusalOf(tickets.get({ ticket_id: created.id }))).toEqual([404, 'ticket_not_found'])
  })

  it('answers and notes as an admin, and is refused as a customer in the back office', async () => {
    const { tickets } = clientOf()
    const { id } = await createTicket()
    const say = (message_type: 'comment' | 'note') =>
      tickets.reply({ ticket_id: id, body: { message_type, type: 'admin', admin_id: '991267501', body: 'Thank you' } })
    expect(await say('comment')).toMatchObject({ part_type: 'comment', author: { type: 'admin', name: 'Noor Aziz' } })
    expect(await say('note')).toMatchObject({ part_type: 'note', body: '<p>Thank you</p>' })
    const ofBackOffice = { ...ticketRequest, ticket_type_id: '55', ticket_attributes: {} }
    const inner = await tickets.create(ofBackOffice)
    const body = { message_type: 'comment' as const, type: 'user' as const, email: 'maria@mail.example', body: 'x' }
    expect(await refusalOf(tickets.reply({ ticket_id: inner!.id, body }))).toEqual([400, 'parameter_mismatch'])
  })

  it('creates a ticket by a job', async () => {
    const client = clientOf()
    const { id } = await client.tickets.enqueueCreateTicket(ticketRequest)
    const done = await client.jobs.status({ job_id: id })
    expect(done.status).toBe('success')
    expect((await client.tickets.get({ ticket_id: done.resource_id! }))?.type).toBe('ticket')
  })

  it('tags a ticket', async () => {
    const { tags } = clientOf()
    const { id } = await createTicket()
    expect((await tags.list()).data?.map(({ name }) => name)).toContain('vip')
    expect(await tags.tagTicket({ ticket_id: id, id: '121', admin_id: '991267501' })).toMatchObject({ name: 'vip' })
    expect(await tags.untagTicket({ ticket_id: id, tag_id: '121', admin_id: '991267501' })).toMatchObject({ name: 'vip' })
  })

  it('reads the workspace: admins, teams, types and states', async () => {
    const client = clientOf()
    expect(await client.admins.identify()).toMatchObject({ email: 'noor@lunchbox.example', app: { type: 'app' } })
    expect((await client.admins.list()).admins).toHaveLength(8)
    expect(await client.admins.find({ admin_id: 991267504 })).toMatchObject({ name: 'Anja Brandt' })
    expect((await client.teams.list()).teams).toHaveLength(4)
    expect(await client.teams.find({ team_id: '5017692' })).toMatchObject({ name: 'Payments' })
    expect((await client.ticketTypes.list()).data?.map((type) => type?.category)).toContain('Tracker')
    expect(await client.ticketTypes.get({ ticket_type_id: '53' })).toMatchObject({ name: 'Order problem' })
    expect((await client.ticketStates.listTicketStates()).data).toHaveLength(8)
  })

  it('finds contacts and their companies', async () => {
    const client = clientOf()
    await createTicket()
    const query = { field: 'email', operator: '=', value: 'maria@mail.example' } as const
    const { data } = await client.contacts.search({ query })
    expect(data).toMatchObject([{ email: 'maria@mail.example', role: 'user' }])
    expect(await client.contacts.find({ contact_id: data[0]!.id! })).toMatchObject({ id: data[0]!.id })
    expect(await client.companies.find({ company_id: '6762f07f1bb69f9f2193baf6' })).toMatchObject({ name: 'Tapas y Más' })
  })

  it('reads, answers, closes and converts a conversation', async () => {
    const { conversations } = clientOf()
    const { data } = await conversations.search({ query: everything })
    const conversation_id = data[0]!.id
    const answered = await conversations.reply({
      conversation_id,
      body: { message_type: 'comment', type: 'admin', admin_id: '991267501', body: 'Hello' },
    })
    expect(answered.conversation_parts?.conversation_parts?.at(-1)).toMatchObject({ part_type: 'comment', body: '<p>Hello</p>' })
    const closed = await conversations.manage({
      conversation_id,
      body: { message_type: 'close', type: 'admin', admin_id: '991267501' },
    })
    expect(closed.state).toBe('closed')
    expect(await conversations.find({ conversation_id })).toMatchObject({ id: conversation_id, open: false })
    const ticket = await conversations.convertToTicket({ conversation_id: Number(conversation_id), ticket_type_id: '54' })
    expect(ticket).toMatchObject({ id: conversation_id, category: 'Customer' })
  })

  it('reports a refused token, a missing record and a wrong filter by status and code', async () => {
    expect(await refusalOf(clientOf({ token: 'wrong' }).admins.list())).toEqual([401, 'unauthorized'])
    expect(await refusalOf(clientOf().contacts.find({ contact_id: 'x' }))).toEqual([404, 'not_found'])
    const query = { field: 'ticket_attribute.Priority', operator: '=', value: 'High' } as const
    expect(await refusalOf(clientOf().tickets.search({ query }))).toEqual([400, 'field_not_found'])
  })

  it('waits after 429 until the time that the headers name', async () => {
    // Windows of two seconds with one call each, early in one. Without the headers the client would try again after one second, in vain.
    const windowMs = 2000
    const phase = Date.now() % windowMs
    if (phase > 600) await sleep(windowMs - phase)
    intercom.limits.set({ app: 30, workspace: 30, windowMs })
    server.calls.reset()
    const patient = clientOf({ maxRetries: 2 })
    await patient.admins.list()
    const reset = Math.ceil((Date.now() + 1) / windowMs) * windowMs
    await patient.admins.list()
    expect(Date.now()).toBeGreaterThanOrEqual(reset)
    expect(server.calls.latest().map(({ status }) => status)).toEqual([200, 429, 200])
    expect(await refusalOf(clientOf().admins.list())).toEqual([429, 'rate_limit_exceeded'])
    intercom.limits.set(limitTables.generous)
  })

  it('is told that an answer is no JSON', async () => {
    intercom.oddities.set({ withoutJson: 1 })
    await expect(clientOf().tickets.get({ ticket_id: '1' })).rejects.toThrow(IntercomError)
  })
})

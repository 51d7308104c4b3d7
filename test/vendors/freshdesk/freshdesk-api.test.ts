import { createReadStream } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Freshdesk from 'freshdesk-api'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { plans } from '../../../sandbox/freshdesk/budget.ts'
import { type Freshdesk as Account, createFreshdesk } from '../../../sandbox/freshdesk/simulator.ts'
import { createRandom } from '../../../sandbox/random.ts'
import { type SimulatorServer, serveSimulator } from '../../../sandbox/simulator-server.ts'

// freshdesk-api as its users install it, against the simulator. No source of the gateway takes part.

let account: Account
let server: SimulatorServer
beforeAll(async () => {
  const options = { random: createRandom('freshdesk-api'), until: Date.now(), count: 150, apiKey: 'api-key', searchLagMs: 0 }
  account = createFreshdesk({ ...options, slaDelayMs: 0 })
  server = await serveSimulator(account, { host: '127.0.0.1', port: 0, latencyMs: 0 })
})
afterAll(() => server.close())

const client = (key = 'api-key') => new Freshdesk(server.origin, key)

interface Extra {
  readonly pageIsLast: boolean
}
// biome-ignore lint/suspicious/noExplicitAny: the client's types say so
type Answer = any
type Callback = (error: unknown, data: Answer, extra: Extra) => void

/** What a method of the client hands to its callback. Rejects with its error. */
function ask(run: (callback: Callback) => void): Promise<{ data: Answer; extra: Extra }> {
  return new Promise((resolve, reject) => run((error, data, extra) => (error ? reject(error) : resolve({ data, extra }))))
}
const read = async (run: (callback: Callback) => void) => (await ask(run)).data
const create = (more: Record<string, unknown> = {}) =>
  read((done) =>
    client().createTicket({ email: 'tom@outerspace.example', subject: 'Support needed', description: 'Details', ...more }, done),
  )

describe('freshdesk-api, unchanged', () => {
  it('walks the list of tickets until it says that a page is the last', async () => {
    const ids = new Set<number>()
    for (let page = 1, isLast = false; !isLast; page++) {
      const params = { updated_since: '2020-01-01T00:00:00Z', per_page: 40, page } as never
      const { data, extra } = await ask((done) => client().listAllTickets(params, done))
      for (const { id } of data) ids.add(id)
      isLast = extra.pageIsLast
    }
    expect(ids.size).toBe(account.tickets())
  })

  it('creates, reads, changes, deletes and restores a ticket', async () => {
    const ticket = await create({ priority: 2, tags: ['space'], custom_fields: { cf_guests: 3 } })
    expect(ticket).toMatchObject({ subject: 'Support needed', status: 2, priority: 2, custom_fields: { cf_guests: 3 } })
    const changed = await read((done) => client().updateTicket(ticket.id, { status: 3, responder_id: 43000210202 }, done))
    expect(changed).toMatchObject({ status: 3, responder_id: 43000210202, tags: ['space'] })
    expect(await read((done) => client().deleteTicket(ticket.id, done))).toBeNull()
    expect(await read((done) => client().getTicket(ticket.id, done))).toMatchObject({ deleted: true })
    await read((done) => client().restoreTicket(ticket.id, done))
    expect(await read((done) => client().getTicket(ticket.id, done))).not.toHaveProperty('deleted')
  })

  it('replies, notes, edits and deletes, and lists the conversations', async () => {
    const { id } = await create()
    await read((done) => client().createReply(id, { body: 'We are on it' }, done))
    const note = await read((done) => client().createNote(id, { body: 'Still angry', private: true }, done))
    await read((done) => client().updateConversation(note.id, { body: 'Calm now' }, done))
    const gone = await read((done) => client().createNote(id, { body: 'A slip' }, done))
    await read((done) => client().deleteConversation(gone.id, done))
    const thread = await read((done) => client().listAllConversations(id, done))
    expect(thread.map((one: Answer) => [one.body_text, one.private])).toEqual([
      ['We are on it', false],
      ['Calm now', true],
    ])
  })

  it('sends files with a ticket and with a note', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'freshdesk-api-'))
    try {
      await writeFile(join(folder, 'log.txt'), 'It was hot.')
      const file = () => createReadStream(join(folder, 'log.txt'))
      const ticket = await create({ attachments: [file()], tags: ['hot'] })
      expect(ticket).toMatchObject({
        tags: ['hot'],
        attachments: [{ name: 'log.txt', content_type: 'text/plain', file_size: 11 }],
      })
      expect(await (await fetch(ticket.attachments[0].attachment_url)).text()).toBe('It was hot.')
      const note = await read((done) => client().createNote(ticket.id, { body: 'Twice', attachments: [file()] }, done))
      expect(note).toMatchObject({ private: true, attachments: [{ name: 'log.txt' }] })
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  it('searches', async () => {
    const { id } = await create({ tags: ['zeppelin'] })
    const found = await read((done) => client().filterTickets("tag:'zeppelin' AND (status:2 OR status:3)", 1, done))
    expect([found.total, found.results[0].id]).toEqual([1, id])
  })

  it('reads fields, agents, contacts and companies', async () => {
    const fields = await read((done) => client().listAllTicketFields({ type: 'default_status' }, done))
    expect(fields[0].choices[2]).toEqual(['Open', 'Being Processed'])
    expect(await read((done) => client().currentAgent(done))).toMatchObject({ contact: { name: 'Meera Pillai' } })
    const agents = await read((done) => client().listAllAgents({ per_page: 3 }, done))
    expect(await read((done) => client().getAgent(agents[0].id, done))).toMatchObject({ id: agents[0].id })
    const contact = await read((done) => client().createContact({ name: 'Rachel', email: 'rachel@outerspace.example' }, done))
    const listed = await read((done) => client().listAllContacts({ email: 'rachel@outerspace.example' }, done))
    expect(listed).toEqual([await read((done) => client().getContact(contact.id, done))])
    const [company] = await read((done) => client().listAllCompanies({ page: 1 }, done))
    expect(await read((done) => client().getCompany(company.id, done))).toEqual(company)
  })

  it('reports what is missing, refused, in conflict and invalid', async () => {
    const rejects = (run: (callback: Callback) => void) => expect(ask(run)).rejects
    await rejects((done) => client().getTicket(99_999, done)).toMatchObject({
      ...{ name: 'FreshdeskError', status: 404, message: 'The requested entity was not found' },
    })
    await rejects((done) => client('wrong').getTicket(1, done)).toMatchObject({
      status: 401,
      data: { code: 'invalid_credentials' },
    })
    const rachel = { name: 'Rachel', email: 'rachel@outerspace.example' }
    await rejects((done) => client().createContact(rachel, done)).toMatchObject({
      status: 409,
      data: { errors: [{ field: 'email' }] },
    })
    const { id } = await create()
    await rejects((done) => client().updateTicket(id, { status: 5 }, done)).toMatchObject({
      ...{ status: 400, message: 'Validation failed', data: { errors: [{ field: 'custom_fields.cf_root_cause' }] } },
    })
    await read((done) => client().deleteTicket(id, done))
    await rejects((done) => client().updateTicket(id, { priority: 2 }, done)).toMatchObject({ status: 405 })
  })

  it('knows from a used up budget when to try again', async () => {
    account.budget.set({ ...plans.generous, 'ticket-list': 1 })
    try {
      await ask((done) => client().listAllTickets({}, done))
      await expect(ask((done) => client().listAllTickets({}, done))).rejects.toMatchObject({ status: 429, retryAfter: 60 })
    } finally {
      account.budget.set(plans.generous)
    }
  })
})

import { describe, expect, it, onTestFinished } from 'vitest'
import type { FreshdeskOptions } from '../../../sandbox/freshdesk/simulator.ts'
import { createRandom } from '../../../sandbox/random.ts'
import { createStory } from '../../../sandbox/story.ts'
import { noon, openAccount } from './account.ts'

const until = Date.parse('2026-03-02T00:00:00Z')

async function start(options: Partial<FreshdeskOptions> = {}) {
  const account = await openAccount(options)
  onTestFinished(account.close)
  return account
}
const everything = '/tickets?updated_since=2020-01-01&per_page=100&include=description'

describe('the generated tickets', () => {
  it('are the same for the same random and day, and others for another random', async () => {
    const read = async (seed: string) =>
      (await (await start({ random: createRandom(seed) })).get(everything)).text.replaceAll(/:\d{5}/g, '')
    expect(await read('one')).toBe(await read('one'))
    expect(await read('one')).not.toBe(await read('two'))
  })

  it('are of several languages, with the statuses and channels of an account in use', async () => {
    const all = await (await start({ count: 500 })).all(everything)
    expect(all.length).toBeGreaterThan(300)
    const texts = all.map(({ description_text: text }) => text).join(' ')
    for (const word of [
      'cancelled',
      'kad hadiah',
      '會員點數',
      'สวัสดีค่ะ',
      'Guten Tag',
      'Dzień dobry',
      'Hola',
      'Olá',
      'Jó napot',
      'Bonjour',
    ]) {
      expect(texts).toContain(word)
    }
    expect(new Set(all.map(({ status }) => status))).toEqual(new Set([2, 3, 4, 5, 6, 7, 8, 9]))
    expect(new Set(all.map(({ source }) => source))).toEqual(new Set([1, 2, 3, 5, 6, 7, 9]))
    for (const { created_at, updated_at } of all) {
      expect(updated_at >= created_at).toBe(true)
      expect(Date.parse(updated_at)).toBeLessThanOrEqual(until)
    }
  })

  it('tell the story first, and name the tickets of other systems in fields', async () => {
    const story = createStory(createRandom('story'), until)
    const told = story.ticketsOf('freshdesk', 140)
    expect(told.length).toBeGreaterThan(5)
    const account = await start({ story })
    for (const [index, ticket] of told.entries()) {
      const { body } = await account.get(`/tickets/${index + 1}?include=requester,conversations`)
      expect(body).toMatchObject({
        id: Number(ticket.id),
        subject: ticket.title,
        custom_fields: { cf_order_number: ticket.order.id },
      })
      const writer = ticket.kind === 'partner' ? { name: ticket.order.shop } : { email: ticket.customer.email }
      expect(body.requester).toMatchObject(writer)
      expect([body.description_text, ...body.conversations.map((one: { body_text: string }) => one.body_text)]).toEqual(
        ticket.messages.map(({ text }) => text),
      )
      const zendesk = ticket.mirrors.find(({ system }) => system === 'zendesk')
      expect(body.custom_fields.cf_zendesk_ticket).toBe(zendesk?.label ?? null)
    }
    const emails = new Set(story.customers.map(({ email }) => email))
    const others = await account.all('/tickets?updated_since=2020-01-01&per_page=100&include=requester')
    const known = others.filter((ticket) => ticket.id > told.length && emails.has(ticket.requester.email))
    expect(known.length).toBeGreaterThan(10)
  })
})

describe('what happens by itself', () => {
  it('moves a ticket, and says so in its time', async () => {
    const account = await start()
    const speakers = new Set<boolean>()
    for (let change = 0; change < 30; change++) {
      account.passes(60_000)
      const before = await account.get('/tickets?order_by=updated_at&updated_since=2026-03-02T12:00:00Z&per_page=100')
      account.freshdesk.changeOne(0)
      const after = await account.get('/tickets?order_by=updated_at&updated_since=2026-03-02T12:00:00Z&per_page=100')
      expect(after.body[0].updated_at).toBe(new Date(noon + (change + 1) * 60_000).toISOString().replace('.000', ''))
      expect(after.body[0]).not.toEqual(before.body[0])
      const said = (await account.all(`/tickets/${after.body[0].id}/conversations?per_page=100`)).at(-1)
      if (said?.created_at !== after.body[0].updated_at || said.private) continue
      // A customer opens the ticket again, and an agent waits for the customer.
      expect(after.body[0].status).toBe(said.incoming ? 2 : 6)
      speakers.add(said.incoming)
    }
    expect(speakers.size).toBe(2)
    const talks = await account.all('/tickets?updated_since=2026-03-02T12:00:00Z&per_page=100')
    const changed = new Set(talks.map(({ status }) => status))
    expect(changed.has(4) && changed.has(6)).toBe(true)
  })

  it('may leave the time as it is: a rating, and statistics', async () => {
    const account = await start({ count: 20 })
    const [{ id, updated_at }] = await account.all('/tickets?per_page=1&updated_since=2020-01-01')
    const before = (await account.get(`/tickets/${id}?include=stats`)).body.stats
    account.freshdesk.rate(id, -103, 'Never again')
    account.freshdesk.recalculate(id)
    const { body } = await account.get(`/tickets/${id}?include=stats`)
    expect(body.updated_at).toBe(updated_at)
    expect(body.stats).not.toEqual(before)
    expect((await account.get(`/tickets/${id}/satisfaction_ratings`)).body.at(-1)).toMatchObject({
      ...{ ticket_id: id, feedback: 'Never again', ratings: { default_question: -103 } },
    })
  })
})

describe('the inspection of the simulator', () => {
  it('shows counts, calls and one ticket without a key, and sets faults', async () => {
    const account = await start({ count: 20 })
    const look = async (path: string) => (await fetch(`${account.origin}/_sandbox${path}`)).json()
    expect(await look('/tickets')).toEqual({ count: account.freshdesk.tickets() })
    const [{ id, subject }] = await account.all('/tickets?per_page=100&updated_since=2020-01-01')
    expect(await look(`/tickets/${id}`)).toMatchObject({ id, subject })
    expect(await look('/calls')).toMatchObject({ counts: { list: 1 } })
    account.server.setFault({ kind: 'status', status: 500, times: 1, operation: 'ticket' })
    expect((await account.get(`/tickets/${id}`)).status).toBe(500)
    expect((await account.get(`/tickets/${id}`)).status).toBe(200)
  })
})

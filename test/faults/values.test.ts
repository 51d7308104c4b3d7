import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect } from 'vitest'
import { bytes, rewrite } from '../support/fault-proxy.ts'
import { type FaultyGateway, startFaultyGateway } from './fault-gateway.ts'
import { guarantee } from './guarantee.ts'
import { postWebhook } from './webhook-calls.ts'

// What vendors write into single values: times, addresses, ids.

let gateway: FaultyGateway
beforeAll(async () => {
  gateway = await startFaultyGateway()
})
afterAll(() => gateway.close())
beforeEach(() => {
  for (const key of ['oneview', 'verifik']) gateway.proxy(key).reset()
})

const toWasabi = (body: object) =>
  postWebhook(
    gateway,
    'wasabi',
    JSON.stringify({ eventType: 'CUSTOMER_CARE_TICKET', eventAction: 'UPDATED', version: 1, body }),
    { authorization: 'Bearer sandbox-wasabi-token' },
  )

/** The times of PostgreSQL ("Date/Time Output"), ISO 8601, Java and RFC 9557, and what they are in UTC. */
const times = {
  '2024-02-15 14:46:46+00': '2024-02-15T14:46:46.000Z',
  '2024-02-15 14:46:46.5-08': '2024-02-15T22:46:46.500Z',
  '2024-02-15T14:46:46+0530': '2024-02-15T09:16:46.000Z',
  '2024-02-15t14:46:46,25z': '2024-02-15T14:46:46.250Z',
  '2024-02-15T14:46Z': '2024-02-15T14:46:00.000Z',
  '2024-02-15T14:46:46.123456789Z[UTC]': '2024-02-15T14:46:46.123Z',
  '2024-02-15T14:46:46+01:00[Europe/Paris]': '2024-02-15T13:46:46.000Z',
  '2016-12-31T23:59:60Z': '2017-01-01T00:00:00.000Z',
  '0001-01-01T00:00:00Z': '0001-01-01T00:00:00.000Z',
}
const noTimes = ['2024-02-30T10:00:00Z', '2024-04-31T10:00:00Z', '2024-02-15T24:00:01Z', '2024-02-15T10:00:00+25:00', 'infinity']

guarantee(
  'UPSTREAM-30',
  {
    fault:
      'times come in the forms of PostgreSQL, Java, RFC 9557 and ISO 8601, and some name a day, hour or offset that does not exist',
    expected: 'the same instant from a pulled source, an event and an input; null, quarantined, BAD_USER_INPUT',
  },
  async () => {
    const written = [...Object.entries(times), ...noTimes.map((text) => [text, null] as const)]
    gateway.proxy('verifik').fault(
      rewrite((answer) => {
        for (const [index, [text]] of written.entries()) answer.data[index].createdAt = text
        return answer
      }),
    )
    const query = '{ tickets(first: 30, filter: { sources: ["verifik"] }) { nodes { createdAt } } }'
    const { tickets } = await gateway.ask(query)
    expect(tickets.nodes.slice(0, written.length)).toEqual(written.map(([, createdAt]) => ({ createdAt })))

    for (const [index, [text, instant]] of written.entries()) {
      const fields = { ticketId: `time-${index}`, customerId: 'c', status: 'OPEN', createdAt: text, updatedAt: text }
      const { body } = await toWasabi(fields)
      expect(JSON.parse(body).results[0].outcome, text).toBe(instant === null ? 'QUARANTINED' : 'KEPT')
      const one = 'query ($id: String!) { ticketByExternalId(source: "wasabi", externalId: $id) { createdAt updatedAt } }'
      const { ticketByExternalId } = await gateway.ask(one, { id: `time-${index}` })
      expect(ticketByExternalId, text).toEqual(instant && { createdAt: instant, updatedAt: instant })

      const filtered =
        'query ($at: DateTime) { tickets(first: 1, filter: { sources: ["wasabi"], createdAfter: $at }) { totalCount } }'
      const { errors } = await gateway.answer(filtered, { at: text })
      expect(errors?.[0]?.extensions.code, text).toBe(instant === null ? 'BAD_USER_INPUT' : undefined)
    }
    return `${Object.keys(times).length} forms read three ways, ${noTimes.length} refused three ways`
  },
)

guarantee(
  'UPSTREAM-09',
  {
    fault: 'ids have a colon, blanks and characters beyond ASCII, or could change a path',
    expected: 'the former read by their escaped id, the others dropped and reported, events with them quarantined',
  },
  async () => {
    const readable = ['n:2', 'ä b', 'a&b=c']
    const refused = ['n/3', '..', 'a%2fb', 'x'.repeat(257)]
    gateway.proxy('oneview').fault(
      rewrite((answer) => {
        for (const [index, id] of [...readable, ...refused].entries()) answer.list[index].id = id
        return answer
      }),
      1,
    )
    const query = '{ tickets(first: 40, filter: { sources: ["oneview"] }) { nodes { id externalId } sources { error } } }'
    const { tickets } = await gateway.ask(query)
    const listed: { id: string; externalId: string }[] = tickets.nodes
    expect(listed.slice(0, readable.length).map(({ externalId }) => externalId)).toEqual(readable)
    expect(listed).toHaveLength(gateway.sandbox.oneview.tickets() - refused.length)
    expect(tickets.sources[0].error).toMatch(/^4 records/)
    for (const { id, externalId } of listed.slice(0, readable.length)) {
      gateway.proxy('oneview').fault(bytes(JSON.stringify({ id: externalId })), 1)
      const one = 'query ($id: ID!) { ticket(id: $id) { externalId } }'
      expect(await gateway.ask(one, { id })).toEqual({ ticket: { externalId } })
      expect(gateway.proxy('oneview').calls.at(-1)?.path).toMatch(new RegExp(`/${encodeURIComponent(externalId)}$`))
    }

    const event = { customerId: 'c', status: 'OPEN', createdAt: '2024-01-01T00:00:00Z', updatedAt: '2024-01-01T00:00:00Z' }
    for (const ticketId of refused) {
      const { body } = await toWasabi({ ticketId, ...event })
      expect(JSON.parse(body).results[0]).toMatchObject({ outcome: 'QUARANTINED', problem: expect.stringContaining('The id') })
    }
    return `${readable.length} read, ${refused.length} dropped, "${tickets.sources[0].error}"`
  },
)

const toRbi = (data: object) => {
  const body = JSON.stringify({ type: 'GENERAL_SUPPORT_TICKET_EVENT', data: { category: 'other', ...data } })
  const signature = createHmac('sha256', 'sandbox-rbi-secret').update(body).digest('hex')
  return postWebhook(gateway, 'rbi', body, { 'x-signature': signature })
}

guarantee(
  'UPSTREAM-31',
  {
    fault: 'addresses are relative, no URLs, or no e-mail addresses',
    expected: 'relative URLs resolved against the source, the others null, raw keeps them',
  },
  async () => {
    const urls = [
      '/files/1.png',
      'files/2.png',
      '//cdn.example/3.png',
      'https://x.example/4.png',
      'javascript:alert(1)',
      'ftp://x/6',
    ]
    const origin = gateway.proxy('verifik').origin
    const client = { _id: 'c', name: 'Ann', email: 'not an email' }
    gateway.proxy('verifik').fault(
      rewrite((answer) => {
        const attachments = urls.map((url) => ({ filename: 'f', url }))
        Object.assign(answer.data, { client, attachments, threads: [{ type: 'agent', message: 'See', attachments }] })
        return answer
      }),
    )
    const list = await gateway.ask('{ tickets(first: 1, filter: { sources: ["verifik"] }) { nodes { id } } }')
    const query = `query ($id: ID!) { ticket(id: $id) {
      attachments { url } threads { nodes { attachments { url } } } customer { name email } raw
    } }`
    const { ticket } = await gateway.ask(query, { id: list.tickets.nodes[0].id })
    // The sandbox's Verifik has its base URL at the root of its host.
    const resolved = [`${origin}/files/1.png`, `${origin}/files/2.png`, 'http://cdn.example/3.png', urls[3], null, null]
    expect(ticket.attachments).toEqual(resolved.map((url) => ({ url })))
    expect(ticket.threads.nodes).toEqual([{ attachments: resolved.map((url) => ({ url })) }])
    expect(ticket.customer).toEqual({ name: 'Ann', email: null })
    expect(ticket.raw).toMatchObject({ client, attachments: urls.map((url) => ({ url })) })

    await toRbi({ id: 'mail-1', customer: { id: 'g', email: 'Guest <guest@example.com>' } })
    await toRbi({ id: 'mail-2', customer: { id: 'g', email: 'guest@example.com' } })
    await gateway.idle()
    const one = 'query ($id: String!) { ticketByExternalId(source: "rbi", externalId: $id) { customer { email } raw } }'
    const first = (await gateway.ask(one, { id: 'mail-1' })).ticketByExternalId
    expect(first).toMatchObject({ customer: { email: null }, raw: { customer: { email: 'Guest <guest@example.com>' } } })
    const second = (await gateway.ask(one, { id: 'mail-2' })).ticketByExternalId
    expect(second).toMatchObject({ customer: { email: 'guest@example.com' } })
    return `${resolved.filter((url) => url !== null).length} of ${urls.length} URLs, 1 of 3 addresses`
  },
)

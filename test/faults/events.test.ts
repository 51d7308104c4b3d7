import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, expect } from 'vitest'
import { storeTicket } from '../fixtures/rbi/store-ticket.ts'
import { sendRaw } from '../http/plugins/raw-http.ts'
import { type FaultyGateway, readCounter, startFaultyGateway } from './fault-gateway.ts'
import { guarantee } from './guarantee.ts'
import { ticket as findTicket, postWebhook, type SentWebhook, toVcc as sendToVcc, vccEvent, vccQuery } from './webhook-calls.ts'

let gateway: FaultyGateway
beforeAll(async () => {
  gateway = await startFaultyGateway({
    config: (config) => ({
      ...config,
      limits: {
        ...config.limits,
        slowClients: { ...config.limits.slowClients, headersTimeoutMs: 1_000, requestTimeoutMs: 1_000 },
      },
    }),
  })
})
afterAll(() => gateway.close())

const post = (source: string, body: string | Buffer, headers: Record<string, string> = {}, query = '') =>
  postWebhook(gateway, source, body, headers, query)
const toVcc = (body: string | Buffer) => sendToVcc(gateway, body)
const ticket = (source: string, id: string) => findTicket(gateway, source, id)
const toWasabi = (body: string) => post('wasabi', body, { authorization: 'Bearer sandbox-wasabi-token' })
const sign = (body: string) => createHmac('sha256', 'sandbox-rbi-secret').update(body).digest('hex')
const toRbi = (body: string, id = '') =>
  post('rbi', body, { 'x-signature': sign(body), ...(id === '' ? {} : { 'webhook-id': id }) })

const envelope = (ticketId: string, fields: object = {}) =>
  JSON.stringify({
    eventType: 'CUSTOMER_CARE_TICKET',
    eventAction: 'UPDATED',
    version: 1,
    body: {
      ticketId,
      customerId: 'c-1',
      status: 'OPEN',
      createdAt: '2024-01-01T00:00:00Z',
      updatedAt: '2024-01-02T00:00:00Z',
      ...fields,
    },
  })

async function listDeadLetters(source?: string) {
  await gateway.idle()
  const query = 'query ($source: String) { quarantine(first: 100, source: $source) { nodes { id problem state body } } }'
  return (await gateway.ask(query, { source })).quarantine.nodes as {
    id: string
    problem: string
    state: string
    body: unknown
  }[]
}

guarantee(
  'WEBHOOK-01',
  {
    fault: 'events come without a signature, with a wrong one, and with the signature of another body',
    expected: '401 each, nothing stored',
  },
  async () => {
    const before = (await listDeadLetters()).length
    const body = JSON.stringify({ ...storeTicket, data: { ...storeTicket.data, id: 'w1' } })
    const answers = [
      await post('vcc', vccEvent('add', 1)),
      await post('vcc', vccEvent('add', 1), {}, '?secret-key=wrong'),
      await post('vcc', vccEvent('add', 1), {}, '?secret-key=sandbox-vcc-secret&secret-key=sandbox-vcc-secret'),
      await post('wasabi', envelope('w1')),
      await post('wasabi', envelope('w1'), { authorization: 'Bearer wrong' }),
      await post('rbi', body),
      await post('rbi', body.replace('Two wings', 'Ten wings'), { 'x-signature': sign(body) }),
    ]
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 401, 401, 401, 401])
    expect([await ticket('vcc', '9-1'), await ticket('wasabi', 'w1'), await ticket('rbi', 'w1')]).toEqual([null, null, null])
    expect(await listDeadLetters()).toHaveLength(before)
    return '401 seven times, no ticket, nothing in quarantine'
  },
)

guarantee('WEBHOOK-03', { fault: 'the same event comes three times', expected: '2xx each, one effect' }, async () => {
  const statuses = []
  for (let sent = 0; sent < 3; sent++) statuses.push((await toVcc(vccEvent('add', 3, { title: 'once' }))).status)
  expect(statuses).toEqual([200, 200, 200])
  expect((await ticket('vcc', '9-3')).events.nodes).toEqual([{ kind: 'CREATED' }])
  return '200 three times, 1 change-log entry'
})

guarantee(
  'WEBHOOK-04',
  { fault: 'another body comes under a used event id', expected: '200, quarantined, the ticket unchanged' },
  async () => {
    const body = (comments: string) => JSON.stringify({ ...storeTicket, data: { ...storeTicket.data, id: 'w4', comments } })
    expect((await toRbi(body('first'), 'msg-w4')).status).toBe(200)
    expect((await toRbi(body('forged'), 'msg-w4')).status).toBe(200)
    expect(await ticket('rbi', 'w4')).toMatchObject({ description: 'first' })
    const [newest] = await listDeadLetters('rbi')
    expect(newest).toMatchObject({ state: 'HELD', body: { data: { comments: 'forged' } } })
    return `"${newest?.problem}"`
  },
)

guarantee('WEBHOOK-05', { fault: '20 copies of one event come at once', expected: '2xx each, one effect' }, async () => {
  const sent = await Promise.all(Array.from({ length: 20 }, () => toVcc(vccEvent('add', 5, { title: 'twenty' }))))
  expect(new Set(sent.map(({ status }) => status))).toEqual(new Set([200]))
  expect((await ticket('vcc', '9-5')).events.nodes).toHaveLength(1)
  return '200 twenty times, 1 change-log entry'
})

/** Authentic events that cannot be decoded, by kind. */
const undecodable: Readonly<Record<string, () => Promise<SentWebhook>>> = {
  'not JSON': () => toVcc('action=add&ticket=1'),
  'no body': () => toVcc(''),
  'an empty list': () => toVcc('[]'),
  'a number': () => toVcc('42'),
  'half of its JSON': () => toVcc('{"action":"add","ticket":{"ticketId":1'),
  'bytes that are not UTF-8': () => toVcc(Buffer.from([0x7b, 0xff, 0xfe, 0x7d])),
  '100 levels': () => toVcc(`{"action":"add","ticket":${'{"a":'.repeat(100)}1${'}'.repeat(100)}}`),
  'an unknown action': () => toVcc(vccEvent('merge', 6)),
  'no ticket': () => toVcc('{"action":"add"}'),
  'a ticket that is a list': () => toVcc('{"action":"add","ticket":[1]}'),
  'an id that is a path': () => toVcc('{"action":"add","ticket":{"ticketId":"../1","projectId":9}}'),
  'no project': () => toVcc('{"action":"add","ticket":{"ticketId":6}}'),
  'another event type': () => toWasabi(envelope('w6').replace('CUSTOMER_CARE_TICKET', 'CUSTOMER')),
  'another version': () => toWasabi(envelope('w6').replace('"version":1', '"version":2')),
  'an invalid time': () => toWasabi(envelope('w6', { updatedAt: 'yesterday' })),
  'a reason without a type': () => toWasabi(envelope('w6', { reason: {} })),
  'neither STORE nor GENERAL': () => toRbi(JSON.stringify({ ...storeTicket, type: 'GIFT' })),
  'no category': () => toRbi(JSON.stringify({ ...storeTicket, data: { id: 'w6' } })),
}

guarantee(
  'WEBHOOK-06',
  {
    fault: `${Object.keys(undecodable).length} kinds of authentic events that cannot be decoded`,
    expected: '2xx, a dead letter with bytes and reason, replayable',
  },
  async () => {
    for (const [kind, send] of Object.entries(undecodable)) {
      const before = new Set((await listDeadLetters()).map(({ id }) => id))
      const { status } = await send()
      expect(status, kind).toBeGreaterThanOrEqual(200)
      expect(status, kind).toBeLessThan(300)
      const added = (await listDeadLetters()).filter(({ id }) => !before.has(id))
      expect(added, kind).toMatchObject([{ state: 'HELD', problem: expect.stringMatching(/\S/) }])
      expect(added[0]?.problem, kind).not.toContain('internal fault')
      const replay = 'mutation ($id: ID!) { replayQuarantined(id: $id) { state problem } }'
      const { replayQuarantined } = await gateway.ask(replay, { id: added[0]?.id })
      expect(replayQuarantined, kind).toEqual({ state: 'HELD', problem: added[0]?.problem })
    }
    return '2xx each, each a dead letter with its own reason, each can be replayed'
  },
)

guarantee(
  'WEBHOOK-07',
  { fault: 'an older snapshot comes after a newer one', expected: '2xx, superseded, nothing overwritten' },
  async () => {
    await toWasabi(envelope('w7', { status: 'RESOLVED', updatedAt: '2024-02-02T00:00:00Z' }))
    const { status, body } = await toWasabi(envelope('w7', { status: 'OPEN', updatedAt: '2024-02-01T00:00:00Z' }))
    expect([status, JSON.parse(body)]).toEqual([202, { results: [{ index: 0, outcome: 'UNCHANGED' }] }])
    expect(await ticket('wasabi', 'w7')).toMatchObject({ status: 'RESOLVED', events: { nodes: [{ kind: 'CREATED' }] } })
    return '202 UNCHANGED, still RESOLVED'
  },
)

guarantee('WEBHOOK-08', { fault: 'an update comes before its add', expected: 'a stub first, completed by the add' }, async () => {
  await toVcc(vccEvent('update', 8, { title: 'from the update', subStatus: 'waiting4entity' }))
  expect(await ticket('vcc', '9-8')).toMatchObject({ title: 'from the update', description: null })
  await toVcc(vccEvent('add', 8, { title: 'from the add', description: 'whole', status: 'park', subStatus: 'waiting4agent' }))
  expect(await ticket('vcc', '9-8')).toMatchObject({ title: 'from the update', description: 'whole', status: 'PENDING' })
  return 'the stub has the update, the add fills the other fields'
})

guarantee(
  'WEBHOOK-09',
  { fault: 'a delete comes, then an older update, then a late add', expected: 'the tombstone wins' },
  async () => {
    await toVcc(vccEvent('add', 9, { title: 'alive', status: 'park' }))
    await toVcc(vccEvent('delete', 9, { title: 'gone' }))
    await toVcc(vccEvent('update', 9, { title: 'late update' }))
    await toVcc(vccEvent('add', 9, { title: 'late add', status: 'park' }))
    expect(await ticket('vcc', '9-9')).toMatchObject({ title: 'gone', deletedAt: expect.any(String) })
    const { tickets } = await gateway.ask('{ tickets(first: 100, filter: { sources: ["vcc"] }) { nodes { externalId } } }')
    expect(tickets.nodes).not.toContainEqual({ externalId: '9-9' })
    return 'deletedAt stays, not in lists; no source with an event time deletes'
  },
)

guarantee(
  'WEBHOOK-10',
  { fault: 'an update has one field null and omits another', expected: 'null clears the field, an absent field stays' },
  async () => {
    await toVcc(vccEvent('add', 10, { title: 'unchanged', description: 'cleared' }))
    await toVcc(vccEvent('update', 10, { description: null }))
    expect(await ticket('vcc', '9-10')).toMatchObject({ title: 'unchanged', description: null })
    return 'title unchanged, description null'
  },
)

guarantee('WEBHOOK-11', { fault: 'an event has 1.1 MB', expected: '413 and counted' }, async () => {
  const before = await readCounter(gateway, 'webhook_events_total', { source: 'vcc', outcome: 'TOO_LARGE' })
  const { status } = await toVcc(vccEvent('add', 11, { description: 'x'.repeat(1_100_000) }))
  expect(status).toBe(413)
  expect((await readCounter(gateway, 'webhook_events_total', { source: 'vcc', outcome: 'TOO_LARGE' })) - before).toBe(1)
  return '413, readCounter once'
})

guarantee(
  'WEBHOOK-12',
  { fault: 'a client sends half a body', expected: 'closed in time with 408, nothing stored' },
  async () => {
    const half = vccEvent('add', 12).slice(0, 40)
    const head = `POST /webhooks/vcc${vccQuery} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n`
    const answer = await sendRaw(gateway.url, head + half, 10_000)
    expect(answer).toMatch(/^HTTP\/1\.1 408 /)
    expect(await ticket('vcc', '9-12')).toBeNull()
    return '408, the connection closed, no ticket'
  },
)

guarantee(
  'WEBHOOK-13',
  { fault: 'events are sent to unknown and polled sources, and by GET', expected: '404, 404, 405' },
  async () => {
    expect((await post('unknown', '{}')).status).toBe(404)
    expect((await post('oneview', '{}')).status).toBe(404)
    const got = await fetch(`${gateway.url}/webhooks/vcc`)
    expect([got.status, got.headers.get('allow')]).toEqual([405, 'POST, HEAD'])
    return '404, 404, 405 with Allow: POST'
  },
)

guarantee('WEBHOOK-14', { fault: 'an event has unknown fields', expected: 'stored in raw' }, async () => {
  await toVcc(vccEvent('add', 14, { mood: { of: 'the agent' } }))
  await toWasabi(envelope('w14', { mood: ['calm'] }))
  expect((await ticket('vcc', '9-14')).raw).toMatchObject({ mood: { of: 'the agent' } })
  expect((await ticket('wasabi', 'w14')).raw).toMatchObject({ mood: ['calm'] })
  return 'both in raw'
})

guarantee(
  'WEBHOOK-20',
  {
    fault: 'pages of an export come, with the list of events under any key and other keys beside it',
    expected: 'every event kept, nothing quarantined; a page without events is one dead letter',
  },
  async () => {
    const before = (await listDeadLetters('wasabi')).length
    const pages = [
      `{"count":2,"tickets":[${envelope('page-1')},${envelope('page-2')}],"next_page":null}`,
      `{"ok":true,"data":{"items":[${envelope('page-3')}],"total":1},"users":[{"id":1}]}`,
      `[{"tickets":[${envelope('page-4')}]},{"tickets":[${envelope('page-5')}]}]`,
    ]
    const results = []
    for (const page of pages) results.push(...JSON.parse((await toWasabi(page)).body).results)
    expect(results.map(({ outcome }) => outcome)).toEqual(Array(5).fill('KEPT'))
    expect(JSON.parse((await toWasabi('{"count":0,"tickets":[],"next_page":null}')).body)).toEqual({ results: [] })
    expect(await listDeadLetters('wasabi')).toHaveLength(before)
    const others = '{"users":[{"id":1},{"id":2}],"count":2}'
    expect(JSON.parse((await toWasabi(others)).body).results).toMatchObject([{ outcome: 'QUARANTINED' }])
    expect((await listDeadLetters('wasabi'))[0]).toMatchObject({ body: JSON.parse(others) })
    for (const id of [1, 2, 3, 4, 5]) expect(await ticket('wasabi', `page-${id}`)).not.toBeNull()
    return `${results.length} events of ${pages.length} pages kept, none held`
  },
)

guarantee(
  'WEBHOOK-21',
  {
    fault: 'events have the byte E9 in a text, or a byte order mark before their JSON',
    expected: '2xx; a dead letter with its original body, inspectable and replayable; the mark is skipped',
  },
  async () => {
    const latin1 = Buffer.from(vccEvent('add', 21, { title: 'caf\u00e9' }), 'latin1')
    expect((await toVcc(latin1)).status).toBe(200)
    const [held] = await listDeadLetters('vcc')
    expect(held).toMatchObject({ state: 'HELD', problem: expect.stringMatching(/it has E9 as byte \d+\.$/) })
    expect(held?.body).toContain('caf\ufffd')
    const replay = 'mutation ($id: ID!) { replayQuarantined(id: $id) { state problem } }'
    const { replayQuarantined } = await gateway.ask(replay, { id: held?.id })
    expect(replayQuarantined).toEqual({ state: 'HELD', problem: held?.problem })
    expect(await ticket('vcc', '9-21')).toBeNull()

    const count = (await listDeadLetters()).length
    expect((await toVcc(`\ufeff${vccEvent('add', 22, { title: 'marked' })}`)).status).toBe(200)
    expect((await toWasabi(`\ufeff${envelope('marked')}`)).status).toBe(202)
    expect(await ticket('vcc', '9-22')).toMatchObject({ title: 'marked' })
    expect(await ticket('wasabi', 'marked')).not.toBeNull()
    expect(await listDeadLetters()).toHaveLength(count)
    return `"${held?.problem}"; 2 events behind a mark applied`
  },
)

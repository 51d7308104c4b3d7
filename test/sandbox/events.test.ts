import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createSandbox, type Sandbox } from '../../sandbox/sandbox.ts'
import { type ReceivedWebhook, receiveWebhooks } from './webhook-receiver.ts'

let sandbox: Sandbox
let received: readonly ReceivedWebhook[]

beforeAll(async () => {
  sandbox = await createSandbox({ today: Date.parse('2026-03-02T12:00:00Z') })
  const receiver = await receiveWebhooks((index) =>
    index % 40 === 7 ? { status: 503, headers: { 'retry-after': '0' } } : { status: 200 },
  )
  await sandbox.replayHistory(receiver.url)
  received = receiver.received
  await receiver.close()
})
afterAll(() => sandbox.close())

const sentTo = (source: string) => received.filter(({ path }) => path.split('?')[0] === `/webhooks/${source}`)

describe('the webhooks that the sandbox sends', () => {
  it('from VCC: one change each, the secret in the query, sparse updates', () => {
    const bodies = sentTo('vcc').map(({ body }) => JSON.parse(body))
    expect(new Set(sentTo('vcc').map(({ path }) => path))).toEqual(new Set(['/webhooks/vcc?secret-key=sandbox-vcc-secret']))
    expect(new Set(bodies.map(({ action }) => action))).toEqual(new Set(['add', 'update', 'delete', 'merge']))
    expect(bodies.filter(({ action }) => action === 'add').length).toBeGreaterThanOrEqual(320)
    const updates = bodies.filter(({ action }) => action === 'update').map(({ ticket }) => ticket)
    for (const ticket of updates) {
      expect(Object.keys(ticket)).toEqual(expect.arrayContaining(['ticketId', 'ticketNo', 'projectId', 'projectName']))
      expect(ticket).not.toHaveProperty('description')
    }
    expect(bodies.some(({ ticket }) => 'substatus' in ticket) && bodies.some(({ ticket }) => 'subStatus' in ticket)).toBe(true)
  })

  it('from VCC: the three documented samples, in the order of the page', () => {
    const samples = sentTo('vcc')
      .map(({ body }) => JSON.parse(body))
      .filter(({ ticket }) => ticket.ticketNo === '130-20240215-270338')
    expect(samples.map(({ action }) => action)).toEqual(['add', 'update', 'delete'])
    expect(samples[1].ticket).toEqual({
      ticketId: 21,
      ticketNo: '130-20240215-270338',
      title: 'Customer complaint',
      cc: '[email protected]',
      subStatus: 'waiting4entity',
      projectId: 130,
      projectName: 'Customer complaints on email',
    })
  })

  it('from VCC: never the same body twice, ids unique only within a project, and its own count of tickets', () => {
    expect(new Set(sentTo('vcc').map(({ body }) => body)).size).toBe(sentTo('vcc').length)
    const adds = sentTo('vcc')
      .map(({ body }) => JSON.parse(body))
      .filter(({ action }) => action === 'add')
    expect(new Set(adds.map(({ ticket }) => ticket.ticketId)).size).toBeLessThan(adds.length)
    expect(new Set(adds.map(({ ticket }) => `${ticket.projectId}-${ticket.ticketId}`)).size).toBe(adds.length)
    const deletes = sentTo('vcc').filter(({ body }) => JSON.parse(body).action === 'delete')
    expect(sandbox.vcc.tickets()).toBe(adds.length - deletes.length)
    expect(deletes.length).toBeGreaterThan(1)
  })

  it('from Wasabi: a bearer token, and every body format', () => {
    expect(new Set(sentTo('wasabi').map(({ headers }) => headers.authorization))).toEqual(
      new Set(['Bearer sandbox-wasabi-token']),
    )
    expect(new Set(sentTo('wasabi').map(({ headers }) => headers['content-type']))).toEqual(
      new Set(['application/json', 'application/x-ndjson', 'application/jsonl']),
    )
    const forms = sentTo('wasabi')
      .filter(({ headers }) => headers['content-type'] === 'application/json')
      .map(({ body }) => JSON.parse(body))
    expect(
      forms.some(Array.isArray) && forms.some((body) => 'tickets' in body) && forms.some((body) => 'eventType' in body),
    ).toBe(true)
  })

  it('from Wasabi: the repaired documented example, and the creation of each ticket before its updates', () => {
    expect(sentTo('wasabi').map(({ body }) => body)).toContain(
      '{"eventType":"CUSTOMER_CARE_TICKET","eventAction":"CREATED","version":1,"body":{"ticketId":"12345678","customerId":"12345678","status":"OPEN","reason":{"type":"WRONG_PRODUCT"},"ticketOrigin":"zendesk","resolvedAt":"2024-02-07T12:45:00","firstReplyTimeInMinutes":12,"createdAt":"2024-02-06T10:00:00","updatedAt":"2024-02-06T12:45:00"}}',
    )
    const seen = new Set<string>()
    for (const { eventAction, body } of sentTo('wasabi').flatMap(toEnvelopes)) {
      if (eventAction === 'CREATED') seen.add(body.ticketId)
      else expect(seen).toContain(body.ticketId)
    }
    expect(seen.size).toBeGreaterThanOrEqual(320)
    expect(sandbox.wasabi.tickets()).toBe(seen.size)
  })

  it('from RBI: a signature of the raw body, and the types of event and ticket', () => {
    for (const { headers, body } of sentTo('rbi')) {
      expect(headers['x-signature']).toBe(createHmac('sha256', 'sandbox-rbi-secret').update(body).digest('hex'))
      const { type, data = JSON.parse(body) } = JSON.parse(body)
      expect(type).toMatch(new RegExp(`^${data.type}(_SUPPORT_TICKET(_EVENT)?)?$`))
      if (data.type === 'STORE') expect(data.order.placedAt).toBeDefined()
    }
    // 48 changes after the history of 130 tickets, in all systems alike. Each of RBI's is a new ticket.
    const tickets = 130 + Math.floor(48 / Object.keys(sandbox.gatewayConfig().sources).length)
    expect(sentTo('rbi')).toHaveLength(tickets)
    expect(sandbox.rbi.tickets()).toBe(tickets)
  })

  it('end with changes in every system, so that each has some of the latest tickets', () => {
    const opened = Math.floor(Date.parse(JSON.parse(sentTo('rbi').at(-1)!.body).data.createdAt) / 1000) - 10
    const latest = (system: 'oneview' | 'verifik') =>
      fetch(`${sandbox[system].url}${system === 'oneview' ? '/v1/tickets' : '/v2/support-tickets'}`, {
        headers: { authorization: `Bearer ${sandbox[system].token}` },
      })
    return Promise.all([latest('oneview'), latest('verifik')]).then(async ([oneview, verifik]) => {
      expect(((await oneview.json()) as { list: { UpdatedAt: number }[] }).list[0]!.UpdatedAt).toBeGreaterThan(opened)
      expect(Date.parse(((await verifik.json()) as { data: { updatedAt: string }[] }).data[0]!.updatedAt) / 1000).toBeGreaterThan(
        opened,
      )
    })
  })
})

function toEnvelopes({ headers, body }: ReceivedWebhook) {
  if (headers['content-type'] !== 'application/json')
    return body
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
  const value = JSON.parse(body)
  return Array.isArray(value) ? value : (value.tickets ?? [value])
}

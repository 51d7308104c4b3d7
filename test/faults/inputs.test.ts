import { lookup } from 'node:dns/promises'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, vi } from 'vitest'
import { stringify } from 'yaml'
import { createRouting } from '../../sandbox/rbi/catalogue.ts'
import { encodeId } from '../../src/domain/ids.ts'
import { type FakePartner, startPartner } from '../delivery/fake-partner.ts'
import { type FaultyGateway, startFaultyGateway } from './fault-gateway.ts'
import { guarantee } from './guarantee.ts'

const folder = mkdtempSync(join(tmpdir(), 'deskgraph-inputs-'))
let partner: FakePartner
let gateway: FaultyGateway
beforeAll(async () => {
  partner = await startPartner()
  const routing = join(folder, 'routing.yaml')
  writeFileSync(routing, stringify(toRouting(await nameOfThisMachine())))
  gateway = await startFaultyGateway({
    config: (config) => ({
      ...config,
      deliveries: { ...config.deliveries, scheduleSeconds: [0, 1] },
      sources: { ...config.sources, rbi: { ...config.sources.rbi!, routing } as typeof config.sources.rbi & object },
    }),
  })
})
afterAll(async () => {
  await gateway.close()
  await partner.close()
  rmSync(folder, { recursive: true, force: true })
})
beforeEach(() => {
  gateway.proxy('oneview').reset()
  gateway.proxy('verifik').reset()
})
const calls = () => gateway.proxy('oneview').calls.length + gateway.proxy('verifik').calls.length

/** One partner whose name resolves to a private address when the gateway calls it. */
function toRouting(name: string) {
  const base = createRouting('http://127.0.0.1:1', 'secret')
  const own = {
    key: 'inside',
    url: `http://${name}:${partner.port}/hook`,
    secret: 'a partner secret of the tests',
    events: ['STORE_SUPPORT_TICKET_EVENT'],
    stores: ['1'],
  }
  return { allowPrivateNetworks: ['10.255.255.0/29'], markets: base.markets.map((market) => ({ ...market, partners: [own] })) }
}

/** A name of this machine other than localhost. */
async function nameOfThisMachine(): Promise<string> {
  for (const name of [hostname(), 'ip6-localhost', 'localhost.localdomain']) {
    if (await lookup(name).catch(() => null)) return name
  }
  throw new Error('This machine has no name but localhost.')
}

guarantee(
  'INPUT-03',
  { fault: 'ids are paths, queries, fragments and escapes', expected: 'BAD_USER_INPUT or null, no upstream call' },
  async () => {
    const ids = [
      '..',
      '.',
      '../v2/escalation/departments',
      'a/b',
      'a?b=c',
      'a#b',
      'a\\b',
      '%2e%2e',
      '%2e%2e%2f',
      'a%00',
      'a\u0000',
      '',
      ' ',
      'a'.repeat(257),
    ]
    for (const source of ['oneview', 'verifik']) {
      for (const externalId of ids) {
        const byExternal = await gateway.answer(
          'query ($source: String!, $externalId: String!) { ticketByExternalId(source: $source, externalId: $externalId) { id } }',
          { source, externalId },
        )
        expect(byExternal.data?.ticketByExternalId ?? null, externalId).toBeNull()
        expect(byExternal.errors?.[0]?.extensions.code, externalId).toBe('BAD_USER_INPUT')
        const id = encodeId('ticket', source, '', externalId)
        const read = await gateway.answer('query ($id: ID!) { ticket(id: $id) { id } node(id: $id) { id } }', { id })
        expect(read.data, externalId).toEqual({ ticket: null, node: null })
        const write = await gateway.answer('mutation ($id: ID!) { updateTicket(input: { id: $id, title: "x" }) { outcome } }', {
          id,
        })
        expect(write.data?.updateTicket?.outcome ?? 'REJECTED', externalId).toBe('REJECTED')
      }
    }
    expect(calls()).toBe(0)
    return `${ids.length} ids by three ways to two sources, 0 calls`
  },
)

guarantee(
  'INPUT-04',
  {
    fault: "a partner's name resolves to this machine",
    expected: 'refused at every send, nothing arrives',
  },
  async () => {
    const input = {
      source: 'rbi',
      category: 'order',
      subcategory: 'missing-item',
      description: 'No fries.',
      storeId: '1',
      order: { externalId: 'o-1', placedAt: new Date().toISOString() },
    }
    const { createTicket } = await gateway.ask(
      'mutation ($input: CreateTicketInput!) { createTicket(input: $input) { ticket { id } } }',
      { input },
    )
    const query = 'query ($id: ID!) { ticket(id: $id) { routing { deliveries { state attempts lastError } } } }'
    const readDelivery = async () => (await gateway.ask(query, { id: createTicket.ticket.id })).ticket.routing.deliveries[0]
    await vi.waitFor(async () => expect((await readDelivery()).state).toBe('DEAD'), { timeout: 40_000, interval: 200 })
    const { attempts, lastError } = await readDelivery()
    expect(attempts).toBe(2)
    expect(lastError).toMatch(/may not be called/)
    expect(lastError).not.toMatch(/\d+\.\d+\.\d+|::/)
    expect(partner.received).toHaveLength(0)
    return `"${lastError}", twice`
  },
)

guarantee('INPUT-05', { fault: 'the input contains __proto__ and constructor', expected: 'inert' }, async () => {
  const bodies = [
    '{"query":"query ($f: TicketFilter) { tickets(first: 1, filter: $f) { nodes { id } } }","variables":{"f":{"__proto__":{"polluted":1}}}}',
    '{"query":"{ sources { key } }","__proto__":{"polluted":1}}',
    '{"query":"{ sources { key } }","variables":{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}}',
    '{"query":"{ sources { key } }","extensions":{"__proto__":{"polluted":1}},"operationName":"__proto__"}',
  ]
  for (const body of bodies) {
    const response = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    })
    await response.arrayBuffer()
    expect(response.status).toBeLessThan(500)
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  }
  const query = 'query ($id: String!) { ticketByExternalId(source: "vcc", externalId: $id) { id } }'
  for (const id of ['__proto__', 'constructor', 'toString']) {
    const { data, errors } = await gateway.answer(query, { id })
    expect(data?.ticketByExternalId ?? null).toBeNull()
    for (const error of errors ?? []) expect(error.extensions.code).toBe('BAD_USER_INPUT')
  }
  const { errors } = await gateway.answer('{ tickets(filter: { sources: ["__proto__"] }) { nodes { id } } }')
  expect(errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT')
  return 'nothing polluted, no such source, no such ticket'
})

guarantee(
  'INPUT-06',
  { fault: 'search texts contain SQL and the characters of LIKE', expected: 'bound parameters: they match only themselves' },
  async () => {
    for (const [number, title] of [
      [1, 'plain words'],
      [2, '100% sure'],
      [3, 'under_score'],
      [4, "it's; drop table tickets; --"],
      [5, 'back\\slash'],
    ] as const) {
      const body = JSON.stringify({ action: 'add', ticket: { ticketId: number, projectId: 6, ticketNo: `6-${number}`, title } })
      const query = '?secret-key=sandbox-vcc-secret'
      await fetch(`${gateway.url}/webhooks/vcc${query}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      })
    }
    await gateway.idle()
    const found = async (filter: object) => {
      const query = 'query ($filter: TicketFilter) { tickets(first: 10, filter: $filter) { nodes { externalId } } }'
      const { tickets } = await gateway.ask(query, { filter: { sources: ['vcc'], ...filter } })
      return tickets.nodes.map(({ externalId }: { externalId: string }) => externalId).sort()
    }
    expect(await found({})).toEqual(['6-1', '6-2', '6-3', '6-4', '6-5'])
    expect(await found({ text: '%' })).toEqual(['6-2'])
    expect(await found({ text: '_' })).toEqual(['6-3'])
    expect(await found({ text: "'" })).toEqual(['6-4'])
    expect(await found({ text: '\\' })).toEqual(['6-5'])
    const injected = "' or '1'='1"
    for (const filter of [
      { text: injected },
      { assignee: injected },
      { tags: [injected] },
      { category: [injected] },
      { orderId: injected },
      { customerEmail: injected },
    ]) {
      expect(await found(filter)).toEqual([])
    }
    expect(await found({})).toHaveLength(5)
    return "% _ ' and \\ find themselves alone; six injections find nothing; the table is whole"
  },
)

guarantee(
  'INPUT-07',
  {
    fault: 'texts of 20,000 characters that make backtracking patterns slow, in every text input',
    expected: 'each answered within 1 s',
  },
  async () => {
    const hostile = [
      'a@'.repeat(10_000),
      `${'a'.repeat(20_000)}!`,
      `${'a.'.repeat(10_000)}@`,
      ' '.repeat(20_000),
      '1'.repeat(20_000),
      `${'-'.repeat(10_000)}x`,
      `2024-01-01T00:00:00.${'0'.repeat(20_000)}`,
      '../'.repeat(6_000),
      `http://${'a'.repeat(20_000)}`,
    ]
    const places: readonly [string, (text: string) => Record<string, unknown>][] = [
      ['query ($f: TicketFilter) { tickets(first: 1, filter: $f) { nodes { id } } }', (text) => ({ f: { text } })],
      [
        'query ($f: TicketFilter) { tickets(first: 1, filter: $f) { nodes { id } } }',
        (text) => ({ f: { customerEmail: text, assignee: text } }),
      ],
      ['query ($f: TicketFilter) { tickets(first: 1, filter: $f) { nodes { id } } }', (text) => ({ f: { createdAfter: text } })],
      ['query ($s: String!) { ticketByExternalId(source: "oneview", externalId: $s) { id } }', (text) => ({ s: text })],
      ['query ($s: ID!) { node(id: $s) { id } }', (text) => ({ s: text })],
      ['query ($s: String) { tickets(first: 1, after: $s) { nodes { id } } }', (text) => ({ s: text })],
      [
        'mutation ($i: CreateTicketInput!) { createTicket(input: $i) { outcome } }',
        (text) => ({
          i: { source: 'rbi', category: text, title: text, idempotencyKey: text, customer: { email: text, phone: text } },
        }),
      ],
      [
        'mutation ($i: CreateTicketInput!) { createTicket(input: $i) { outcome } }',
        (text) => ({ i: { source: 'rbi', attachments: [{ filename: text, url: text }] } }),
      ],
    ]
    let slowestMs = 0
    for (const text of hostile) {
      for (const [query, toVariables] of places) {
        const startedAt = performance.now()
        await gateway.answer(query, toVariables(text))
        slowestMs = Math.max(slowestMs, performance.now() - startedAt)
      }
      const startedAt = performance.now()
      const body = JSON.stringify({
        action: 'add',
        ticket: { ticketId: 7, projectId: 7, ticketNo: text, title: text, cc: text, firstOpenTime: text },
      })
      await fetch(`${gateway.url}/webhooks/vcc?secret-key=sandbox-vcc-secret`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      })
      await fetch(`${gateway.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: text.slice(0, 10_000).trim() || 'x' },
        body: '{}',
      })
      slowestMs = Math.max(slowestMs, performance.now() - startedAt)
    }
    expect(slowestMs).toBeLessThan(3 * 1_000)
    return `${hostile.length * (places.length + 2)} requests, the slowest ${slowestMs.toFixed(0)} ms`
  },
)

guarantee(
  'INPUT-20',
  {
    fault: 'texts with NUL and halves of surrogate pairs in every input, and keys that are too long or blank',
    expected: 'BAD_USER_INPUT, no call; keys in two normal forms stay two',
  },
  async () => {
    const before = gateway.proxy('verifik').calls.length + gateway.proxy('oneview').calls.length
    const create = 'mutation ($i: CreateTicketInput!) { createTicket(input: $i) { outcome } }'
    const ticket = { source: 'verifik', title: 't', description: 'd', priority: 'LOW', category: 'general' }
    const places: readonly [string, (text: string) => Record<string, unknown>][] = [
      [create, (text) => ({ i: { ...ticket, idempotencyKey: text } })],
      [create, (text) => ({ i: { ...ticket, title: text } })],
      ['query ($f: TicketFilter) { tickets(first: 1, filter: $f) { nodes { id } } }', (text) => ({ f: { tags: [text] } })],
      ['query ($s: String) { tickets(first: 1, after: $s) { nodes { id } } }', (text) => ({ s: text })],
      ['query ($s: String!) { ticketByExternalId(source: "oneview", externalId: $s) { id } }', (text) => ({ s: text })],
      ['query ($s: ID!) { node(id: $s) { id } }', (text) => ({ s: text })],
      ['query ($s: String) { source(key: "oneview") { contactReasons(search: $s) { code } } }', (text) => ({ s: text })],
      ['mutation ($s: String!) { discardQuarantined(id: "x", reason: $s) { state } }', (text) => ({ s: text })],
    ]
    for (const text of ['k\u0000', 'k\ud800', '\udc00k']) {
      for (const [query, toVariables] of places) {
        const { data, errors } = await gateway.answer(query, toVariables(text))
        expect([query, data, errors?.[0]?.extensions.code]).toEqual([query, undefined, 'BAD_USER_INPUT'])
      }
    }
    const literal = 'mutation { createTicket(input: { source: "verifik", title: "t", idempotencyKey: "k\\u0000" }) { outcome } }'
    expect((await gateway.answer(literal)).errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT')
    for (const idempotencyKey of ['', ' ', 'x'.repeat(256)]) {
      const { errors } = await gateway.answer(create, { i: { ...ticket, idempotencyKey } })
      expect([idempotencyKey, errors?.[0]?.extensions.code]).toEqual([idempotencyKey, 'BAD_USER_INPUT'])
    }
    expect(gateway.proxy('verifik').calls.length + gateway.proxy('oneview').calls.length).toBe(before)

    for (const idempotencyKey of ['caf\u00e9', 'cafe\u0301', 'caf\u00e9']) {
      const { createTicket } = await gateway.ask(create, { i: { ...ticket, idempotencyKey } })
      expect(createTicket.outcome).toBe('APPLIED')
    }
    const sent = gateway.proxy('verifik').calls.filter(({ method }) => method === 'POST')
    expect(sent).toHaveLength(2)
    return `${places.length} places, 3 texts, 0 calls; 3 writes under two normal forms of a key, 2 sent`
  },
)

guarantee(
  'INPUT-21',
  { fault: 'empty and blank texts in each text field of a filter', expected: 'BAD_USER_INPUT that names the field, no call' },
  async () => {
    const fields = ['assignee', 'customerEmail', 'orderId', 'text', 'category', 'tags', 'sources', 'customerId', 'vendorId']
    const lists = ['category', 'tags', 'sources']
    const query = 'query ($f: TicketFilter) { tickets(first: 1, filter: $f) { totalCount } }'
    for (const field of fields) {
      for (const text of ['', '  ']) {
        const { errors } = await gateway.answer(query, { f: { [field]: lists.includes(field) ? [text] : text } })
        expect([field, errors?.[0]?.extensions.code]).toEqual([field, 'BAD_USER_INPUT'])
      }
    }
    expect(calls()).toBe(0)
    return `${fields.length} fields, 0 calls`
  },
)

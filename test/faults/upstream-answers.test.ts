import { afterAll, beforeAll, beforeEach, expect } from 'vitest'
import { encodeId } from '../../src/domain/ids.ts'
import { doneThen, reset, rewrite, rewriteText, status } from '../support/fault-proxy.ts'
import {
  expectNoInternals,
  expectPartialPage,
  type FaultyGateway,
  internals,
  readCounter,
  startFaultyGateway,
} from './fault-gateway.ts'
import { guarantee } from './guarantee.ts'

let gateway: FaultyGateway
let open: string[]
beforeAll(async () => {
  // Without a circuit breaker: most of these tests fail a call.
  gateway = await startFaultyGateway({
    config: (config) => {
      const { oneview } = config.sources
      if (oneview?.system !== 'oneview') throw new Error('the sandbox has no OneView')
      const upstream = { ...oneview.upstream, failures: 100_000 }
      return { ...config, sources: { ...config.sources, oneview: { ...oneview, upstream } } }
    },
  })
  const query = '{ tickets(first: 100, filter: { sources: ["oneview"], status: [IN_PROGRESS] }) { nodes { externalId } } }'
  open = (await gateway.ask(query)).tickets.nodes.map((node: { externalId: string }) => node.externalId)
})
afterAll(() => gateway.close())
beforeEach(() => {
  for (const key of ['oneview', 'verifik']) gateway.proxy(key).reset()
})
const oneview = () => gateway.proxy('oneview')
const lines = () => oneview().calls.map(({ method }) => method)
const idOf = (externalId: string) => encodeId('ticket', 'oneview', '', externalId)
/** An assigned ticket that no other test used. */
const fresh = () => open.shift() ?? expect.fail('the sandbox has no more assigned tickets')
const state = (externalId: string) => (gateway.sandbox.oneview.ticket(externalId) as { status: string }).status

const close = (externalId: string, key?: string) =>
  gateway.answer(
    'mutation ($id: ID!, $key: String) { closeTicket(input: { id: $id, idempotencyKey: $key }) { outcome ticket { status } userErrors { code message } } }',
    { id: idOf(externalId), key },
  )
const read = (externalId: string) =>
  gateway.answer('query ($id: ID!) { ticket(id: $id) { externalId title raw } }', { id: idOf(externalId) })

for (const [code, userError] of [
  [403, 'FORBIDDEN'],
  [404, 'NOT_FOUND'],
  [409, 'CONFLICT'],
  [422, 'INVALID'],
] as const) {
  guarantee(
    'UPSTREAM-07',
    { fault: `a source answers ${code} to a write`, expected: `REJECTED with ${userError}, one call` },
    async () => {
      oneview().fault(status(code, {}, JSON.stringify({ errors: [{ status: String(code), title: internals }] })), 1)
      const answer = await close(fresh())
      expect(answer.errors).toBeUndefined()
      expect(answer.data.closeTicket).toMatchObject({ outcome: 'REJECTED', userErrors: [{ code: userError }] })
      expect(lines().filter((method) => method === 'POST')).toHaveLength(1)
      expectNoInternals(answer)
      return `REJECTED, ${userError}, 1 POST`
    },
  )
}

guarantee('UPSTREAM-07', { fault: 'a source answers 404 and 403 to a read', expected: 'null, no error, no retry' }, async () => {
  for (const code of [404, 403]) {
    oneview().fault(status(code), 1)
    expect(await read(fresh())).toEqual({ data: { ticket: null } })
  }
  expect(oneview().calls).toHaveLength(2)
  return 'null twice, 2 calls'
})

guarantee(
  'UPSTREAM-09',
  {
    fault: 'three of a list have an object, nothing, or a fraction as their id',
    expected: 'these dropped and reported, the other tickets stay',
  },
  async () => {
    const before = await readCounter(gateway, 'dropped_records_total', { source: 'oneview' })
    oneview().fault(
      rewrite((answer) => {
        Object.assign(answer.list[0], { id: { $oid: 'x' } })
        Object.assign(answer.list[2], { id: undefined })
        Object.assign(answer.list[4], { id: 0.5 })
        return answer
      }),
      1,
    )
    const { data, errors } = await gateway.answer(
      '{ tickets(first: 40, filter: { sources: ["oneview"] }) { nodes { id } sources { outcome returned error } } }',
    )
    expect(errors).toBeUndefined()
    expect(data.tickets.nodes).toHaveLength(gateway.sandbox.oneview.tickets() - 3)
    expect(data.tickets.sources[0]).toMatchObject({ outcome: 'OK', error: expect.stringContaining('3') })
    expect((await readCounter(gateway, 'dropped_records_total', { source: 'oneview' })) - before).toBe(3)
    return `${data.tickets.nodes.length} tickets; "${data.tickets.sources[0].error}"`
  },
)

guarantee(
  'UPSTREAM-09',
  { fault: 'fields of a ticket have unexpected types', expected: 'those fields null, the ticket stays' },
  async () => {
    const nonsense = { status: 7, queue: { a: 1 }, metadata: 'x', customer: [1], vendor: 5, createdAt: 'soon', priority: '∞' }
    oneview().fault(
      rewrite((ticket) => ({ ...ticket, ...nonsense, UpdatedAt: [] })),
      1,
    )
    const { data, errors } = await gateway.answer(
      'query ($id: ID!) { ticket(id: $id) { status queue title customer { name } vendor { id } createdAt updatedAt priorityRank } }',
      { id: idOf(fresh()) },
    )
    expect(errors).toBeUndefined()
    const nothing = {
      queue: null,
      title: null,
      customer: null,
      vendor: null,
      createdAt: null,
      updatedAt: null,
      priorityRank: null,
    }
    expect(data.ticket).toEqual({ status: 'UNKNOWN', ...nothing })
    return 'status UNKNOWN, everything else null'
  },
)

guarantee(
  'UPSTREAM-09',
  { fault: "a source answers another ticket's record", expected: 'UPSTREAM_BAD_RESPONSE, no ticket' },
  async () => {
    oneview().fault(rewrite((ticket) => ({ ...ticket, id: open.at(-1) })))
    const { data, errors } = await read(fresh())
    expect(data.ticket).toBeNull()
    expect(errors?.[0]).toMatchObject({ path: ['ticket'], extensions: { code: 'UPSTREAM_BAD_RESPONSE', source: 'oneview' } })
    return 'null and UPSTREAM_BAD_RESPONSE'
  },
)

for (const [what, fault] of [
  ['then answered 500', doneThen(500)],
  ['then the connection is reset', reset('done')],
] as const) {
  guarantee('UPSTREAM-13', { fault: `a write is done, ${what}`, expected: 'UNKNOWN, one call, never repeated' }, async () => {
    const id = fresh()
    oneview().fault(fault, 1)
    const key = `key-${what}`
    const { data } = await close(id, key)
    expect(data.closeTicket).toEqual({
      outcome: 'UNKNOWN',
      ticket: { status: 'CLOSED' },
      userErrors: [{ code: 'OUTCOME_UNKNOWN', message: expect.any(String) }],
    })
    const again = await close(id, key)
    expect(again.data.closeTicket.outcome).toBe('UNKNOWN')
    expect(lines().filter((method) => method === 'POST')).toHaveLength(1)
    expect(state(id)).toBe('CLOSED')
    return 'UNKNOWN twice under one key, 1 POST, the ticket read afresh: CLOSED'
  })
}

guarantee(
  'UPSTREAM-12',
  { fault: 'the connection of a write is reset before its answer', expected: 'never repeated, UNKNOWN' },
  async () => {
    const id = fresh()
    oneview().fault(reset('before'), 1)
    const { data } = await close(id)
    expect(data.closeTicket).toMatchObject({ outcome: 'UNKNOWN', ticket: { status: 'IN_PROGRESS' } })
    expect(lines().filter((method) => method === 'POST')).toHaveLength(1)
    return 'UNKNOWN, 1 POST, the ticket as it is: IN_PROGRESS'
  },
)

/** Nested objects with a further key at each level. */
const nested = (levels: number) => `${'{"k":'.repeat(levels)}1${',"x":1}'.repeat(levels)}`
const whole = `query ($id: ID!) { ticket(id: $id) { externalId status raw } }`

for (const levels of [1_000, 20_000]) {
  guarantee(
    'UPSTREAM-17',
    {
      fault: `a record is ${levels} levels deep, words between its brackets`,
      expected: 'a bad response by id, dropped from a list',
    },
    async () => {
      const id = open.at(-1)!
      oneview().fault(
        rewriteText((text) => text.replace(/\}\s*$/, `,"content":${nested(levels)}}`)),
        1,
      )
      const { data, errors } = await gateway.answer(whole, { id: idOf(id) })
      expect(data.ticket).toBeNull()
      expect(errors?.[0]?.extensions.code).toBe('UPSTREAM_BAD_RESPONSE')
      oneview().fault(
        rewriteText((text) => text.replace('"content":{}', `"content":${nested(levels)}`)),
        1,
      )
      const list = await gateway.answer(
        '{ tickets(first: 40, filter: { sources: ["oneview"] }) { nodes { raw } sources { error } } }',
      )
      expect(list.errors).toBeUndefined()
      expect(list.data.tickets.nodes).toHaveLength(gateway.sandbox.oneview.tickets() - 1)
      expect(list.data.tickets.sources[0].error).toContain('1 record')
      return 'UPSTREAM_BAD_RESPONSE; 1 of the list dropped and reported'
    },
  )
}

guarantee(
  'UPSTREAM-17',
  {
    fault: 'a ticket is closed whose record is 20,000 levels deep',
    expected: 'applied or unknown, recorded or reported, never a crash',
  },
  async () => {
    const id = fresh()
    oneview().fault(rewriteText((text) => text.replace(/\}\s*$/, `,"content":${nested(20_000)}}`)))
    const { data, errors } = await close(id)
    for (const error of errors ?? []) expect(error.extensions.code).not.toBe('INTERNAL_SERVER_ERROR')
    expect(state(id)).toBe('CLOSED')
    expect(['APPLIED', 'UNKNOWN']).toContain(data.closeTicket.outcome)
    return data.closeTicket.outcome
  },
)

guarantee('UPSTREAM-17', { fault: 'a page has a byte behind its JSON', expected: 'UPSTREAM_BAD_RESPONSE' }, async () => {
  oneview().fault(rewriteText((text) => Buffer.concat([Buffer.from(text), Buffer.from([0xff])])))
  await expectPartialPage(gateway, 'oneview', { code: 'UPSTREAM_BAD_RESPONSE', outcome: 'ERROR' })
  return 'UPSTREAM_BAD_RESPONSE'
})

guarantee(
  'UPSTREAM-17',
  { fault: 'a ticket has keys named __proto__ and constructor', expected: 'they are plain keys' },
  async () => {
    const id = open.at(-1)!
    oneview().fault(
      rewriteText((text) =>
        text.replace('{', '{"__proto__":{"status":"CLOSED","polluted":1},"constructor":{"prototype":{"polluted":1}},'),
      ),
    )
    const { data, errors } = await gateway.answer(whole, { id: idOf(id) })
    expect(errors).toBeUndefined()
    expect(data.ticket.status).toBe('IN_PROGRESS')
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
    return `status ${data.ticket.status}, nothing polluted`
  },
)

guarantee(
  'UPSTREAM-19',
  { fault: 'ids above 2^53 come as JSON numbers', expected: 'every digit stays, and no other ticket is returned' },
  async () => {
    const big = '9007199254740993'
    const first = /"id":"[^"]+"/
    oneview().fault(
      rewriteText((text) => text.replace(first, `"id":${big}`)),
      1,
    )
    const { data } = await gateway.answer('{ tickets(first: 1, filter: { sources: ["oneview"] }) { nodes { id externalId } } }')
    expect(data.tickets.nodes[0].externalId).toBe(big)
    oneview().reset()
    oneview().fault(() => undefined, 0)
    const id = open.at(-1)!
    const answerAs = (number: string) =>
      oneview().fault(({ response }) => void response.writeHead(200).end(`{"id":${number},"status":"ASSIGNED"}`))
    answerAs(big)
    expect((await read(big)).data.ticket.externalId).toBe(big)
    answerAs('9007199254740992')
    const other = await read(big)
    expect(other.data.ticket).toBeNull()
    expect(other.errors?.[0]?.extensions.code).toBe('UPSTREAM_BAD_RESPONSE')
    expect(id).toBeDefined()
    return `externalId ${big}; its neighbour is refused`
  },
)

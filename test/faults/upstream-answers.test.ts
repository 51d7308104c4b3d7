import { afterAll, beforeAll, beforeEach, expect } from 'vitest'
import { encodeId } from '../../src/domain/ids.ts'
import { doneThen, hang, holdBack, late, reset, rewrite, rewriteText, status } from '../support/fault-proxy.ts'
import {
  deadlineMs,
  expectNoInternals,
  expectPartialPage,
  type FaultyGateway,
  internals,
  page,
  readCounter,
  startFaultyGateway,
} from './fault-gateway.ts'
import { guarantee } from './guarantee.ts'

let gateway: FaultyGateway
let open: string[]
beforeAll(async () => {
  const withoutCircuit = { failures: 100_000 }
  gateway = await startFaultyGateway({
    oneViews: { circuit: {}, probed: {}, crowd: {} },
    config: (config) => {
      const sources = Object.fromEntries(
        Object.entries(config.sources).map(([key, source]) => {
          if (source.system !== 'oneview') return [key, source]
          if (key === 'probed') return [key, { ...source, upstream: { ...source.upstream, openMs: 1_000 } }]
          return [key, key === 'circuit' ? source : { ...source, upstream: { ...source.upstream, ...withoutCircuit } }]
        }),
      )
      return { ...config, sources }
    },
  })
  const query = '{ tickets(first: 100, filter: { sources: ["oneview"], status: [IN_PROGRESS] }) { nodes { externalId } } }'
  open = (await gateway.ask(query)).tickets.nodes.map((node: { externalId: string }) => node.externalId)
})
afterAll(() => gateway.close())
beforeEach(() => {
  for (const key of ['oneview', 'verifik', 'circuit', 'probed', 'crowd']) gateway.proxy(key).reset()
})
const oneview = () => gateway.proxy('oneview')
const lines = () => oneview().calls.map(({ method }) => method)
const idOf = (externalId: string, key = 'oneview') => encodeId('ticket', key, '', externalId)
/** An assigned ticket that no other test used. */
const fresh = () => open.shift() ?? expect.fail('the sandbox has no more assigned tickets')
const state = (externalId: string) => (gateway.sandbox.oneview.ticket(externalId) as { status: string }).status

const close = (externalId: string, key?: string) =>
  gateway.answer(
    'mutation ($id: ID!, $key: String) { closeTicket(input: { id: $id, idempotencyKey: $key }) { outcome ticket { status } userErrors { code message } } }',
    { id: idOf(externalId), key },
  )
const read = (externalId: string, key?: string) =>
  gateway.answer('query ($id: ID!) { ticket(id: $id) { externalId title raw } }', { id: idOf(externalId, key) })

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

guarantee(
  'UPSTREAM-14',
  { fault: 'a source fails five times in a row', expected: 'CIRCUIT_OPEN for 30 s, no call, in under 5 ms' },
  async () => {
    const proxy = gateway.proxy('circuit')
    proxy.fault(status(500))
    for (let failed = 0; failed < 5; failed = proxy.calls.length) await page(gateway, 'circuit')
    const before = proxy.calls.length
    const latencies: number[] = []
    for (let asked = 0; asked < 20; asked++) {
      const { data } = await gateway.answer(
        '{ tickets(first: 1, filter: { sources: ["circuit"] }) { sources { outcome latencyMs } } }',
      )
      expect(data.tickets.sources[0].outcome).toBe('CIRCUIT_OPEN')
      latencies.push(data.tickets.sources[0].latencyMs)
    }
    const { retryAfter } = await expectPartialPage(gateway, 'circuit', {
      code: 'CIRCUIT_OPEN',
      outcome: 'CIRCUIT_OPEN',
      retryable: true,
    })
    expect(proxy.calls).toHaveLength(before)
    expect(retryAfter).toBeGreaterThan(15)
    expect(retryAfter).toBeLessThanOrEqual(30)
    const median = latencies.sort((one, other) => one - other)[10] ?? Number.NaN
    expect(median).toBeLessThan(3 * 5)
    return `CIRCUIT_OPEN, retryAfter ${retryAfter}, no further call, median ${median.toFixed(2)} ms`
  },
)

guarantee(
  'UPSTREAM-14',
  {
    fault: 'the time of an open circuit ends and twenty clients read at once',
    expected: 'one call probes, then the circuit closes',
  },
  async () => {
    const proxy = gateway.proxy('probed')
    proxy.fault(status(500))
    for (let failed = 0; failed < 5; failed = proxy.calls.length) await page(gateway, 'probed')
    const probe = holdBack()
    proxy.reset()
    proxy.fault(probe.fault)
    await new Promise((resolve) => setTimeout(resolve, 1_200))
    let answered = 0
    const asked = Array.from({ length: 20 }, async (_, index) => {
      // Different tickets: equal reads would share the probe.
      const answer = await read(`probe-${index}`, 'probed')
      answered += 1
      return answer
    })
    await expect.poll(() => [probe.waiting(), answered], { timeout: 10_000 }).toEqual([1, 19])
    proxy.fault(null)
    probe.release()
    const answers = await Promise.all(asked)
    expect(proxy.calls).toHaveLength(1)
    const codes = answers.flatMap(({ errors }) => errors?.map(({ extensions }) => extensions.code) ?? [])
    expect(codes).toEqual(Array(19).fill('CIRCUIT_OPEN'))
    const { errors } = await page(gateway, 'probed')
    expect(errors).toBeUndefined()
    return '1 call while probing, closed again afterwards'
  },
)

guarantee(
  'UPSTREAM-15',
  { fault: 'one source hangs for 300 readers', expected: 'at most 64 calls to it; the other source stays as fast' },
  async () => {
    const proxy = gateway.proxy('crowd')
    const quick = async () => {
      const times: number[] = []
      for (let count = 0; count < 60; count++) {
        const { data } = await gateway.answer(
          '{ tickets(first: 5, filter: { sources: ["verifik"] }) { sources { outcome latencyMs } } }',
        )
        expect(data.tickets.sources[0].outcome).toBe('OK')
        times.push(data.tickets.sources[0].latencyMs)
      }
      return times.sort((one, other) => one - other)
    }
    await quick()
    const before = await quick()
    const slow = holdBack()
    proxy.fault(slow.fault)
    const waiting = Array.from({ length: 300 }, (_, index) => read(`missing-${index}`, 'crowd'))
    await expect.poll(slow.waiting).toBe(64)
    const during = await quick()
    expect(slow.waiting()).toBeLessThanOrEqual(64)
    proxy.reset()
    slow.release()
    await Promise.all(waiting)
    const [p50, p99] = [during[30]!, during[58]!]
    expect(p50).toBeLessThan(3 * 1.2 * before[30]! + 15)
    return `64 calls at once; the other's p50 ${before[30]!.toFixed(1)} → ${p50.toFixed(1)} ms, p99 ${before[58]!.toFixed(1)} → ${p99.toFixed(1)} ms`
  },
)

guarantee(
  'UPSTREAM-16',
  { fault: 'a source answers 503 to 100 reads', expected: 'at most 20 % more calls than reads' },
  async () => {
    const proxy = gateway.proxy('crowd')
    proxy.fault(status(503))
    const ids = Array.from({ length: 100 }, (_, index) => idOf(`down-${index}`, 'crowd'))
    const { errors } = await gateway.answer('query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids })
    expect(errors).toHaveLength(100)
    expect(proxy.calls.length).toBeGreaterThanOrEqual(100)
    expect(proxy.calls.length).toBeLessThanOrEqual(120)
    return `100 errors, ${proxy.calls.length} calls`
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

guarantee('UPSTREAM-17', { fault: 'a page has a byte that is not UTF-8', expected: 'UPSTREAM_BAD_RESPONSE' }, async () => {
  oneview().fault(rewriteText((text) => Buffer.concat([Buffer.from(text), Buffer.from([0xff])])))
  await expectPartialPage(gateway, 'oneview', { code: 'UPSTREAM_BAD_RESPONSE', outcome: 'ERROR', retryable: false })
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
  'UPSTREAM-18',
  { fault: 'the client disconnects while a source hangs', expected: 'its upstream call is aborted within 100 ms' },
  async () => {
    oneview().fault(hang)
    const client = new AbortController()
    const asked = fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ tickets(first: 1, filter: { sources: ["oneview"] }) { nodes { id } } }' }),
      signal: client.signal,
    }).catch(() => null)
    await expect.poll(() => oneview().calls.length).toBe(1)
    const leftAt = performance.now()
    client.abort()
    await asked
    await expect.poll(() => oneview().calls[0]?.abortedAt, { interval: 5 }).not.toBeNull()
    const tookMs = (oneview().calls[0]?.abortedAt ?? Number.NaN) - leftAt
    expect(tookMs).toBeLessThan(3 * 100)
    expect(tookMs).toBeLessThan(deadlineMs)
    return `aborted after ${tookMs.toFixed(0)} ms`
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

guarantee('UPSTREAM-02', { fault: 'a source is late, though within its deadline', expected: 'its tickets come' }, async () => {
  oneview().fault(late(300))
  const { data, errors } = await page(gateway, 'oneview', 'verifik')
  expect(errors).toBeUndefined()
  expect(data.tickets.sources.map(({ outcome }: { outcome: string }) => outcome)).toEqual(['OK', 'OK'])
  return 'both sources OK'
})

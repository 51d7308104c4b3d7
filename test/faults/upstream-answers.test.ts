import { afterAll, beforeAll, beforeEach, expect } from 'vitest'
import { encodeId } from '../../src/domain/ids.ts'
import { doneThen, hang, holdBack, late, reset, respell, rewrite, status } from '../support/fault-proxy.ts'
import {
  counted,
  deadlineMs,
  expectDiscreet,
  expectPartialPage,
  type FaultyDesk,
  indiscreet,
  page,
  startFaultyDesk,
} from './fault-gateway.ts'
import { row } from './row.ts'

let desk: FaultyDesk
let open: string[]
beforeAll(async () => {
  const patient = { failures: 100_000 }
  desk = await startFaultyDesk({
    oneViews: { circuit: {}, probed: {}, crowd: {} },
    config: (config) => {
      const sources = Object.fromEntries(
        Object.entries(config.sources).map(([key, source]) => {
          if (source.system !== 'oneview') return [key, source]
          if (key === 'probed') return [key, { ...source, upstream: { ...source.upstream, openMs: 1_000 } }]
          return [key, key === 'circuit' ? source : { ...source, upstream: { ...source.upstream, ...patient } }]
        }),
      )
      return { ...config, sources }
    },
  })
  const query = '{ tickets(first: 100, filter: { sources: ["oneview"], status: [IN_PROGRESS] }) { nodes { externalId } } }'
  open = (await desk.ask(query)).tickets.nodes.map((node: { externalId: string }) => node.externalId)
})
afterAll(() => desk.close())
beforeEach(() => {
  for (const key of ['oneview', 'verifik', 'circuit', 'probed', 'crowd']) desk.proxy(key).reset()
})
const oneview = () => desk.proxy('oneview')
const lines = () => oneview().calls.map(({ method }) => method)
const idOf = (externalId: string, key = 'oneview') => encodeId('ticket', key, '', externalId)
/** An assigned ticket that no other row has used. */
const fresh = () => open.shift() ?? expect.fail('the sandbox has no more assigned tickets')
const state = (externalId: string) => (desk.sandbox.oneview.ticket(externalId) as { status: string }).status

const close = (externalId: string, key?: string) =>
  desk.answer(
    'mutation ($id: ID!, $key: String) { closeTicket(input: { id: $id, idempotencyKey: $key }) { outcome ticket { status } userErrors { code message } } }',
    { id: idOf(externalId), key },
  )
const read = (externalId: string, key?: string) =>
  desk.answer('query ($id: ID!) { ticket(id: $id) { externalId title raw } }', { id: idOf(externalId, key) })

for (const [code, userError] of [
  [403, 'FORBIDDEN'],
  [404, 'NOT_FOUND'],
  [409, 'CONFLICT'],
  [422, 'INVALID'],
] as const) {
  row(
    'UPSTREAM-07',
    { done: `a source answers ${code} to a write`, expected: `REJECTED with ${userError}, one call` },
    async () => {
      oneview().fault(status(code, {}, JSON.stringify({ errors: [{ status: String(code), title: indiscreet }] })), 1)
      const answer = await close(fresh())
      expect(answer.errors).toBeUndefined()
      expect(answer.data.closeTicket).toMatchObject({ outcome: 'REJECTED', userErrors: [{ code: userError }] })
      expect(lines().filter((method) => method === 'POST')).toHaveLength(1)
      expectDiscreet(answer)
      return `REJECTED, ${userError}, 1 POST`
    },
  )
}

row('UPSTREAM-07', { done: 'a source answers 404 and 403 to a read', expected: 'null, no error, no retry' }, async () => {
  for (const code of [404, 403]) {
    oneview().fault(status(code), 1)
    expect(await read(fresh())).toEqual({ data: { ticket: null } })
  }
  expect(oneview().calls).toHaveLength(2)
  return 'null twice, 2 calls'
})

row(
  'UPSTREAM-09',
  {
    done: 'three of a list have an object, nothing, or a fraction as their id',
    expected: 'those dropped and reported, the rest stays',
  },
  async () => {
    const before = await counted(desk, 'dropped_records_total', { source: 'oneview' })
    oneview().fault(
      rewrite((answer) => {
        Object.assign(answer.list[0], { id: { $oid: 'x' } })
        Object.assign(answer.list[2], { id: undefined })
        Object.assign(answer.list[4], { id: 0.5 })
        return answer
      }),
      1,
    )
    const { data, errors } = await desk.answer(
      '{ tickets(first: 40, filter: { sources: ["oneview"] }) { nodes { id } sources { outcome returned error } } }',
    )
    expect(errors).toBeUndefined()
    expect(data.tickets.nodes).toHaveLength(desk.sandbox.oneview.tickets() - 3)
    expect(data.tickets.sources[0]).toMatchObject({ outcome: 'OK', error: expect.stringContaining('3') })
    expect((await counted(desk, 'dropped_records_total', { source: 'oneview' })) - before).toBe(3)
    return `${data.tickets.nodes.length} tickets; "${data.tickets.sources[0].error}"`
  },
)

row(
  'UPSTREAM-09',
  { done: "fields of a ticket have types that are nobody's", expected: 'those fields null, the ticket stays' },
  async () => {
    const nonsense = { status: 7, queue: { a: 1 }, metadata: 'x', customer: [1], vendor: 5, createdAt: 'soon', priority: '∞' }
    oneview().fault(
      rewrite((ticket) => ({ ...ticket, ...nonsense, UpdatedAt: [] })),
      1,
    )
    const { data, errors } = await desk.answer(
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

row(
  'UPSTREAM-09',
  { done: "a source answers another ticket's record", expected: 'UPSTREAM_BAD_RESPONSE, no ticket' },
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
  row('UPSTREAM-13', { done: `a write is done, ${what}`, expected: 'UNKNOWN, one call, never repeated' }, async () => {
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

row(
  'UPSTREAM-12',
  { done: 'the connection of a write is reset before its answer', expected: 'never repeated, UNKNOWN' },
  async () => {
    const id = fresh()
    oneview().fault(reset('before'), 1)
    const { data } = await close(id)
    expect(data.closeTicket).toMatchObject({ outcome: 'UNKNOWN', ticket: { status: 'IN_PROGRESS' } })
    expect(lines().filter((method) => method === 'POST')).toHaveLength(1)
    return 'UNKNOWN, 1 POST, the ticket as it is: IN_PROGRESS'
  },
)

row(
  'UPSTREAM-14',
  { done: 'a source fails five times in a row', expected: 'CIRCUIT_OPEN for 30 s, no call, in under 5 ms' },
  async () => {
    const proxy = desk.proxy('circuit')
    proxy.fault(status(500))
    for (let failed = 0; failed < 5; failed = proxy.calls.length) await page(desk, 'circuit')
    const before = proxy.calls.length
    const latencies: number[] = []
    for (let asked = 0; asked < 20; asked++) {
      const { data } = await desk.answer(
        '{ tickets(first: 1, filter: { sources: ["circuit"] }) { sources { outcome latencyMs } } }',
      )
      expect(data.tickets.sources[0].outcome).toBe('CIRCUIT_OPEN')
      latencies.push(data.tickets.sources[0].latencyMs)
    }
    const { retryAfter } = await expectPartialPage(desk, 'circuit', {
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

row(
  'UPSTREAM-14',
  { done: 'the time of an open circuit is over and twenty ask at once', expected: 'one call probes, then all is well' },
  async () => {
    const proxy = desk.proxy('probed')
    proxy.fault(status(500))
    for (let failed = 0; failed < 5; failed = proxy.calls.length) await page(desk, 'probed')
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
    await expect.poll(() => [probe.held(), answered], { timeout: 10_000 }).toEqual([1, 19])
    proxy.fault(null)
    probe.release()
    const answers = await Promise.all(asked)
    expect(proxy.calls).toHaveLength(1)
    const codes = answers.flatMap(({ errors }) => errors?.map(({ extensions }) => extensions.code) ?? [])
    expect(codes).toEqual(Array(19).fill('CIRCUIT_OPEN'))
    const { errors } = await page(desk, 'probed')
    expect(errors).toBeUndefined()
    return '1 call while probing, closed again afterwards'
  },
)

row(
  'UPSTREAM-15',
  { done: 'one source takes forever for 300 readers', expected: 'at most 64 calls to it; the other source as quick as before' },
  async () => {
    const proxy = desk.proxy('crowd')
    const quick = async () => {
      const times: number[] = []
      for (let count = 0; count < 60; count++) {
        const { data } = await desk.answer(
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
    const waiting = Array.from({ length: 300 }, (_, index) => read(`nobody-${index}`, 'crowd'))
    await expect.poll(slow.held).toBe(64)
    const during = await quick()
    expect(slow.held()).toBeLessThanOrEqual(64)
    proxy.reset()
    slow.release()
    await Promise.all(waiting)
    const [p50, p99] = [during[30]!, during[58]!]
    expect(p50).toBeLessThan(3 * 1.2 * before[30]! + 15)
    return `64 calls at once; the other's p50 ${before[30]!.toFixed(1)} → ${p50.toFixed(1)} ms, p99 ${before[58]!.toFixed(1)} → ${p99.toFixed(1)} ms`
  },
)

row('UPSTREAM-16', { done: 'a source answers 503 to 100 reads', expected: 'at most 20 % more calls than reads' }, async () => {
  const proxy = desk.proxy('crowd')
  proxy.fault(status(503))
  const ids = Array.from({ length: 100 }, (_, index) => idOf(`down-${index}`, 'crowd'))
  const { errors } = await desk.answer('query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids })
  expect(errors).toHaveLength(100)
  expect(proxy.calls.length).toBeGreaterThanOrEqual(100)
  expect(proxy.calls.length).toBeLessThanOrEqual(120)
  return `100 errors, ${proxy.calls.length} calls`
})

/** Levels around words, so that no two closing brackets are neighbours. */
const abyss = (levels: number) => `${'{"k":'.repeat(levels)}1${',"x":1}'.repeat(levels)}`
const whole = `query ($id: ID!) { ticket(id: $id) { externalId status raw } }`

for (const levels of [1_000, 20_000]) {
  row(
    'UPSTREAM-17',
    {
      done: `a record is ${levels} levels deep, words between its brackets`,
      expected: 'a bad response alone, dropped from a list',
    },
    async () => {
      const id = open.at(-1)!
      oneview().fault(
        respell((text) => text.replace(/\}\s*$/, `,"content":${abyss(levels)}}`)),
        1,
      )
      const { data, errors } = await desk.answer(whole, { id: idOf(id) })
      expect(data.ticket).toBeNull()
      expect(errors?.[0]?.extensions.code).toBe('UPSTREAM_BAD_RESPONSE')
      oneview().fault(
        respell((text) => text.replace('"content":{}', `"content":${abyss(levels)}`)),
        1,
      )
      const list = await desk.answer(
        '{ tickets(first: 40, filter: { sources: ["oneview"] }) { nodes { raw } sources { error } } }',
      )
      expect(list.errors).toBeUndefined()
      expect(list.data.tickets.nodes).toHaveLength(desk.sandbox.oneview.tickets() - 1)
      expect(list.data.tickets.sources[0].error).toContain('1 record')
      return 'UPSTREAM_BAD_RESPONSE; 1 of the list dropped and reported'
    },
  )
}

row(
  'UPSTREAM-17',
  {
    done: 'a ticket is closed whose record is 20,000 levels deep',
    expected: 'applied or unknown, journalled or reported, never a crash',
  },
  async () => {
    const id = fresh()
    oneview().fault(respell((text) => text.replace(/\}\s*$/, `,"content":${abyss(20_000)}}`)))
    const { data, errors } = await close(id)
    for (const error of errors ?? []) expect(error.extensions.code).not.toBe('INTERNAL_SERVER_ERROR')
    expect(state(id)).toBe('CLOSED')
    expect(['APPLIED', 'UNKNOWN']).toContain(data.closeTicket.outcome)
    return data.closeTicket.outcome
  },
)

row('UPSTREAM-17', { done: 'a page has a byte that is no UTF-8', expected: 'UPSTREAM_BAD_RESPONSE' }, async () => {
  oneview().fault(respell((text) => Buffer.concat([Buffer.from(text), Buffer.from([0xff])])))
  await expectPartialPage(desk, 'oneview', { code: 'UPSTREAM_BAD_RESPONSE', outcome: 'ERROR', retryable: false })
  return 'UPSTREAM_BAD_RESPONSE'
})

row('UPSTREAM-17', { done: 'a ticket has keys named __proto__ and constructor', expected: 'they are only keys' }, async () => {
  const id = open.at(-1)!
  oneview().fault(
    respell((text) =>
      text.replace('{', '{"__proto__":{"status":"CLOSED","polluted":1},"constructor":{"prototype":{"polluted":1}},'),
    ),
  )
  const { data, errors } = await desk.answer(whole, { id: idOf(id) })
  expect(errors).toBeUndefined()
  expect(data.ticket.status).toBe('IN_PROGRESS')
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  return `status ${data.ticket.status}, nothing polluted`
})

row(
  'UPSTREAM-18',
  { done: 'the client goes away while a source hangs', expected: 'its upstream call is aborted within 100 ms' },
  async () => {
    oneview().fault(hang)
    const client = new AbortController()
    const asked = fetch(`${desk.url}/graphql`, {
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

row(
  'UPSTREAM-19',
  { done: 'ids above 2^53 come as JSON numbers', expected: 'every digit kept, and no neighbour taken for it' },
  async () => {
    const big = '9007199254740993'
    const first = /"id":"[^"]+"/
    oneview().fault(
      respell((text) => text.replace(first, `"id":${big}`)),
      1,
    )
    const { data } = await desk.answer('{ tickets(first: 1, filter: { sources: ["oneview"] }) { nodes { id externalId } } }')
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

row('UPSTREAM-02', { done: 'a source is late, though within its deadline', expected: 'its tickets come' }, async () => {
  oneview().fault(late(300))
  const { data, errors } = await page(desk, 'oneview', 'verifik')
  expect(errors).toBeUndefined()
  expect(data.tickets.sources.map(({ outcome }: { outcome: string }) => outcome)).toEqual(['OK', 'OK'])
  return 'both sources OK'
})

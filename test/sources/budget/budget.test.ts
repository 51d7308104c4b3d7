import { describe, expect, it } from 'vitest'
import { noLogger } from '../../../src/domain/telemetry.ts'
import { createBudgets } from '../../../src/sources/budget/budgets.ts'
import { budgetConfig, toLimits } from '../../../src/sources/budget/limits.ts'
import { countingMetrics, someCall } from '../../support/call.ts'
import { json, startVendor } from '../../support/vendor.ts'
import { clientFor, errorOf, read, write } from '../http-client/test-client.ts'

const plans = {
  growth: [
    { name: 'all', calls: 6, windowMs: 60_000 },
    { name: 'list', calls: 2, windowMs: 60_000, kinds: ['list'] },
    { name: 'ticket-writes', calls: 1, windowMs: 2_000, kinds: ['write'], perSubject: true },
  ],
  trial: [{ name: 'all', calls: 1, windowMs: 60_000 }],
} as const
const config = budgetConfig(plans, 'growth')

function budgetFor(block: object = {}, metrics = countingMetrics(), windowMs = 60_000) {
  const readLimits = (headers: Readonly<Record<string, string | string[] | undefined>>) => {
    const remaining = headers['x-left']
    return typeof remaining === 'string' ? [{ limit: 'all', remaining: Number(remaining), resetsInMs: 60_000 }] : []
  }
  const shortened = {
    ...plans,
    growth: plans.growth.map((limit) => (limit.windowMs === 60_000 ? { ...limit, windowMs } : limit)),
  }
  const options = { sourceKey: 'acme', config: config.parse(block), plans: shortened, readLimits }
  return { metrics, budget: createBudgets({ metrics, logger: noLogger, clock: Date.now }).open(options) ?? undefined }
}

const held = { code: 'BUDGET_HELD', source: 'acme', retryable: true }

describe('a budget in the configuration', () => {
  it('names a plan, and may have own numbers', () => {
    expect(toLimits(config.parse({}), plans)).toEqual(plans.growth)
    expect(toLimits(config.parse({ plan: 'trial' }), plans)).toEqual(plans.trial)
    expect(toLimits(config.parse({ plan: 'trial', calls: { all: 9, search: 3 } }), plans)).toEqual([
      { name: 'all', calls: 9, windowMs: 60_000, isOwn: true },
      { name: 'search', calls: 3, windowMs: 60_000, kinds: ['search'], isOwn: true },
    ])
    expect(() => config.parse({ plan: 'none' })).toThrow()
    expect(() => config.parse({ calls: { lists: 3 } })).toThrow()
  })
})

describe('BUDGET-10: the time between two polls', () => {
  const open = (calls: number, listCost?: number) => {
    const limits = { team: [{ name: 'list', calls, windowMs: 60_000, kinds: ['list' as const] }] }
    const block = budgetConfig(limits, 'team').parse({})
    const budgets = createBudgets({ metrics: countingMetrics(), logger: noLogger, clock: Date.now })
    const readLimits = () => [{ limit: 'list', total: 5 }]
    const rules = { plans: limits, readLimits, ...(listCost !== undefined && { listCost }) }
    return budgets.open({ sourceKey: 'acme', config: block, ...rules })!
  }

  it('leaves four fifths of the list calls to others, also where a page costs several', () => {
    expect(open(20).pollIntervalMs()).toBe(15_000)
    expect(open(10).pollIntervalMs()).toBe(30_000)
    expect(open(20, 3).pollIntervalMs()).toBe(45_000)
    expect(open(1_000).pollIntervalMs()).toBe(300)
  })

  it('follows the number that the vendor tells', async () => {
    const vendor = await startVendor((_, res) => json(res, { ok: true }))
    const budget = open(20)
    const client = clientFor(vendor.url, { budget })
    await client.read({ operation: 'list', path: '/1', toResult: ({ body }) => body }, someCall())
    await budget.measure()
    expect(budget.pollIntervalMs()).toBe(60_000)
  })
})

describe('a call to a source with a budget', () => {
  it('BUDGET-04: is held at once, with a time, where its kind or the account has no calls left; no call is sent', async () => {
    const vendor = await startVendor((_, res) => json(res, { ok: true }))
    const { budget, metrics } = budgetFor()
    const client = clientFor(vendor.url, { budget })
    const list = (path: string) => client.read({ operation: 'list', path, toResult: ({ body }) => body }, someCall())
    await list('/1')
    await list('/2')
    const error = await errorOf(list('/3'))
    expect(error).toMatchObject(held)
    expect(error.retryAfter).toBeGreaterThan(50)
    expect(error.retryAfter).toBeLessThanOrEqual(61)
    expect(error.message).toBe(
      `Acme gets no more calls for now: its budget is used up, or the rest is kept for others. Try again in ${error.retryAfter} s.`,
    )
    for (let index = 0; index < 4; index++) await read(client, `/${index}`)
    expect(await errorOf(read(client))).toMatchObject(held)
    expect(await errorOf(write(client))).toMatchObject({ ...held, effect: 'none' })
    expect(vendor.calls).toHaveLength(6)
    expect(metrics.total('budget_calls_total')).toBe(6)
    expect(metrics.total('budget_held_calls_total', { source: 'acme', kind: 'write', priority: 'user' })).toBe(1)
  })

  it('BUDGET-05: waits where it finds room before its deadline, and never beyond it', async () => {
    const vendor = await startVendor((_, res) => json(res, { ok: true }))
    const { budget } = budgetFor()
    const client = clientFor(vendor.url, { budget, timeoutMs: 5_000 })
    const change = (subject: string, endsAt = Number.POSITIVE_INFINITY) =>
      client.write({ operation: 'change', method: 'PUT', path: `/${subject}`, body: {}, subject }, someCall({ endsAt }))
    await change('one')
    await change('two')
    expect(await errorOf(change('one', performance.now() + 1_000))).toMatchObject({ ...held, effect: 'none' })
    expect(vendor.calls).toHaveLength(2)
    expect(await change('one')).toMatchObject({ ended: 'answered' })
    expect(vendor.calls).toHaveLength(3)
  })

  it('costs nothing where it shares a read in flight, or reaches no source', async () => {
    const vendor = await startVendor((_, res) => setTimeout(() => json(res, { ok: true }), 50))
    const { budget, metrics } = budgetFor()
    const client = clientFor(vendor.url, { budget })
    await Promise.all(Array.from({ length: 20 }, () => read(client)))
    expect(metrics.total('budget_calls_total')).toBe(1)
    const dead = clientFor('http://127.0.0.1:1', { budget, limits: { retries: 0, failures: 100 } })
    for (let index = 0; index < 20; index++) expect((await errorOf(read(dead))).code).toBe('UPSTREAM_UNAVAILABLE')
    expect(await budget?.state()).toMatchObject([
      { limit: { name: 'all' }, calls: 6, left: 5 },
      { limit: { name: 'list' }, calls: 2, left: 2 },
    ])
  })

  it('BUDGET-03: learns from a 429 and from headers', async () => {
    const vendor = await startVendor(({ path }, res) => {
      if (path === '/limited') return void res.writeHead(429, { 'retry-after': '30' }).end()
      res.setHeader('x-left', '1')
      json(res, { ok: true })
    })
    const { budget } = budgetFor()
    const client = clientFor(vendor.url, { budget })
    await read(client, '/1')
    await read(client, '/2')
    const { retryAfter } = await errorOf(read(client, '/3'))
    expect(retryAfter).toBeGreaterThan(55)
    const other = clientFor(vendor.url, { budget: budgetFor().budget })
    expect(await errorOf(read(other, '/limited'))).toMatchObject({ code: 'UPSTREAM_RATE_LIMITED', retryAfter: 30 })
    expect(await errorOf(read(other, '/1'))).toMatchObject({ ...held, retryAfter: 30 })
    expect(vendor.lines()).toEqual(['GET /1', 'GET /2', 'GET /limited'])
  })

  it('BUDGET-03: closes what is used up alone: a 429 for one ticket leaves the others', async () => {
    const vendor = await startVendor(({ path }, res) => {
      res.setHeader('x-left', '100')
      if (path === '/7') return void res.writeHead(429, { 'retry-after': '30' }).end()
      json(res, { ok: true })
    })
    const { budget } = budgetFor()
    const client = clientFor(vendor.url, { budget })
    const change = (subject: string) =>
      client.write({ operation: 'change', method: 'PUT', path: `/${subject}`, body: {}, subject }, someCall())
    expect(await errorOf(change('7'))).toMatchObject({ code: 'UPSTREAM_RATE_LIMITED', effect: 'none' })
    expect(await errorOf(change('7'))).toMatchObject({ ...held, retryAfter: 30 })
    expect(await change('8')).toMatchObject({ ended: 'answered' })
    expect(vendor.lines()).toEqual(['PUT /7', 'PUT /8'])
  })

  it('BUDGET-02: goes on after a 429 where polling or an export makes it, and people share no read with them', async () => {
    const vendor = await startVendor(({ index }, res) => {
      if (index === 0) return void res.writeHead(429, { 'retry-after': '2' }).end()
      json(res, { ok: true })
    })
    // An export spreads its calls over the window: six calls in three seconds.
    const { budget } = budgetFor({}, countingMetrics(), 3_000)
    const client = clientFor(vendor.url, { budget, timeoutMs: 1_000 })
    const exported = read(client, '/same', someCall({ priority: 'export' }))
    await expect.poll(() => vendor.calls.length).toBe(1)
    await expect.poll(() => budget?.state().then(([all]) => all?.left)).toBe(0)
    expect(await errorOf(read(client, '/same'))).toMatchObject(held)
    expect(await exported).toMatchObject({ body: { ok: true } })
    expect(vendor.calls).toHaveLength(2)
  })

  it('BUDGET-02: waits without a deadline where polling or an export makes it, and people go first', async () => {
    const vendor = await startVendor((_, res) => json(res, { ok: true }))
    const { budget } = budgetFor({ calls: { all: 5 }, keepForUsers: 0.6 })
    const client = clientFor(vendor.url, { budget, timeoutMs: 1_000 })
    const leaving = new AbortController()
    const exported: Promise<unknown>[] = []
    for (let index = 0; index < 3; index++) {
      exported.push(read(client, `/export/${index}`, someCall({ priority: 'export', signal: leaving.signal })))
    }
    await expect.poll(() => vendor.calls.length).toBe(1)
    for (let index = 0; index < 4; index++) await read(client, `/user/${index}`)
    expect(await errorOf(read(client, '/user/more'))).toMatchObject(held)
    leaving.abort()
    const outcomes = await Promise.allSettled(exported)
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(vendor.calls).toHaveLength(5)
  })
})

import { EventEmitter } from 'node:events'
import type { Redis } from 'ioredis'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { type Metrics, noLogger, noMetrics } from '../../../src/domain/telemetry.ts'
import { type BudgetsDeps, createBudgets, type OpenBudget } from '../../../src/sources/budget/budgets.ts'
import { budgetConfig } from '../../../src/sources/budget/limits.ts'
import { UpstreamError } from '../../../src/sources/http-client/upstream-error.ts'

afterEach(() => vi.useRealTimers())

const plans = { small: [{ name: 'all', calls: 10, windowMs: 60_000 }], none: [] } as const
const config = budgetConfig(plans, 'small')

function start(deps: Partial<BudgetsDeps> = {}) {
  const gauges: unknown[] = []
  const metrics: Metrics = { ...noMetrics, set: (name, value, labels) => void gauges.push([name, value, labels]) }
  const budgets = createBudgets({ metrics, logger: noLogger, clock: () => 0, ...deps })
  onTestFinished(() => budgets.close())
  const open = (sourceKey: string, block: object = {}, rules: Partial<OpenBudget> = {}) =>
    budgets.open({ sourceKey, config: config.parse(block), plans, ...rules })
  return { budgets, open, gauges }
}

/** A Redis that gives these answers to scripts in turn, and then the last of them again. */
function startRedis(...answers: readonly (readonly string[] | Error)[]) {
  const asked: unknown[][] = []
  const redis = Object.assign(new EventEmitter(), {
    status: 'ready',
    async eval(...given: unknown[]) {
      const answer = answers[Math.min(asked.push(given), answers.length) - 1]
      if (answer instanceof Error) throw answer
      return answer
    },
  })
  return { redis: redis as unknown as Redis, emitter: redis as EventEmitter, asked }
}

const settled = () => new Promise((resolve) => setImmediate(resolve))
const call = { kind: 'read', priority: 'user', endsAt: Number.POSITIVE_INFINITY } as const

describe('the budgets of sources', () => {
  it('are opened where the configuration limits something, and found by their source', () => {
    const { budgets, open } = start()
    const acme = open('acme')
    expect(acme).not.toBeNull()
    expect(open('free', { plan: 'none' })).toBeNull()
    expect([budgets.find('acme'), budgets.find('free'), budgets.find('other')]).toEqual([acme, null, null])
  })

  it('have what a source says of its vendor', async () => {
    const read: unknown[] = []
    const readLimits = (...given: unknown[]) => {
      read.push(given)
      return [{ limit: 'all', total: 30 }]
    }
    const { open } = start({ clock: () => 5_000 })
    const budget = open('acme', {}, { readLimits, listCost: 3 })!
    // A fifth of ten calls, of which a page takes three.
    expect(budget.pollIntervalMs()).toBe(90_000)
    const { signal } = new AbortController()
    await budget.run({ ...call, signal }, async (onAnswer) => onAnswer(200, { 'x-left': '1' }))
    expect(read).toEqual([[{ 'x-left': '1' }, 200, 5_000]])
    expect(await budget.state()).toMatchObject([{ calls: 30, left: 29 }])
  })

  it('without Redis count in this process, with its share alone', async () => {
    const { budgets, open } = start({ shareAlone: 0.3 })
    expect(await open('acme', { replicas: 5 })!.state()).toMatchObject([{ calls: 3, left: 3 }])
    expect(await start().open('acme', { replicas: 5 })!.state()).toMatchObject([{ calls: 10, left: 10 }])
    expect(budgets.sharedSources()).toEqual([])
  })

  it('keep the part for people that the configuration says', async () => {
    const { signal } = new AbortController()
    const exported = (keepForUsers: number) =>
      start()
        .open('acme', { keepForUsers })!
        .run({ ...call, priority: 'export', cost: 6, endsAt: 0, signal }, async () => 'answered')
        .catch((error: unknown) => error)
    expect(await exported(0.4)).toBe('answered')
    expect(await exported(0.5)).toBeInstanceOf(UpstreamError)
  })
})

describe('the budgets of sources with Redis', () => {
  it('are counted there, at the time of a test', async () => {
    const { redis, asked } = startRedis(['4', '10', '6'])
    const { budgets, open } = start({ redis, redisNow: () => 77 })
    expect(await open('acme')!.state()).toMatchObject([{ calls: 10, left: 6 }])
    open('other')
    expect(budgets.sharedSources()).toEqual(['acme', 'other'])
    const [, , key, replicas, mark, now] = asked[0]!
    expect([key, replicas, now]).toEqual(['deskgraph:budget:1:{acme}:all:', 'deskgraph:budget:1:{acme}:replicas', '77'])
    expect(mark).toMatch(/^deskgraph:budget:1:\{acme\}:replicas:[\da-f-]{36}$/)
  })

  it('while that does not answer have the share of one of the replicas that the configuration names', async () => {
    const { open } = start({ redis: startRedis(new Error('away')).redis, shareAlone: 1 })
    expect(await open('acme', { replicas: 5 })!.state()).toMatchObject([{ calls: 2, left: 2 }])
  })

  it('have the share of one of the replicas that Redis counted before', async () => {
    const { redis } = startRedis(['2', '10', '10'], new Error('away'))
    const budget = start({ redis }).open('acme', { replicas: 5 })!
    await budget.state()
    expect(await budget.state()).toMatchObject([{ calls: 5, left: 5 }])
  })
})

describe('the gauges of budgets', () => {
  it('are set at once, every five seconds and when Redis is back, until the budgets are closed', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const { redis, emitter } = startRedis(['1', '10', '6'])
    const { budgets, open, gauges } = start({ redis })
    open('acme')
    open('other')
    const setNow = async () => {
      await settled()
      return gauges.splice(0).length
    }
    budgets.startMeasuring()
    // Two gauges of each source.
    expect(await setNow()).toBe(4)
    vi.advanceTimersByTime(4_999)
    expect(await setNow()).toBe(0)
    vi.advanceTimersByTime(1)
    expect(await setNow()).toBe(4)
    emitter.emit('ready')
    expect(await setNow()).toBe(4)
    budgets.close()
    emitter.emit('ready')
    vi.advanceTimersByTime(20_000)
    expect([await setNow(), vi.getTimerCount(), emitter.listenerCount('ready')]).toEqual([0, 0, 0])
  })

  it('are set by one timer, also where it is started again, and without Redis', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const { budgets, open, gauges } = start()
    open('acme')
    budgets.startMeasuring()
    budgets.startMeasuring()
    await settled()
    gauges.length = 0
    expect(vi.getTimerCount()).toBe(1)
    vi.advanceTimersByTime(5_000)
    await settled()
    expect(gauges).toEqual([
      ['budget_calls_limit', 10, { source: 'acme', limit: 'all' }],
      ['budget_calls_left', 10, { source: 'acme', limit: 'all' }],
    ])
    budgets.close()
    expect(vi.getTimerCount()).toBe(0)
  })
})

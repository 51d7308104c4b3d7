import { describe, expect, it } from 'vitest'
import type { Call } from '../../../src/domain/call.ts'
import type { Budget, BudgetedCall } from '../../../src/sources/budget/budget.ts'
import type { ReadRequest } from '../../../src/sources/http-client/types.ts'
import { UpstreamError } from '../../../src/sources/http-client/upstream-error.ts'
import { countingMetrics, someCall } from '../../support/call.ts'
import { type Outcome, startClient } from './dispatcher-fixture.ts'
import { errorOf, read } from './test-client.ts'

const ok: Outcome = { status: 200, body: { id: 7 } }
const ask = (changes: Partial<ReadRequest<unknown>> = {}): ReadRequest<unknown> => ({
  ...{ operation: 'thing', path: '/thing', toResult: ({ body }) => body },
  ...changes,
})

describe('a read', () => {
  it('is a GET below the path of the base URL, with the headers of the source and the id of the request', async () => {
    const { client, sent } = startClient([ok], { headers: { authorization: 'Bearer t' } }, 'https://vendor.test/api/v2//?x=1')
    expect(await client.read(ask({ path: '/thing?page=2' }), someCall({ requestId: 'r-7' }))).toEqual({ id: 7 })
    const headers = {
      accept: 'application/json',
      'accept-encoding': 'identity',
      authorization: 'Bearer t',
      'x-request-id': 'r-7',
    }
    expect(sent).toEqual([
      { method: 'GET', url: 'https://vendor.test/api/v2/thing?page=2', headers, names: Object.keys(headers), body: null },
    ])
  })

  it('with a body is a POST of JSON', async () => {
    const { client, sent } = startClient([ok])
    await client.read(ask({ body: { jql: 'a' } }), someCall())
    expect(sent).toMatchObject([{ method: 'POST', body: '{"jql":"a"}', headers: { 'content-type': 'application/json' } }])
  })

  it('is tried again where its limits say so, and each retry counts in the metrics', async () => {
    const metrics = countingMetrics()
    const { client, sent } = startClient([{ status: 503 }, ok], { metrics, limits: { retries: 1 } })
    expect(await client.read(ask(), someCall())).toEqual({ id: 7 })
    expect([sent.length, metrics.total('upstream_retries_total', { source: 'acme' })]).toEqual([2, 1])
    const never = startClient([{ status: 503 }, ok], { limits: { retries: 0 } })
    expect((await errorOf(never.client.read(ask(), someCall()))).code).toBe('UPSTREAM_UNAVAILABLE')
    expect(never.sent).toHaveLength(1)
  })

  it('is tried again when one try takes too long', async () => {
    const { client, sent } = startClient(['never', ok], { limits: { tryTimeoutMs: 20 } })
    expect(await client.read(ask(), someCall())).toEqual({ id: 7 })
    expect(sent).toHaveLength(2)
  })

  it('ends at its deadline', async () => {
    const { client } = startClient(['never'], { timeoutMs: 20 })
    expect(await errorOf(client.read(ask(), someCall()))).toMatchObject({
      code: 'UPSTREAM_TIMEOUT',
      source: 'acme',
      message: 'Acme did not answer in time.',
      effect: undefined,
    })
  })

  it('ends for a caller that leaves', async () => {
    const controller = new AbortController()
    const { client } = startClient(['never'])
    const left = errorOf(client.read(ask(), someCall({ signal: controller.signal })))
    controller.abort()
    expect(await left).toMatchObject({ message: 'Acme was no longer waited for.', effect: undefined })
  })

  it('fails with the error of its translation', async () => {
    const { client } = startClient([ok])
    const defect = new TypeError('a defect')
    const toResult = () => {
      throw defect
    }
    await expect(client.read(ask({ toResult }), someCall())).rejects.toBe(defect)
  })

  it('counts in the statistics of its operation with its time, also when it fails', async () => {
    const { client } = startClient([ok, ok, { status: 400 }, 'reset'], { limits: { retries: 0 } })
    const stats: NonNullable<Call['stats']> = { upstreamCalls: 0 }
    const before = performance.now()
    for (let call = 0; call < 3; call++) await read(client, `/${call}`, someCall({ stats }))
    await errorOf(read(client, '/3', someCall({ stats })))
    expect(stats).toEqual({ upstreamCalls: 4, sources: { acme: { calls: 4, ms: expect.any(Number) } } })
    expect(stats.sources!.acme!.ms).toBeGreaterThan(0)
    expect(stats.sources!.acme!.ms).toBeLessThanOrEqual(performance.now() - before)
    const { client: other } = startClient([ok], { sourceKey: 'other' })
    await read(other, '/', someCall({ stats }))
    expect(Object.entries(stats.sources!).map(([key, { calls }]) => [key, calls])).toEqual([
      ['acme', 4],
      ['other', 1],
    ])
  })
})

describe('equal reads in flight', () => {
  const call = someCall({ viewerId: 'ann', email: 'ann@acme.test' })
  const sentFor = async (
    one: [Partial<ReadRequest<unknown>>, Call],
    other: [Partial<ReadRequest<unknown>>, Call],
    limits = {},
  ) => {
    const metrics = countingMetrics()
    const { client, sent } = startClient([ok], { metrics, limits })
    await Promise.all([one, other].map(([asked, by]) => client.read(ask(asked), by)))
    return [sent.length, metrics.total('shared_lookups_total', { source: 'acme' })]
  }

  it('of one viewer are sent once', async () => {
    expect(await sentFor([{}, call], [{}, call])).toEqual([1, 1])
    expect(await sentFor([{ body: [1] }, call], [{ body: [1] }, call])).toEqual([1, 1])
    expect(await sentFor([{}, call], [{}, { ...call, priority: 'user' }])).toEqual([1, 1])
    expect(await sentFor([{}, someCall()], [{}, someCall()])).toEqual([1, 1])
  })

  it('are each sent where the source shares none', async () => {
    expect(await sentFor([{}, call], [{}, call], { shareReads: false })).toEqual([2, 0])
  })

  it.each<[string, Partial<ReadRequest<unknown>>, Partial<Call> & { viewerId?: string; email?: string }]>([
    ['of two viewers', {}, { viewerId: 'bob', email: 'ann@acme.test' }],
    ['under two logins', {}, { viewerId: 'ann', email: 'bob@acme.test' }],
    ['whose names are the same text together', {}, { viewerId: 'ann\nann', email: '@acme.test' }],
    ['of two priorities', {}, { viewerId: 'ann', email: 'ann@acme.test', priority: 'polling' }],
    ['of two operations', { operation: 'other' }, { viewerId: 'ann', email: 'ann@acme.test' }],
    ['of two paths', { path: '/other' }, { viewerId: 'ann', email: 'ann@acme.test' }],
    ['of two bodies', { body: {} }, { viewerId: 'ann', email: 'ann@acme.test' }],
  ])('%s are each sent', async (_, asked, by) => {
    expect(await sentFor([{}, call], [asked, someCall(by)])).toEqual([2, 0])
  })

  it('with the same text in another part are each sent', async () => {
    expect(await sentFor([{ path: '/a\n{}' }, call], [{ path: '/a', body: 1 }, call])).toEqual([2, 0])
  })

  it('are not shared with a read that began before a write', async () => {
    const { client, sent } = startClient(['never', { status: 200, body: 'written' }, ok], { timeoutMs: 50 })
    const before = errorOf(client.read(ask(), call))
    await client.write({ operation: 'change', method: 'PUT', path: '/thing', body: {} }, call)
    expect(await client.read(ask(), call)).toEqual({ id: 7 })
    expect(sent).toHaveLength(3)
    await before
  })
})

describe('a read of a source with a budget', () => {
  /** A budget that holds the first calls. */
  const startBudget = (held: number) => {
    const asked: BudgetedCall[] = []
    const told: number[] = []
    const budget = {
      run(call, attempt) {
        asked.push(call)
        if (asked.length <= held) return Promise.reject(new UpstreamError('budgetHeld', { sent: false, retryAfter: 0.01 }))
        return attempt((status) => void told.push(status))
      },
    } as Budget
    return { budget, asked, told }
  }

  it.each([
    ['list', 'list'],
    ['count', 'list'],
    ['ticket', 'read'],
  ])('named `%s` counts as a %s, unless it says otherwise', async (operation, kind) => {
    const { budget, asked, told } = startBudget(0)
    const { client } = startClient([ok], { budget })
    await client.read(ask({ operation, cost: 2 }), someCall())
    await client.read(ask({ operation, kind: 'export' }), someCall())
    expect(asked).toMatchObject([{ kind, cost: 2 }, { kind: 'export' }])
    expect(told).toEqual([200, 200])
  })

  it.each(['polling', 'export'] as const)('waits for the budget where it is for %s', async (priority) => {
    const { budget, asked } = startBudget(2)
    const { client } = startClient([ok], { budget })
    expect(await client.read(ask(), someCall({ priority }))).toEqual({ id: 7 })
    expect(asked).toHaveLength(3)
  })

  it('fails at once where a person waits for it', async () => {
    for (const call of [someCall(), someCall({ priority: 'user' })]) {
      const { budget, asked } = startBudget(9)
      const error = await errorOf(startClient([ok], { budget }).client.read(ask(), call))
      expect([error.code, asked.length]).toEqual(['BUDGET_HELD', 1])
    }
  })

  it('without one fails after a 429, also where it is for an export', async () => {
    const { client, sent } = startClient([{ status: 429 }, ok])
    expect((await errorOf(client.read(ask(), someCall({ priority: 'export' })))).code).toBe('UPSTREAM_RATE_LIMITED')
    expect(sent).toHaveLength(1)
  })
})

import { getEventListeners } from 'node:events'
import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { noLogger } from '../../../src/domain/telemetry.ts'
import type { Budget, BudgetedCall } from '../../../src/sources/budget/budget.ts'
import type { WriteRequest } from '../../../src/sources/http-client/types.ts'
import { someCall } from '../../support/call.ts'
import { type Outcome, startClient } from './dispatcher-fixture.ts'
import { errorOf, read } from './test-client.ts'

const ok: Outcome = { status: 200, body: {} }
const change: WriteRequest = { operation: 'change', method: 'PATCH', path: '/thing', body: { a: 1 } }
const unconfirmed = { ended: 'unconfirmed' }
const listeners = (signal: AbortSignal) => getEventListeners(signal, 'abort').length

describe('a write', () => {
  it('is sent as JSON, with its own headers behind those of the source', async () => {
    const { client, sent } = startClient([ok], { headers: { authorization: 'Bearer t' } }, 'https://vendor.test/api/')
    const call = someCall()
    expect(await client.write({ ...change, headers: { 'if-match': '"6"' } }, call)).toEqual({
      ended: 'answered',
      answer: { status: 200, body: {}, readable: true },
    })
    const names = ['accept', 'accept-encoding', 'authorization', 'x-request-id', 'content-type', 'if-match']
    expect(sent).toMatchObject([{ method: 'PATCH', url: 'https://vendor.test/api/thing', names, body: '{"a":1}' }])
    expect(sent[0]!.headers).toMatchObject({ 'content-type': 'application/json', 'if-match': '"6"' })
    expect(listeners(call.signal)).toBe(0)
  })

  it('of a file is sent as it arrives, with its type and its size where they are known', async () => {
    const { client, sent } = startClient([ok])
    const upload = (contentType: string | null, size: number | null) =>
      client.write(
        {
          operation: 'file',
          method: 'POST',
          path: '/f',
          file: { filename: 'a', contentType, size, body: Readable.from(['by', 'tes']) },
        },
        someCall(),
      )
    await upload('text/plain', 5)
    await upload(null, null)
    await upload(null, 0)
    expect(sent.map(({ body }) => body)).toEqual(['bytes', 'bytes', 'bytes'])
    expect(sent.map(({ headers }) => [headers['content-type'], headers['content-length']])).toEqual([
      ['text/plain', '5'],
      ['application/octet-stream', undefined],
      ['application/octet-stream', '0'],
    ])
  })

  it('has the time of a call, and that of a file has the time of a file', async () => {
    const { client } = startClient(['never'], { timeoutMs: 20, limits: { fileTimeoutMs: 60 } })
    const took = async (request: WriteRequest) => {
      const before = performance.now()
      expect(await client.write(request, someCall())).toEqual(unconfirmed)
      return performance.now() - before
    }
    const file = { filename: 'a', contentType: null, size: null, body: Readable.from(['a']) }
    expect(await took(change)).toBeLessThan(58)
    expect(await took({ ...change, file })).toBeGreaterThanOrEqual(58)
  })

  it.each<[string, Outcome]>([
    ['a 500', { status: 500 }],
    ['a redirect', { status: 303 }],
    ['a lost connection', 'reset'],
  ])('is unconfirmed after %s, and is not sent again', async (_, outcome) => {
    const { client, sent } = startClient([outcome])
    const call = someCall()
    expect(await client.write(change, call)).toEqual(unconfirmed)
    expect([sent.length, listeners(call.signal)]).toEqual([1, 0])
  })

  it.each([
    [401, 'UPSTREAM_AUTH_FAILED'],
    [429, 'UPSTREAM_RATE_LIMITED'],
  ])('that is refused with %i has done nothing', async (status, code) => {
    const { client, sent } = startClient([{ status }])
    expect(await errorOf(client.write(change, someCall()))).toMatchObject({ code, source: 'acme', effect: 'none' })
    expect(sent).toHaveLength(1)
  })

  it('that its caller left before is not sent; one that its caller leaves is unconfirmed', async () => {
    const { client, sent } = startClient(['never'], { timeoutMs: 60_000 })
    const left = someCall({ signal: AbortSignal.abort() })
    expect(await errorOf(client.write(change, left))).toMatchObject({
      code: 'UPSTREAM_TIMEOUT',
      message: 'Acme was no longer waited for; nothing was changed.',
      cause: { sent: false },
    })
    expect([sent.length, listeners(left.signal)]).toEqual([0, 0])
    const controller = new AbortController()
    const leaving = client.write(change, someCall({ signal: controller.signal }))
    expect([sent.length, listeners(controller.signal)]).toEqual([1, 1])
    controller.abort()
    expect(await leaving).toEqual(unconfirmed)
  })

  it('counts in the statistics of its operation, and against the budget as a write', async () => {
    const asked: BudgetedCall[] = []
    const told: number[] = []
    const budget = {
      run(call, attempt) {
        asked.push(call)
        return attempt((status) => void told.push(status))
      },
    } as Budget
    const { client } = startClient([{ status: 422 }], { budget })
    const stats = { upstreamCalls: 2 }
    await client.write({ ...change, subject: '7' }, someCall({ stats, priority: 'polling' }))
    expect(asked).toMatchObject([{ kind: 'write', subject: '7', priority: 'polling' }])
    expect([told, stats]).toMatchObject([[422], { upstreamCalls: 3, sources: { acme: { calls: 1 } } }])
  })

  it('has a bulkhead of its own', async () => {
    const { client, sent } = startClient(['never'], { limits: { concurrentReads: 1, waitingReads: 0 }, timeoutMs: 30 })
    const running = [errorOf(read(client)), client.write(change, someCall())]
    expect(sent.map(({ method }) => method)).toEqual(['GET', 'PATCH'])
    await Promise.all(running)
  })
})

describe('the identity of a viewer', () => {
  const sendAs = async (email: string | null) => {
    const { client, sent } = startClient([ok], { identity: { header: 'x-agent', loginOf: (viewer) => viewer.email } })
    await read(client, '/', someCall({ email }))
    return sent[0]!.headers['x-agent']
  }

  it.each(['a', '~', '!', 'a b', 'a  b', 'ann@acme.test', '+-', 'a'.repeat(254)])('is sent as it is: %s', async (email) => {
    expect(await sendAs(email)).toBe(email)
  })

  it.each(['', ' a', 'a ', ',', 'a,b', 'é', 'a\tb', 'a\u007f', 'a\nb', 'a'.repeat(255)])('is refused: %j', async (email) => {
    await expect(sendAs(email)).rejects.toMatchObject({
      code: 'FORBIDDEN',
      source: 'acme',
      message: 'Your sign-in names you in a way that cannot be passed on to this source.',
    })
  })

  it('is not sent where the viewer has none', async () => {
    expect(await sendAs(null)).toBeUndefined()
  })
})

describe('a client', () => {
  it('logs how its circuit changes, and that it asks for fewer reads at once', async () => {
    const lines: unknown[] = []
    const logger = { ...noLogger, warn: (fields: object, message: string) => void lines.push([fields, message]) }
    const limits = { failures: 1, retries: 0, concurrentReads: 8 }
    const { client } = startClient([{ status: 429 }, { status: 500 }], { logger, limits })
    await errorOf(read(client))
    await errorOf(read(client))
    expect(lines).toEqual([
      [{ source: 'acme', concurrentReads: 4 }, 'source overloaded: fewer reads at once'],
      [{ source: 'acme', circuit: 'open' }, 'circuit changed'],
    ])
    expect(client.health()).toMatchObject({ state: 'DOWN', lastError: 'UPSTREAM_UNAVAILABLE' })
  })

  it('sends credentials that change, and is DOWN while they have a problem', async () => {
    let problem: Error | null = null
    const credentials = {
      current: () => ({ 'x-token': 'one' }),
      renew: async () => ({ 'x-token': 'two' }),
      problem: () => problem,
    } as never
    const { client, sent } = startClient([{ status: 401 }, ok], { credentials })
    await read(client)
    await client.write(change, someCall())
    expect(sent.map(({ headers }) => headers['x-token'])).toEqual(['one', 'two', 'one'])
    expect(client.health().state).toBe('DEGRADED')
    problem = Object.assign(new Error('sign in'), { code: 'UPSTREAM_AUTH_FAILED' })
    expect(client.health()).toMatchObject({ state: 'DOWN', lastError: 'UPSTREAM_AUTH_FAILED', checkedAt: expect.any(String) })
  })
})

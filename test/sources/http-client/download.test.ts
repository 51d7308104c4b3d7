import { getEventListeners } from 'node:events'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Budget, BudgetedCall } from '../../../src/sources/budget/budget.ts'
import { someCall } from '../../support/call.ts'
import { reply, startDownloads, textOf } from './download-fixture.ts'
import { clientFor, errorOf } from './test-client.ts'

const listeners = (signal: AbortSignal) => getEventListeners(signal, 'abort').length

describe('a file of a source', () => {
  it('is asked for as the viewer, below the path of the source, and has its size and its bytes', async () => {
    const { vendor, metrics, download } = await startDownloads(reply(200, { 'content-length': '12' }, 'twelve bytes'))
    const call = someCall({ requestId: 'r-7' })
    const file = await download(call, '/files/7?v=2')
    expect([file?.size, await textOf(file)]).toEqual([12, 'twelve bytes'])
    expect(vendor.lines()).toEqual(['GET /api/files/7?v=2'])
    expect(vendor.calls[0]!.headers).toMatchObject({ authorization: 'Bearer secret', 'x-request-id': 'r-7' })
    expect(vendor.calls[0]!.headers).not.toHaveProperty('content-type')
    expect(metrics.total('upstream_calls_total', { source: 'acme', operation: 'file', outcome: 'ok' })).toBe(1)
    await expect.poll(() => listeners(call.signal)).toBe(0)
  })

  it('may be named by the absolute URL that the source gives', async () => {
    const { vendor, download } = await startDownloads(reply(200, {}, 'bytes'))
    expect(await textOf(await download(someCall(), `${vendor.url}/other/7?v=2`))).toBe('bytes')
    expect(vendor.lines()).toEqual(['GET /other/7?v=2'])
    expect(vendor.calls[0]!.headers).toMatchObject({ authorization: 'Bearer secret' })
  })

  it('has no known size where it comes in chunks, and each has a connection of its own', async () => {
    const { vendor, download } = await startDownloads((res) => {
      res.writeHead(200).write('by')
      res.end('tes')
    })
    for (let call = 0; call < 2; call++) {
      const file = await download()
      expect([file?.size, await textOf(file)]).toEqual([null, 'bytes'])
    }
    expect(new Set(vendor.calls.map(({ port }) => port)).size).toBe(2)
  })

  it('may say that it is not compressed', async () => {
    const { download } = await startDownloads(reply(200, { 'content-encoding': 'identity' }, 'bytes'))
    expect(await textOf(await download())).toBe('bytes')
  })

  it.each([403, 404])('is null where the source answers %i, also in a compressed answer', async (status) => {
    const { download } = await startDownloads(reply(status, { 'content-encoding': 'gzip' }, 'text'))
    const call = someCall()
    expect(await download(call)).toBeNull()
    expect(listeners(call.signal)).toBe(0)
  })

  it.each([
    ['a 500', 500, {}, 'UPSTREAM_UNAVAILABLE', 'server'],
    ['a 401', 401, {}, 'UPSTREAM_AUTH_FAILED', 'unauthorised'],
    ['a 429', 429, {}, 'UPSTREAM_RATE_LIMITED', 'limited'],
    ['a 300 that leads nowhere', 300, {}, 'UPSTREAM_BAD_RESPONSE', 'redirect'],
    ['a 399', 399, {}, 'UPSTREAM_BAD_RESPONSE', 'redirect'],
    ['a 304 with a place', 304, { location: 'http://127.0.0.1:1/' }, 'UPSTREAM_BAD_RESPONSE', 'redirect'],
    ['a compressed file', 200, { 'content-encoding': 'gzip' }, 'UPSTREAM_BAD_RESPONSE', 'unreadable'],
    ['another refusal', 400, {}, 'UPSTREAM_BAD_RESPONSE', '400'],
  ])('is an error of the source after %s', async (_, status, headers, code, outcome) => {
    const { download, vendor, metrics } = await startDownloads(reply(status, headers))
    const call = someCall()
    expect(await errorOf(download(call))).toMatchObject({ code, source: 'acme', cause: { sent: true } })
    expect([vendor.calls.length, listeners(call.signal)]).toEqual([1, 0])
    expect(metrics.total('upstream_calls_total', { outcome })).toBe(1)
  })

  it('counts for the circuit: after five failures the source is left alone', async () => {
    const { client, download, vendor } = await startDownloads(reply(503))
    for (let call = 0; call < 5; call++) await errorOf(download())
    expect((await errorOf(download())).code).toBe('CIRCUIT_OPEN')
    expect([vendor.calls.length, client.health().state]).toEqual([5, 'DOWN'])
  })

  it('is UPSTREAM_UNAVAILABLE where the source cannot be reached, or hangs up', async () => {
    const closed = clientFor('http://127.0.0.1:1')
    const asked = { operation: 'file', path: '/files/7' }
    const refused = await errorOf(closed.download(asked, someCall()))
    expect(refused).toMatchObject({ message: 'Acme could not be reached.', cause: { sent: false } })
    const { download } = await startDownloads((res) => void res.destroy())
    const reset = await errorOf(download())
    expect(reset).toMatchObject({ message: 'Acme closed the connection without an answer.', cause: { sent: true } })
  })

  it('takes a call of the budget as a read, which hears of the answer', async () => {
    const asked: BudgetedCall[] = []
    const told: unknown[] = []
    const budget = {
      run(call, attempt) {
        asked.push(call)
        return attempt((status, headers) => void told.push([status, headers.etag]))
      },
    } as Budget
    const { client } = await startDownloads(reply(404, { etag: '"1"' }), {}, { budget, timeoutMs: 700 })
    const before = performance.now()
    await client.download({ operation: 'file', path: '/files/7', cost: 3, subject: '7' }, someCall())
    expect(asked).toMatchObject([{ kind: 'read', cost: 3, subject: '7', priority: 'user' }])
    // It waits for the budget as long as another read, not as long as a file may take.
    expect(asked[0]!.endsAt).toBeGreaterThanOrEqual(before + 700)
    expect(asked[0]!.endsAt).toBeLessThanOrEqual(performance.now() + 700)
    expect(told).toEqual([[404, '"1"']])
  })

  it('is asked for again with renewed credentials after a 401', async () => {
    const credentials = {
      current: () => ({ 'x-token': 'one' }),
      renew: async () => ({ 'x-token': 'two' }),
      problem: () => null,
    }
    const { download, vendor } = await startDownloads(
      (res, { headers }) => reply(headers['x-token'] === 'two' ? 200 : 401, {}, 'bytes')(res),
      {},
      { credentials },
    )
    expect(await textOf(await download())).toBe('bytes')
    expect(vendor.calls.map(({ headers }) => headers['x-token'])).toEqual(['one', 'two'])
  })
})

describe('a caller of a file', () => {
  it('that has left before asks for nothing', async () => {
    const { download, vendor } = await startDownloads(reply(200))
    const error = await errorOf(download(someCall({ signal: AbortSignal.abort() })))
    expect(error).toMatchObject({ code: 'UPSTREAM_TIMEOUT', message: 'Acme was no longer waited for.', cause: { sent: false } })
    expect(vendor.calls).toEqual([])
  })

  it('that leaves ends the request, and the body that arrives', async () => {
    const hanging = await startDownloads(() => {})
    const controller = new AbortController()
    const waiting = errorOf(hanging.download(someCall({ signal: controller.signal })))
    await expect.poll(() => hanging.vendor.calls.length).toBe(1)
    controller.abort()
    expect((await waiting).message).toBe('Acme was no longer waited for.')
    await expect.poll(hanging.vendor.aborted).toBe(1)
    const slow = await startDownloads((res) => void res.writeHead(200).write('half'))
    const second = new AbortController()
    const file = await slow.download(someCall({ signal: second.signal }))
    const text = errorOf(textOf(file))
    second.abort()
    expect((await text).message).toBe('Acme was no longer waited for.')
    await expect.poll(slow.vendor.aborted).toBe(1)
  })

  it('may drop the body: the source sends no more of it', async () => {
    const { download, vendor } = await startDownloads((res) => void res.writeHead(200).write('half'))
    const call = someCall()
    const file = await download(call)
    expect(listeners(call.signal)).toBe(1)
    file!.body.destroy()
    await expect.poll(vendor.aborted).toBe(1)
    expect(listeners(call.signal)).toBe(0)
  })
})

describe('the time of a file', () => {
  it('ends a request without an answer, and a body that takes longer', async () => {
    const hanging = await startDownloads(() => {}, { fileTimeoutMs: 30 }, { timeoutMs: 60_000 })
    const late = { code: 'UPSTREAM_TIMEOUT', source: 'acme', message: 'Acme did not answer in time.', cause: { sent: true } }
    expect(await errorOf(hanging.download())).toMatchObject(late)
    const slow = await startDownloads(
      (res) => void res.writeHead(200).write('half'),
      { fileTimeoutMs: 60 },
      { timeoutMs: 60_000 },
    )
    expect(await errorOf(textOf(await slow.download()))).toMatchObject(late)
    await expect.poll(slow.vendor.aborted).toBe(1)
  })

  it('runs no longer than the file', async () => {
    const timers: NodeJS.Timeout[] = []
    const original = globalThis.setTimeout
    onTestFinished(() => void Object.assign(globalThis, { setTimeout: original }))
    const { download } = await startDownloads(reply(200, { 'content-length': '5' }, 'bytes'), { fileTimeoutMs: 54_321 })
    const spy = (...given: Parameters<typeof original>) => {
      const timer = original(...given)
      if (given[1] === 54_321) timers.push(timer)
      return timer
    }
    Object.assign(globalThis, { setTimeout: spy })
    await textOf(await download())
    expect(timers).toHaveLength(1)
    await expect.poll(() => (timers[0] as unknown as { _destroyed: boolean })._destroyed).toBe(true)
  })
})

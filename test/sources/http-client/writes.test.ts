import { describe, expect, it } from 'vitest'
import { someCall } from '../../support/call.ts'
import { json, startVendor } from '../../support/vendor.ts'
import { errorOf, read, upstreamFor, write } from './kit.ts'

describe('a write', () => {
  it('is sent once, with its body as JSON, and hands the answer over', async () => {
    const vendor = await startVendor((_, res) => json(res, { id: 'a' }, 201))
    expect(await write(upstreamFor(`${vendor.url}/base/`))).toEqual({
      ended: 'answered',
      answer: { status: 201, body: { id: 'a' }, readable: true },
    })
    expect(vendor.calls).toMatchObject([{ method: 'POST', path: '/base/thing', body: { say: 'hello' } }])
    expect(vendor.calls[0]?.headers['content-type']).toBe('application/json')
  })

  it.each([
    ['answered 500 after it was done', (res: import('node:http').ServerResponse) => json(res, {}, 500)],
    ['reset before an answer', (res: import('node:http').ServerResponse) => res.destroy()],
    [
      'cut off in the answer',
      (res: import('node:http').ServerResponse) => {
        res.writeHead(200, { 'content-length': '50' }).write('{')
        setTimeout(() => res.destroy(), 5)
      },
    ],
    ['redirected', (res: import('node:http').ServerResponse) => res.writeHead(303, { location: '/elsewhere' }).end()],
    ['never answered', () => {}],
  ])('U13: is unconfirmed when it is %s, and is not repeated', async (_, answer) => {
    const vendor = await startVendor((_call, res) => answer(res))
    expect(await write(upstreamFor(vendor.url, { timeoutMs: 800 }))).toEqual({ ended: 'unconfirmed' })
    expect(vendor.calls).toHaveLength(1)
  })

  it('is thrown as an error, not retryable, when it surely was not sent', async () => {
    const error = await errorOf(write(upstreamFor('http://127.0.0.1:1')))
    expect(error).toMatchObject({
      code: 'UPSTREAM_UNAVAILABLE',
      retryable: false,
      message: 'Acme could not be reached; nothing was changed.',
    })
  })

  it.each([
    [401, 'UPSTREAM_AUTH_FAILED'],
    [429, 'UPSTREAM_RATE_LIMITED'],
  ])('is thrown as an error when a %i says that it was not done', async (status, code) => {
    const vendor = await startVendor((_, res) => res.writeHead(status).end())
    expect(await errorOf(write(upstreamFor(vendor.url)))).toMatchObject({ code, retryable: false })
    expect(vendor.calls).toHaveLength(1)
  })

  it('is unconfirmed when its caller leaves after it was sent, and never sent when the caller left before', async () => {
    const vendor = await startVendor(() => controller.abort())
    const controller = new AbortController()
    const call = someCall({ signal: controller.signal })
    expect(await write(upstreamFor(vendor.url), call)).toEqual({ ended: 'unconfirmed' })
    expect((await errorOf(write(upstreamFor(vendor.url), call))).code).toBe('UPSTREAM_TIMEOUT')
    expect(vendor.calls).toHaveLength(1)
  })

  it('travels on a connection of its own, not on one that is kept', async () => {
    const vendor = await startVendor((_, res) => json(res, {}))
    const upstream = upstreamFor(vendor.url, { limits: { connections: 1 } })
    await read(upstream)
    await write(upstream)
    await write(upstream)
    expect(new Set(vendor.calls.map(({ port }) => port)).size).toBe(3)
  })

  it('hands over an answer that is no JSON as unreadable', async () => {
    const vendor = await startVendor((_, res) => res.writeHead(200).end('<html>'))
    expect(await write(upstreamFor(vendor.url))).toEqual({
      ended: 'answered',
      answer: { status: 200, body: undefined, readable: false },
    })
  })
})

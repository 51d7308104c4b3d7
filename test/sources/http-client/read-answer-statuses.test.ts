import { brotliCompressSync, deflateRawSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { type RawResponse, readAnswer } from '../../../src/sources/http-client/read-answer.ts'

const now = Date.UTC(2026, 0, 1)

interface Options {
  readonly headers?: RawResponse['headers']
  readonly body?: string | Buffer
  readonly isRead?: boolean
  readonly maxBytes?: number
}
const answer = (status: number, { headers = {}, body = '{}', isRead = true, maxBytes = 1000 }: Options = {}) =>
  readAnswer({ status, headers, bytes: Buffer.from(body) }, { isRead, maxBytes, clock: () => now })

describe('the status of an answer', () => {
  it.each([
    [300, 'redirect'],
    [304, 'redirect'],
    [399, 'redirect'],
    [401, 'unauthorised'],
    [429, 'rateLimited'],
    [500, 'server'],
    [503, 'server'],
    [599, 'server'],
  ])('%i is an error of the kind %s, of reads and of writes, after it was sent', async (status, kind) => {
    await expect(answer(status)).rejects.toMatchObject({ kind, sent: true })
    await expect(answer(status, { isRead: false })).rejects.toMatchObject({ kind, sent: true })
  })

  it.each([200, 299, 400, 402, 403, 428, 430, 499])('%i is an answer', async (status) => {
    expect(await answer(status)).toEqual({ status, body: {}, readable: true })
  })

  it('tells overload by the statuses of a busy server', async () => {
    await expect(answer(500)).rejects.toMatchObject({ showsOverload: false })
    await expect(answer(504)).rejects.toMatchObject({ showsOverload: true })
  })
})

describe('the wait that a source asks for', () => {
  const waitOf = (status: number, retryAfter?: string | string[]) =>
    answer(status, { headers: retryAfter === undefined ? {} : { 'retry-after': retryAfter } }).catch(
      (error: { retryAfter?: number }) => error.retryAfter,
    )

  it('is read with a 429 and with a 5xx, up to a minute', async () => {
    for (const status of [429, 503]) {
      expect(await waitOf(status, '7')).toBe(7)
      expect(await waitOf(status, '59')).toBe(59)
      expect(await waitOf(status, '61')).toBe(60)
      expect(await waitOf(status)).toBeUndefined()
    }
  })

  it('is a whole number of seconds, rounded up, where it is a date', async () => {
    // The clock is half a second before the date.
    const half = { isRead: true, maxBytes: 1000, clock: () => now - 500 }
    const raw = { status: 429, headers: { 'retry-after': new Date(now + 2000).toUTCString() }, bytes: Buffer.alloc(0) }
    await expect(readAnswer(raw, half)).rejects.toMatchObject({ retryAfter: 3 })
  })

  it('is not read with another error', async () => {
    expect(await waitOf(401, '7')).toBeUndefined()
    expect(await waitOf(302, '7')).toBeUndefined()
  })
})

describe('the body of an answer', () => {
  it('may be missing or unreadable in a refusal and after a write, and in no successful read', async () => {
    for (const body of ['', '<html>']) {
      const readable = body === ''
      expect(await answer(404, { body })).toEqual({ status: 404, body: undefined, readable })
      expect(await answer(200, { body, isRead: false })).toEqual({ status: 200, body: undefined, readable })
      await expect(answer(200, { body })).rejects.toMatchObject({ kind: 'unreadable', sent: true })
    }
  })

  it('may be null', async () => {
    expect(await answer(200, { body: 'null' })).toEqual({ status: 200, body: null, readable: true })
  })

  it('may be exactly as long as the limit after decompression', async () => {
    const body = gzipSync(`"${'x'.repeat(998)}"`)
    const headers = { 'content-encoding': 'gzip' }
    expect((await answer(200, { body, headers, maxBytes: 1000 })).body).toHaveLength(998)
    await expect(answer(200, { body, headers, maxBytes: 999 })).rejects.toMatchObject({ kind: 'oversized', sent: true })
  })

  it('may be compressed three times, and no more often', async () => {
    const thrice = gzipSync(gzipSync(gzipSync('{"a":1}')))
    const headers = { 'content-encoding': 'gzip, gzip, gzip' }
    expect((await answer(200, { body: thrice, headers })).body).toEqual({ a: 1 })
    const more = { 'content-encoding': 'gzip, gzip, gzip, gzip' }
    await expect(answer(200, { body: gzipSync(thrice), headers: more, isRead: false })).rejects.toMatchObject({
      kind: 'unreadable',
      sent: true,
    })
    // A body that nothing can be undone of is not looked at.
    expect(await answer(404, { body: '', headers: more })).toEqual({ status: 404, body: undefined, readable: true })
  })

  it('has its codings undone from the last one to the first', async () => {
    const body = brotliCompressSync(deflateRawSync('{"a":1}'))
    expect((await answer(200, { body, headers: { 'content-encoding': 'deflate, br' } })).body).toEqual({ a: 1 })
    await expect(answer(200, { body, headers: { 'content-encoding': 'br, deflate' } })).rejects.toMatchObject({
      kind: 'unreadable',
    })
  })
})

describe('the headers of an answer', () => {
  it('are its version and its place, where each came once', async () => {
    const headers = { etag: '"7"', location: '/thing/7', server: 'x' }
    expect(await answer(200, { headers })).toEqual({ status: 200, body: {}, readable: true, etag: '"7"', location: '/thing/7' })
    const twice = { etag: ['"7"', '"8"'], location: ['/a', '/b'] }
    expect(await answer(200, { headers: twice })).toEqual({ status: 200, body: {}, readable: true })
  })

  it('tell what the source remarks on a write, and on no read', async () => {
    for (const [name, value] of Object.entries({ warning: '199 - "cut"', 'x-api-warn': 'cut' })) {
      const headers = { server: 'x', [name]: value }
      expect(await answer(200, { headers, isRead: false })).toMatchObject({ warning: value })
      expect(await answer(200, { headers })).not.toHaveProperty('warning')
    }
    const headers = { 'x-warning': 'a', 'x-warn-level': 'b' }
    expect(await answer(200, { headers, isRead: false })).not.toHaveProperty('warning')
    expect(await answer(200, { isRead: false, headers: { warning: ['a', 'b'] } })).toMatchObject({ warning: 'a,b' })
  })
})

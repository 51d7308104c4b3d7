import { getEventListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import { settled, startExchange } from './exchange-fixture.ts'

describe('a read', () => {
  it('is sent on a shared connection, which it releases when its answer has ended', async () => {
    const { read, dispatched, connection, released, answers, signal } = startExchange()
    const { result, sent } = read({ body: '{}', method: 'POST' })
    const { options, channel } = sent
    expect([channel, options]).toEqual([
      'shared',
      { method: 'POST', path: '/a', headers: ['b', 'c'], body: '{}', blocking: false, idempotent: true },
    ])
    expect([connection.served, getEventListeners(signal, 'abort').length]).toEqual([false, 1])
    sent.head(200, { etag: '"7"' })
    expect([connection.served, released()]).toEqual([true, 0])
    sent.data('{"one":')
    sent.data('1}')
    sent.end()
    expect([released(), getEventListeners(signal, 'abort').length]).toEqual([1, 0])
    expect(await result).toEqual({ status: 200, body: { one: 1 }, readable: true, etag: '"7"' })
    expect([answers, dispatched.length]).toEqual([[[200, { etag: '"7"' }]], 1])
  })

  it('may have an answer of one part, or of none', async () => {
    const one = startExchange().read()
    one.sent.head(404)
    one.sent.data('[]')
    one.sent.end()
    expect(await one.result).toEqual({ status: 404, body: [], readable: true })
    const none = startExchange().read()
    none.sent.head(404)
    none.sent.end()
    expect(await none.result).toEqual({ status: 404, body: undefined, readable: true })
  })

  it('takes no notice of what comes before its answer (1xx)', async () => {
    const { result, sent } = startExchange().read()
    sent.head(103, { etag: '"early"', 'content-length': '999' })
    sent.head(200)
    sent.data('{}')
    sent.end()
    expect(await result).toEqual({ status: 200, body: {}, readable: true })
  })

  it('tells the caller of the head of a refusal too', async () => {
    const { read, answers } = startExchange()
    const { result, sent } = read()
    sent.head(429, { 'retry-after': '3' })
    sent.end()
    expect(await result).toMatchObject({ kind: 'rateLimited', retryAfter: 3 })
    expect(answers).toEqual([[429, { 'retry-after': '3' }]])
  })

  it('ends once: what comes later changes nothing', async () => {
    const { read, released } = startExchange()
    const { result, sent } = read()
    sent.head(200)
    sent.data('{}')
    sent.end()
    sent.data('more')
    sent.fail('ECONNRESET')
    sent.end()
    expect(await result).toMatchObject({ body: {} })
    expect([released(), sent.aborted]).toEqual([1, []])
  })
})

describe('a write', () => {
  it('is sent on a new connection of its own, and is never sent again', async () => {
    const { send, dispatched, released } = startExchange()
    const result = send({ method: 'PUT', body: '{"a":1}', isRead: false })
    expect(dispatched).toMatchObject([{ channel: 'writes' }])
    const [sent] = dispatched
    expect(sent!.options).toEqual({ method: 'PUT', path: '/a', headers: ['b', 'c'], body: '{"a":1}', reset: true })
    sent!.begin()
    sent!.fail('ECONNRESET')
    expect(await result).toMatchObject({ kind: 'reset', sent: true })
    expect([dispatched.length, released()]).toEqual([1, 0])
  })

  it('may have an answer that is no JSON', async () => {
    const { send, dispatched } = startExchange()
    const result = send({ method: 'PUT', isRead: false })
    const [sent] = dispatched
    sent!.begin()
    sent!.head(200)
    sent!.data('done')
    sent!.end()
    expect(await result).toEqual({ status: 200, body: undefined, readable: false })
  })
})

describe('UPSTREAM-10: an answer of 20 bytes at most', () => {
  const twenty = `"${'a'.repeat(18)}"`

  it('may have all of them, announced or not', async () => {
    for (const headers of [{ 'content-length': '20' }, undefined]) {
      const { result, sent } = startExchange().read()
      sent.head(200, headers)
      sent.data(twenty.slice(0, 11))
      sent.data(twenty.slice(11))
      sent.end()
      expect(await result).toMatchObject({ body: 'a'.repeat(18) })
    }
  })

  it('is aborted at its head where it announces more', async () => {
    const { read, released } = startExchange()
    const { result, sent } = read()
    sent.head(200, { 'content-length': '21' })
    expect(await result).toMatchObject({ kind: 'oversized', sent: true })
    expect(sent.aborted).toEqual([await result])
    expect(released()).toBe(1)
  })

  it('is aborted once when more than that has come', async () => {
    const { result, sent } = startExchange().read()
    sent.head(200)
    sent.data(twenty)
    expect(sent.aborted).toEqual([])
    sent.data(' ')
    expect(sent.aborted).toHaveLength(1)
    sent.data(' ')
    sent.head(200, { 'content-length': '99' })
    expect(await result).toMatchObject({ kind: 'oversized', sent: true })
    expect(sent.aborted).toEqual([await result])
  })

  it('has a head that undici refuses to read where that is too long', async () => {
    const { result, sent } = startExchange().read()
    const cause = sent.fail('UND_ERR_HEADERS_OVERFLOW')
    expect(await result).toMatchObject({ kind: 'oversized', sent: true, cause })
  })
})

describe('a request that fails', () => {
  it('was refused where undici has not begun it: nothing was sent', async () => {
    const { send, dispatched } = startExchange()
    const result = send()
    const cause = dispatched[0]!.fail('ECONNREFUSED')
    expect(await result).toMatchObject({ kind: 'refused', sent: false, cause })
  })

  it('was reset before its answer, and truncated in it', async () => {
    const before = startExchange().read()
    before.sent.fail('ECONNRESET')
    expect(await before.result).toMatchObject({ kind: 'reset', sent: true })
    const inside = startExchange().read()
    inside.sent.head(200)
    inside.sent.fail('UND_ERR_SOCKET')
    expect(await inside.result).toMatchObject({ kind: 'truncated', sent: true })
  })
})

describe('a caller that leaves', () => {
  it('ends a request that has begun with the kind of its reason', async () => {
    const { read, abort, released } = startExchange()
    const { result, sent } = read()
    sent.head(200)
    abort('deadline')
    expect(await result).toMatchObject({ kind: 'deadline', sent: true })
    expect([sent.aborted, released()]).toEqual([[await result], 1])
  })

  it('ends one that has not begun, which undici then drops without harm to the others on its connection', async () => {
    const { send, dispatched, abort } = startExchange()
    const result = send()
    abort('cancelled')
    expect(await result).toMatchObject({ kind: 'cancelled', sent: false })
    const [sent] = dispatched
    expect(() => sent!.begin()).toThrow('the request was cancelled')
    sent!.fail('UND_ERR_ABORTED')
    await settled()
    expect([sent!.aborted, dispatched.length]).toEqual([[], 1])
  })
})

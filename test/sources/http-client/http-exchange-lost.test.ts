import { describe, expect, it } from 'vitest'
import { settled, startExchange } from './exchange-fixture.ts'

describe('UPSTREAM-33: a read that is lost with a connection that had served before', () => {
  it.each(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET'])('is sent again on a connection of its own after %s', async (code) => {
    const { read, dispatched, connection, released } = startExchange()
    connection.served = true
    const { result, sent } = read({ method: 'POST', body: '{}' })
    sent.fail(code)
    await settled()
    const repeat = dispatched[1]!
    expect([repeat.channel, repeat.options]).toEqual([
      'repeats',
      { method: 'POST', path: '/a', headers: ['b', 'c'], body: '{}', reset: true },
    ])
    repeat.begin()
    repeat.head(200)
    repeat.data('{}')
    repeat.end()
    expect(await result).toMatchObject({ body: {} })
    expect([dispatched.length, released()]).toEqual([2, 1])
  })

  it('is not sent a third time', async () => {
    const { read, dispatched, connection } = startExchange()
    connection.served = true
    const { result, sent } = read()
    sent.fail('ECONNRESET')
    await settled()
    dispatched[1]!.begin()
    dispatched[1]!.fail('ECONNRESET')
    expect(await result).toMatchObject({ kind: 'reset' })
    expect(dispatched).toHaveLength(2)
  })

  it('is not sent again after another failure, or once its answer has begun', async () => {
    const other = startExchange()
    other.connection.served = true
    const { result, sent } = other.read()
    sent.fail('UND_ERR_INVALID_ARG')
    expect(await result).toMatchObject({ kind: 'reset' })
    const begun = startExchange()
    begun.connection.served = true
    const second = begun.read()
    second.sent.handler.onResponseStarted()
    second.sent.fail('ECONNRESET')
    expect(await second.result).toMatchObject({ kind: 'reset' })
    expect([other.dispatched.length, begun.dispatched.length]).toEqual([1, 1])
  })

  it('is not sent again on a connection that had not served, or when its caller leaves at that moment', async () => {
    const fresh = startExchange()
    const first = fresh.read()
    first.sent.fail('ECONNRESET')
    expect(await first.result).toMatchObject({ kind: 'reset' })
    const leaving = startExchange()
    leaving.connection.served = true
    const second = leaving.read()
    second.sent.fail('ECONNRESET')
    leaving.abort('cancelled')
    expect(await second.result).toMatchObject({ kind: 'reset' })
    expect([fresh.dispatched.length, leaving.dispatched.length]).toEqual([1, 1])
  })
})

describe('UPSTREAM-33: a read that undici sends again, because the one before it was lost', () => {
  it('forgets the answer that had begun', async () => {
    const { result, sent } = startExchange().read()
    sent.head(200)
    sent.data('"15 bytes, old"')
    sent.begin()
    sent.head(404)
    sent.data('"15 bytes, new"')
    sent.end()
    expect(await result).toMatchObject({ status: 404, body: '15 bytes, new' })
  })

  it('has no answer yet: a loss is a reset, and it is sent again on its own', async () => {
    const fresh = startExchange()
    const { result, sent } = fresh.read()
    sent.handler.onResponseStart(sent.controller, 200, {})
    sent.begin()
    sent.fail('ECONNRESET')
    expect(await result).toMatchObject({ kind: 'reset', sent: true })
    const served = startExchange()
    const second = served.read()
    second.sent.head(200)
    second.sent.begin()
    second.sent.fail('ECONNRESET')
    await settled()
    expect(served.dispatched.map(({ channel }) => channel)).toEqual(['shared', 'repeats'])
  })

  it('is sent three times there, and then on a connection of its own, also where none had served', async () => {
    const { read, dispatched } = startExchange()
    const { result, sent } = read()
    sent.begin()
    sent.begin()
    expect(() => sent.begin()).toThrow('the request was sent often enough')
    sent.fail('UND_ERR')
    await settled()
    expect(dispatched.map(({ channel }) => channel)).toEqual(['shared', 'repeats'])
    dispatched[1]!.begin()
    dispatched[1]!.head(200)
    dispatched[1]!.data('{}')
    dispatched[1]!.end()
    expect(await result).toMatchObject({ body: {} })
  })
})

import { getEventListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import type { TokenRows } from '../../../src/sources/credentials/token-store.ts'
import { createMemoryTokenRows } from '../../support/memory-token-rows.ts'
import { startCredentials } from './credentials-fixture.ts'
import { issue, refusal } from './renewal-fixture.ts'

const first = { authorization: 'Bearer access-1' }
const second = { authorization: 'Bearer access-2' }

describe('the headers of a call', () => {
  it('are obtained once for all first calls, and are there at once for the others', async () => {
    const { credentials, signal, spent } = startCredentials()
    const waiting = [credentials.current(signal), credentials.current(signal)]
    expect(waiting.every((one) => one instanceof Promise)).toBe(true)
    expect(await Promise.all(waiting)).toEqual([first, first])
    expect(credentials.current(signal)).toEqual(first)
    expect(credentials.current(signal)).toBe(credentials.current(signal))
    expect([spent(), getEventListeners(signal, 'abort').length]).toEqual([['refresh-0'], 0])
  })

  it('are not awaited by a caller that leaves', async () => {
    const { credentials, spent } = startCredentials()
    const controller = new AbortController()
    const waiting = credentials.current(controller.signal)
    controller.abort(new Error('left'))
    await expect(waiting).rejects.toThrow('left')
    await expect(credentials.current(AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone')
    await credentials.settled()
    expect(spent()).toEqual(['refresh-0'])
  })

  it.each([
    ['an hour, 300 s before its end', 3600, 0, 3_300],
    ['an hour, up to half of that earlier', 3600, 1, 3_150],
    ['a minute, a fifth before its end', 60, 0, 48],
    ['a minute, up to half of that earlier', 60, 1, 42],
  ])('of a token of %s, are renewed while calls go on with it', async (_, expiresIn, random, dueAt) => {
    const answers = [issue(1, { expires_in: expiresIn }), issue(2)]
    const { credentials, signal, time, spent } = startCredentials({ answers, random: () => random })
    await credentials.current(signal)
    time.now += dueAt * 1_000 - 1
    expect(credentials.current(signal)).toEqual(first)
    await credentials.settled()
    expect(spent()).toHaveLength(1)
    time.now += 1
    expect(credentials.current(signal)).toEqual(first)
    await credentials.settled()
    expect(spent()).toEqual(['refresh-0', 'refresh-1'])
    expect(credentials.current(signal)).toEqual(second)
  })

  it.each([
    ['an hour, 5 s', 3600, 3_595],
    ['ten seconds, a tenth', 10, 9],
  ])('of a token of %s before its end, wait for the next one', async (_, expiresIn, endsAt) => {
    const answers = [issue(1, { expires_in: expiresIn }), { status: 503 }, issue(2)]
    const { credentials, signal, time } = startCredentials({ answers })
    await credentials.current(signal)
    time.now += endsAt * 1_000 - 1
    // The renewal fails, and the token is used all the same.
    expect(credentials.current(signal)).toEqual(first)
    await credentials.settled()
    expect(credentials.current(signal)).toEqual(first)
    time.now += 1
    await expect(credentials.current(signal)).rejects.toMatchObject({ message: 'Acme: its token endpoint failed (HTTP 503).' })
    time.now += 1_000
    expect(await credentials.current(signal)).toEqual(second)
  })

  it('of a token without a lifetime have no end', async () => {
    const { credentials, signal, time, spent } = startCredentials({ answers: [issue(1, { expires_in: null })] })
    await credentials.current(signal)
    time.now += 365 * 86_400_000
    expect([credentials.current(signal), spent().length]).toEqual([first, 1])
  })

  it('of a token that has ended when it arrives are used once', async () => {
    const memory = createMemoryTokenRows()
    const rows: TokenRows = {
      ...memory,
      save(...given) {
        time.now += 1_000
        return memory.save(...given)
      },
    }
    const { credentials, signal, time, spent } = startCredentials({ rows, answers: [issue(1, { expires_in: 1 }), issue(2)] })
    expect([await credentials.current(signal), await credentials.current(signal)]).toEqual([first, second])
    expect(spent()).toHaveLength(2)
  })
})

describe('a replica that starts', () => {
  it('uses tokens that another one has obtained', async () => {
    const one = startCredentials()
    await one.credentials.current(one.signal)
    const other = startCredentials({ rows: one.rows, answers: [] })
    expect(await other.credentials.current(other.signal)).toEqual(first)
    expect(other.spent()).toEqual([])
  })

  it('uses tokens that cannot be renewed until they end, and says then what to do', async () => {
    const one = startCredentials({ answers: [issue(1), refusal] })
    await one.credentials.current(one.signal)
    one.time.now += 3_400_000
    one.credentials.current(one.signal)
    await one.credentials.settled()
    const other = startCredentials({ rows: one.rows, answers: [], at: one.time.now })
    expect(await other.credentials.current(other.signal)).toEqual(first)
    expect([other.credentials.problem(), other.spent()]).toEqual([null, []])
    other.time.now += 300_000
    await expect(other.credentials.current(other.signal)).rejects.toThrow('Acme: sign in again')
    expect(other.credentials.problem()).toMatchObject({ code: 'UPSTREAM_AUTH_FAILED' })
  })

  it('that leaves meanwhile ends with its reason', async () => {
    const one = startCredentials({ answers: [issue(1), refusal] })
    await one.credentials.current(one.signal)
    const { credentials } = startCredentials({ rows: one.rows, answers: [], at: one.time.now })
    const controller = new AbortController()
    const waiting = credentials.current(controller.signal)
    controller.abort(new Error('left'))
    await expect(waiting).rejects.toThrow('left')
  })
})

describe('a 401', () => {
  const refused = async (ageMs: number, answers = [issue(1), issue(2), issue(3)]) => {
    const started = startCredentials({ answers })
    const headers = await started.credentials.current(started.signal)
    started.time.now += ageMs
    return { ...started, headers, renew: (given = headers) => started.credentials.renew(given, started.signal) }
  }

  it('for a token of half a minute renews it, once for all calls', async () => {
    const { credentials, signal, renew, spent, headers } = await refused(30_000)
    expect(await Promise.all([renew(), renew(), renew()])).toEqual([second, second, second])
    expect(spent()).toEqual(['refresh-0', 'refresh-1'])
    // A call that comes later with the former token.
    expect([await renew(headers), credentials.current(signal)]).toEqual([second, second])
    expect(spent()).toHaveLength(2)
  })

  it('for headers that are not these, though equal, gives those that are in use', async () => {
    const { renew, headers } = await refused(60_000)
    expect(await renew({ ...headers })).toBe(headers)
  })

  it('for a younger token stands: another fault, such as a missing right, is the reason', async () => {
    const { credentials, signal, renew, spent } = await refused(29_999)
    expect(await renew()).toBeNull()
    expect([credentials.current(signal), spent().length]).toEqual([first, 1])
  })

  it('for a token that was refused as a new one stands twice as long, once for each token, up to ten minutes', async () => {
    const { credentials, signal, renew, time } = await refused(0, [
      issue(1),
      ...Array.from({ length: 9 }, (_, at) => issue(at + 2)),
    ])
    // The age at which each token in turn may be renewed after it was refused as a new one.
    const ages: number[] = []
    for (const seconds of [60, 120, 240, 480, 600, 600]) {
      const headers = await credentials.current(signal)
      expect([await renew(headers), await renew(headers)]).toEqual([null, null])
      time.now += seconds * 1_000 - 1
      expect(await renew(headers)).toBeNull()
      time.now += 1
      const renewed = await renew(headers)
      expect(renewed).not.toBeNull()
      ages.push(seconds)
    }
    expect(ages).toHaveLength(6)
  })

  it('for a young token that is refused by the endpoint, or replaced, is one of a sign-in that has ended', async () => {
    const { renew, rows, row } = await refused(0)
    const claim = (await rows.claim('acme', 1, 'other', 1_000))!
    await rows.refuse('acme', claim.number, 1)
    await expect(renew()).rejects.toThrow('Acme: sign in again')
    expect((await row()).state).toBe('REFUSED')
  })

  it('takes tokens that another replica has stored meanwhile', async () => {
    const one = await refused(0)
    const other = startCredentials({ rows: one.rows, answers: [issue(7)], at: one.time.now + 60_000 })
    const headers = await other.credentials.current(other.signal)
    const renewed = await other.credentials.renew(headers, other.signal)
    expect(renewed).toEqual({ authorization: 'Bearer access-7' })
    // The first one is young, and no longer the stored one.
    expect(await one.renew()).toEqual(renewed)
    expect(one.spent()).toHaveLength(1)
  })

  it('while a renewal runs waits for it', async () => {
    const { credentials, signal, time, renew, spent } = await refused(3_400_000)
    credentials.current(signal)
    expect(await renew()).toEqual(second)
    expect([spent().length, time.now]).toEqual([2, expect.any(Number)])
  })

  it('of a caller that leaves ends with its reason', async () => {
    const { credentials, headers } = await refused(60_000)
    await expect(credentials.renew(headers, AbortSignal.abort(new Error('left')))).rejects.toThrow('left')
  })

  it('makes the token useless where it cannot be renewed', async () => {
    const { credentials, signal, renew } = await refused(60_000, [issue(1), refusal])
    await expect(renew()).rejects.toThrow('Acme: sign in again')
    await expect(credentials.current(signal)).rejects.toThrow('Acme: sign in again')
    expect(credentials.problem()).toMatchObject({ code: 'UPSTREAM_AUTH_FAILED', source: 'acme' })
  })
})

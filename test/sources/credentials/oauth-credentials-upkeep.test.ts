import { describe, expect, it } from 'vitest'
import { createSecretKeys } from '../../../src/sources/credentials/secret-keys.ts'
import { openTokens, sealTokens, setRefreshToken, type TokenRows } from '../../../src/sources/credentials/token-store.ts'
import { createMemoryTokenRows } from '../../support/memory-token-rows.ts'
import { startCredentials } from './credentials-fixture.ts'
import { keys, keyText } from './oauth-fixture.ts'
import { type EndpointAnswer, issue, refusal } from './renewal-fixture.ts'

const failure: EndpointAnswer = { status: 503 }

describe('a renewal that fails', () => {
  it('counts for a second for all callers: the endpoint is not flooded', async () => {
    const { credentials, signal, time, forms } = startCredentials({ answers: [failure, issue(1)] })
    await expect(credentials.current(signal)).rejects.toMatchObject({ retryAfter: 1 })
    time.now += 999
    await expect(credentials.current(signal)).rejects.toMatchObject({ message: 'Acme: its token endpoint failed (HTTP 503).' })
    expect([forms.length, credentials.problem()]).toEqual([1, null])
    time.now += 1
    expect(await credentials.current(signal)).toEqual({ authorization: 'Bearer access-1' })
  })

  it('counts as long as the endpoint asks, and a second after an error that says nothing', async () => {
    const asked = startCredentials({ answers: [{ status: 503, headers: { 'retry-after': '7' } }, issue(1)] })
    await expect(asked.credentials.current(asked.signal)).rejects.toMatchObject({ retryAfter: 7 })
    asked.time.now += 6_999
    await expect(asked.credentials.current(asked.signal)).rejects.toMatchObject({ retryAfter: 7 })
    asked.time.now += 1
    expect(await asked.credentials.current(asked.signal)).toEqual({ authorization: 'Bearer access-1' })
    let isDown = true
    const memory = createMemoryTokenRows()
    const rows: TokenRows = { ...memory, find: (key) => (isDown ? Promise.reject(new Error('no database')) : memory.find(key)) }
    const { credentials, signal, time } = startCredentials({ rows })
    await expect(credentials.current(signal)).rejects.toThrow('no database')
    isDown = false
    time.now += 999
    await expect(credentials.current(signal)).rejects.toThrow('no database')
    time.now += 1
    expect(await credentials.current(signal)).toEqual({ authorization: 'Bearer access-1' })
  })

  it('is logged once in half a minute, and at once after a success', async () => {
    const answers = [failure, failure, failure, issue(1, { expires_in: 10 }), failure]
    const { credentials, signal, time, logged } = startCredentials({ answers })
    const fail = () => expect(credentials.current(signal)).rejects.toThrow('its token endpoint failed')
    await fail()
    const line = ['warn', { source: 'acme', err: expect.any(Error) }, 'the tokens of a source could not be renewed']
    expect(logged).toEqual([line])
    time.now += 29_999
    await fail()
    expect(logged).toHaveLength(1)
    time.now += 2_000
    await fail()
    expect(logged).toEqual([line, line])
    time.now += 4_000
    await credentials.current(signal)
    time.now += 10_000
    await fail()
    expect(logged).toHaveLength(3)
  })

  it('for good is logged once, checked again after three seconds, and a problem until it has ended', async () => {
    const { credentials, signal, time, logged, rows, forms } = startCredentials({ answers: [refusal, issue(2)] })
    const fail = () => expect(credentials.current(signal)).rejects.toMatchObject({ code: 'UPSTREAM_AUTH_FAILED' })
    await fail()
    time.now += 3_000
    await fail()
    const line = ['error', { source: 'acme', err: credentials.problem() }, 'a source needs a new sign-in']
    expect([logged, forms.length]).toEqual([[line], 1])
    expect(credentials.problem()).toMatchObject({ code: 'UPSTREAM_AUTH_FAILED' })
    await setRefreshToken(rows, keys, 'acme', {
      refreshToken: 'new',
      configured: 'refresh-0',
      at: new Date(time.now).toISOString(),
    })
    time.now += 2_999
    await fail()
    time.now += 1
    expect(await credentials.current(signal)).toEqual({ authorization: 'Bearer access-2' })
    expect(credentials.problem()).toBeNull()
  })

  it('because the key is another one names the key', async () => {
    const { credentials, signal, time, rows, row, logged } = startCredentials()
    await credentials.current(signal)
    const next = createSecretKeys(['f'.repeat(64), keyText])
    const before = await row()
    await rows.reseal(before, sealTokens(next, 'acme', openTokens(next, before)))
    time.now += 3_600_000
    await expect(credentials.current(signal)).rejects.toThrow('Acme: its stored tokens are encrypted with another key.')
    expect(logged).toMatchObject([['error', { source: 'acme' }, 'a source needs a new sign-in']])
  })
})

describe('the upkeep', () => {
  it('obtains the first token, and renews what is due', async () => {
    const { credentials, time, spent } = startCredentials({ answers: [issue(1), issue(2)] })
    await credentials.maintain()
    time.now += 3_299_999
    await credentials.maintain()
    expect(spent()).toHaveLength(1)
    time.now += 1
    await credentials.maintain()
    expect(spent()).toEqual(['refresh-0', 'refresh-1'])
  })

  it('takes what an operator has stored, and leaves what is refused until it ends', async () => {
    const { credentials, signal, rows, time, spent, row } = startCredentials({ answers: [issue(1), issue(2)] })
    await credentials.maintain()
    const claim = (await rows.claim('acme', 1, 'other', 1_000))!
    await rows.refuse('acme', claim.number, 1)
    await credentials.maintain()
    expect([spent().length, credentials.current(signal)]).toEqual([1, { authorization: 'Bearer access-1' }])
    await setRefreshToken(rows, keys, 'acme', { refreshToken: 'new', configured: null, at: new Date(time.now).toISOString() })
    await credentials.maintain()
    expect(spent()).toEqual(['refresh-0', 'new'])
    expect([credentials.current(signal), (await row()).state]).toEqual([{ authorization: 'Bearer access-2' }, 'READY'])
  })

  it('never rejects, also while the database is away', async () => {
    let isDown = false
    const memory = createMemoryTokenRows()
    const rows: TokenRows = { ...memory, find: (key) => (isDown ? Promise.reject(new Error('no database')) : memory.find(key)) }
    const { credentials, gauges } = startCredentials({ rows })
    await credentials.maintain()
    isDown = true
    await credentials.maintain()
    expect(gauges.get('credentials_usable')).toBe(1)
    const first = startCredentials({ rows })
    await first.credentials.maintain()
    expect(first.gauges).toEqual(
      new Map([
        ['credentials_usable', 0],
        ['credentials_expire_seconds', 0],
      ]),
    )
  })

  it('shows how long the tokens are valid', async () => {
    const { credentials, gauges, time } = startCredentials({
      answers: [issue(1, { refresh_token_expires_in: 7200 }), refusal],
    })
    await credentials.maintain()
    expect(Object.fromEntries(gauges)).toEqual({
      credentials_usable: 1,
      credentials_expire_seconds: 3_600,
      refresh_token_expires_seconds: 7_200,
    })
    time.now += 3_400_500
    await credentials.maintain()
    // The token is valid still, and a person has to sign in.
    expect(Object.fromEntries(gauges)).toEqual({
      credentials_usable: 0,
      credentials_expire_seconds: 199.5,
      refresh_token_expires_seconds: 3_799.5,
    })
    time.now += 10_000_000
    await credentials.maintain()
    expect(Object.fromEntries(gauges)).toEqual({
      credentials_usable: 0,
      credentials_expire_seconds: 0,
      refresh_token_expires_seconds: 0,
    })
  })

  it('shows no end of a token without a lifetime', async () => {
    const { credentials, gauges } = startCredentials({ answers: [issue(1, { expires_in: null })] })
    await credentials.maintain()
    expect(Object.fromEntries(gauges)).toEqual({ credentials_usable: 1 })
  })
})

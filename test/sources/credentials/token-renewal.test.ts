import { describe, expect, it } from 'vitest'
import { createSecretKeys } from '../../../src/sources/credentials/secret-keys.ts'
import { openTokens, sealTokens, type TokenRows } from '../../../src/sources/credentials/token-store.ts'
import { createMemoryTokenRows } from '../../support/memory-token-rows.ts'
import { keys, keyText } from './oauth-fixture.ts'
import { issue, newYear, startRenewal } from './renewal-fixture.ts'

const inSeconds = (seconds: number) => new Date(newYear + seconds * 1_000).toISOString()

describe('a renewal', () => {
  it('exchanges the refresh token, and stores what was issued with its times', async () => {
    const { renew, row, stored, spent, outcomes } = startRenewal({ answers: [issue(1, { refresh_token_expires_in: 7200 })] })
    expect(await renew()).toBeUndefined()
    expect(spent()).toEqual(['refresh-0'])
    expect(await row()).toMatchObject({
      version: 1,
      state: 'READY',
      accessExpiresAt: inSeconds(3_600),
      refreshExpiresAt: inSeconds(7_200),
      obtainedAt: inSeconds(0),
      claimedBy: null,
      uncertainSince: null,
    })
    expect(await stored()).toMatchObject({ accessToken: 'access-1', refreshToken: 'refresh-1', taken: [expect.any(String)] })
    expect(outcomes).toEqual([
      ...['issued', 'refused', 'rejected', 'failed'].map((outcome) => ['credential_renewals_total', outcome, 0]),
      ['credential_renewals_total', 'issued', undefined],
    ])
  })

  it('sends the next refresh token the next time, and knows no end where none was told', async () => {
    const { renew, row, spent, time } = startRenewal({
      answers: [issue(1, { refresh_token_expires_in: 7200 }), issue(2, { expires_in: null })],
    })
    await renew()
    time.now += 5_000
    await renew()
    expect(spent()).toEqual(['refresh-0', 'refresh-1'])
    expect(await row()).toMatchObject({ version: 2, accessExpiresAt: null, refreshExpiresAt: null, obtainedAt: inSeconds(5) })
  })

  it('keeps the refresh token, its end and what was taken where the endpoint issues no new one', async () => {
    const { renew, row, stored } = startRenewal({
      answers: [issue(1, { refresh_token_expires_in: 7200 }), issue(2, { refresh_token: null })],
    })
    await renew()
    const { taken } = await stored()
    await renew()
    expect(await stored()).toEqual({ accessToken: 'access-2', refreshToken: 'refresh-1', taken })
    expect((await row()).refreshExpiresAt).toBe(inSeconds(7_200))
  })

  it('asks nothing where the stored tokens are good, and takes the configured one once', async () => {
    let reads = 0
    const memory = createMemoryTokenRows(() => newYear)
    const rows: TokenRows = {
      ...memory,
      find(key) {
        reads += 1
        return memory.find(key)
      },
    }
    const { renew, spent } = startRenewal({ rows })
    const versions: number[] = []
    const isGood = ({ version }: { version: number }) => versions.push(version) > 0
    expect([await renew(isGood), await renew(isGood)]).toEqual([undefined, undefined])
    expect([versions, spent(), reads]).toEqual([[0, 0], [], 3])
  })

  it('claims the version that it has read, for the time of the endpoint and five seconds', async () => {
    const claims: unknown[] = []
    const memory = createMemoryTokenRows(() => newYear)
    const rows: TokenRows = {
      ...memory,
      claim(...given) {
        claims.push(given)
        return memory.claim(...given)
      },
    }
    await startRenewal({ rows, config: { timeoutMs: 700 } }).renew()
    expect(claims).toEqual([['acme', 0, 'replica-1', 5_700]])
  })

  it('of the grant client_credentials sends no refresh token', async () => {
    const config = { grant: 'client_credentials', refreshToken: undefined } as const
    const { renew, forms, stored } = startRenewal({ config, answers: [issue(1, { refresh_token: null })] })
    await renew()
    expect(forms).toEqual([{ grant_type: 'client_credentials', client_id: 'client', client_secret: 'secret' }])
    expect(await stored()).toEqual({ accessToken: 'access-1', refreshToken: null, taken: [] })
  })
})

describe('tokens that another replica renews', () => {
  const claimedElsewhere = async (isAnswered: boolean) => {
    const rows = createMemoryTokenRows(() => newYear)
    const first = startRenewal({ rows })
    // The row is there, and claimed by another one.
    await first.renew(() => true)
    const claim = (await rows.claim('acme', 0, 'replica-2', 60_000))!
    const sealed = sealTokens(keys, 'acme', { accessToken: 'theirs', refreshToken: 'next', taken: [] })
    const tokens = { ...sealed, accessExpiresAt: null, refreshExpiresAt: null, obtainedAt: inSeconds(0) }
    const save = () => rows.save('acme', claim.number, tokens)
    if (isAnswered) setTimeout(save, 20)
    return { ...first, save }
  }

  it('are awaited, and taken when they are stored', async () => {
    const { renew, spent, stored } = await claimedElsewhere(true)
    const before = performance.now()
    expect(await renew(({ version }) => version > 0)).toBeUndefined()
    expect(performance.now() - before).toBeGreaterThanOrEqual(48)
    expect([spent(), (await stored()).accessToken]).toEqual([[], 'theirs'])
  })
})

describe('stored tokens that cannot be used', () => {
  it('because they were removed are no problem of the sign-in: a restart adds them', async () => {
    const memory = createMemoryTokenRows(() => newYear)
    let isRemoved = false
    const rows: TokenRows = { ...memory, find: async (key) => (isRemoved ? null : memory.find(key)) }
    const { renew, spent } = startRenewal({ rows })
    await renew(() => true)
    isRemoved = true
    expect(await renew()).toMatchObject({
      code: 'UPSTREAM_UNAVAILABLE',
      message: 'Acme: its stored tokens were removed: restart the gateway.',
      retryAfter: 1,
    })
    expect(spent()).toEqual([])
  })

  it('because this process does not have their key are left to the others', async () => {
    const { renew, row, rows, spent } = startRenewal()
    await renew(() => true)
    const next = createSecretKeys(['f'.repeat(64), keyText])
    const before = await row()
    await rows.reseal(before, sealTokens(next, 'acme', openTokens(next, before)))
    expect(await renew()).toMatchObject({ name: 'SecretFault', fault: 'unknown key' })
    expect(await row()).toMatchObject({ version: 0, claimedBy: null, uncertainSince: null })
    expect(spent()).toEqual([])
  })

  it('name what an operator has to do', () => {
    const { renewal } = startRenewal()
    const remedy = 'An operator signs in there and stores the refresh token: deskgraph secrets set acme.'
    const problemOf = (fault: 'unknown key' | 'changed') => renewal.toKeyProblem({ fault } as never)
    expect(problemOf('unknown key')).toMatchObject({
      message: `Acme: its stored tokens are encrypted with another key. Add that key to secrets.otherKeys, or sign in again. ${remedy}`,
      error: { code: 'UPSTREAM_AUTH_FAILED', source: 'acme' },
      checkAfterMs: 3_000,
    })
    expect(problemOf('changed').message).toBe(
      `Acme: its stored tokens were changed outside of the gateway, or belong to another source. ${remedy}`,
    )
  })
})

describe('SECRET-07: issued tokens that the database does not take at once', () => {
  it('are stored when it does, without another exchange', async () => {
    const memory = createMemoryTokenRows(() => newYear)
    let failures = 1
    const rows: TokenRows = {
      ...memory,
      save: (...given) => (failures-- > 0 ? Promise.reject(new Error('no database')) : memory.save(...given)),
    }
    const { renew, stored, spent } = startRenewal({ rows })
    const before = performance.now()
    expect(await renew()).toBeUndefined()
    expect(performance.now() - before).toBeGreaterThanOrEqual(195)
    expect([(await stored()).accessToken, spent()]).toEqual(['access-1', ['refresh-0']])
  })
})

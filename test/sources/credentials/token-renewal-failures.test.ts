import { afterEach, describe, expect, it, vi } from 'vitest'
import { SignInProblem } from '../../../src/sources/credentials/token-renewal.ts'
import type { TokenRows } from '../../../src/sources/credentials/token-store.ts'
import { createMemoryTokenRows } from '../../support/memory-token-rows.ts'
import { type EndpointAnswer, issue, newYear, refusal, startRenewal } from './renewal-fixture.ts'

afterEach(() => vi.useRealTimers())

const remedy = 'An operator signs in there and stores the refresh token: deskgraph secrets set acme.'
const failure: EndpointAnswer = { status: 503 }

describe('a refresh token', () => {
  it('that is refused is marked so, and not sent again', async () => {
    const { renew, row, spent, outcomes } = startRenewal({ answers: [refusal] })
    const problem = await renew()
    expect(problem).toBeInstanceOf(SignInProblem)
    const message = `Acme: sign in again: the refresh token is not accepted any more. ${remedy}`
    expect(problem).toMatchObject({
      message,
      checkAfterMs: 3_000,
      error: { code: 'UPSTREAM_AUTH_FAILED', source: 'acme', message, effect: 'none' },
    })
    expect(await row()).toMatchObject({ version: 0, state: 'REFUSED', claimedBy: null })
    expect(await renew()).toMatchObject({ message, checkAfterMs: 3_000 })
    expect(await renew(() => true)).toBeUndefined()
    expect([spent(), outcomes.at(-1)]).toEqual([['refresh-0'], ['credential_renewals_total', 'refused', undefined]])
  })

  it('that is refused after a renewal without an answer says when that began', async () => {
    const { renew, time } = startRenewal({ answers: [failure, refusal] })
    await renew()
    time.now += 60_000
    expect(await renew()).toMatchObject({
      message: `Acme: sign in again: the refresh token is not accepted any more. A renewal that began at 2026-01-01T00:00:00.000Z ended before its answer was stored, and may have used it up. ${remedy}`,
    })
  })

  it('that is refused while an operator stores another one is renewed with that', async () => {
    const memory = createMemoryTokenRows(() => newYear)
    let isReplaced = false
    const rows: TokenRows = {
      ...memory,
      async refuse(key, ...given) {
        if (isReplaced) return memory.refuse(key, ...given)
        isReplaced = true
        const { sealed, keyId, accessExpiresAt, refreshExpiresAt, obtainedAt } = (await memory.find(key))!
        await memory.replace(key, null, { sealed, keyId, accessExpiresAt, refreshExpiresAt, obtainedAt })
        return memory.refuse(key, ...given)
      },
    }
    const { renew, spent, stored } = startRenewal({ rows, answers: [refusal, issue(2)] })
    expect(await renew()).toBeUndefined()
    expect([spent().length, (await stored()).accessToken]).toEqual([2, 'access-2'])
  })

  it('that is not there is asked of an operator', async () => {
    const { renew, row, forms } = startRenewal({ config: { refreshToken: undefined } })
    expect(await renew()).toMatchObject({
      message: `Acme: sign in: there is no refresh token. ${remedy}`,
      checkAfterMs: 3_000,
    })
    expect([forms, await row()]).toMatchObject([[], { claimedBy: null, uncertainSince: null, state: 'READY' }])
  })
})

describe('a token endpoint', () => {
  it('that refuses the client leaves the refresh token, and is asked again after a minute', async () => {
    const { renew, row } = startRenewal({ answers: [{ status: 401, body: { error: 'invalid_client' } }] })
    expect(await renew()).toMatchObject({
      message:
        'Acme: its token endpoint refuses the client of the gateway (invalid_client). Correct clientId, clientSecret, grant and scopes of its oauth block.',
      checkAfterMs: 60_000,
      error: { code: 'UPSTREAM_AUTH_FAILED' },
    })
    expect(await row()).toMatchObject({ state: 'READY', claimedBy: null, uncertainSince: null })
  })

  it('that fails may have spent the refresh token, since the first of these failures', async () => {
    const { renew, row, time } = startRenewal({ answers: [failure, failure] })
    for (let call = 0; call < 2; call++) {
      expect(await renew()).toMatchObject({
        code: 'UPSTREAM_UNAVAILABLE',
        message: 'Acme: its token endpoint failed (HTTP 503).',
        effect: 'none',
      })
      expect(await row()).toMatchObject({ claimedBy: null, uncertainSince: '2026-01-01T00:00:00.000Z' })
      time.now += 5_000
    }
  })

  it('that asks for fewer calls has not spent it', async () => {
    const { renew, row } = startRenewal({ answers: [{ status: 429, headers: { 'retry-after': '7' } }] })
    expect(await renew()).toMatchObject({ message: 'Acme: its token endpoint asked for fewer calls.', retryAfter: 7 })
    expect(await row()).toMatchObject({ claimedBy: null, uncertainSince: null })
  })

  it('is left alone for one second, two, four and so on up to a minute, and for one again after a success', async () => {
    const answers = [...Array.from({ length: 8 }, () => failure), issue(1), failure]
    const { renew } = startRenewal({ answers })
    const waits: unknown[] = []
    for (let call = 0; call < 10; call++) waits.push(((await renew()) as { retryAfter?: number } | undefined)?.retryAfter)
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60, undefined, 1])
  })

  it('is left alone as long as it asks, up to a minute and for a second at least', async () => {
    const askFor = (seconds: string): EndpointAnswer => ({ status: 503, headers: { 'retry-after': seconds } })
    const { renew } = startRenewal({ answers: [askFor('7'), askFor('600'), askFor('0')] })
    const waits: unknown[] = []
    for (let call = 0; call < 3; call++) waits.push(((await renew()) as { retryAfter?: number }).retryAfter)
    expect(waits).toEqual([7, 60, 1])
  })

  it('that cannot be reached is the cause of the error', async () => {
    const { renew } = startRenewal({ config: { tokenUrl: 'https://elsewhere.test/token' } })
    expect(await renew()).toMatchObject({
      message: 'Acme: its token endpoint could not be reached.',
      retryAfter: 1,
      cause: expect.any(Error),
    })
  })
})

describe('a renewal by another replica', () => {
  it('that does not end is given up after twice the time of a claim', async () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    const memory = createMemoryTokenRows(() => newYear)
    let tries = 0
    const rows: TokenRows = {
      ...memory,
      async claim() {
        tries += 1
        // 700 ms and 5 s, twice.
        vi.advanceTimersByTime(tries === 1 ? 11_400 : 1)
        return null
      },
    }
    const { renew } = startRenewal({ rows, config: { timeoutMs: 700 } })
    expect(await renew()).toMatchObject({
      code: 'UPSTREAM_UNAVAILABLE',
      message: 'Acme: another replica is still renewing its tokens.',
      retryAfter: 1,
    })
    expect(tries).toBe(2)
  })
})

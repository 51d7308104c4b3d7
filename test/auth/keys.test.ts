import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Authenticator, createAuthenticator } from '../../src/auth/authenticator.ts'
import { noLogger } from '../../src/domain/telemetry.ts'
import { bearer, configFor, createSigner, limits, type Signer, sign, startIssuer, startOfTime } from './issuer.ts'

const refused = { code: 'UNAUTHENTICATED' }
let first: Signer
let issuer: Awaited<ReturnType<typeof startIssuer>>
let time: number
const open: Authenticator[] = []

function authenticator(keyTiming: object = {}): Authenticator {
  const made = createAuthenticator(configFor(issuer.url), { clock: () => time, logger: noLogger, limits, keyTiming })
  open.push(made)
  return made
}
async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; tries < 500 && !condition(); tries++) await sleep(10)
  expect(condition()).toBe(true)
}

beforeEach(async () => {
  time = startOfTime
  first = await createSigner('first')
  issuer = await startIssuer([first])
})
afterEach(async () => {
  for (const each of open.splice(0)) each.close()
  await issuer.close()
})

describe("the issuer's keys", () => {
  it('are read at the start, before the first token arrives', async () => {
    const auth = authenticator()
    expect(auth.isReady()).toBe(false)
    await until(auth.isReady)
    expect(issuer.fetches()).toBe(1)
  })
  it('TOKEN-07: are read at most 3 times for 200 tokens with unknown key ids, concurrent and in sequence', async () => {
    const auth = authenticator()
    const stranger = await createSigner('stranger')
    const tokens = await Promise.all(Array.from({ length: 200 }, (_, index) => sign(stranger, {}, { kid: `unknown-${index}` })))
    const atOnce = tokens.slice(0, 100).map((token) => expect(auth.authenticate(bearer(token))).rejects.toMatchObject(refused))
    await Promise.all(atOnce)
    for (const token of tokens.slice(100)) await expect(auth.authenticate(bearer(token))).rejects.toMatchObject(refused)
    expect(issuer.fetches()).toBeLessThanOrEqual(3)
    expect((await auth.authenticate(bearer(await sign(first)))).id).toBe('agent-1')
  })
  it('TOKEN-07: are read again for an unknown key id once the cooldown is over', async () => {
    const auth = authenticator()
    const stranger = await createSigner('stranger')
    const token = bearer(await sign(stranger))
    await expect(auth.authenticate(token)).rejects.toMatchObject(refused)
    const before = issuer.fetches()
    time += 29_000
    await expect(auth.authenticate(token)).rejects.toMatchObject(refused)
    expect(issuer.fetches()).toBe(before)
    time += 1_000
    await expect(auth.authenticate(token)).rejects.toMatchObject(refused)
    expect(issuer.fetches()).toBe(before + 1)
  })
  it('TOKEN-08: include a rotated key as soon as its first tokens arrive, all at once', async () => {
    const auth = authenticator()
    await auth.authenticate(bearer(await sign(first)))
    const second = await createSigner('second')
    issuer.publish([first, second])
    const tokens = await Promise.all(Array.from({ length: 20 }, (_, index) => sign(second, { sub: `agent-${index}` })))
    const viewers = await Promise.all(tokens.map((token) => auth.authenticate(bearer(token))))
    expect(viewers.map((viewer) => viewer.id)).toEqual(tokens.map((_, index) => `agent-${index}`))
    expect(issuer.fetches()).toBe(2)
  })
  it('TOKEN-08: remain in use while the issuer is down, for new tokens too', async () => {
    const auth = authenticator({ refreshMs: 20, retryMs: 20 })
    await until(auth.isReady)
    issuer.setDown(true)
    const before = issuer.fetches()
    await until(() => issuer.fetches() > before + 2)
    expect((await auth.authenticate(bearer(await sign(first, { sub: 'late' })))).id).toBe('late')
    expect(auth.isReady()).toBe(true)
  })
  it('are no longer accepted once they are withdrawn, also for a cached token', async () => {
    const auth = authenticator({ refreshMs: 20 })
    const token = bearer(await sign(first))
    await auth.authenticate(token)
    issuer.publish([await createSigner('second')])
    await until(() => auth.getCachedViewer(token) === null)
    await expect(auth.authenticate(token)).rejects.toMatchObject(refused)
  })
  it('that could never be read mean AUTH_UNAVAILABLE with Retry-After, until the issuer is back', async () => {
    issuer.setDown(true)
    const auth = authenticator({ retryMs: 20 })
    const token = bearer(await sign(first))
    await expect(auth.authenticate(token)).rejects.toMatchObject({ code: 'AUTH_UNAVAILABLE', retryAfter: 5, retryable: true })
    expect(auth.isReady()).toBe(false)
    issuer.setDown(false)
    await until(auth.isReady)
    expect((await auth.authenticate(token)).id).toBe('agent-1')
  })
  it('are refused when the key set is larger than 256 KiB or is not a key set', async () => {
    const oversized = { ...first.publicJwk, x5c: ['A'.repeat(300_000)] }
    for (const publicJwk of [oversized, 'no key' as never]) {
      issuer.publish([{ ...first, publicJwk }])
      const auth = authenticator({ retryMs: 60_000 })
      await expect(auth.authenticate(bearer(await sign(first)))).rejects.toMatchObject({ code: 'AUTH_UNAVAILABLE' })
      expect(auth.isReady()).toBe(false)
    }
  })
})

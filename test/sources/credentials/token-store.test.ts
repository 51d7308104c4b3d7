import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createSecretKeys } from '../../../src/sources/credentials/secret-keys.ts'
import {
  openTokens,
  sealTokens,
  setRefreshToken,
  type TokenRows,
  takeConfigured,
} from '../../../src/sources/credentials/token-store.ts'
import { createMemoryTokenRows } from '../../support/memory-token-rows.ts'
import { keys } from './oauth-fixture.ts'

const at = '2026-01-01T00:00:00.000Z'
const digest = (refreshToken: string) => createHash('sha256').update(`deskgraph\n${refreshToken}`).digest('hex')

/** A replica starts with this refresh token in its configuration. */
const take = (rows: TokenRows, refreshToken: string | null, time = at) =>
  takeConfigured(rows, keys, 'acme', { refreshToken, at: time })
const stored = async (rows: TokenRows) => openTokens(keys, (await rows.find('acme'))!)
const versionOf = async (rows: TokenRows) => (await rows.find('acme'))!.version

describe('sealed tokens', () => {
  const tokens = { accessToken: 'a', refreshToken: null, taken: ['t'] }

  it('are opened as they were, for their source alone', () => {
    const row = { ...sealTokens(keys, 'acme', tokens), sourceKey: 'acme' } as never
    expect(openTokens(keys, row)).toEqual(tokens)
    const moved = { ...sealTokens(keys, 'acme', tokens), sourceKey: 'other' } as never
    expect(() => openTokens(keys, moved)).toThrow('It was changed, or belongs to another row.')
  })
})

describe('the refresh token of the configuration', () => {
  it('is stored where there are no tokens yet, without an access token', async () => {
    const rows = createMemoryTokenRows()
    await take(rows, 'first')
    expect(await rows.find('acme')).toMatchObject({
      version: 0,
      state: 'READY',
      accessExpiresAt: null,
      refreshExpiresAt: null,
      obtainedAt: at,
    })
    expect(await stored(rows)).toEqual({ accessToken: null, refreshToken: 'first', taken: [digest('first')] })
  })

  it('may be absent: there is a row all the same', async () => {
    const rows = createMemoryTokenRows()
    await take(rows, null)
    expect(await stored(rows)).toEqual({ accessToken: null, refreshToken: null, taken: [] })
    await take(rows, null)
    expect(await versionOf(rows)).toBe(0)
  })

  it('takes the place of the stored one where it was never there before, and each is taken once', async () => {
    const rows = createMemoryTokenRows()
    await take(rows, 'first')
    await take(rows, 'first')
    expect(await versionOf(rows)).toBe(0)
    await take(rows, 'second', '2026-01-02T00:00:00.000Z')
    expect(await rows.find('acme')).toMatchObject({ version: 1, obtainedAt: '2026-01-02T00:00:00.000Z' })
    expect(await stored(rows)).toEqual({ accessToken: null, refreshToken: 'second', taken: [digest('first'), digest('second')] })
    await take(rows, 'first')
    await take(rows, null)
    expect(await versionOf(rows)).toBe(1)
  })

  it('is taken over tokens that another replica stores at this moment', async () => {
    const memory = createMemoryTokenRows()
    await take(memory, 'first')
    let isFirst = true
    const rows: TokenRows = {
      ...memory,
      async replace(...given) {
        if (isFirst) await take(memory, 'of another replica')
        isFirst = false
        return memory.replace(...given)
      },
    }
    await take(rows, 'second')
    const taken = ['first', 'of another replica', 'second'].map(digest)
    expect(await stored(memory)).toEqual({ accessToken: null, refreshToken: 'second', taken })
  })

  it('is remembered among the last twenty', async () => {
    const rows = createMemoryTokenRows()
    const all = Array.from({ length: 21 }, (_, index) => `token ${index}`)
    for (const one of all) await take(rows, one)
    expect((await stored(rows)).taken).toEqual(all.slice(1).map(digest))
  })
})

describe('the refresh token of a new sign-in', () => {
  const set = (rows: TokenRows, refreshToken: string, configured: string | null, by = keys) =>
    setRefreshToken(rows, by, 'acme', { refreshToken, configured, at })

  it('is stored, and the next start does not take the one of the configuration in its place', async () => {
    const rows = createMemoryTokenRows()
    await set(rows, 'new', 'first')
    expect(await stored(rows)).toEqual({ accessToken: null, refreshToken: 'new', taken: [digest('first')] })
    const version = await versionOf(rows)
    await take(rows, 'first')
    expect(await versionOf(rows)).toBe(version)
  })

  it('ends a refusal, and keeps what was taken before', async () => {
    const rows = createMemoryTokenRows()
    await take(rows, 'first')
    await take(rows, 'second')
    const claim = (await rows.claim('acme', 1, 'replica-1', 1_000))!
    await rows.refuse('acme', claim.number, 1)
    await set(rows, 'new', 'first')
    expect(await rows.find('acme')).toMatchObject({ state: 'READY', obtainedAt: at })
    expect(await stored(rows)).toEqual({ accessToken: null, refreshToken: 'new', taken: [digest('second'), digest('first')] })
    await set(rows, 'newer', null)
    expect(await stored(rows)).toMatchObject({ refreshToken: 'newer', taken: [digest('second'), digest('first')] })
  })

  it('takes the place of tokens whose key is lost', async () => {
    const rows = createMemoryTokenRows()
    await take(rows, 'first')
    const other = createSecretKeys(['f'.repeat(64)])
    await set(rows, 'new', null, other)
    expect(openTokens(other, (await rows.find('acme'))!)).toEqual({ accessToken: null, refreshToken: 'new', taken: [] })
  })
})

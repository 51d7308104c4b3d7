import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { NewTokens, TokenRows } from '../../src/sources/credentials/token-store.ts'
import { testEngines } from '../support/engines.ts'
import { createMemoryTokenRows } from '../support/memory-token-rows.ts'

// One suite over every store of tokens: the databases, and the one that tests use in their place.

const at = '2026-11-29T10:00:00.000Z'
const tokens = (text: string): NewTokens => ({
  sealed: Buffer.from(text),
  keyId: 'k1',
  accessExpiresAt: '2026-11-29T11:00:00.000Z',
  refreshExpiresAt: null,
  obtainedAt: at,
})
const longMs = 60_000

interface Opened {
  readonly rows: TokenRows
  close(): Promise<void>
}

const stores: readonly { readonly name: string; open(): Promise<Opened> }[] = [
  { name: 'memory', open: async () => ({ rows: createMemoryTokenRows(() => Date.parse(at)), close: async () => {} }) },
  ...testEngines.map(({ name, open }) => ({
    name,
    async open() {
      const { store, close } = await open({ findSource: () => null, clock: () => Date.parse(at) })
      return { rows: store.tokens, close }
    },
  })),
]

describe.each(stores)('the rows of tokens in $name', ({ open }) => {
  let opened: Opened
  let rows: TokenRows
  let key: string
  beforeAll(async () => {
    opened = await open()
    rows = opened.rows
  })
  afterAll(() => opened.close())
  beforeEach(async () => {
    key = `s${randomBytes(6).toString('hex')}`
    await rows.add(key, tokens('first'))
  })
  const find = async () => (await rows.find(key))!
  const sealedText = async () => Buffer.from((await find()).sealed).toString()

  it('begin at version 0, once', async () => {
    await rows.add(key, tokens('second'))
    expect(await find()).toMatchObject({
      sourceKey: key,
      version: 0,
      state: 'READY',
      sealed: expect.anything(),
      keyId: 'k1',
      accessExpiresAt: '2026-11-29T11:00:00.000Z',
      refreshExpiresAt: null,
      obtainedAt: at,
      claimedBy: null,
      claimedAt: null,
      uncertainSince: null,
    })
    expect(await sealedText()).toBe('first')
    expect(await rows.find('unknown')).toBeNull()
    expect((await rows.list()).map(({ sourceKey }) => sourceKey)).toContain(key)
  })

  it('are claimed by one of many at once, and record who began', async () => {
    const claims = await Promise.all(['a', 'b', 'c', 'd'].map((holder) => rows.claim(key, 0, holder, longMs)))
    const [claim, ...others] = claims.filter((one) => one !== null)
    expect(others).toEqual([])
    expect(claim?.number).toBe(1)
    expect(await find()).toMatchObject({ version: 0, claimedBy: expect.stringMatching(/^[abcd]$/), claimedAt: at })
  })

  it('are not claimed at another version', async () => {
    expect(await rows.claim(key, 1, 'a', longMs)).toBeNull()
    expect(await rows.claim('unknown', 0, 'a', longMs)).toBeNull()
  })

  it('take what a claim obtained as its version, and end the claim', async () => {
    const claim = (await rows.claim(key, 0, 'a', longMs))!
    expect(await rows.save(key, claim.number, tokens('second'))).toBe(true)
    expect(await find()).toMatchObject({ version: 1, claimedBy: null, claimedAt: null, uncertainSince: null })
    expect(await sealedText()).toBe('second')
    expect(await rows.claim(key, 0, 'b', longMs)).toBeNull()
    expect((await rows.claim(key, 1, 'b', longMs))?.number).toBe(2)
  })

  it('let another claim begin when the time of one is over, and say since when the token may be spent', async () => {
    await rows.claim(key, 0, 'a', 1)
    await sleep(20)
    const claim = await rows.claim(key, 0, 'b', longMs)
    expect(claim).toMatchObject({ number: 2, row: { version: 0, claimedBy: 'b', uncertainSince: at } })
    await rows.save(key, 2, tokens('second'))
    expect((await find()).uncertainSince).toBeNull()
  })

  it('never give up what a later claim has stored', async () => {
    await rows.claim(key, 0, 'a', 1)
    await sleep(20)
    await rows.claim(key, 0, 'b', longMs)
    await rows.save(key, 2, tokens('of b'))
    expect(await rows.save(key, 1, tokens('of a'))).toBe(false)
    expect(await sealedText()).toBe('of b')
  })

  it('take the answer of a claim whose time is over, and leave the later claim open', async () => {
    await rows.claim(key, 0, 'a', 1)
    await sleep(20)
    await rows.claim(key, 0, 'b', longMs)
    expect(await rows.save(key, 1, tokens('of a'))).toBe(true)
    expect(await find()).toMatchObject({ version: 1, claimedBy: 'b' })
    // What b sent was refused, because a's exchange had used it: this is no refusal of a's tokens.
    expect(await rows.refuse(key, 2, 0)).toBe(false)
    expect((await find()).state).toBe('READY')
    expect(await rows.save(key, 2, tokens('of b'))).toBe(true)
    expect(await sealedText()).toBe('of b')
  })

  it('that were refused are claimed by none, until they are replaced', async () => {
    const claim = (await rows.claim(key, 0, 'a', longMs))!
    expect(await rows.refuse(key, claim.number, 0)).toBe(true)
    expect(await find()).toMatchObject({ state: 'REFUSED', claimedBy: null })
    expect(await rows.claim(key, 0, 'b', longMs)).toBeNull()
    expect(await rows.replace(key, null, tokens('new'))).toBe(true)
    expect(await find()).toMatchObject({ state: 'READY', version: 2 })
    expect(await sealedText()).toBe('new')
  })

  it('are free again after a release, which may say that the token could be spent', async () => {
    const first = (await rows.claim(key, 0, 'a', longMs))!
    await rows.release(key, first.number, false)
    expect(await find()).toMatchObject({ claimedBy: null, uncertainSince: null })
    const second = (await rows.claim(key, 0, 'a', longMs))!
    await rows.release(key, second.number, true)
    expect(await find()).toMatchObject({ claimedBy: null, uncertainSince: at })
    // A release that comes late ends no other claim.
    const third = (await rows.claim(key, 0, 'b', longMs))!
    await rows.release(key, second.number, true)
    expect(await find()).toMatchObject({ claimedBy: 'b' })
    expect(third.row.uncertainSince).toBe(at)
  })

  it('are replaced by an operator, whose tokens no open exchange overwrites', async () => {
    const claim = (await rows.claim(key, 0, 'a', longMs))!
    await rows.replace(key, null, tokens('of the operator'))
    expect(await rows.save(key, claim.number, tokens('late'))).toBe(false)
    expect(await sealedText()).toBe('of the operator')
    expect(await rows.refuse(key, claim.number, 0)).toBe(false)
  })

  it('are replaced at one version only, where one is named', async () => {
    expect(await rows.replace(key, 5, tokens('x'))).toBe(false)
    expect(await rows.replace(key, 0, tokens('x'))).toBe(true)
    expect((await find()).version).toBe(1)
  })

  it('are sealed anew, unless they have changed', async () => {
    const before = await find()
    expect(await rows.reseal(before, { sealed: Buffer.from('anew'), keyId: 'k2' })).toBe(true)
    expect(await find()).toMatchObject({ version: 0, keyId: 'k2' })
    expect(await sealedText()).toBe('anew')
    expect(await rows.reseal(before, { sealed: Buffer.from('again'), keyId: 'k3' })).toBe(false)
  })
})

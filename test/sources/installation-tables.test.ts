import { expect, it } from 'vitest'
import { createInstallationTables } from '../../src/sources/installation-tables.ts'
import { someCall } from '../support/call.ts'

function tables(loginOf: ((viewer: { readonly id: string }) => string) | null = null) {
  const state = { now: 0, loads: 0 }
  const all = createInstallationTables({ loginOf, clock: () => state.now })
  const read = (viewerId = 'ann', isEnough?: (table: number) => boolean) =>
    all.read('statuses', someCall({ viewerId }), async () => ++state.loads, isEnough)
  return { state, read, all }
}

it('reads a table once a minute', async () => {
  const { state, read } = tables()
  expect([await read(), await read('ben')]).toEqual([1, 1])
  state.now = 59_999
  expect(await read()).toBe(1)
  state.now = 60_000
  expect(await read()).toBe(2)
})

it('reads it again where it lacks something', async () => {
  const { read } = tables()
  await read()
  expect(await read('ann', (table) => table > 1)).toBe(2)
  expect(await read('ann', (table) => table > 1)).toBe(2)
})

it('shares nothing between viewers who have accounts of their own', async () => {
  const { read } = tables(({ id }) => id)
  expect([await read('ann'), await read('ben'), await read('ann')]).toEqual([1, 2, 1])
})

it('keeps nothing of a failure', async () => {
  const { all } = tables()
  const fail = () => Promise.reject(new Error('down'))
  await expect(all.read('x', someCall(), fail)).rejects.toThrow('down')
  expect(await all.read('x', someCall(), async () => 'up')).toBe('up')
})

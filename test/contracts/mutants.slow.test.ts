import { describe, expect, it } from 'vitest'
import { mutants } from './mutants.ts'
import { contractChecks, findBrokenPromises } from './source-contract.ts'

// A contract that cannot fail proves nothing: each of these sources has one fault, and has to be found out.

describe('the contract of sources finds a source that', () => {
  it('has sixteen kinds of faults', () => {
    expect(new Set(mutants.map(({ fault }) => fault)).size).toBe(16)
    expect(mutants.map(({ foundBy }) => foundBy).filter((name) => contractChecks.every((check) => check.name !== name))).toEqual(
      [],
    )
  })

  it.each(mutants)('$fault', async ({ foundBy, open }) => {
    expect(await findBrokenPromises(await open())).toContain(foundBy)
  })
})

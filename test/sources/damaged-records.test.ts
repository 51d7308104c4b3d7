import { describe, expect, it } from 'vitest'
import { damage, findFaults } from './damaged-fixture.ts'
import { fullRecords } from './full-records.ts'

// A field is read when it is asked for, in the middle of an answer: no JSON that a vendor sends may make its reader throw.

describe.each(Object.entries(fullRecords))('%s', (name, open) => {
  const [sample, read] = open()

  it('reads its own record', () => {
    expect(read(sample)).toMatchObject({ title: expect.any(String), status: expect.not.stringMatching('UNKNOWN') })
    if (!['oneview', 'verifik'].includes(name)) expect(read(sample)?.links?.map(({ kind }) => kind)).toContain('MIRROR')
  })

  it('reads every field of a record in which one value is another one', () => {
    const faults = damage(sample).flatMap(({ place, value }) => {
      try {
        const ticket = read(value)
        return ticket ? findFaults(ticket).map((fault) => `${place}: ${fault}`) : []
      } catch (cause) {
        return [`${place}: ${cause}`]
      }
    })
    expect(faults).toEqual([])
  })
})

import { describe, expect, it } from 'vitest'
import { toAdmin, toContact, toErrorCodes, toName } from '../../../src/sources/intercom/decode.ts'

// Records as the schemas `admin`, `contact` and `error` of developers.intercom.com, version 2.14, describe them.

const noRecords = [null, [], {}, 'text', 7]

describe('a record of an Intercom workspace', () => {
  it('of a teammate has an inbox seat unless it says otherwise', () => {
    const admin = { id: 991, name: 'Ciaran', email: 'ciaran@desk.example', has_inbox_seat: true }
    expect(toAdmin(admin)).toEqual({ id: '991', name: 'Ciaran', email: 'ciaran@desk.example', hasSeat: true })
    expect(toAdmin({ id: 991 })).toEqual({ id: '991', name: null, email: null, hasSeat: true })
    expect(toAdmin({ ...admin, has_inbox_seat: false })?.hasSeat).toBe(false)
    const others = [...noRecords, { name: 'Ciaran' }, { id: 'x' }, { id: 0 }]
    expect(others.map(toAdmin)).toEqual(others.map(() => null))
  })

  it('with a name needs only its id', () => {
    expect([toName({ id: 814, name: 'First' }), toName({ id: '814' })]).toEqual([
      { id: '814', name: 'First' },
      { id: '814', name: null },
    ])
    expect([...noRecords, { name: 'First' }].map(toName)).toEqual([...noRecords, 0].map(() => null))
  })

  it('of a contact has the ids of its companies', () => {
    const contact = { id: 'c1', name: 'Ida', email: 'ida@example.com', phone: '+1' }
    expect(toContact({ ...contact, companies: { data: [{ id: 'b1' }, {}, null] } })).toEqual({ ...contact, companyIds: ['b1'] })
    expect(toContact({ id: 'c1', companies: [] })).toEqual({ id: 'c1', name: null, email: null, phone: null, companyIds: [] })
    expect([...noRecords, { name: 'Ida' }].map(toContact)).toEqual([...noRecords, 0].map(() => null))
  })

  it('of an error has codes', () => {
    const errors = [{ code: 'not_found', message: 'x' }, { message: 'x' }, null, { code: 'conflict' }]
    expect(toErrorCodes({ type: 'error.list', errors })).toEqual(['not_found', 'conflict'])
    expect(noRecords.map(toErrorCodes)).toEqual(noRecords.map(() => []))
  })
})

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { decodeId, encodeId } from '../../src/domain/ids.ts'

it('a global id names what it was made of, and is the same each time', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1 }), fc.string({ unit: 'grapheme-ascii' }), (externalId, tenant) => {
      const id = encodeId('ticket', 'oneview', tenant, externalId)
      expect(encodeId('ticket', 'oneview', tenant, externalId)).toBe(id)
      expect(decodeId(id)).toEqual({ kind: 'ticket', sourceKey: 'oneview', tenant, externalId })
    }),
  )
  expect(encodeId('agent', 'oneview', '', 'a')).not.toBe(encodeId('order', 'oneview', '', 'a'))
})

it('another spelling of a global id names nothing', () => {
  expect(decodeId(`${encodeId('ticket', 'oneview', '', 'a')}=`)).toBeNull()
})

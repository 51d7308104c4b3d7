import fc from 'fast-check'
import { expect, it } from 'vitest'
import { decodeId, encodeId, isExternalId } from '../../src/domain/ids.ts'

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

it('an external id has 1 to 256 characters, and none that could change a path, that is a control character, or that is half of one (DECISION-08)', () => {
  const accepted = [
    'n:2',
    'a b',
    'ä',
    '...',
    '.a',
    'a..b',
    '😀',
    "it's",
    'a+b&c=d;e@f',
    'x'.repeat(256),
    '😀'.repeat(256),
    '\u00e9',
    'e\u0301',
  ]
  expect(accepted.filter((id) => !isExternalId(id))).toEqual([])
  const refused = ['', ' ', '\u2003', '.', '..', 'n/3', 'a\\b', 'a?b', 'a#b', '%2e%2e', 'a\u0000', 'a\n', 'a\u007f', 'a\u0085']
  expect([...refused, '\ud800', 'a\udc00', 'a\ufffd', 'x'.repeat(257), ' '.repeat(50_000)].filter(isExternalId)).toEqual([])
})

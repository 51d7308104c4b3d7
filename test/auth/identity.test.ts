import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toIdentity } from '../../src/auth/identity.ts'
import { toViewer } from '../../src/auth/viewer.ts'

const claims = { scopes: 'scope', identity: 'email', name: 'name' }

describe('I1: what goes upstream as the agent', () => {
  it.each(['agent@example.com', "o'hara+desk@sub.example.co", 'u123456'])('may be %s', (identity) => {
    expect(toIdentity(identity)).toBe(identity)
  })
  it.each([
    ['a carriage return', 'a@b.example\rX-Admin: 1'],
    ['a line feed', 'a@b.example\nX-Admin: 1'],
    ['NUL', 'a@b.example\u0000'],
    ['a comma', 'a@b.example,admin@b.example'],
    ['a letter outside ASCII', 'ä@b.example'],
    ['a look-alike letter', 'аdmin@b.example'],
    ['a blank before', ' a@b.example'],
    ['a blank behind', 'a@b.example '],
    ['a tab', 'a@b.example\t'],
    ['a no-break space', '\u00a0a@b.example'],
    ['nothing', ''],
    ['more than any address', `${'a'.repeat(250)}@b.example`],
  ])('never holds %s', (_what, identity) => {
    expect(toIdentity(identity)).toBeNull()
  })
  it.each([[42], [null], [undefined], [['a@b.example']], [{ toString: () => 'a@b.example' }]])('is never made of %s', (claim) => {
    expect(toIdentity(claim)).toBeNull()
  })
  it('is, for any text, either nothing or that text in printable ASCII', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const identity = toIdentity(text)
        if (identity !== null) expect([...identity].every((char) => char > ' ' && char < '\u007f' && char !== ',')).toBe(true)
      }),
    )
  })
  it('is left out where it is unsafe: the viewer then has none', () => {
    expect(toViewer({ sub: 's', exp: 1, email: 'a@b.example\r\nX: 1' }, claims)).toMatchObject({ id: 's', email: null })
  })
})

import { describe, expect, it } from 'vitest'
import { toViewer } from '../../src/auth/verify-token.ts'

const auth = { claims: { scopes: 'scope', identity: 'email', name: 'name' }, scopeMap: {} }

describe('the viewer of a token', () => {
  it('keeps an identity that a header cannot hold: without it, a write would reach the source under no name', () => {
    const email = 'a@b.example\r\nX: 1'
    expect(toViewer({ sub: 's', exp: 1, email }, auth)).toMatchObject({ id: 's', email })
  })
  it.each([[42], [null], [undefined], [''], [['a@b.example']], [{ toString: () => 'a@b.example' }]])(
    'has no identity from the claim %s',
    (email) => {
      expect(toViewer({ sub: 's', exp: 1, email }, auth)).toMatchObject({ id: 's', email: null })
      expect(toViewer({ exp: 1, email }, auth)).toBeNull()
    },
  )
  it.each(['s\u0000', '\ud800', 'a\udc00'])('is none for a subject that no store can keep: %j', (sub) => {
    expect(toViewer({ sub, exp: 1 }, auth)).toBeNull()
  })
  it('takes its id from the identity where there is no subject', () => {
    expect(toViewer({ exp: 1, email: 'a@b.example' }, auth)).toMatchObject({ id: 'identity:a@b.example' })
  })
})

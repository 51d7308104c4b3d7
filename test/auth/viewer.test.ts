import { describe, expect, it } from 'vitest'
import { toViewer } from '../../src/auth/viewer.ts'

const claims = { scopes: 'scope', identity: 'email', name: 'name' }

describe('who a token speaks for', () => {
  it('keeps an identity that no header can hold: dropped, a write would go upstream in nobody’s name', () => {
    const email = 'a@b.example\r\nX: 1'
    expect(toViewer({ sub: 's', exp: 1, email }, claims)).toMatchObject({ id: 's', email })
  })
  it.each([[42], [null], [undefined], [''], [['a@b.example']], [{ toString: () => 'a@b.example' }]])(
    'has no identity by %s',
    (email) => {
      expect(toViewer({ sub: 's', exp: 1, email }, claims)).toMatchObject({ id: 's', email: null })
      expect(toViewer({ exp: 1, email }, claims)).toBeNull()
    },
  )
  it('is the identity where there is no subject', () => {
    expect(toViewer({ exp: 1, email: 'a@b.example' }, claims)).toMatchObject({ id: 'identity:a@b.example' })
  })
})

import { describe, expect, it } from 'vitest'
import { createIdentityMap, identityConfig, loginsOf } from '../../src/sources/identity-map.ts'
import { someCall } from '../support/call.ts'

const viewer = (email: string | null) => someCall({ email }).viewer
const map = { 'ann@desk.example': { redmine: 'ann', jira: '5b10a2844c20165700ede21g' } }
/** Redmine has logins of its own; the other systems know people by their e-mail addresses. */
const identity = createIdentityMap(identityConfig.parse({ map }), (key) => key !== 'redmine')

describe('the login of a viewer at a source', () => {
  it("is the viewer's entry in the map, else the value of the claim where the source takes it, else none", () => {
    const loginOf = (email: string | null, key: string) => identity.loginOf(key, viewer(email))
    expect(loginOf('ann@desk.example', 'redmine')).toBe('ann')
    expect(loginOf('ann@desk.example', 'jira')).toBe('5b10a2844c20165700ede21g')
    expect(loginOf('ann@desk.example', 'oneview')).toBe('ann@desk.example')
    expect(loginOf('bob@desk.example', 'jira')).toBe('bob@desk.example')
    expect(loginOf('bob@desk.example', 'redmine')).toBeNull()
    expect(loginOf(null, 'oneview')).toBeNull()
  })

  it('needs the exact value of the claim, so that no viewer gets the login of another', () => {
    const claims = ['Ann@desk.example', 'ann@desk.example ', 'ann', 'constructor', '__proto__']
    for (const claim of claims) expect(identity.loginOf('redmine', viewer(claim))).toBeNull()
    expect(identity.loginOf('constructor', viewer('ann@desk.example'))).toBe('ann@desk.example')
  })

  it('is listed for each source where there is one', () => {
    expect(loginsOf(identity, ['redmine', 'oneview'], viewer('ann@desk.example'))).toEqual({
      redmine: 'ann',
      oneview: 'ann@desk.example',
    })
    expect(loginsOf(identity, ['redmine', 'oneview'], viewer('bob@desk.example'))).toEqual({ oneview: 'bob@desk.example' })
  })
})

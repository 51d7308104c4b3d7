import { describe, expect, it } from 'vitest'
import { gatewayConfig, toAuth } from '../../src/config/gateway-config.ts'
import { readYaml } from '../../src/config/read-yaml.ts'

const read = (identity: string, more = '') =>
  readYaml({
    text: `sources:\n  desk: { system: oneview, url: "https://oneview.example", token: t0ken }\n${more}identity:\n${identity}`,
    file: 'gateway.yaml',
    schema: gatewayConfig,
    environment: {},
  })
const jwt = (claims: string) =>
  `auth: { mode: jwt, issuer: https://issuer.example, audience: deskgraph, publicKeyFile: key.pem, ${claims} }\n`

describe('DECISION-51: the block identity', () => {
  it('names the logins of viewers at configured sources', () => {
    const config = read('  map:\n    "ann@desk.example": { desk: ann }')
    expect(config.identity.map).toEqual({ 'ann@desk.example': { desk: 'ann' } })
  })

  it.each([
    [
      'a source that does not exist',
      '  map:\n    "ann@desk.example": { dekc: ann }',
      /gateway\.yaml:5\S* .*dekc.*there is no source/,
    ],
    ['an empty login', '  map:\n    "ann@desk.example": { desk: "" }', /gateway\.yaml:5.*desk/],
    ['a login with a line break', '  map:\n    "ann@desk.example": { desk: "a\\nb" }', /gateway\.yaml:5.*desk/],
    ['a value of the claim that begins with a blank', '  map:\n    " ann@desk.example": { desk: ann }', /gateway\.yaml:5.*map/],
    ['an unknown key', '  mapp: {}', /gateway\.yaml:4.*mapp/],
  ])('is refused at the start, with its place, for %s', (_, block, fault) => {
    expect(() => read(block)).toThrow(fault)
  })

  it('accepts the sources of the sandbox where the sandbox is on', () => {
    expect(() => read('  map:\n    "ann@desk.example": { wasabi: ann }', 'sandbox: true\n')).not.toThrow()
  })

  it('names the claim in place of auth.claims.identity, and does not contradict it', () => {
    const claimOf = (config: ReturnType<typeof read>) => {
      const auth = toAuth(config)
      return auth.mode === 'jwt' ? auth.claims.identity : null
    }
    expect(claimOf(read('  claim: preferred_username', jwt('typ: [JWT]')))).toBe('preferred_username')
    expect(claimOf(read('  map: {}', jwt('claims: { identity: sub }')))).toBe('sub')
    expect(() => read('  claim: upn', jwt('claims: { identity: sub }'))).toThrow(/identity\.claim.*keep one/)
  })
})

import { describe, expect, it } from 'vitest'
import { findRoutingWarnings, routingFile, secretsOf } from '../../../src/sources/rbi/routing-file.ts'

const documented = () => ({
  markets: [
    {
      key: 'plk-eu',
      brand: 'plk',
      region: 'eu',
      storeSupportTicketTimeThresholdMinutes: 120,
      categoryGroups: [
        {
          key: 'order',
          label: 'My order',
          ticketType: 'STORE',
          subCategories: [{ key: 'missing-item', issueId: 'KF-102', submitToExternalPartners: true, selectRecentOrder: true }],
        },
      ],
      partners: [
        {
          key: 'careco',
          url: 'https://host.example/hook',
          secret: 'careco-secret-of-the-tests',
          events: ['STORE_SUPPORT_TICKET_EVENT'],
          stores: ['1001', '1002'],
        },
        {
          key: 'regional',
          url: 'https://host.example/hook',
          secret: 'regional-secret-of-the-tests',
          events: ['GENERAL_SUPPORT_TICKET_EVENT'],
        },
      ],
    },
  ],
})

/** The documented file with one value changed; undefined takes it away. */
function withValue(path: string, value: unknown): unknown {
  const file: unknown = documented()
  const keys = path.split('.')
  const parent = keys.slice(0, -1).reduce((at, key) => (at as Record<string, unknown>)[key], file)
  Object.assign(parent as object, { [keys.at(-1)!]: value })
  return file
}
const problemsOf = (file: unknown) =>
  (routingFile.safeParse(file).error?.issues ?? []).map(({ path, message }) => [path.join('.'), message])
const errorPathsOf = (file: unknown) => (routingFile.safeParse(file).error?.issues ?? []).map(({ path }) => path.join('.'))

describe('the routing file', () => {
  it('is valid as documented (RBI-08)', () => {
    expect(routingFile.parse(documented())).toMatchObject({
      allowPrivateNetworks: [],
      markets: [{ partners: [{ secret: 'careco-secret-of-the-tests' }, { secret: 'regional-secret-of-the-tests' }] }],
    })
  })

  it.each<[string, string, unknown, string?]>([
    ['no market', 'markets', []],
    ['an unknown ticket type', 'markets.0.categoryGroups.0.ticketType', 'SHOP'],
    ['a negative threshold', 'markets.0.storeSupportTicketTimeThresholdMinutes', -1],
    ['an unknown event', 'markets.0.partners.1.events.0', 'STORE_EVENT'],
    ['a key with a blank', 'markets.0.key', 'plk eu'],
    ['a market twice', 'markets.1', documented().markets[0], 'markets.1.key'],
    ['a partner twice', 'markets.0.partners.1.key', 'careco'],
    ['a private address', 'markets.0.partners.0.url', 'https://10.0.0.1/hook'],
    ['plain http', 'markets.0.partners.1.url', 'http://host.example/hook'],
    ['a secret that is not base64', 'markets.0.partners.0.secret', 'whsec_*'],
    ['an empty secret', 'markets.0.partners.0.secret', ''],
    ['an empty base64 secret', 'markets.0.partners.0.secret', 'whsec_'],
    ['no secret', 'markets.0.partners.0.secret', []],
    ['STORE without stores', 'markets.0.partners.0.stores', undefined],
    ['a network that is none', 'allowPrivateNetworks', ['10.0.0.0'], 'allowPrivateNetworks.0'],
    ['an unknown key', 'markets.0.thresold', 1, 'markets.0'],
  ])('rejects %s at its path', (_, path, value, errorPath = path) => {
    expect(errorPathsOf(withValue(path, value))).toEqual([errorPath])
  })

  const [group] = documented().markets[0]!.categoryGroups
  it.each([
    ['a category', 'markets.0.categoryGroups.1', group, 'markets.0.categoryGroups.1.key', 'order'],
    [
      ...(['a sub-category', 'markets.0.categoryGroups.0.subCategories.1', group!.subCategories[0]] as const),
      ...(['markets.0.categoryGroups.0.subCategories.1.key', 'missing-item'] as const),
    ],
  ] as const)('rejects %s twice', (_name, path, value, place, key) => {
    expect(problemsOf(withValue(path, value))).toEqual([[place, `an earlier entry has the key "${key}" too`]])
  })

  it('says what is wrong', () => {
    expect(problemsOf(withValue('allowPrivateNetworks', ['10.0.0.0/8', '10.0.0.0', 'x']))).toEqual([
      ['allowPrivateNetworks.1', 'this is not a network such as 10.1.2.0/24'],
      ['allowPrivateNetworks.2', 'this is not a network such as 10.1.2.0/24'],
    ])
    expect(problemsOf(withValue('markets.0.partners.0.stores', undefined))).toEqual([
      ['markets.0.partners.0.stores', 'STORE_SUPPORT_TICKET_EVENT is per store: name the stores'],
    ])
    expect(problemsOf(withValue('markets.0.partners.1.url', 'http://host.example/hook'))).toEqual([
      ['markets.0.partners.1.url', expect.stringMatching(/^no partner can be called here: ./)],
    ])
  })

  it('checks no address while its networks are not valid, and takes a private one of a network that it names', () => {
    const file = documented()
    file.markets[0]!.partners[0]!.url = 'http://10.0.0.1:8080/hook'
    const withNetworks = (...allowPrivateNetworks: string[]) => errorPathsOf({ ...file, allowPrivateNetworks })
    expect(withNetworks('10.0.0.0')).toEqual(['allowPrivateNetworks.0'])
    expect(withNetworks('10.1.0.0/16')).toEqual(['markets.0.partners.0.url'])
    expect(withNetworks('10.0.0.0/16')).toEqual([])
  })

  it('reports every error at once', () => {
    const file = documented()
    Object.assign(file.markets[0]!.partners[0]!, { url: 'https://127.1/hook', secret: '' })
    Object.assign(file.markets[0]!.partners[1]!, { url: 'https://user:pw@host.example/hook', key: 'careco' })
    expect(errorPathsOf(file).toSorted()).toEqual([
      'markets.0.partners.0.secret',
      'markets.0.partners.0.url',
      'markets.0.partners.1.key',
      'markets.0.partners.1.url',
    ])
  })

  it('repeats no secret and no address in an error', () => {
    const file = documented()
    file.markets[0]!.partners[0]!.secret = 'whsec_c4n4ry!'
    file.markets[0]!.partners[0]!.url = 'https://canary:canary@10.0.0.1/canary'
    expect(routingFile.safeParse(file).error?.message).not.toMatch(/c4n4ry|canary/)
  })

  it('warns of a STORE sub-category that can never match', () => {
    const file = documented()
    file.markets[0]!.categoryGroups[0]!.subCategories[0]!.selectRecentOrder = false
    expect(findRoutingWarnings(routingFile.parse(file))).toEqual([
      {
        path: ['markets', 0, 'categoryGroups', 0, 'subCategories', 0, 'selectRecentOrder'],
        problem: '"missing-item" can never match STORE: its guest cannot select an order, so every ticket goes to GENERAL',
      },
    ])
  })

  it('warns of stores that have no effect', () => {
    const file = documented()
    file.markets[0]!.partners[0]!.events = ['GENERAL_SUPPORT_TICKET_EVENT']
    expect(findRoutingWarnings(routingFile.parse(file))).toEqual([
      {
        path: ['markets', 0, 'partners', 0, 'stores'],
        problem: 'the stores have no effect without STORE_SUPPORT_TICKET_EVENT',
      },
    ])
  })

  it('warns of nothing else: a GENERAL category, and one that is not submitted, need no order', () => {
    expect(findRoutingWarnings(routingFile.parse(documented()))).toEqual([])
    const file = documented()
    Object.assign(file.markets[0]!.categoryGroups[0]!.subCategories[0]!, { selectRecentOrder: false })
    const [category] = file.markets[0]!.categoryGroups
    category!.ticketType = 'GENERAL'
    expect(findRoutingWarnings(routingFile.parse(file))).toEqual([])
    category!.ticketType = 'STORE'
    category!.subCategories[0]!.submitToExternalPartners = false
    expect(findRoutingWarnings(routingFile.parse(file))).toEqual([])
  })

  it('accepts several secrets while one is being replaced', () => {
    const file = routingFile.parse(
      withValue('markets.0.partners.0.secret', ['the new secret, 16 bytes', 'the old secret, 16 bytes']),
    )
    expect(secretsOf({ secret: 'the only secret, 16 bytes' })).toEqual(['the only secret, 16 bytes'])
    expect(secretsOf(file.markets[0]!.partners[0]!)).toEqual(['the new secret, 16 bytes', 'the old secret, 16 bytes'])
  })
})

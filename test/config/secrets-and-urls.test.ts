import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { stringify } from 'yaml'
import { gatewayConfig } from '../../src/config/gateway-config.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { ConfigError, readYaml } from '../../src/config/read-yaml.ts'
import { toKeyBytes } from '../../src/domain/config-values.ts'
import { noLogger, noMetrics } from '../../src/domain/telemetry.ts'
import { claimAsLogin } from '../../src/sources/identity-map.ts'
import { createOneViewSource } from '../../src/sources/oneview/index.ts'
import { someCall } from '../support/call.ts'
import { json, startVendor } from '../support/vendor.ts'

type Path = readonly (string | number)[]

const secret = 'a-secret-of-32-bytes-0123456789a'
/** A configuration with one source of each system, and everything else that holds a secret or a URL. */
const complete = () => ({
  sources: {
    oneview: { system: 'oneview', url: 'https://oneview.example/ticket-detail', token: 't' },
    verifik: { system: 'verifik', url: 'https://verifik.example', token: 't' },
    vcc: { system: 'vcc', account: 'acme', secret },
    wasabi: { system: 'wasabi', token: secret },
    rbi: { system: 'rbi', secret, routing: 'routing.yaml' },
  },
  observability: {
    metrics: { token: secret },
    tracing: { endpoint: 'https://collector.example/v1/traces', headers: { 'api-key': 'Basic abc' } },
  },
})
const routing = () => ({
  markets: [
    {
      key: 'plk-eu',
      brand: 'plk',
      region: 'eu',
      storeSupportTicketTimeThresholdMinutes: 120,
      categoryGroups: [
        {
          key: 'other',
          label: 'Other',
          ticketType: 'GENERAL',
          subCategories: [{ key: 'app', issueId: 'KF-7', submitToExternalPartners: true }],
        },
      ],
      partners: [
        { key: 'one', url: 'https://partner.example/hook', secret, events: ['GENERAL_SUPPORT_TICKET_EVENT'] },
        { key: 'two', url: 'https://partner.example/hook', secret: [secret, secret], events: ['GENERAL_SUPPORT_TICKET_EVENT'] },
      ],
    },
  ],
})

/** Changes the value at the path of a nested object. */
function put(target: object, path: Path, value: unknown): void {
  const parent = path.slice(0, -1).reduce<unknown>((at, key) => (at as Record<string | number, unknown>)[key], target)
  Object.assign(parent as object, { [path.at(-1)!]: value })
}

/** The faults of a start with these files, without the name of their folder. */
function faultsOf(config: object, partners: object): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), 'deskgraph-values-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'gateway.yaml'), stringify(config))
  writeFileSync(join(folder, 'routing.yaml'), stringify(partners))
  try {
    loadConfig(join(folder, 'gateway.yaml'), '127.0.0.1', {})
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.lines.map((line) => line.replace(`${folder}/`, ''))
    throw error
  }
}

/** Every place that holds a secret of a sender or of a partner. `signs`: it may begin with whsec_. */
const secrets: readonly { place: Path; inRouting?: boolean; signs?: boolean }[] = [
  { place: ['sources', 'vcc', 'secret'] },
  { place: ['sources', 'wasabi', 'token'] },
  { place: ['sources', 'rbi', 'secret'], signs: true },
  { place: ['observability', 'metrics', 'token'] },
  { place: ['markets', 0, 'partners', 0, 'secret'], inRouting: true, signs: true },
  { place: ['markets', 0, 'partners', 1, 'secret', 1], inRouting: true, signs: true },
]
/** The faults with this value at this place. */
function faultsWith(place: Path, value: unknown, inRouting = false): readonly string[] {
  const [config, partners] = [complete(), routing()]
  put(inRouting ? partners : config, place, value)
  return faultsOf(config, partners)
}
const at = (place: Path, inRouting = false) =>
  new RegExp(`^${inRouting ? 'routing' : 'gateway'}\\.yaml:\\d+:\\d+ ${place.join('\\.')}: `)

test('a configuration with good secrets and URLs has no fault', () => {
  expect(faultsOf(complete(), routing())).toEqual([])
})

describe('INPUT-10: a secret that is none is a fault at its place', () => {
  // 15 bytes; an é is two bytes in UTF-8, so that seven of them are 14.
  test.each(secrets)('$place: empty, blank, or less than 16 bytes', ({ place, inRouting }) => {
    for (const value of ['', '   ', 's', 'fifteen-bytes-x']) {
      const faults = faultsWith(place, value, inRouting)
      expect(faults, value).toHaveLength(1 + Number(value.trim() === '' && !faults[0]?.includes('at least 16')))
      expect(faults[0], value).toMatch(at(place, inRouting))
    }
    expect(faultsWith(place, 'sixteen-bytes-xy', inRouting)).toEqual([])
  })
  test.each(secrets.filter(({ signs }) => signs))('$place: not base64 after whsec_', ({ place, inRouting }) => {
    // "AAEC" and "AAECAw" are three and four bytes; 20 characters of base64 are 15 bytes; the padding of "AAA=" is one character.
    for (const value of [
      'whsec_',
      'whsec_!!!!',
      'whsec_AAEC',
      'whsec_AAECAwQFBgcICQoLDA0O',
      'whsec_AAECAwQFBgcICQoLDA0ODw=',
      'whsec_A',
    ]) {
      const faults = faultsWith(place, value, inRouting)
      expect(faults, value).toHaveLength(1)
      expect(faults[0], value).toMatch(at(place, inRouting))
      expect(faults[0], value).not.toContain(value.slice('whsec_'.length) || value)
    }
    // The bytes 0 to 15, with its padding and without (RFC 4648 §3.2).
    for (const value of ['whsec_AAECAwQFBgcICQoLDA0ODw==', 'whsec_AAECAwQFBgcICQoLDA0ODw'])
      expect(faultsWith(place, value, inRouting), value).toEqual([])
  })
  test('one function makes the key of both directions (DECISION-30)', () => {
    const sixteen = Buffer.from(Array.from({ length: 16 }, (_, byte) => byte))
    expect(toKeyBytes('whsec_AAECAwQFBgcICQoLDA0ODw==')).toEqual(sixteen)
    expect(toKeyBytes('whsec_AAECAwQFBgcICQoLDA0ODw')).toEqual(sixteen)
    expect(toKeyBytes('plain é')).toEqual(Buffer.from('plain é', 'utf8'))
    for (const text of ['whsec_no base64', 'whsec_AAA', 'whsec_AAA='])
      expect(toKeyBytes(text)?.length ?? null).toBe(text === 'whsec_no base64' ? null : 2)
    for (const text of ['whsec_AA=', 'whsec_AAA==', 'whsec_A===', 'whsec_=', 'whsec_AA-_'])
      expect(toKeyBytes(text), text).toBeNull()
  })
})

describe('INPUT-11: the ends of a value are trimmed; what a header cannot hold is a fault at its place', () => {
  const inHeaders: readonly Path[] = [
    ['sources', 'oneview', 'token'],
    ['sources', 'verifik', 'token'],
    ['sources', 'wasabi', 'token'],
    ['observability', 'metrics', 'token'],
    ['observability', 'tracing', 'headers', 'api-key'],
  ]
  // RFC 9110 §5.5: a field value has no CR, LF or NUL; characters beyond ASCII are not portable.
  test.each(inHeaders.map((place) => ({ place })))('$place', ({ place }) => {
    for (const inside of ['\n', '\r\n', '\u0000', '\t', 'é', '\u00a0', '\u{1f511}', '\u007f']) {
      const faults = faultsWith(place, `${secret}${inside}${secret}`)
      expect(faults, JSON.stringify(inside)).toHaveLength(1)
      expect(faults[0], JSON.stringify(inside)).toMatch(at(place))
      expect(faults[0]).not.toContain(secret)
    }
  })
  test.each(inHeaders.slice(0, 4).map((place) => ({ place })))('$place: no blank, as in "Bearer …"', ({ place }) => {
    expect(faultsWith(place, `Bearer ${secret}`)[0]).toMatch(/ without "Bearer"$/)
  })
  test('the name of a header', () => {
    for (const name of ['api key', 'api:key', 'clé', 'x\ny']) {
      const config = complete()
      config.observability.tracing.headers = { [name]: 'value' } as never
      expect(faultsOf(config, routing()), name).toHaveLength(1)
    }
  })
  test.each(secrets)('$place: a secret of two lines', ({ place, inRouting }) => {
    const faults = faultsWith(place, `${secret}\n${secret}`, inRouting)
    expect(faults).toHaveLength(1)
    expect(faults[0]).toMatch(at(place, inRouting))
  })
  test('every text loses its ends, from a variable, in a block of YAML, and beside other text', () => {
    const text = [
      'sources:',
      '  oneview:',
      '    system: oneview',
      '    url: "https://${HOST}/ticket-detail"',
      '    token: ${TOKEN}',
      '    label: |',
      '      OneView',
      '  vcc: { system: vcc, account: "${ACCOUNT}", secret: "${SECRET}" }',
      'auth: { mode: jwt, issuer: "${ISSUER}", audience: deskgraph, publicKeyFile: "${FILE}" }',
    ].join('\n')
    const environment = {
      HOST: 'oneview.example\n',
      TOKEN: ' t0ken\r\n',
      ACCOUNT: 'acme\n',
      SECRET: `\ufeff${secret}\n\n`,
      ISSUER: 'https://issuer.example\n',
      FILE: 'key.pem\n',
    }
    expect(readYaml({ text, file: 'gateway.yaml', schema: gatewayConfig, environment })).toMatchObject({
      sources: {
        oneview: { url: 'https://oneview.example/ticket-detail', token: 't0ken', label: 'OneView' },
        vcc: { account: 'acme', secret },
      },
      auth: { issuer: 'https://issuer.example', publicKeyFile: 'key.pem' },
    })
  })
  test('a variable of blanks alone is not set', () => {
    const read = () => readYaml({ text: 'sources: "${EMPTY}"', file: 'f', schema: gatewayConfig, environment: { EMPTY: ' \n' } })
    expect(read).toThrow(/the environment variable EMPTY is not set/)
  })
  test('a token from a file reaches its source without the line break of the file', async () => {
    const vendor = await startVendor((_, res) => json(res, {}, 404))
    const text = 'sources: { desk: { system: oneview, url: "${URL}", token: "${TOKEN}" } }'
    const environment = { URL: `${vendor.url}/ticket-detail\n`, TOKEN: 't0ken\n' }
    const { sources } = readYaml({ text, file: 'gateway.yaml', schema: gatewayConfig, environment })
    const deps = { key: 'desk', loginOf: claimAsLogin, metrics: noMetrics, logger: noLogger, clock: Date.now }
    const source = createOneViewSource(sources.desk as never, deps)
    onTestFinished(() => source.close?.())
    await source.loadTickets([{ kind: 'ticket', sourceKey: 'desk', tenant: '', externalId: 'a-1' }], someCall({}))
    expect(vendor.calls[0]?.headers.authorization).toBe('Bearer t0ken')
  })
})

describe('INPUT-12: what a URL holds and the gateway would not send is a fault at its place', () => {
  const bases: readonly Path[] = [
    ['sources', 'oneview', 'url'],
    ['sources', 'verifik', 'url'],
  ]
  test.each(bases.map((place) => ({ place })))('$place', ({ place }) => {
    const expected: readonly [url: string, ...problems: RegExp[]][] = [
      ['http://c4n4ry:c4n4ry@host.example/base/', /user name and password .* use the key `token`$/],
      ['http://c4n4ry@host.example/base/', /use the key `token`$/],
      ['http://:c4n4ry@host.example/base/', /use the key `token`$/],
      ['http://host.example/base/?tenant=c4n4ry', /query and fragment .* the key `paths` has the path of each call$/],
      ['http://host.example/base/?', /query and fragment/],
      ['http://host.example/base/#c4n4ry', /query and fragment/],
      ['http://c4n4ry:c4n4ry@host.example/base/?tenant=7', /use the key `token`$/, /query and fragment/],
      ['http://host.example\\@c4n4ry.example/', /no blanks, line breaks or backslashes$/],
      ['http://host.exa\nmple/c4n4ry', /no blanks, line breaks or backslashes$/],
    ]
    for (const [url, ...problems] of expected) {
      const faults = faultsWith(place, url)
      expect(
        faults.map((fault) => fault.replace(at(place), '')),
        url,
      ).toEqual(problems.map((problem) => expect.stringMatching(problem)))
      for (const fault of faults) expect(fault).toMatch(at(place))
      expect(faults.join()).not.toContain('c4n4ry')
    }
  })
  test.each([
    'https://host.example',
    'https://host.example/',
    ' https://host.example/base\n',
    'http://[::1]:8080/a/b',
    'https://bücher.example/a@b:c',
  ])('takes %s', (url) => {
    for (const place of bases) expect(faultsWith(place, url)).toEqual([])
  })
  test('credentials in the address of traces and of keys', () => {
    const endpoint = faultsWith(['observability', 'tracing', 'endpoint'], 'http://user:c4n4ry@collector.example/v1/traces')
    expect(endpoint).toEqual([expect.stringMatching(/ observability\.tracing\.endpoint: a user name .* use the key `headers`$/)])
    const auth = { mode: 'jwt', issuer: 'i', audience: 'a', jwksUrl: 'https://user:c4n4ry@issuer.example/jwks' }
    expect(faultsOf({ ...complete(), auth }, routing())).toEqual([
      expect.stringMatching(/ auth\.jwksUrl: a user name .* name an address that needs none$/),
    ])
  })
})

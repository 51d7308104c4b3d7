import { describe, expect, test } from 'vitest'
import { createSsrfGuard, isNetwork } from '../../src/delivery/ssrf-guard.ts'

const strict = createSsrfGuard([])
const lenient = createSsrfGuard(['10.1.0.0/16', '2001:db8::/32'])

const odd = 'it holds a backslash, a blank or a control character'
const noUrl = 'it is not a URL'
const scheme = 'it is neither https nor http'
const credentials = 'it holds a user name or password; use a secret instead'
const impossible = 'it names a host that DNS cannot have'
const local = 'it names a host of the local network'
const privateNetwork = 'it names a host of a private network'
const unencrypted = 'it is not https'
const notPublic = (range: string) => `its address is not public (${range}); a network is allowed by allowPrivateNetworks`

describe('the reason why an address is refused, without the address', () => {
  test.each<[string, string]>([
    ['https://partner.example\\@127.0.0.1/', odd],
    ['https://partner.example/a b', odd],
    ['https://partner.example/\u0085', odd],
    ['partner.example/hook', noUrl],
    ['https://', noUrl],
    ['ftp://partner.example/hook', scheme],
    ['javascript:alert(1)', scheme],
    ['ftp://user:s3cret@partner.example:22/', scheme],
    ['https://user@partner.example/', credentials],
    ['https://:s3cret@partner.example/', credentials],
    ['https://partner.example/#part', 'it holds a fragment (#…), which is never sent'],
    ['https://a..example/', impossible],
    ['https://-a.example/', impossible],
    ['https://a-.example/', impossible],
    ['https://localhost/', notPublic('loopback')],
    ['https://api.localhost./', notPublic('loopback')],
    ['https://10.0.0.1/', notPublic('private')],
    ['https://169.254.169.254/', notPublic('linkLocal')],
    ['https://[fe80::1]/', notPublic('linkLocal')],
    ['https://[4000::1]/', 'its address is not assigned; a network is allowed by allowPrivateNetworks'],
    ['https://metadata/', local],
    ['https://printer.local/', privateNetwork],
    ['https://a.internal/', privateNetwork],
    ['https://a.home.arpa/', privateNetwork],
    ['http://partner.example/', unencrypted],
    ['http://93.184.216.34/', unencrypted],
    // By http the port is not looked at: 80 alone would be a reason too.
    ['http://partner.example:6379/', unencrypted],
    ['https://partner.example:80/', 'port 80 belongs to another service'],
    ['https://partner.example:1023/', 'port 1023 belongs to another service'],
    ['https://partner.example:6379/', 'port 6379 belongs to another service'],
  ])('%j', (url, reason) => {
    expect(strict.checkUrl(url)).toBe(reason)
  })

  test.each([
    ['a name whose last label only begins with a private one', 'https://a.internal.example/'],
    ['one character as a label', 'https://a.b.example/'],
    ['a label with a hyphen, a digit and an underline', 'https://a-1_b.example/'],
    ['the first port that is not reserved', 'https://partner.example:1024/'],
    ['the standard port', 'https://partner.example:443/'],
    ['a label of 63 characters', `https://${'a'.repeat(63)}.example/`],
    // 3 × 62 + 59 + 8 = 253: three labels of 61, one of 59, their four points, and `example`; RFC 1035, section 2.3.4.
    ['a name of 253 characters', `https://${`${'a'.repeat(61)}.`.repeat(3)}${'b'.repeat(59)}.example/`],
  ])('is none for %s', (_, url) => {
    expect(strict.checkUrl(url)).toBeNull()
  })

  test('is that DNS cannot have it for a name of 254 characters', () => {
    expect(strict.checkUrl(`https://${`${'a'.repeat(61)}.`.repeat(3)}${'b'.repeat(60)}.example/`)).toBe(impossible)
  })
})

describe('allowed networks', () => {
  test('allow every port by http and https in them, of their own family only', () => {
    expect(lenient.checkAddress('10.1.255.255', 22, 'http:')).toBeNull()
    expect(lenient.checkAddress('2001:db8::1', 22, 'http:')).toBeNull()
    expect(lenient.checkAddress('10.2.0.0', 443, 'https:')).toBe(notPublic('private'))
    expect(lenient.checkAddress('2001:db9::1', 443, 'http:')).toBe(unencrypted)
  })

  test('allow names of the local network, whose address is only known at the connection', () => {
    for (const url of ['http://intake/', 'http://intake.internal:8080/']) expect(lenient.checkUrl(url)).toBeNull()
    expect(lenient.checkUrl('http://a..internal/')).toBe(impossible)
    expect(lenient.checkUrl('http://localhost/')).toBe(notPublic('loopback'))
  })

  test.each([
    ['10.1.0.0/16', true],
    ['2001:db8::/32', true],
    ['10.1.0.0', false],
    ['10.1.0.0/33', false],
    ['partner.example', false],
  ])('are written in CIDR notation: %s is one: %s', (text, expected) => {
    expect(isNetwork(text)).toBe(expected)
  })
})

describe('the addresses of a connection', () => {
  test('are those of the name, in their order, when all of them are allowed', async () => {
    const guard = createSsrfGuard([], async () => ['93.184.216.34', '2606:4700::1111'])
    expect(await guard.resolve('partner.example', 443, 'https:')).toEqual(['93.184.216.34', '2606:4700::1111'])
  })

  test('are the address itself, without DNS, where there is no name', async () => {
    const guard = createSsrfGuard([], () => Promise.reject(new Error('DNS was asked')))
    expect(await guard.resolve('93.184.216.34', 443, 'https:')).toEqual(['93.184.216.34'])
    await expect(guard.resolve('10.0.0.1', 443, 'https:')).rejects.toThrow(notPublic('private'))
  })

  test('are refused with the reason, without the address', async () => {
    const resolveTo = (...addresses: string[]) =>
      createSsrfGuard([], async () => addresses).resolve('partner.example', 443, 'https:')
    await expect(resolveTo()).rejects.toThrow(/^the name has no address$/)
    await expect(resolveTo('not-an-address')).rejects.toThrow(/^its address is not a plain IP address$/)
  })

  test('come from the system where no resolver is given', async () => {
    // RFC 6761, section 6.3: `localhost` is always a loopback address.
    const addresses = await createSsrfGuard(['127.0.0.0/8', '::1/128']).resolve('localhost', 443, 'https:')
    expect(addresses.length).toBeGreaterThan(0)
    for (const address of addresses) expect(['127.0.0.1', '::1']).toContain(address)
  })
})

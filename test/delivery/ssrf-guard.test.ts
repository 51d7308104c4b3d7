import { request } from 'undici'
import { describe, expect, it } from 'vitest'
import { createSsrfGuard, createSsrfSafeAgent } from '../../src/delivery/ssrf-guard.ts'
import { startPartner } from './fake-partner.ts'

const strict = createSsrfGuard([])

const refused = [
  'https://127.0.0.1/hook',
  'https://127.1/hook',
  'https://2130706433/hook',
  'https://0x7f000001/hook',
  'https://0x7f.0.0.1/hook',
  'https://0177.0.0.1/hook',
  'https://017700000001/hook',
  'https://１２７.0.0.1/hook',
  'https://0/hook',
  'https://0.0.0.0/hook',
  'https://10.0.0.5/hook',
  'https://172.16.0.1/hook',
  'https://172.31.255.255/hook',
  'https://192.168.1.1/hook',
  'https://100.64.0.1/hook',
  'https://169.254.169.254/latest/meta-data',
  'https://198.18.0.1/hook',
  'https://192.0.2.1/hook',
  'https://224.0.0.1/hook',
  'https://240.0.0.1/hook',
  'https://255.255.255.255/hook',
  'https://[::1]/hook',
  'https://[::]/hook',
  'https://[::ffff:127.0.0.1]/hook',
  'https://[::ffff:7f00:1]/hook',
  'https://[::127.0.0.1]/hook',
  'https://[64:ff9b::7f00:1]/hook',
  'https://[2002:7f00:1::]/hook',
  'https://[fe80::1]/hook',
  'https://[fc00::1]/hook',
  'https://[fd00:ec2::254]/hook',
  'https://[fec0::1]/hook',
  'https://[ff02::1]/hook',
  'https://[2001:db8::1]/hook',
  'https://[4000::1]/hook',
  'https://localhost/hook',
  'https://LOCALHOST./hook',
  'https://api.localhost/hook',
  'https://metadata/hook',
  'https://metadata.google.internal/hook',
  'https://printer.local/hook',
  'https://user:s3cret@partner.example/hook',
  'https://user@partner.example/hook',
  'http://partner.example/hook',
  'https://partner.example:22/hook',
  'https://partner.example:25/hook',
  'https://93.184.216.34:6/hook',
  'http://93.184.216.34/hook',
  'https://partner.example/hook#part',
  'ftp://partner.example/hook',
  'file:///etc/passwd',
  'gopher://partner.example/',
  'javascript:alert(1)',
  'partner.example/hook',
  '//partner.example/hook',
  'https://',
  '',
]

describe('a partner address', () => {
  it.each(refused)('is refused (INPUT-04): %s', (url) => {
    const problem = strict.checkUrl(url)
    expect(problem).toEqual(expect.any(String))
    expect(problem).not.toContain('s3cret')
  })

  it.each([
    'https://partner.example/hook',
    'https://partner.example:443/hook?key=1',
    'https://partner.example:8443/hook',
    'https://93.184.216.34/hook',
    'https://[2606:4700::1111]/hook',
  ])('is permitted: %s', (url) => {
    expect(strict.checkUrl(url)).toBeNull()
  })

  it('may be in a private network that is allowed, there also by http and at any port', () => {
    const guard = createSsrfGuard(['10.1.0.0/16', 'fd00::/8'])
    expect(guard.checkUrl('http://10.1.2.3:81/hook')).toBeNull()
    expect(guard.checkUrl('http://[fd00::5]:81/hook')).toBeNull()
    expect(guard.checkUrl('http://partner.internal/hook')).toBeNull()
    expect(guard.checkUrl('https://10.2.0.1/hook')).toContain('not public')
    expect(guard.checkUrl('https://localhost/hook')).toContain('not public')
    expect(guard.checkUrl('https://[::ffff:10.1.2.3]/hook')).toBeNull()
  })
})

describe('a connection', () => {
  it('is refused when any address of the name is not permitted', async () => {
    const guard = createSsrfGuard([], async () => ['93.184.216.34', '10.0.0.1'])
    await expect(guard.resolve('partner.example', 443, 'https:')).rejects.toMatchObject({ code: 'EGRESS_REFUSED' })
  })

  it('is refused when the name has no address', async () => {
    const guard = createSsrfGuard([], async () => [])
    await expect(guard.resolve('partner.example', 443, 'https:')).rejects.toMatchObject({ code: 'EGRESS_REFUSED' })
  })

  it.each(['127.0.0.1', '::1', '::ffff:10.0.0.1', '169.254.169.254', 'fe80::1%eth0'])(
    'is refused to a name that leads to %s',
    async (address) => {
      const guard = createSsrfGuard([], async () => [address])
      await expect(guard.resolve('partner.example', 443, 'https:')).rejects.toMatchObject({ code: 'EGRESS_REFUSED' })
    },
  )

  it('by http is refused outside the allowed networks, even if the configuration was accepted (INPUT-04)', async () => {
    const guard = createSsrfGuard(['127.0.0.1/32'], async () => ['93.184.216.34'])
    await expect(guard.resolve('partner.example', 80, 'http:')).rejects.toMatchObject({ code: 'EGRESS_REFUSED' })
  })

  it('goes to the checked address, also when the name means another one a moment later', async () => {
    const partner = await startPartner()
    const answers = [['127.0.0.1'], ['127.0.0.2']]
    let asked = 0
    const guard = createSsrfGuard(['127.0.0.1/32'], async () => answers[asked++] ?? [])
    const post = () =>
      request(`http://rebound.example:${partner.port}/hook`, {
        method: 'POST',
        body: '{}',
        dispatcher: createSsrfSafeAgent(guard, { protocol: 'http:', connectTimeoutMs: 1_000 }),
      })
    expect((await post()).statusCode).toBe(204)
    await expect(post()).rejects.toMatchObject({ code: 'EGRESS_REFUSED' })
    expect(asked).toBe(2)
    expect(partner.received).toHaveLength(1)
    expect(partner.received[0]?.headers.host).toBe(`rebound.example:${partner.port}`)
    await partner.close()
  })

  it('tries the next address when one does not answer', async () => {
    const partner = await startPartner()
    const guard = createSsrfGuard(['127.0.0.0/8'], async () => ['127.0.0.9', '127.0.0.1'])
    const reply = await request(`http://two.example:${partner.port}/hook`, {
      method: 'POST',
      body: '{}',
      dispatcher: createSsrfSafeAgent(guard, { protocol: 'http:', connectTimeoutMs: 1_000 }),
    })
    expect(reply.statusCode).toBe(204)
    await partner.close()
  })
})

describe('DELIVERY-30: odd URLs are refused', () => {
  const strict = createSsrfGuard([])
  it.each([
    'https://example.com\\@127.0.0.1/',
    'https://example.com/\\evil',
    'https://exa\tmple.com/',
    'https://example.com/a b',
    ' https://example.com/',
    'https://example.com/\u0000',
    'https://example.com:6379/',
    'https://example.com:5432/',
    'https://example.com:9200/',
    `https://${'a.'.repeat(150)}com/`,
    `https://${'a'.repeat(64)}.com/`,
    'https://a..example.com/',
    'https://-a.example.com/',
    'https://ex*mple.com/',
  ])('%j', (url) => {
    expect(strict.checkUrl(url)).toBeTypeOf('string')
  })
  it.each([
    'https://example.com:8443/hook?x=1',
    'https://hooks.example.com/',
    'https://münchen.example/',
    'https://a_b.example.com./',
  ])('%s is not odd', (url) => {
    expect(strict.checkUrl(url)).toBeNull()
  })
})

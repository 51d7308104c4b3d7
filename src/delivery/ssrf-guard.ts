import { lookup as systemLookup } from 'node:dns'
import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

/** Resolves a name to every address it has. */
export type Resolve = (host: string) => Promise<readonly string[]>

/** Decides which addresses deliveries may go to. The same rules at configuration and at every connection. */
export interface SsrfGuard {
  /** Why this URL may not be a partner's, in plain words without the URL itself; null: it may, as far as can be seen without DNS. */
  checkUrl(url: string): string | null
  /** Why no connection may be opened to this address; null: it may. */
  checkAddress(address: string, port: number, protocol: 'http:' | 'https:'): string | null
  /** Every address of the host, each checked; throws `EgressRefused` when one of them is not permitted. */
  resolve(host: string, port: number, protocol: 'http:' | 'https:'): Promise<readonly string[]>
}

/** The connection was refused by us before it was opened. The message names no address. */
export class SsrfRefused extends Error {
  readonly code = 'EGRESS_REFUSED'
}

type Network = [ipaddr.IPv4 | ipaddr.IPv6, number]

/** A guard that permits public unicast addresses over https on port 443 and above 1023, and anything in the given networks. */
export function createSsrfGuard(allowPrivateNetworks: readonly string[], resolve: Resolve = resolveByDns): SsrfGuard {
  const allowed = allowPrivateNetworks.map((network) => ipaddr.parseCIDR(network))

  function checkAddress(address: string, port: number, protocol: 'http:' | 'https:'): string | null {
    if (!ipaddr.isValid(address)) return 'its address is not a plain IP address'
    const ip = ipaddr.process(address)
    if (allowed.some((network) => contains(network, ip))) return null
    if (!isPublic(ip)) return `its address is ${kindOf(ip)}; a network is allowed by allowPrivateNetworks`
    if (protocol !== 'https:') return 'it is not https'
    if (port !== 443 && port < 1024) return `port ${port} belongs to another service`
    return null
  }

  return {
    checkAddress,
    checkUrl: (text) => checkUrl(text, checkAddress, allowed.length > 0),
    async resolve(host, port, protocol) {
      const addresses = isIP(host) ? [host] : await resolve(host)
      if (addresses.length === 0) throw new SsrfRefused('the name has no address')
      for (const address of addresses) {
        const problem = checkAddress(address, port, protocol)
        if (problem) throw new SsrfRefused(problem)
      }
      return addresses
    },
  }
}

/** Is this text a network in CIDR notation? */
export function isNetwork(text: string): boolean {
  return ipaddr.isValidCIDR(text)
}

function checkUrl(text: string, checkAddress: SsrfGuard['checkAddress'], anyAllowed: boolean): string | null {
  if (!URL.canParse(text)) return 'it is not a URL'
  // WHATWG parsing turns decimal, octal, hex and short IPv4 forms into the address that would be called.
  const url = new URL(text)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'it is neither https nor http'
  if (url.username !== '' || url.password !== '') return 'it holds a user name or password; use a secret instead'
  if (url.hash !== '') return 'it holds a fragment (#…), which is never sent'
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port)
  if (isIP(host)) return checkAddress(host, port, url.protocol)
  return checkName(host, url.protocol, port, checkAddress, anyAllowed)
}

/** A name's address is known only at the connection; what is certain before is refused before. */
function checkName(
  host: string,
  protocol: 'http:' | 'https:',
  port: number,
  checkAddress: SsrfGuard['checkAddress'],
  anyAllowed: boolean,
): string | null {
  const name = host.replace(/\.$/, '').toLowerCase()
  if (name === 'localhost' || name.endsWith('.localhost')) return checkAddress('127.0.0.1', port, protocol)
  if (anyAllowed) return null
  if (!name.includes('.')) return 'it names a host of the local network'
  if (/\.(local|internal|lan|home|corp|intranet|localdomain|home\.arpa)$/.test(name))
    return 'it names a host of a private network'
  if (protocol !== 'https:') return 'it is not https'
  if (port !== 443 && port < 1024) return `port ${port} belongs to another service`
  return null
}

function contains([network, bits]: Network, ip: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  return network.kind() === ip.kind() && ip.match(network as ipaddr.IPv4, bits)
}

/** Global unicast alone: neither special ranges nor the IPv6 ranges that carry an IPv4 address inside. */
function isPublic(ip: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  if (ip.range() !== 'unicast') return false
  // 2000::/3 is the only IPv6 space given out; ipaddr.js calls the unassigned rest unicast too.
  return ip.kind() === 'ipv4' || ip.match(ipaddr.parseCIDR('2000::/3') as [ipaddr.IPv6, number])
}

function kindOf(ip: ipaddr.IPv4 | ipaddr.IPv6): string {
  const range = ip.range()
  return range === 'unicast' ? 'not assigned' : `not public (${range})`
}

function resolveByDns(host: string): Promise<readonly string[]> {
  return new Promise((done, fail) => {
    systemLookup(host, { all: true, verbatim: true }, (error, found) => {
      if (error) fail(error)
      else done(found.map(({ address }) => address))
    })
  })
}

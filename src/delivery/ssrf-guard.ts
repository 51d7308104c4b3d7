import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'
import { Agent, buildConnector } from 'undici'

/** Resolves a host name to all its addresses. */
export type Resolve = (host: string) => Promise<readonly string[]>

/** Prevents SSRF: decides which addresses deliveries may go to, by the same rules at configuration and at every connection. */
export interface SsrfGuard {
  /** Why this URL must not be a partner's, without repeating it; null: allowed, as far as the URL tells without DNS. */
  checkUrl(url: string): string | null
  /** Why no connection may be opened to this address; null: allowed. */
  checkAddress(address: string, port: number, protocol: 'http:' | 'https:'): string | null
  /** Resolves the host and checks every address. Throws `SsrfRefused` when one of them is not allowed. */
  resolve(host: string, port: number, protocol: 'http:' | 'https:'): Promise<readonly string[]>
}

/** The guard refused a connection before it was opened. The message names no address. */
export class SsrfRefused extends Error {
  readonly code = 'EGRESS_REFUSED'
}

type Network = [ipaddr.IPv4 | ipaddr.IPv6, number]

/** Allows public unicast addresses over https on port 443 or above 1023, and everything in the given networks (CIDR). */
export function createSsrfGuard(allowPrivateNetworks: readonly string[], resolve: Resolve = resolveByDns): SsrfGuard {
  const allowed = allowPrivateNetworks.map((network) => ipaddr.parseCIDR(network))

  function checkAddress(address: string, port: number, protocol: 'http:' | 'https:'): string | null {
    if (!ipaddr.isValid(address)) return 'its address is not a plain IP address'
    const ip = ipaddr.process(address)
    if (allowed.some((network) => contains(network, ip))) return null
    if (!isPublic(ip)) return `its address is ${describeRange(ip)}; a network is allowed by allowPrivateNetworks`
    return checkTransport(port, protocol)
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

/** True for a network in CIDR notation. */
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
  const port = toPort(url.port, url.protocol)
  if (isIP(host)) return checkAddress(host, port, url.protocol)
  return checkName(host, url.protocol, port, checkAddress, anyAllowed)
}

/** A name's address is only known at the connection. This refuses the names that cannot lead to an allowed one. */
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
  return checkTransport(port, protocol)
}

function checkTransport(port: number, protocol: 'http:' | 'https:'): string | null {
  if (protocol !== 'https:') return 'it is not https'
  return port !== 443 && port < 1024 ? `port ${port} belongs to another service` : null
}

function toPort(text: string, protocol: 'http:' | 'https:'): number {
  if (text !== '') return Number(text)
  return protocol === 'https:' ? 443 : 80
}

function contains([network, bits]: Network, ip: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  return network.kind() === ip.kind() && ip.match(network as ipaddr.IPv4, bits)
}

/** Global unicast only: no special ranges, and no IPv6 range that embeds an IPv4 address. */
function isPublic(ip: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  if (ip.range() !== 'unicast') return false
  // 2000::/3 is the only assigned IPv6 unicast space; ipaddr.js calls the unassigned rest unicast too.
  return ip.kind() === 'ipv4' || ip.match(ipaddr.parseCIDR('2000::/3') as [ipaddr.IPv6, number])
}

function describeRange(ip: ipaddr.IPv4 | ipaddr.IPv6): string {
  const range = ip.range()
  return range === 'unicast' ? 'not assigned' : `not public (${range})`
}

async function resolveByDns(host: string): Promise<readonly string[]> {
  return (await lookup(host, { all: true, verbatim: true })).map(({ address }) => address)
}

/**
 * An undici agent for one call. It resolves the name itself, checks every address, and connects to exactly one of them: a name
 * that resolves differently a moment later (DNS rebinding) has no effect.
 */
export function createSsrfSafeAgent(guard: SsrfGuard, connectTimeoutMs: number): Agent {
  const connect = buildConnector({ timeout: connectTimeoutMs, allowH2: false })
  return new Agent({
    pipelining: 0,
    connections: 1,
    maxHeaderSize: 16_384,
    connect(options, callback) {
      const host = options.hostname.replace(/^\[|\]$/g, '')
      const protocol = options.protocol === 'http:' ? 'http:' : 'https:'
      guard.resolve(host, toPort(options.port, protocol), protocol).then(
        (addresses) => connectToFirst(connect, { ...options, ...(isIP(host) ? {} : { servername: host }) }, addresses, callback),
        (error: Error) => callback(error, null),
      )
    },
  })
}

/** Tries the addresses in their resolved order. TLS still checks the certificate against the name. */
function connectToFirst(
  connect: buildConnector.connector,
  options: buildConnector.Options,
  addresses: readonly string[],
  callback: buildConnector.Callback,
): void {
  const [address, ...rest] = addresses
  if (address === undefined) {
    callback(new SsrfRefused('the name has no address'), null)
    return
  }
  connect({ ...options, hostname: address }, (...result) => {
    if (result[0] && rest.length > 0) connectToFirst(connect, options, rest, callback)
    else callback(...result)
  })
}

import { lookup } from 'node:dns/promises'
import { isIP, isIPv6 } from 'node:net'
import ipaddr from 'ipaddr.js'
import { buildConnector, type Dispatcher, type Pool } from 'undici'
import { createProxyAgent, noProxies, type Proxies, toTunnelPool } from '../outbound/proxies.ts'

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

/** Allows public unicast addresses over https on port 443 or on one above 1023 that belongs to no other service, and everything in the given networks (CIDR). */
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
  // WHATWG parsing reads a backslash as a slash and drops tabs and line breaks; other parsers read another host from such a text.
  if (/[\\\s\p{Cc}]/u.test(text)) return 'it holds a backslash, a blank or a control character'
  if (!URL.canParse(text)) return 'it is not a URL'
  // WHATWG parsing turns decimal, octal, hex and short IPv4 forms into the address that would be called.
  const url = new URL(text)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'it is neither https nor http'
  if (url.username !== '' || url.password !== '') return 'it holds a user name or password; use a secret instead'
  if (url.hash !== '') return 'it holds a fragment (#…), which is never sent'
  const host = toHost(url.hostname)
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
  if (!isDnsName(name)) return 'it names a host that DNS cannot have'
  if (name === 'localhost' || name.endsWith('.localhost')) return checkAddress('127.0.0.1', port, protocol)
  if (anyAllowed) return null
  if (!name.includes('.')) return 'it names a host of the local network'
  if (/\.(local|internal|lan|home|corp|intranet|localdomain|home\.arpa)$/.test(name))
    return 'it names a host of a private network'
  return checkTransport(port, protocol)
}

function checkTransport(port: number, protocol: 'http:' | 'https:'): string | null {
  if (protocol !== 'https:') return 'it is not https'
  return (port !== 443 && port < 1024) || otherServices.has(port) ? `port ${port} belongs to another service` : null
}

/** Ports above 1023 of databases, caches, queues and control planes, and those that browsers refuse (WHATWG Fetch, "bad port"). */
const otherServices: ReadonlySet<number> = new Set([
  ...[
    1433, 1521, 1719, 1720, 1723, 2049, 2181, 2375, 2376, 2379, 2380, 3306, 3389, 3659, 4045, 4190, 5060, 5061, 5432, 5671, 5672,
  ],
  ...[5900, 5984, 6000, 6379, 6443, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 7000, 7001, 8500, 9042, 9092, 9200, 9300],
  ...[10080, 10250, 11211, 26379, 27017],
])

/** RFC 1035 §2.3.4: 253 characters, and 63 in each label. */
function isDnsName(name: string): boolean {
  return name.length <= 253 && name.split('.').every((label) => /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/.test(label))
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

export interface SsrfSafeAgentOptions {
  /** Of the URL that will be called. */
  readonly protocol: 'http:' | 'https:'
  readonly connectTimeoutMs: number
  /** Absent: partners are called directly. */
  readonly proxies?: Proxies | undefined
}

/**
 * An undici agent for one call. It resolves the name itself, checks every address, and connects to exactly one of them: a name
 * that resolves differently a moment later (DNS rebinding) has no effect. A proxy is asked for a tunnel to the checked address, never
 * to the name, which it could resolve to another one.
 */
export function createSsrfSafeAgent(guard: SsrfGuard, options: SsrfSafeAgentOptions): Dispatcher {
  const { protocol, connectTimeoutMs, proxies = noProxies } = options
  const connect = buildConnector({ timeout: connectTimeoutMs, allowH2: false })
  return createProxyAgent(proxies, {
    pipelining: 0,
    maxHeaderSize: 65_536,
    allowH2: false,
    alwaysTunnel: true,
    createTunnels: (proxy, poolOptions) => guardTunnels(toTunnelPool(proxy, poolOptions), guard, protocol),
    connect(target, callback) {
      const host = toHost(target.hostname)
      guard.resolve(host, toPort(target.port, protocol), protocol).then(
        (addresses) => connectToFirst(connect, { ...target, ...(isIP(host) ? {} : { servername: host }) }, addresses, callback),
        (error: Error) => callback(error, null),
      )
    },
  })
}

/** Asks the proxy for the checked addresses of a host, in their order, until it opens a tunnel. TLS inside of it still means the name. */
function guardTunnels(proxy: Pool, guard: SsrfGuard, protocol: 'http:' | 'https:'): Pool {
  const connect = proxy.connect.bind(proxy) as (tunnel: Dispatcher.ConnectOptions) => Promise<Dispatcher.ConnectData>
  const connectChecked = async (tunnel: Dispatcher.ConnectOptions): Promise<Dispatcher.ConnectData> => {
    const [, host = '', port = ''] = /^(.*):(\d+)$/.exec(tunnel.path) ?? []
    const addresses = await guard.resolve(toHost(host), Number(port), protocol)
    for (const [index, address] of addresses.entries()) {
      const path = `${isIPv6(address) ? `[${address}]` : address}:${port}`
      const opened = await connect({ ...tunnel, path, headers: { ...tunnel.headers, host: path } })
      if (opened.statusCode === 200 || index === addresses.length - 1) return opened
      opened.socket.on('error', () => {}).destroy()
    }
    throw new SsrfRefused('the name has no address')
  }
  return Object.assign(proxy, { connect: connectChecked })
}

/** The name or address without the brackets that URLs put around IPv6. */
function toHost(host: string): string {
  return host.replace(/^\[|\]$/g, '')
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

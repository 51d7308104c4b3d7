import { isIP } from 'node:net'
import { Agent, buildConnector } from 'undici'
import { type SsrfGuard, SsrfRefused } from './ssrf-guard.ts'

/**
 * An agent that opens a connection only to an address that the guard has just checked: the name is resolved here, every address
 * is checked, and the connection goes to exactly one of them, so a name that changes in between changes nothing.
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
      const port = options.port === '' ? (protocol === 'https:' ? 443 : 80) : Number(options.port)
      guard.resolve(host, port, protocol).then(
        (addresses) => connectToFirst(connect, { ...options, ...(isIP(host) ? {} : { servername: host }) }, addresses, callback),
        (error: Error) => callback(error, null),
      )
    },
  })
}

/** Tries the addresses in turn, as they were resolved. TLS still checks the certificate against the name. */
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

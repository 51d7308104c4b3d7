import { type Client, type Dispatcher, EnvHttpProxyAgent, Pool } from 'undici'

/** The forward proxies of HTTPS_PROXY, HTTP_PROXY and NO_PROXY. An empty text means none. */
export interface Proxies {
  /** URL of the proxy for https; user name and password in it are sent to the proxy. */
  readonly https: string
  /** URL of the proxy for http, and for https where `https` is empty. */
  readonly http: string
  /** Hosts that are called directly, separated by commas or blanks: names with their subdomains, addresses, with a port or without. */
  readonly except: string
}

/** Everything is called directly. */
export const noProxies: Proxies = { https: '', http: '', except: '' }

/** True where calls may go through a proxy. */
export function hasProxy({ https, http }: Proxies): boolean {
  return https !== '' || http !== ''
}

/** No proxy reaches the gateway's own machine. Go and Java leave it out in the same way. */
const ownMachine = 'localhost,127.0.0.1,[::1]'

export interface ProxyAgentOptions extends Client.Options {
  /** Creates the connections to an origin, or to a proxy. Absent: a pool with these options. */
  readonly create?: (origin: string | URL, options: Client.Options) => Dispatcher
  /** Creates the connections on which a proxy is asked for a tunnel. */
  readonly createTunnels?: (proxy: URL, options: Pool.Options) => Dispatcher
  /** Asks the proxy for a tunnel for http too; https always has one. */
  readonly alwaysTunnel?: boolean
}

/**
 * An agent that calls each host through its proxy or directly. The options hold for all connections on which a request is sent; undici
 * alone would forget them where it forwards http without a tunnel.
 */
export function createProxyAgent(proxies: Proxies, given: ProxyAgentOptions): EnvHttpProxyAgent {
  const { create = toPool, createTunnels = toTunnelPool, alwaysTunnel = false, ...options } = given
  return new EnvHttpProxyAgent({
    ...options,
    // Explicit texts, so that undici does not read the environment.
    httpProxy: proxies.http,
    httpsProxy: proxies.https,
    noProxy: `${proxies.except},${ownMachine}`,
    proxyTunnel: alwaysTunnel,
    // `allowH2` of the options does not reach the connection inside of a tunnel.
    requestTls: { allowH2: options.allowH2 ?? false },
    factory: (origin, own) => create(origin, { ...options, ...own }),
    clientFactory: createTunnels,
  })
}

/** How long a proxy may take to open a tunnel. */
const tunnelTimeoutMs = 10_000

/** The connections to a proxy on which it is asked for tunnels. */
export function toTunnelPool(proxy: URL, options: Pool.Options): Pool {
  return new Pool(proxy, { ...options, headersTimeout: tunnelTimeoutMs })
}

function toPool(origin: string | URL, options: Client.Options): Dispatcher {
  return new Pool(origin, options)
}

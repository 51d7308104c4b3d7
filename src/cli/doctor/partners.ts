import type { Dispatcher } from 'undici'
import type { PartnerDirectory, PartnerRef } from '../../delivery/partner-directory.ts'
import { createSsrfSafeAgent } from '../../delivery/ssrf-guard.ts'
import type { Proxies } from '../../outbound/proxies.ts'
import { type Check, type Finding, ok, problem } from './checks.ts'
import { type ConnectionObserver, findConnectionFault, findHostWarnings } from './connections.ts'

// The endpoints of partners: a connection is opened as a delivery opens it, and closed before anything is sent.

/** One check for each partner of the source. */
export function createPartnerChecks(
  directory: PartnerDirectory,
  observer: ConnectionObserver,
  proxies: Proxies,
): readonly Check[] {
  return directory.partners().map((partner) => ({
    name: `partner ${partner.market}/${partner.partner}`,
    run: async (signal) => checkPartner(directory, partner, { observer, proxies, signal }),
  }))
}

interface PartnerCheckDeps {
  readonly observer: ConnectionObserver
  readonly proxies: Proxies
  readonly signal: AbortSignal
}

async function checkPartner(
  directory: PartnerDirectory,
  { market, partner }: PartnerRef,
  { observer, proxies, signal }: PartnerCheckDeps,
): Promise<readonly Finding[]> {
  const endpoint = directory.findPartner(market, partner)
  if (endpoint === null) return [problem('The routing file has it no more.', 'Run the command again.')]
  const { origin, protocol } = new URL(endpoint.url)
  const transport = protocol === 'http:' ? 'http:' : 'https:'
  const agent = createSsrfSafeAgent(directory.guard(), { protocol: transport, connectTimeoutMs, proxies })
  try {
    await openConnection(agent, origin, signal)
    const secured = transport === 'https:' ? 'its certificate is good' : 'without TLS, as allowPrivateNetworks allows'
    return [ok(`It can be reached, ${secured}. Nothing was sent.`), ...findHostWarnings(observer.seen(endpoint.url))]
  } catch (error) {
    return [toPartnerProblem(error)]
  } finally {
    agent.destroy().catch(() => {})
  }
}

const connectTimeoutMs = 3_000

/** Resolves when a connection to the origin is open, TLS included. The request for which it was opened is dropped before its first byte. */
function openConnection(agent: Dispatcher, origin: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const isOpen = new Error('the connection is open')
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    agent.dispatch(
      { origin, path: '/', method: 'HEAD' },
      {
        onRequestStart(controller) {
          controller.abort(isOpen)
        },
        // undici asks for these methods. No answer comes.
        onResponseStart() {},
        onResponseData() {},
        onResponseEnd() {},
        onResponseError(_, error) {
          if (error === isOpen) resolve()
          else reject(error)
        },
      },
    )
  })
}

function toPartnerProblem(error: unknown): Finding {
  if (error instanceof Error && 'code' in error && error.code === 'EGRESS_REFUSED') {
    const action = 'Ask the partner for a public address, or list its network in allowPrivateNetworks of the routing file.'
    return problem(`Deliveries to it are not allowed: ${error.message}.`, action)
  }
  return findConnectionFault(error) ?? problem('No connection could be made.', 'Ask the partner, and check the proxy.')
}

import { BlockList, isIPv6 } from 'node:net'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { DeskgraphError } from '../../domain/errors.ts'
import { sendError } from '../error-response.ts'
import { refuseOtherMethods } from './methods.ts'

/** A simulated system with the faults that can be chosen for it. */
export interface SandboxSystem {
  readonly key: string
  readonly label: string
  /** `effect`: what a client of the gateway then sees. */
  readonly faults: readonly { readonly name: string; readonly label: string; readonly effect: string }[]
  /** The name of the present fault; null: the system works. */
  readonly fault: string | null
}

/** Sets the faults of the simulated systems. */
export interface SandboxPanel {
  systems(): readonly SandboxSystem[]
  /** null removes the fault. False: there is no such system, or it has no such fault. */
  setFault(system: string, fault: string | null): boolean
}

/**
 * The faults of the sandbox, for GraphiQL and for tests of frontends: `GET /graphql/sandbox`, and `PUT /graphql/sandbox/{system}` with
 * `{"fault": name}`, or null for none. Both answer `{"systems": […]}`. Only this machine may ask, and no page of another origin, also
 * where `http.allowedOrigins` lists it.
 */
export async function sandboxRoutes(app: FastifyInstance, panel: SandboxPanel): Promise<void> {
  app.addHook('onRequest', async (request, reply) => {
    if (isOwnPage(request)) return
    const message = 'The sandbox is set by GraphiQL on this machine, or by a program on this machine. No other page may.'
    return sendError(reply, new DeskgraphError('FORBIDDEN', message), request.id, 403)
  })
  app.get('/graphql/sandbox', async () => ({ systems: panel.systems() }))
  app.put<{ Params: { system: string } }>('/graphql/sandbox/:system', async (request, reply) => {
    const fault = readFault(request.body)
    if (fault !== undefined && panel.setFault(request.params.system, fault)) return { systems: panel.systems() }
    const message = 'Send {"fault": name} with a fault of the system, or {"fault": null}. GET /graphql/sandbox lists them.'
    return sendError(reply, new DeskgraphError('BAD_REQUEST', message), request.id)
  })
  refuseOtherMethods(app, '/graphql/sandbox', ['GET'])
  refuseOtherMethods(app, '/graphql/sandbox/:system', ['PUT'])
}

/** undefined: the body has no fault. */
function readFault(body: unknown): string | null | undefined {
  if (typeof body !== 'object' || body === null || !('fault' in body)) return undefined
  return typeof body.fault === 'string' || body.fault === null ? body.fault : undefined
}

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')
const loopbackHost = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/i

/**
 * True for a page of the gateway's own origin, and for a program, on this machine. A page of another origin names itself in `Origin` or
 * `Sec-Fetch-Site`; one whose host name was changed to this machine (DNS rebinding) has another `Host`; what a proxy sends on behalf of
 * other machines has `Forwarded` or `X-Forwarded-For`.
 */
export function isOwnPage({ raw, headers }: Pick<FastifyRequest, 'raw' | 'headers'>): boolean {
  const { host = '', origin, forwarded, 'sec-fetch-site': site = 'none', 'x-forwarded-for': forwardedFor } = headers
  return (
    isLoopback(raw.socket.remoteAddress ?? '') &&
    loopbackHost.test(host) &&
    forwarded === undefined &&
    forwardedFor === undefined &&
    (site === 'same-origin' || site === 'none') &&
    (origin === undefined || origin === `http://${host}` || origin === `https://${host}`)
  )
}

/** An IPv4 address may be written as one of IPv6. */
function isLoopback(address: string): boolean {
  return loopback.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')
}

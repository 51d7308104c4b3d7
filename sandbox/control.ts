import type { CallLog } from './call-log.ts'
import type { Fault, FaultSwitch } from './faults.ts'
import type { Route, Simulator } from './simulator.ts'

interface Controlled {
  readonly simulator: Simulator
  readonly calls: CallLog
  readonly faults: FaultSwitch
}

/**
 * The inspection API that every simulator has beside its vendor's: it needs no token, is not counted and meets no fault.
 * - `GET /_sandbox/calls`: `{counts, latest}`; `DELETE` resets them
 * - `GET /_sandbox/tickets`: `{count}`; `GET /_sandbox/tickets/{id}`: the vendor's own state of it
 * - `PUT /_sandbox/fault`: a `Fault` as JSON; `DELETE` switches it off
 */
export function controlRoutes({ simulator, calls, faults }: Controlled): Route[] {
  const done = { status: 204 }
  return [
    route('GET', /^\/_sandbox\/calls$/, () => ({ status: 200, body: { counts: calls.counts(), latest: calls.latest() } })),
    route('DELETE', /^\/_sandbox\/calls$/, () => {
      calls.reset()
      return done
    }),
    route('GET', /^\/_sandbox\/tickets$/, () => ({ status: 200, body: { count: simulator.tickets() } })),
    route('GET', /^\/_sandbox\/tickets\/([^/]+)$/, ({ params }) => {
      const ticket = simulator.ticket(params[0] ?? '')
      return ticket === undefined ? { status: 404, body: { error: 'no such ticket' } } : { status: 200, body: ticket }
    }),
    route('PUT', /^\/_sandbox\/fault$/, (request) => {
      const fault = request.json()
      if (typeof fault.kind !== 'string') return { status: 400, body: { error: 'a fault needs a kind' } }
      faults.set(fault as unknown as Fault)
      return done
    }),
    route('DELETE', /^\/_sandbox\/fault$/, () => {
      faults.set(null)
      return done
    }),
  ]
}

function route(method: string, path: RegExp, handle: Route['handle']): Route {
  return { method, path, operation: '_sandbox', handle }
}

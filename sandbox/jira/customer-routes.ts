import { createHash } from 'node:crypto'
import type { Route } from '../simulator.ts'
import { requireAgent } from './request-routes.ts'
import { type RouteMaker, refuseDesk } from './routing.ts'
import { serviceAccount } from './site.ts'
import { toDeskUser } from './wire-desk.ts'

/** Makes portal customers. An e-mail address that has an account is refused. */
export function customerRoutes(route: RouteMaker): Route[] {
  return [
    route('POST', '/customer', 'create-customer', (view, request) => {
      requireAgent(view)
      const { email, fullName, displayName = fullName } = request.json()
      if (typeof email !== 'string' || !/^[^@\s]+@[^@\s]+$/.test(email)) {
        refuseDesk(400, 'The e-mail address is not valid.', 'sd.customer.email.invalid')
      }
      if ([...view.state.users.values()].some(({ emailAddress }) => emailAddress === email)) {
        const status = request.query.get('strictConflictStatusCode') === 'true' ? 409 : 400
        refuseDesk(status, 'An account already exists for this email', 'sd.customer.exists')
      }
      const digest = createHash('sha256').update(email).digest('hex')
      const uuid = [0, 8, 12, 16, 20].map((from, index) => digest.slice(from, [8, 12, 16, 20, 32][index])).join('-')
      const accountId = `qm:${serviceAccount.accountId.slice(7)}:${uuid}`
      view.state.users.set(accountId, {
        ...{ accountId, accountType: 'customer', displayName: typeof displayName === 'string' ? displayName : email },
        ...{ emailAddress: email, showsEmail: true, timeZone: serviceAccount.timeZone, active: true },
      })
      return { status: 201, body: toDeskUser(view, accountId) }
    }),
  ]
}

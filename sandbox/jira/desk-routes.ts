import type { Route, SimulatorRequest } from '../simulator.ts'
import { findRequestType, requestTypes } from './fields.ts'
import { compileJql } from './jql.ts'
import { type JiraQueue, queues } from './queues.ts'
import { requireAgent } from './request-routes.ts'
import { deskPage, type RouteMaker, refuseDesk, type View } from './routing.ts'
import { organizations, projects } from './site.ts'
import { toDeskUser, toOrganization, toRequestType, toRequestTypeFields, toServiceDesk } from './wire-desk.ts'
import { toIssue } from './wire-platform.ts'

/** Service desks, their request types, queues, customers and organizations, read. */
export function deskReadRoutes(route: RouteMaker): Route[] {
  return [
    route('GET', '/info', 'info', (view) => ({
      status: 200,
      body: {
        ...{ version: '1001.0.0-SNAPSHOT', platformVersion: '1001.0.0-SNAPSHOT', buildChangeSet: '0', isLicensedForUse: true },
        _links: { self: `${view.base}/rest/servicedeskapi/info` },
      },
    })),
    route('GET', '/servicedesk', 'desks', (view, request) => {
      const desks = projects.filter(({ serviceDeskId }) => serviceDeskId !== null)
      return {
        status: 200,
        body: deskPage(
          view,
          request,
          desks.map((desk) => toServiceDesk(view, desk)),
        ),
      }
    }),
    route('GET', '/servicedesk/{}', 'desk', (view, request) => ({ status: 200, body: toServiceDesk(view, deskOf(request)) })),
    route('GET', '/requesttype', 'request-types', (view, request) => ({ status: 200, body: typePage(view, request, null) })),
    route('GET', '/servicedesk/{}/requesttype', 'request-types', (view, request) => {
      return { status: 200, body: typePage(view, request, deskOf(request).serviceDeskId) }
    }),
    route('GET', '/servicedesk/{}/requesttype/{}/field', 'request-type-fields', (_, request) => {
      const desk = deskOf(request)
      const type = findRequestType(request.params[1] ?? '')
      if (type?.serviceDeskId !== desk.serviceDeskId)
        refuseDesk(404, 'The request type does not exist.', 'sd.requesttype.not.found')
      return { status: 200, body: toRequestTypeFields(type) }
    }),
    route('GET', '/servicedesk/{}/queue', 'queues', (view, request) => {
      const { serviceDeskId } = deskOf(request)
      requireAgent(view)
      const own = queues.filter((queue) => queue.serviceDeskId === serviceDeskId)
      return {
        status: 200,
        body: deskPage(
          view,
          request,
          own.map((queue) => toQueue(view, queue, request)),
        ),
      }
    }),
    route('GET', '/servicedesk/{}/queue/{}', 'queue', (view, request) => ({
      status: 200,
      body: toQueue(view, queueOf(view, request), request),
    })),
    route('GET', '/servicedesk/{}/queue/{}/issue', 'queue-issues', (view, request) => {
      const queue = queueOf(view, request)
      const values = issuesOf(view, queue).map((issue) => {
        const { id, key, self, fields } = toIssue(view, issue, queue.fields)
        return { id, key, self, fields }
      })
      return { status: 200, body: deskPage(view, request, values) }
    }),
    route('GET', '/servicedesk/{}/customer', 'customers', (view, request) => {
      deskOf(request)
      requireAgent(view)
      const text = (request.query.get('query') ?? '').toLowerCase()
      const found = [...view.state.users.values()]
        .filter(({ accountType }) => accountType === 'customer')
        .filter(({ displayName, emailAddress }) => `${displayName} ${emailAddress}`.toLowerCase().includes(text))
      return {
        status: 200,
        body: deskPage(
          view,
          request,
          found.map(({ accountId }) => toDeskUser(view, accountId)),
        ),
      }
    }),
    route('GET', '/servicedesk/{}/organization', 'organizations', (view, request) => {
      deskOf(request)
      return { status: 200, body: organizationPage(view, request) }
    }),
    route('GET', '/organization', 'organizations', (view, request) => ({ status: 200, body: organizationPage(view, request) })),
    route('GET', '/organization/{}', 'organization', (view, request) => ({
      status: 200,
      body: toOrganization(view, organizationOf(request)),
    })),
    route('GET', '/organization/{}/user', 'organization-users', (view, request) => {
      const members = view.state.members.get(organizationOf(request).id) ?? []
      return {
        status: 200,
        body: deskPage(
          view,
          request,
          members.map((id) => toDeskUser(view, id)),
        ),
      }
    }),
  ]
}

/** The service desk that a path names, by its id or its project's key. */
export function deskOf({ params }: Pick<SimulatorRequest, 'params'>) {
  const desk = projects.find(
    ({ serviceDeskId, key }) => serviceDeskId !== null && [String(serviceDeskId), key].includes(params[0] ?? ''),
  )
  return desk ?? refuseDesk(404, 'The service desk does not exist.', 'sd.servicedesk.not.found')
}

function organizationOf({ params }: SimulatorRequest) {
  const organization = organizations.find(({ id }) => String(id) === params[0])
  return organization ?? refuseDesk(404, 'The organization does not exist.', 'sd.organisation.not.found')
}

function organizationPage(view: View, request: SimulatorRequest) {
  const accountId = request.query.get('accountId')
  const own = organizations.filter(({ id }) => accountId === null || view.state.members.get(id)?.includes(accountId))
  return deskPage(
    view,
    request,
    own.map((organization) => toOrganization(view, organization)),
  )
}

function typePage(view: View, request: SimulatorRequest, deskId: number | null) {
  const { query } = request
  const text = (query.get('searchQuery') ?? '').toLowerCase()
  const desks = query.getAll('serviceDeskId')
  const found = requestTypes
    .filter(({ serviceDeskId }) => deskId === null || serviceDeskId === deskId)
    .filter(({ serviceDeskId }) => desks.length === 0 || desks.includes(String(serviceDeskId)))
    .filter(({ name, description }) => `${name} ${description}`.toLowerCase().includes(text))
  return deskPage(
    view,
    request,
    found.map((type) => toRequestType(view, type)),
    100,
  )
}

function queueOf(view: View, request: SimulatorRequest): JiraQueue {
  const { serviceDeskId } = deskOf(request)
  requireAgent(view)
  const queue = queues.find(({ id, serviceDeskId: own }) => String(id) === request.params[1] && own === serviceDeskId)
  return queue ?? refuseDesk(404, 'The queue does not exist.', 'sd.queue.not.found')
}

/** A queue is a query: the issues that match it now. */
function issuesOf({ state, user, zone }: View, { jql }: JiraQueue) {
  const { matches, compare } = compileJql(jql, state, { now: state.now(), zone, accountId: user.accountId })
  return state.indexed().filter(matches).toSorted(compare)
}

function toQueue(view: View, queue: JiraQueue, { query }: SimulatorRequest) {
  const { id, serviceDeskId, name, jql, fields } = queue
  return {
    ...{ id: String(id), name, jql, fields },
    ...(query.get('includeCount') === 'true' && { issueCount: issuesOf(view, queue).length }),
    _links: { self: `${view.base}/rest/servicedeskapi/servicedesk/${serviceDeskId}/queue/${id}` },
  }
}

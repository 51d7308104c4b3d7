import type { Reply, Route, SimulatorRequest } from '../simulator.ts'
import { findRequestType } from './fields.ts'
import { expandOf, transitionsFrom } from './issue-routes.ts'
import type { JiraComment, JiraIssue } from './model.ts'
import { deskPage, type RouteMaker, refuseDesk, type View } from './routing.ts'
import { statusHistory, toDeskComment, toDeskUser, toRequest, toSlaPage } from './wire-desk.ts'
import { byId, statuses } from './workflows.ts'

const notFound = 'Issue does not exist or you do not have permission to see it.'

/** Customers see the requests that they raised or take part in, and those of their organizations. Agents see all. */
export function canSee({ state, user }: View, issue: JiraIssue): boolean {
  if (issue.requestTypeId === null) return false
  if (user.accountType !== 'customer') return true
  const isMember = issue.organizationIds.some((id) => state.members.get(id)?.includes(user.accountId))
  return issue.reporterId === user.accountId || issue.participantIds.includes(user.accountId) || isMember
}

/** The request that a path names, or a 404, which also means that the account may not see it. */
export function requestOf(view: View, { params }: Pick<SimulatorRequest, 'params'>): JiraIssue {
  const issue = view.state.find(params[0] ?? '')
  return issue && canSee(view, issue) ? issue : refuseDesk(404, notFound, 'sd.request.not.found')
}

/** Refuses an account that is no agent. */
export function requireAgent({ user }: View): void {
  if (user.accountType === 'customer') refuseDesk(403, 'Only agents may do this.', 'sd.agent.permission.required')
}

/** The comments that the account sees: customers see public ones, their `visibility` does not matter. */
export function visibleComments({ user }: View, { comments }: JiraIssue): readonly JiraComment[] {
  return user.accountType === 'customer' ? comments.filter(({ isPublic }) => isPublic) : comments
}

/** Requests and their parts, read. */
export function requestReadRoutes(route: RouteMaker): Route[] {
  return [
    route('GET', '/request', 'requests', ownRequests),
    route('GET', '/request/{}', 'request', (view, request) => {
      const issue = requestOf(view, request)
      return { status: 200, body: toRequest(view, issue, expandOf(request), visibleComments(view, issue)) }
    }),
    route('GET', '/request/{}/comment', 'request-comments', comments),
    route('GET', '/request/{}/comment/{}', 'request-comment', (view, request) => {
      const issue = requestOf(view, request)
      const comment = visibleComments(view, issue).find(({ id }) => String(id) === request.params[1])
      if (!comment) refuseDesk(404, 'The comment does not exist or you do not have permission to see it.', 'sd.comment.not.found')
      return { status: 200, body: toDeskComment(view, issue, comment, expandOf(request)) }
    }),
    route('GET', '/request/{}/status', 'request-status', (view, request) => {
      return { status: 200, body: deskPage(view, request, statusHistory(view, requestOf(view, request))) }
    }),
    route('GET', '/request/{}/sla', 'sla', (view, request) => {
      const issue = requestOf(view, request)
      requireAgent(view)
      return { status: 200, body: toSlaPage(view, issue, request.path, request.query) }
    }),
    route('GET', '/request/{}/sla/{}', 'sla', (view, request) => {
      const issue = requestOf(view, request)
      requireAgent(view)
      const metric = toSlaPage(view, issue, request.path).values.find((one) => (one as { id: string }).id === request.params[1])
      return metric ? { status: 200, body: metric } : refuseDesk(404, 'The SLA metric does not exist.', 'sd.sla.not.found')
    }),
    route('GET', '/request/{}/participant', 'participants', (view, request) => {
      const values = requestOf(view, request).participantIds.map((id) => toDeskUser(view, id))
      return { status: 200, body: deskPage(view, request, values) }
    }),
    route('GET', '/request/{}/approval', 'approvals', (view, request) => {
      requestOf(view, request)
      return { status: 200, body: deskPage(view, request, []) }
    }),
    route('GET', '/request/{}/transition', 'request-transitions', (view, request) => {
      const possible = transitionsFrom(requestOf(view, request)).filter(({ forCustomers }) => forCustomers)
      return {
        status: 200,
        body: deskPage(
          view,
          request,
          possible.map(({ id, name }) => ({ id, name })),
        ),
      }
    }),
  ]
}

/** Comments oldest first. A request that the account may not see answers with an empty page, without an error. */
function comments(view: View, request: SimulatorRequest): Reply {
  const { query } = request
  const issue = view.state.find(request.params[0] ?? '')
  if (!issue || !canSee(view, issue)) return { status: 200, body: deskPage(view, request, []) }
  const [wantsPublic, wantsInternal] = [query.get('public') !== 'false', query.get('internal') !== 'false']
  const shown = visibleComments(view, issue).filter(({ isPublic }) => (isPublic ? wantsPublic : wantsInternal))
  return {
    status: 200,
    body: deskPage(
      view,
      request,
      shown.map((comment) => toDeskComment(view, issue, comment, expandOf(request))),
    ),
  }
}

/** The requests of the caller alone: an agent does not see the customers' requests here. */
function ownRequests(view: View, request: SimulatorRequest): Reply {
  const { query } = request
  const ownership = query.get('requestOwnership') ?? 'OWNED_REQUESTS'
  const { user, state } = view
  const isOwn = ({ reporterId, participantIds }: JiraIssue) => {
    if (ownership === 'OWNED_REQUESTS') return reporterId === user.accountId
    if (ownership === 'PARTICIPATED_REQUESTS') return participantIds.includes(user.accountId)
    return reporterId === user.accountId || participantIds.includes(user.accountId)
  }
  const status = query.get('requestStatus') ?? 'ALL_REQUESTS'
  const hasStatus = ({ statusId }: JiraIssue) =>
    status === 'ALL_REQUESTS' || (byId(statuses, statusId).category === 'done') === (status === 'CLOSED_REQUESTS')
  const term = (query.get('searchTerm') ?? '').toLowerCase()
  const found = state
    .all()
    .filter((issue) => canSee(view, issue) && isOwn(issue) && hasStatus(issue) && issue.summary.toLowerCase().includes(term))
    .filter(({ requestTypeId }) => isAsked(query.get('requestTypeId'), requestTypeId))
    .filter(({ requestTypeId }) => isAsked(query.get('serviceDeskId'), String(findRequestType(requestTypeId)?.serviceDeskId)))
    .toSorted((one, other) => other.created - one.created || other.id - one.id)
  const values = found.map((issue) => toRequest(view, issue, expandOf(request), visibleComments(view, issue)))
  return { status: 200, body: deskPage(view, request, values) }
}

const isAsked = (wanted: string | null, value: string | null) => wanted === null || wanted === value

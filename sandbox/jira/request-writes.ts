import type { Reply, Route, SimulatorRequest } from '../simulator.ts'
import { moveTo } from './changes.ts'
import { addDeskComment } from './comment-writes.ts'
import { FieldError, readValue, toChange } from './field-values.ts'
import { findField, findRequestType, type JiraRequestType } from './fields.ts'
import { expandOf, transitionsFrom } from './issue-routes.ts'
import { toBlankIssue } from './issue-writes.ts'
import type { JiraIssue } from './model.ts'
import { requestOf, requireAgent, visibleComments } from './request-routes.ts'
import { deskPage, type RouteMaker, refuseDesk, type View } from './routing.ts'
import { projects } from './site.ts'
import { fromWiki } from './wiki.ts'
import { toDeskUser, toRequest } from './wire-desk.ts'

type Body = Readonly<Record<string, unknown>>
const bodyOf = (value: unknown): Body => (typeof value === 'object' && value !== null ? (value as Body) : {})
const textsOf = (value: unknown) => (Array.isArray(value) ? value.map(String) : [])

/** Writes to requests: create, transition, participants, feedback. */
export function requestWriteRoutes(route: RouteMaker): Route[] {
  return [
    route('POST', '/request', 'create-request', createRequest),
    route('POST', '/request/{}/transition', 'request-transition', (view, request) => {
      const issue = requestOf(view, request)
      const { id, additionalComment } = request.json()
      const step = transitionsFrom(issue).find((one) => one.id === String(id) && one.forCustomers)
      if (!step) refuseDesk(400, 'The transition is not possible for this request.', 'sd.transition.invalid')
      moveTo(
        view.state,
        issue,
        step.to,
        view.user.accountId,
        view.state.now(),
        step.sets === undefined ? issue.resolutionId : step.sets,
      )
      const { body } = bodyOf(additionalComment)
      const moved = view.state.find(String(issue.id)) as JiraIssue
      if (typeof body === 'string' && body !== '') addDeskComment(view, moved, fromWiki(body), true)
      return { status: 204 }
    }),
    route('POST', '/request/{}/participant', 'add-participants', (view, request) => {
      return changeParticipants(view, request, (own, named) => [...new Set([...own, ...named])])
    }),
    route('DELETE', '/request/{}/participant', 'remove-participants', (view, request) => {
      return changeParticipants(view, request, (own, named) => own.filter((id) => !named.includes(id)))
    }),
    route('GET', '/request/{}/feedback', 'feedback', (view, request) => {
      const { feedback } = requestOf(view, request)
      if (!feedback) refuseDesk(404, 'The request has no feedback.', 'sd.feedback.not.found')
      return { status: 200, body: toFeedback(feedback) }
    }),
    route('POST', '/request/{}/feedback', 'add-feedback', giveFeedback),
    route('DELETE', '/request/{}/feedback', 'delete-feedback', (view, request) => {
      const issue = requestOf(view, request)
      if (issue.reporterId !== view.user.accountId) refuseDesk(403, 'Only the reporter may do this.', 'sd.feedback.reporter.only')
      view.state.change(issue.id, { feedback: null }, { userId: view.user.accountId })
      return { status: 204 }
    }),
  ]
}

function toFeedback({ rating, comment }: NonNullable<JiraIssue['feedback']>) {
  return { type: 'csat', rating, ...(comment !== null && { comment: { body: comment } }) }
}

/** A request of a request type, for the caller or on behalf of a customer. All that is wrong is said at once. */
function createRequest(view: View, request: SimulatorRequest): Reply {
  const body = request.json()
  const type = findRequestType(String(body.requestTypeId ?? ''))
  const project = projects.find(
    ({ serviceDeskId }) => serviceDeskId !== null && String(serviceDeskId) === String(body.serviceDeskId),
  )
  if (!project) refuseDesk(400, 'The service desk does not exist.', 'sd.servicedesk.not.found')
  if (!type || type.serviceDeskId !== project.serviceDeskId) {
    refuseDesk(400, 'The request type does not exist in this service desk.', 'sd.requesttype.not.found')
  }
  const reporterId = readReporter(view, body.raiseOnBehalfOf)
  const organizationIds = [...view.state.members].flatMap(([id, members]) => (members.includes(reporterId) ? [id] : []))
  const blank: Omit<JiraIssue, 'id' | 'key'> = {
    ...toBlankIssue(view, project, type.issueTypeId),
    ...{ requestTypeId: type.id, reporterId, organizationIds, watcherIds: [] },
    channel: typeof body.channel === 'string' ? body.channel : 'api',
    participantIds: textsOf(body.requestParticipants).map((id) => knownUser(view, id)),
  }
  const changes = readForm(view, { ...blank, id: 0, key: '' }, type, body)
  const issue = view.state.add({ ...blank, ...changes })
  return { status: 201, body: toRequest(view, issue, expandOf(request), visibleComments(view, issue)) }
}

function knownUser({ state }: View, accountId: string): string {
  return state.users.has(accountId) ? accountId : refuseDesk(400, `The user '${accountId}' does not exist.`, 'sd.user.not.found')
}

/** Agents raise requests for customers, by the account id or the e-mail address. */
function readReporter(view: View, onBehalfOf: unknown): string {
  if (onBehalfOf === undefined || onBehalfOf === null) return view.user.accountId
  requireAgent(view)
  const wanted = String(onBehalfOf)
  const byEmail = [...view.state.users.values()].find(({ emailAddress }) => emailAddress === wanted)
  return byEmail?.accountId ?? knownUser(view, wanted)
}

/** The values of the form. A field that the request type does not have, and a required one that is missing, refuse the request. */
function readForm(view: View, blank: JiraIssue, type: JiraRequestType, body: Body): Partial<JiraIssue> {
  const values = bodyOf(body.requestFieldValues)
  const project = projects.find(({ id }) => id === blank.projectId)!
  const context = { state: view.state, project, texts: body.isAdfRequest === true ? 'adf' : 'wiki' } as const
  const known = new Map(type.fields.map(({ fieldId }) => [fieldId, findField(fieldId)!]))
  const unknown = Object.keys(values).filter((id) => !known.has(id))
  const missing = type.fields.filter(({ fieldId, required }) => required && (values[fieldId] ?? '') === '')
  const problems = [
    ...unknown.map((id) => `Field '${id}' is not part of the request type.`),
    ...missing.map(({ fieldId }) => `${findField(fieldId)!.name} is required.`),
  ]
  let changes: Partial<JiraIssue> = {}
  for (const [id, raw] of Object.entries(values)) {
    const field = known.get(id)
    if (!field || id === 'attachment' || missing.some(({ fieldId }) => fieldId === id)) continue
    try {
      const value = readValue(field, raw, context)
      changes = { ...changes, ...toChange(view.state, { ...blank, ...changes }, field, value)?.changes }
    } catch (error) {
      if (!(error instanceof FieldError)) throw error
      problems.push(`${field.name}: ${error.message}`)
    }
  }
  if (problems.length > 0) {
    const start = 'Your request could not be created. Please check the fields have been correctly filled in.'
    refuseDesk(400, `${start} ${problems.join(' ')}`, 'sd.request.create.invalid')
  }
  return changes
}

function changeParticipants(
  view: View,
  request: SimulatorRequest,
  change: (own: readonly string[], named: readonly string[]) => readonly string[],
): Reply {
  const issue = requestOf(view, request)
  const named = textsOf(request.json().accountIds).map((id) => knownUser(view, id))
  const participantIds = change(issue.participantIds, named)
  view.state.change(issue.id, { participantIds }, { userId: view.user.accountId })
  return {
    status: 200,
    body: deskPage(
      view,
      request,
      participantIds.map((id) => toDeskUser(view, id)),
    ),
  }
}

/** The rating of the reporter, from 1 to 5, once the request is done. */
function giveFeedback(view: View, request: SimulatorRequest): Reply {
  const issue = requestOf(view, request)
  const { rating, comment, type } = request.json()
  if (issue.reporterId !== view.user.accountId) refuseDesk(403, 'Only the reporter may do this.', 'sd.feedback.reporter.only')
  if (type !== undefined && type !== 'csat') refuseDesk(400, 'The type of feedback is not known.', 'sd.feedback.type.invalid')
  if (typeof rating !== 'number' || !Number.isInteger(rating) || rating < 1 || rating > 5) {
    refuseDesk(400, 'The rating must be a whole number from 1 to 5.', 'sd.feedback.rating.invalid')
  }
  const { body } = bodyOf(comment)
  const feedback = { rating, comment: typeof body === 'string' ? body : null, at: view.state.now() }
  view.state.change(issue.id, { feedback }, { userId: view.user.accountId })
  return { status: 201, body: toFeedback(feedback) }
}

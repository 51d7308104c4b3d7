import type { Reply, Route, SimulatorRequest } from '../simulator.ts'
import { type AdfDocument, isAdf } from './adf.ts'
import { moveTo } from './changes.ts'
import { expandOf, issueOf } from './issue-routes.ts'
import type { JiraAttachment, JiraComment, JiraIssue } from './model.ts'
import { requestOf } from './request-routes.ts'
import { type RouteMaker, refuseDesk, refusePlatform, type View } from './routing.ts'
import { automation } from './site.ts'
import { fromWiki } from './wiki.ts'
import { toDeskComment } from './wire-desk.ts'
import { toComment } from './wire-platform.ts'

/** The property that hides a comment from the portal: `{"internal": true}`. */
const publicProperty = 'sd.public.comment'

interface NewComment extends Pick<JiraComment, 'body' | 'isPublic' | 'properties'> {
  readonly visibility?: JiraComment['visibility']
  readonly files?: readonly JiraAttachment[]
}

/** Adds a comment. A customer's comment on a request that waits for the customer sends it back to the agents. */
export function addComment(
  { state, user }: View,
  issue: JiraIssue,
  { visibility = null, files = [], ...rest }: NewComment,
): JiraComment {
  const now = state.now()
  const attachmentIds = files.map(({ id }) => id)
  const comment = { ...rest, id: state.nextId(), authorId: user.accountId, created: now, updated: now, visibility, attachmentIds }
  const changes = { comments: [...issue.comments, comment], attachments: [...issue.attachments, ...files] }
  const changed = state.change(issue.id, changes, {
    userId: user.accountId,
    comment: { kind: 'comment_created', id: comment.id },
  })
  if (user.accountType === 'customer' && issue.statusId === '10002') {
    moveTo(state, changed, issue.key.startsWith('PAY') ? '10005' : '10001', automation.accountId, now, issue.resolutionId)
  }
  return comment
}

/** Comments by the platform API: public unless the property hides them, also those with a `visibility`. */
export function platformCommentRoutes(route: RouteMaker): Route[] {
  return [
    route('POST', '/issue/{}/comment', 'add-comment', (view, request) => {
      const issue = issueOf(view, request)
      const { properties, visibility } = request.json()
      const read = readProperties(properties)
      const comment = addComment(view, issue, {
        ...{ body: readBody(request), properties: read, isPublic: !isInternal(read), visibility: readVisibility(visibility) },
      })
      return { status: 201, body: toComment(view, issue, comment, expandOf(request)) }
    }),
    route('PUT', '/issue/{}/comment/{}', 'edit-comment', editComment),
    route('DELETE', '/issue/{}/comment/{}', 'delete-comment', (view, request) => {
      const issue = issueOf(view, request)
      const { id } = commentOf(issue, request)
      const comments = issue.comments.filter((comment) => comment.id !== id)
      view.state.change(issue.id, { comments }, { userId: view.user.accountId, comment: { kind: 'comment_deleted', id } })
      return { status: 204 }
    }),
    route('GET', '/comment/{}/properties/{}', 'comment-property', (view, request) => {
      const [, comment] = findComment(view, request)
      const key = request.params[1] ?? ''
      if (!Object.hasOwn(comment.properties, key)) refusePlatform(404, `The property '${key}' does not exist.`)
      return { status: 200, body: { key, value: comment.properties[key] } }
    }),
    route('PUT', '/comment/{}/properties/{}', 'set-comment-property', (view, request) => {
      const [issue, comment] = findComment(view, request)
      const key = request.params[1] ?? ''
      const isNew = !Object.hasOwn(comment.properties, key)
      replace(view, issue, comment, { ...comment.properties, [key]: JSON.parse(request.body.toString('utf8')) })
      return { status: isNew ? 201 : 200, body: {} }
    }),
    route('DELETE', '/comment/{}/properties/{}', 'delete-comment-property', (view, request) => {
      const [issue, comment] = findComment(view, request)
      const { [request.params[1] ?? '']: _, ...properties } = comment.properties
      replace(view, issue, comment, properties)
      return { status: 204 }
    }),
  ]
}

/** Comments by the service desk API: wiki markup, and a flag that says who sees them. */
export function deskCommentRoutes(route: RouteMaker): Route[] {
  return [
    route('POST', '/request/{}/comment', 'add-request-comment', (view, request) => {
      const issue = requestOf(view, request)
      const { body, public: isPublic = true } = request.json()
      if (typeof body !== 'string' || body.trim() === '')
        refuseDesk(400, 'The comment must have a body.', 'sd.comment.body.empty')
      if (typeof isPublic !== 'boolean') refuseDesk(400, 'public must be true or false.', 'sd.comment.public.invalid')
      const comment = addDeskComment(view, issue, fromWiki(body), isPublic)
      return { status: 201, body: toDeskComment(view, issue, comment, expandOf(request)) }
    }),
  ]
}

/** Adds a comment whose flag says who sees it. Customers cannot write internal ones. */
export function addDeskComment(
  view: View,
  issue: JiraIssue,
  body: AdfDocument,
  isPublic: boolean,
  files: readonly JiraAttachment[] = [],
) {
  if (!isPublic && view.user.accountType === 'customer')
    refuseDesk(403, 'Customers cannot add internal comments.', 'sd.comment.internal.forbidden')
  const properties = isPublic ? {} : { [publicProperty]: { internal: true } }
  return addComment(view, issue, { body, isPublic, properties, files })
}

function readBody(request: SimulatorRequest): AdfDocument {
  const { body } = request.json()
  if (!isAdf(body)) refusePlatform(400, 'Comment body is not valid!')
  if (body.content.length === 0) refusePlatform(400, 'Comment body can not be empty!')
  return body
}

function readProperties(raw: unknown): Readonly<Record<string, unknown>> {
  const list = Array.isArray(raw) ? (raw as readonly ({ key?: unknown; value?: unknown } | null)[]) : []
  return Object.fromEntries(list.flatMap((one) => (one ? [[String(one.key), one.value]] : [])))
}

function readVisibility(raw: unknown): JiraComment['visibility'] {
  if (raw === undefined || raw === null) return null
  const { type, value, identifier } = raw as Readonly<Record<string, unknown>>
  if (type !== 'role' && type !== 'group') refusePlatform(400, 'The visibility needs a type and a value.')
  return { type, value: String(value ?? identifier) }
}

function isInternal(properties: Readonly<Record<string, unknown>>): boolean {
  return (properties[publicProperty] as { internal?: unknown } | undefined)?.internal === true
}

function commentOf(issue: JiraIssue, { params }: SimulatorRequest): JiraComment {
  const comment = issue.comments.find(({ id }) => String(id) === params[1])
  return comment ?? refusePlatform(404, `Can not find a comment for the id: ${params[1]}.`)
}

function findComment({ state }: View, { params }: SimulatorRequest): readonly [JiraIssue, JiraComment] {
  for (const issue of state.all()) {
    const comment = issue.comments.find(({ id }) => String(id) === params[0])
    if (comment) return [issue, comment]
  }
  refusePlatform(404, `Can not find a comment for the id: ${params[0]}.`)
}

function replace(
  { state, user }: View,
  issue: JiraIssue,
  comment: JiraComment,
  properties: JiraComment['properties'],
  body = comment.body,
) {
  const changed = { ...comment, body, properties, isPublic: !isInternal(properties), updated: state.now() }
  const comments = issue.comments.map((one) => (one.id === comment.id ? changed : one))
  state.change(issue.id, { comments }, { userId: user.accountId, comment: { kind: 'comment_updated', id: comment.id } })
  return changed
}

/** An edit without `properties` keeps who sees the comment; one that sends them decides it anew. */
function editComment(view: View, request: SimulatorRequest): Reply {
  const issue = issueOf(view, request)
  const comment = commentOf(issue, request)
  const { properties: raw } = request.json()
  const properties = raw === undefined ? comment.properties : readProperties(raw)
  return {
    status: 200,
    body: toComment(view, issue, replace(view, issue, comment, properties, readBody(request)), expandOf(request)),
  }
}

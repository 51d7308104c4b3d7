import type { Reply, Route, SimulatorRequest } from '../simulator.ts'
import { isAdf } from './adf.ts'
import { addLink, moveTo } from './changes.ts'
import { addComment } from './comment-writes.ts'
import { currentValue, FieldError, readAssignee, readValue, toChange, type ValueContext } from './field-values.ts'
import { findField, isOnScreen, type JiraField } from './fields.ts'
import { expandOf, issueOf, transitionsFrom } from './issue-routes.ts'
import type { HistoryItem, JiraIssue } from './model.ts'
import { platformFailure, Refusal, type RouteMaker, refusePlatform, type View } from './routing.ts'
import { findProject, type JiraProject, projects } from './site.ts'
import { toIssue } from './wire-platform.ts'
import { findLinkType, issueTypes, workflowOf } from './workflows.ts'

type Body = Readonly<Record<string, unknown>>

/** Writes to issues: create, edit, assign, transition, delete, and its watchers. */
export function issueWriteRoutes(route: RouteMaker): Route[] {
  return [
    route('POST', '/issue', 'create-issue', createIssue),
    route('PUT', '/issue/{}', 'edit-issue', editIssue),
    route('DELETE', '/issue/{}', 'delete-issue', (view, request) => {
      view.state.remove(issueOf(view, request).id, view.user.accountId)
      return { status: 204 }
    }),
    route('PUT', '/issue/{}/assignee', 'assign', (view, request) => {
      const issue = issueOf(view, request)
      const field = findField('assignee')!
      const value = readOrRefuse('assignee', () => readAssignee(request.json(), contextOf(view, issue)))
      save(view, issue, [[field, value]])
      return { status: 204 }
    }),
    route('POST', '/issue/{}/transitions', 'transition', transition),
    route('POST', '/issue/{}/watchers', 'watch', (view, request) => {
      const issue = issueOf(view, request)
      const text = request.body.toString('utf8').trim()
      const accountId = text === '' ? view.user.accountId : String(JSON.parse(text))
      if (!view.state.users.has(accountId)) refusePlatform(404, 'The user does not exist.')
      view.state.change(issue.id, { watcherIds: [...new Set([...issue.watcherIds, accountId])] }, { userId: view.user.accountId })
      return { status: 204 }
    }),
    route('DELETE', '/issue/{}/watchers', 'unwatch', (view, request) => {
      const issue = issueOf(view, request)
      const accountId = request.query.get('accountId') ?? view.user.accountId
      const watcherIds = issue.watcherIds.filter((id) => id !== accountId)
      view.state.change(issue.id, { watcherIds }, { userId: view.user.accountId })
      return { status: 204 }
    }),
  ]
}

const bodyOf = (value: unknown): Body =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Body) : {}

function projectOf({ projectId }: JiraIssue): JiraProject {
  return projects.find(({ id }) => id === projectId)!
}

function contextOf({ state }: View, issue: JiraIssue): ValueContext {
  return { state, project: projectOf(issue), texts: 'adf' }
}

function readOrRefuse<T>(fieldId: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof FieldError) throw new Refusal({ status: 400, body: platformFailure([], { [fieldId]: error.message }) })
    throw error
  }
}

const notOnScreen = (id: string) => `Field '${id}' cannot be set. It is not on the appropriate screen, or unknown.`
/** Keys that an edit drops without a word: only a transition changes the status. */
const droppedKeys = new Set(['status'])

/** The values of `fields` and `update`, checked as a whole: one wrong field refuses all, and the answer names each. */
function readFields(
  view: View,
  issue: JiraIssue,
  body: Body,
  isAllowed: (field: JiraField) => boolean,
): readonly (readonly [JiraField, unknown])[] {
  const [fields, update] = [bodyOf(body.fields), bodyOf(body.update)]
  const errors: Record<string, string> = {}
  const values: [JiraField, unknown][] = []
  const context = contextOf(view, issue)
  const add = (id: string, read: (field: JiraField) => unknown) => {
    if (droppedKeys.has(id)) return
    const field = findField(id)
    if (!field || !isAllowed(field)) {
      errors[id] = notOnScreen(id)
      return
    }
    try {
      values.push([field, read(field)])
    } catch (error) {
      if (!(error instanceof FieldError)) throw error
      errors[id] = error.message
    }
  }
  for (const [id, raw] of Object.entries(fields)) {
    if (Object.hasOwn(update, id)) errors[id] = `Field '${id}' cannot appear in both 'fields' and 'update'`
    else add(id, (field) => readValue(field, raw, context))
  }
  for (const [id, operations] of Object.entries(update)) {
    if (!Object.hasOwn(fields, id) && id !== 'comment' && id !== 'issuelinks') {
      add(id, (field) => applyOperations(field, operations, currentValue(issue, field), context))
    }
  }
  if (Object.keys(errors).length > 0) throw new Refusal({ status: 400, body: platformFailure([], errors) })
  return values
}

/** `[{add}, {remove}, {set}]` of one field, in their order. */
function applyOperations(field: JiraField, operations: unknown, before: unknown, context: ValueContext): unknown {
  if (!Array.isArray(operations)) throw new FieldError('Operations must be an array')
  return operations.map(bodyOf).reduce<unknown>((value, operation) => {
    if ('set' in operation) return readValue(field, operation.set, context)
    const list = Array.isArray(value) ? value : []
    const part = (raw: unknown) => readValue(field, [raw], context) as readonly unknown[]
    if (field.schema.type !== 'array') throw new FieldError(`Field '${field.id}' supports the operation 'set' only.`)
    if ('add' in operation) return [...new Set([...list, ...part(operation.add)])]
    if ('remove' in operation) return list.filter((item) => !part(operation.remove).includes(item))
    throw new FieldError('The operation is not supported.')
  }, before)
}

/** Saves values as one change. Values that the issue has already change nothing. */
function save(view: View, issue: JiraIssue, values: readonly (readonly [JiraField, unknown])[]): void {
  const { changes, items } = collect(view, issue, values)
  if (items.length > 0) view.state.change(issue.id, changes, { userId: view.user.accountId, items })
}

function collect(view: View, issue: JiraIssue, values: readonly (readonly [JiraField, unknown])[]) {
  let changes: Partial<JiraIssue> = {}
  const items: HistoryItem[] = []
  for (const [field, value] of values) {
    const change = toChange(view.state, { ...issue, ...changes }, field, value)
    if (!change) continue
    changes = { ...changes, ...change.changes }
    items.push(change.item)
  }
  return { changes, items }
}

function editIssue(view: View, request: SimulatorRequest): Reply {
  const issue = issueOf(view, request)
  const body = request.json()
  if (Object.keys(bodyOf(body.fields)).length === 0 && Object.keys(bodyOf(body.update)).length === 0) {
    refusePlatform(400, "one of 'fields' or 'update' required")
  }
  const project = projectOf(issue)
  const values = readFields(view, issue, body, (field) => field.editable && isOnScreen(field, project.key))
  save(view, issue, values)
  applyParts(view, issue, bodyOf(body.update))
  if (request.query.get('returnIssue') !== 'true') return { status: 204 }
  return { status: 200, body: toIssue(view, view.state.find(String(issue.id)) as JiraIssue, [], expandOf(request)) }
}

/** Comments and links that come with `update`. */
function applyParts(view: View, issue: JiraIssue, update: Body): void {
  const listed = (value: unknown) => (Array.isArray(value) ? value.map((operation) => bodyOf(bodyOf(operation).add)) : [])
  for (const { body, visibility } of listed(update.comment)) {
    if (!isAdf(body)) throw new Refusal({ status: 400, body: platformFailure([], { comment: 'Comment body is not valid!' }) })
    addComment(view, issue, { body, isPublic: true, properties: {}, visibility: visibility as never })
  }
  for (const { type, inwardIssue, outwardIssue } of listed(update.issuelinks)) {
    const linkType = findLinkType(bodyOf(type))
    const [inward, outward] = [bodyOf(inwardIssue), bodyOf(outwardIssue)].map(({ key, id }) =>
      view.state.find(String(key ?? id ?? '')),
    )
    if (!linkType || (!inward && !outward)) refusePlatform(400, 'The link is not valid.')
    addLink(view.state, linkType.id, (outward ?? issue).id, (inward ?? issue).id)
  }
}

/** A step of the workflow, with the fields of its screen. The fields that it requires must be there. */
function transition(view: View, request: SimulatorRequest): Reply {
  const issue = issueOf(view, request)
  const body = request.json()
  const id = String(bodyOf(body.transition).id ?? '')
  if (id === '') refusePlatform(400, "Missing 'transition' identifier")
  const step = transitionsFrom(issue).find((one) => one.id === id)
  if (!step) refusePlatform(400, `Transition id '${id}' is not valid for this issue.`)
  const values = readFields(view, issue, body, (field) => step.requires.includes(field.id))
  const missing = step.requires
    .map((fieldId) => findField(fieldId)!)
    .filter(
      (field) =>
        (values.find(([own]) => own === field)?.[1] ?? (field.id === 'resolution' ? null : currentValue(issue, field))) === null,
    )
  if (missing.length > 0) {
    const errors = Object.fromEntries(missing.map((field) => [field.id, `${field.name} is required.`]))
    throw new Refusal({ status: 400, body: platformFailure([], errors) })
  }
  const resolution = values.find(([field]) => field.id === 'resolution')?.[1] as string | undefined
  const { changes, items } = collect(
    view,
    issue,
    values.filter(([field]) => field.id !== 'resolution'),
  )
  const resolutionId = resolution ?? (step.sets === undefined ? issue.resolutionId : step.sets)
  moveTo(view.state, issue, step.to, view.user.accountId, view.state.now(), resolutionId, changes, items)
  applyParts(view, view.state.find(String(issue.id)) as JiraIssue, bodyOf(body.update))
  return { status: 204 }
}

/** An issue without a request type: the portal does not show it. Customers' requests are made by the service desk API. */
function createIssue(view: View, request: SimulatorRequest): Reply {
  const body = request.json()
  const { project: rawProject, issuetype: rawType, ...fields } = bodyOf(body.fields)
  const { id, key } = bodyOf(rawProject)
  const project = findProject(String(key ?? id ?? ''))
  const { id: typeId, name } = bodyOf(rawType)
  const type = issueTypes.find((one) => one.id === String(typeId) || one.name === name)
  const isValidType = type !== undefined && (project?.issueTypeIds.includes(type.id) ?? false)
  const errors = {
    ...(!project && { project: 'Specify a valid project ID or key' }),
    ...(!isValidType && { issuetype: 'Specify a valid issue type' }),
    ...(fields.summary === undefined && { summary: 'You must specify a summary of the issue.' }),
  }
  if (!project || !type || Object.keys(errors).length > 0) throw new Refusal({ status: 400, body: platformFailure([], errors) })
  const blank = toBlankIssue(view, project, type.id)
  const values = readFields(
    view,
    { ...blank, id: 0, key: '' },
    { ...body, fields },
    (field) => field.editable && isOnScreen(field, project.key),
  )
  const { changes } = collect(view, { ...blank, id: 0, key: '' }, values)
  const issue = view.state.add({ ...blank, ...changes })
  return { status: 201, body: { id: String(issue.id), key: issue.key, self: `${view.base}/rest/api/3/issue/${issue.id}` } }
}

/** An issue before its fields are set. */
export function toBlankIssue(view: View, project: JiraProject, issueTypeId: string): Omit<JiraIssue, 'id' | 'key'> {
  const now = view.state.now()
  return {
    ...{ oldKeys: [], projectId: project.id, issueTypeId, requestTypeId: null, summary: '', description: null },
    ...{ statusId: workflowOf(project).initial, statusChangedAt: now, priorityId: '3', resolutionId: null, resolvedAt: null },
    ...{ reporterId: view.user.accountId, creatorId: view.user.accountId, assigneeId: null, labels: [], dueDate: null },
    ...{ organizationIds: [], participantIds: [], watcherIds: [view.user.accountId], channel: 'jira', custom: {}, comments: [] },
    ...{ attachments: [], remoteLinks: [], history: [], feedback: null, created: now, updated: now },
  }
}

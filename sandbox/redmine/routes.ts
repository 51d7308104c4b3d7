import type { Reply, Route, SimulatorRequest } from '../simulator.ts'
import type { RedmineState } from './state.ts'
import {
  categories,
  customFields,
  type Issue,
  priorities,
  projects,
  type RedmineUser,
  roles,
  secondLevel,
  statuses,
  toIncluded,
  toListed,
  trackers,
  users,
} from './wire.ts'

const maxLimit = 100
const defaultLimit = 25

export function userOf({ headers }: Pick<SimulatorRequest, 'headers'>): RedmineUser | undefined {
  return users.find(({ key }) => key === headers['x-redmine-api-key'])
}

/** The list of issues and the issue by id. */
export function readRoutes(state: RedmineState): Route[] {
  return [
    { method: 'GET', path: /^\/issues\.json$/, operation: 'list', handle: (request) => list(state, request) },
    {
      method: 'GET',
      path: /^\/issues\/(\d+)\.json$/,
      operation: 'ticket',
      handle(request) {
        const issue = state.find(Number(request.params[0]))
        return issue ? { status: 200, body: { issue: show(state, issue, request) } } : { status: 404 }
      },
    },
  ]
}

/** `possible`: what may be included. Absent: everything. */
function show(
  state: RedmineState,
  issue: Issue,
  request: SimulatorRequest,
  possible?: readonly string[],
): Record<string, unknown> {
  const asked = (request.query.get('include') ?? '').split(',')
  const included = new Set(asked.filter((name) => possible?.includes(name) ?? true))
  const children = state.all().flatMap(({ id, parentId }) => (parentId === issue.id ? [id] : []))
  const parts = Object.entries(toIncluded(issue, children, userOf(request) as RedmineUser))
  return { ...toListed(issue), ...Object.fromEntries(parts.filter(([name]) => included.has(name))) }
}

/** A page, which holds 100 issues at most. A parameter that Redmine does not know changes nothing. */
function list(state: RedmineState, request: SimulatorRequest): Reply {
  const { query } = request
  const limit = Math.min(Number(query.get('limit') ?? defaultLimit), maxLimit)
  const offset = Number(query.get('offset') ?? 0)
  const matching = state.all().filter((issue) => matches(issue, query))
  const sorted = matching.toSorted(toComparison(query.get('sort') ?? 'id:desc'))
  const issues = sorted.slice(offset, offset + limit).map((issue) => show(state, issue, request, ['attachments', 'relations']))
  return { status: 200, body: { issues, total_count: matching.length, offset, limit } }
}

/** The conditions by ids: a list separated by `|`. */
const idConditions = {
  priority_id: ({ priorityId }: Issue) => priorityId,
  author_id: ({ authorId }: Issue) => authorId,
  assigned_to_id: ({ assignedToId }: Issue) => assignedToId,
  category_id: ({ categoryId }: Issue) => categoryId,
  project_id: ({ projectId }: Issue) => projectId,
}

/** Without a condition on the status, a list has open issues only. */
function matches(issue: Issue, query: URLSearchParams): boolean {
  const status = query.get('status_id') ?? 'open'
  const isClosed = statuses.find(({ id }) => id === issue.statusId)?.is_closed === true
  const hasStatus =
    status === '*' || (status === 'open' && !isClosed) || (status === 'closed' && isClosed) || isOneOf(issue.statusId, status)
  const hasIds = Object.entries(idConditions).every(([name, read]) => {
    const wanted = query.get(name)
    return wanted === null || isOneOf(read(issue), wanted)
  })
  const ids = query.get('issue_id')
  return (
    hasStatus &&
    hasIds &&
    (ids === null || ids.split(',').includes(String(issue.id))) &&
    isWithin(issue.createdOn, query.get('created_on')) &&
    isWithin(issue.updatedOn, query.get('updated_on'))
  )
}

function isOneOf(id: number | null, wanted: string): boolean {
  return id !== null && wanted.split('|').includes(String(id))
}

/** `>=from`, `<=until` or `><from|until`, inclusive and finer than the printed seconds. */
function isWithin(at: number, condition: string | null): boolean {
  const [, operator, from = '', until = ''] = /^(>=|<=|><)([^|]+)(?:\|(.+))?$/.exec(condition ?? '') ?? []
  if (operator === '><') return at >= Date.parse(from) && at <= Date.parse(until)
  if (operator === '<=') return at <= Date.parse(from)
  return operator === '>=' ? at >= Date.parse(from) : true
}

const sortKeys: Readonly<Record<string, (issue: Issue) => number>> = {
  id: ({ id }) => id,
  created_on: ({ createdOn }) => createdOn,
  updated_on: ({ updatedOn }) => updatedOn,
  priority: ({ priorityId }) => priorityId,
}

/** A column that does not exist is left out. */
function toComparison(sort: string): (one: Issue, other: Issue) => number {
  const columns = sort.split(',').flatMap((column) => {
    const [name = '', direction] = column.split(':')
    const key = Object.hasOwn(sortKeys, name) ? sortKeys[name] : undefined
    return key ? [{ key, sign: direction === 'desc' ? -1 : 1 }] : []
  })
  return (one, other) => columns.map(({ key, sign }) => sign * (key(one) - key(other))).find((order) => order !== 0) ?? 0
}

/** What the installation has: statuses, priorities, trackers, projects, members, and the rights of the account. */
export function lookupRoutes(): Route[] {
  const lookup = (path: RegExp, answer: (request: SimulatorRequest) => unknown): Route => ({
    ...{ method: 'GET', path, operation: 'lookup' },
    handle(request) {
      const body = answer(request)
      return body === undefined ? { status: 404 } : { status: 200, body }
    },
  })
  const roleOf = (user: RedmineUser) => roles.find(({ name }) => name === user.role)
  return [
    lookup(/^\/issue_statuses\.json$/, () => ({ issue_statuses: statuses })),
    lookup(/^\/enumerations\/issue_priorities\.json$/, () => ({ issue_priorities: priorities })),
    lookup(/^\/trackers\.json$/, () => ({ trackers })),
    lookup(/^\/projects\.json$/, ({ query }) => page('projects', projects, query)),
    lookup(/^\/projects\/(\d+)\.json$/, ({ params }) => {
      const project = projects.find(({ id }) => id === Number(params[0]))
      return project && { project: { ...project, trackers, issue_categories: categories } }
    }),
    lookup(/^\/projects\/(\d+)\/issue_categories\.json$/, () => ({ issue_categories: categories })),
    lookup(/^\/projects\/(\d+)\/memberships\.json$/, ({ query }) => {
      const members = users.map(({ id, name }) => ({ id, user: { id, name } }))
      return page('memberships', [...members, { id: secondLevel.id, group: secondLevel }], query)
    }),
    lookup(/^\/users\/current\.json$/, (request) => {
      const { key: _, role, name, ...user } = userOf(request) as RedmineUser
      const { id } = roleOf({ ...user, key: '', name, role })!
      const memberships = projects.map((project) => ({ id: project.id, project, roles: [{ id, name: role }] }))
      return { user: { ...user, login: name.split(' ')[0]?.toLowerCase(), admin: false, memberships } }
    }),
    lookup(/^\/roles\/(\d+)\.json$/, ({ params }) => {
      const role = roles.find(({ id }) => id === Number(params[0]))
      return role && { role }
    }),
  ]
}

function page(name: string, records: readonly unknown[], query: URLSearchParams) {
  const offset = Number(query.get('offset') ?? 0)
  const limit = Math.min(Number(query.get('limit') ?? defaultLimit), maxLimit)
  return { [name]: records.slice(offset, offset + limit), total_count: records.length, offset, limit }
}

/** The writes. What the account may not do, and a status that does not exist, is dropped without a word: the answer is 204. */
export function writeRoutes(state: RedmineState): Route[] {
  return [
    { method: 'PUT', path: /^\/issues\/(\d+)\.json$/, operation: 'update', handle: (request) => update(state, request) },
    { method: 'POST', path: /^\/issues\.json$/, operation: 'create', handle: (request) => create(state, request) },
  ]
}

type Body = Readonly<Record<string, unknown>>

function readBody(request: SimulatorRequest): Body {
  const { issue } = request.json()
  return typeof issue === 'object' && issue !== null ? (issue as Body) : {}
}

function update(state: RedmineState, request: SimulatorRequest): Reply {
  const issue = state.find(Number(request.params[0]))
  if (!issue) return { status: 404 }
  const body = readBody(request)
  const user = userOf(request) as RedmineUser
  const isManager = user.role === 'Manager'
  const errors = isManager ? findErrors(body) : []
  if (errors.length > 0) return { status: 422, body: { errors } }
  const changes = isManager ? toChanges(issue, body) : {}
  const notes = typeof body.notes === 'string' ? body.notes : ''
  if (notes === '' && Object.keys(changes).length === 0) return { status: 204 }
  const isPrivate = body.private_notes === true && isManager
  const details = Object.keys(changes).map((name) => ({ name, old_value: '', new_value: '' }))
  state.change(issue.id, changes, { userId: user.id, notes, isPrivate, details }, Date.now())
  return { status: 204 }
}

function findErrors({ subject, assigned_to_id: assignee }: Body): readonly string[] {
  const isMember =
    assignee === undefined || assignee === '' || [...users, secondLevel].some(({ id }) => String(id) === String(assignee))
  return [
    ...(typeof subject === 'string' && subject.trim() === '' ? ['Subject cannot be blank'] : []),
    ...(isMember ? [] : ['Assignee is invalid']),
  ]
}

function toChanges(issue: Issue, body: Body): Partial<Issue> {
  const idIn = (known: readonly { readonly id: number }[], value: unknown) =>
    value === undefined ? undefined : known.find(({ id }) => String(id) === String(value))?.id
  const statusId = idIn(statuses, body.status_id)
  const isClosed = statusId === undefined ? undefined : statuses.find(({ id }) => id === statusId)?.is_closed
  const changes: Record<string, unknown> = {
    subject: typeof body.subject === 'string' ? body.subject : undefined,
    description: typeof body.description === 'string' ? body.description : undefined,
    statusId,
    closedOn: isClosed === undefined ? undefined : isClosed ? (issue.closedOn ?? Date.now()) : null,
    priorityId: idIn(priorities, body.priority_id),
    categoryId: idIn(categories, body.category_id),
    projectId: idIn(projects, body.project_id),
    assignedToId: body.assigned_to_id === '' ? null : idIn([...users, secondLevel], body.assigned_to_id),
    customValues: Array.isArray(body.custom_fields)
      ? { ...issue.customValues, ...toCustomValues(body.custom_fields) }
      : undefined,
  }
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined))
}

function toCustomValues(fields: readonly { readonly id: unknown; readonly value: unknown }[]): Issue['customValues'] {
  const known = fields.filter(({ id }) => customFields.some((field) => String(field.id) === String(id)))
  return Object.fromEntries(known.map(({ id, value }) => [Number(id), value as string]))
}

function create(state: RedmineState, request: SimulatorRequest): Reply {
  const body = readBody(request)
  const project = projects.find(({ id }) => String(id) === String(body.project_id))
  if (!project) return { status: 404 }
  const errors = typeof body.subject === 'string' ? findErrors(body) : ['Subject cannot be blank']
  if (errors.length > 0) return { status: 422, body: { errors } }
  const now = Date.now()
  const fresh: Omit<Issue, 'id'> = {
    ...{ projectId: project.id, trackerId: Number(body.tracker_id ?? 1), statusId: 1, priorityId: 2, assignedToId: null },
    ...{ authorId: (userOf(request) as RedmineUser).id, categoryId: null, parentId: null, subject: '', description: '' },
    ...{ dueDate: null, customValues: {}, createdOn: now, updatedOn: now, closedOn: null, journals: [], relatedTo: [] },
    ...{ watcherIds: [], hasFile: false },
  }
  const issue = state.add({ ...fresh, ...toChanges({ ...fresh, id: 0 }, body) })
  return { status: 201, body: { issue: show(state, issue, request) } }
}

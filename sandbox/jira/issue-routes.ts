import type { Reply, Route, SimulatorRequest } from '../simulator.ts'
import { fields, findField, isOnScreen } from './fields.ts'
import type { JiraIssue } from './model.ts'
import { pageOf, platformPage, type RouteMaker, refusePlatform, type View } from './routing.ts'
import { namesOf } from './search-routes.ts'
import { projects } from './site.ts'
import {
  toComment,
  toHistory,
  toIssue,
  toLink,
  toLinkType,
  toPriority,
  toResolution,
  toTransition,
  toUser,
} from './wire-platform.ts'
import { linkTypes, priorities, resolutions, workflowOf } from './workflows.ts'

/** The issue that a path names, or a 404, which also means that the account may not see it. */
export function issueOf({ state }: View, { params }: Pick<SimulatorRequest, 'params'>): JiraIssue {
  return state.find(params[0] ?? '') ?? refusePlatform(404, 'Issue does not exist or you do not have permission to see it.')
}

/** What a caller wants expanded: names separated by commas. */
export function expandOf({ query }: Pick<SimulatorRequest, 'query'>): ReadonlySet<string> {
  return new Set(namesOf(query.getAll('expand')))
}

/** One issue and its parts, read. */
export function issueReadRoutes(route: RouteMaker): Route[] {
  return [
    route('GET', '/issue/{}', 'issue', (view, request) => {
      const issue = issueOf(view, request)
      const expand = expandOf(request)
      const steps = transitionsFrom(issue).map((transition) => toTransition(view, transition))
      return {
        status: 200,
        body: {
          ...toIssue(view, issue, namesOf(request.query.getAll('fields')), expand),
          ...(expand.has('transitions') && { transitions: steps }),
          ...(expand.has('editmeta') && { editmeta: { fields: editable(view, issue) } }),
        },
      }
    }),
    route('GET', '/issue/{}/comment', 'comments', comments),
    route('GET', '/issue/{}/comment/{}', 'comment', (view, request) => {
      const issue = issueOf(view, request)
      const comment = issue.comments.find(({ id }) => String(id) === request.params[1])
      if (!comment) refusePlatform(404, `Can not find a comment for the id: ${request.params[1]}.`)
      return { status: 200, body: toComment(view, issue, comment, expandOf(request)) }
    }),
    route('POST', '/comment/list', 'comments', commentsById),
    route('GET', '/issue/{}/changelog', 'changelog', (view, request) => {
      const values = issueOf(view, request).history.map((entry) => toHistory(view, entry))
      return { status: 200, body: platformPage(view, request, values, 100, 100) }
    }),
    route('GET', '/issue/{}/transitions', 'transitions', transitions),
    route('GET', '/issue/{}/editmeta', 'editmeta', (view, request) => ({
      status: 200,
      body: { fields: editable(view, issueOf(view, request)) },
    })),
    route('GET', '/issue/{}/watchers', 'watchers', (view, request) => {
      const { key, watcherIds } = issueOf(view, request)
      const watchers = watcherIds.map((id) => toUser(view, id))
      const self = `${view.base}/rest/api/3/issue/${key}/watchers`
      const isWatching = watcherIds.includes(view.user.accountId)
      return { status: 200, body: { self, isWatching, watchCount: watchers.length, watchers } }
    }),
    route('GET', '/issue/{}/remotelink', 'remote-links', remoteLinks),
    route('GET', '/issueLink/{}', 'link', (view, { params }) => {
      const link = view.state.links.get(Number(params[0]))
      if (!link) refusePlatform(404, `No issue link with id '${params[0]}' exists.`)
      return { status: 200, body: toLink(view, link) }
    }),
    route('GET', '/issueLinkType', 'link-types', (view) => ({
      ...{ status: 200, body: { issueLinkTypes: linkTypes.map(({ id }) => toLinkType(view, id)) } },
    })),
  ]
}

/** Comments oldest first, unless `orderBy` is `-created`. */
function comments(view: View, request: SimulatorRequest): Reply {
  const issue = issueOf(view, request)
  const { startAt, maxResults } = pageOf(request.query, 100, 5000)
  const ordered = request.query.get('orderBy') === '-created' ? issue.comments.toReversed() : issue.comments
  const page = ordered.slice(startAt, startAt + maxResults).map((comment) => toComment(view, issue, comment, expandOf(request)))
  return { status: 200, body: { startAt, maxResults, total: ordered.length, comments: page } }
}

function commentsById(view: View, request: SimulatorRequest): Reply {
  const { ids } = request.json()
  if (!Array.isArray(ids) || ids.length === 0 || ids.length > 1000) refusePlatform(400, 'ids takes 1 to 1000 comment ids.')
  const wanted = new Set(ids.map(Number))
  const values = view.state
    .all()
    .flatMap((issue) =>
      issue.comments.filter(({ id }) => wanted.has(id)).map((comment) => toComment(view, issue, comment, expandOf(request))),
    )
  return { status: 200, body: platformPage(view, request, values, 1000) }
}

/** The transitions that start from the issue's status. With `expand=transitions.fields`: the fields of their screens. */
function transitions(view: View, request: SimulatorRequest): Reply {
  const issue = issueOf(view, request)
  const withFields = expandOf(request).has('transitions.fields')
  const wanted = request.query.get('transitionId')
  const possible = transitionsFrom(issue).filter(({ id }) => wanted === null || id === wanted)
  return {
    status: 200,
    body: {
      expand: 'transitions',
      transitions: possible.map((transition) => {
        const screen = Object.fromEntries(transition.requires.map((id) => [id, describeField(view, id, true)]))
        return toTransition(view, transition, withFields ? screen : undefined)
      }),
    },
  }
}

/** The transitions that an issue's status allows now. */
export function transitionsFrom({ projectId, statusId }: JiraIssue) {
  const { transitions: all } = workflowOf(projects.find(({ id }) => id === projectId)!)
  return all.filter(({ from }) => from.length === 0 || from.includes(statusId))
}

/** A field of a screen: its schema, what can be done with it, and its choices. */
export function describeField(view: View, fieldId: string, required: boolean) {
  const field = findField(fieldId)!
  const choices: Readonly<Record<string, readonly unknown[]>> = {
    priority: priorities.map(({ id }) => toPriority(view, id)),
    resolution: resolutions.map(({ id }) => toResolution(view, id)),
  }
  const options = field.options?.map((option) => ({ self: `${view.base}/rest/api/3/customFieldOption/${option.id}`, ...option }))
  const allowedValues = choices[fieldId] ?? options
  return {
    ...{ required, schema: field.schema, name: field.name, key: fieldId, hasDefaultValue: fieldId === 'priority' },
    operations: field.schema.type === 'array' ? ['add', 'set', 'remove'] : ['set'],
    ...(allowedValues && { allowedValues }),
  }
}

function editable(view: View, { projectId }: JiraIssue) {
  const project = projects.find(({ id }) => id === projectId)!
  const shown = fields.filter((field) => field.editable && isOnScreen(field, project.key))
  return Object.fromEntries(shown.map(({ id }) => [id, describeField(view, id, id === 'summary')]))
}

function remoteLinks(view: View, request: SimulatorRequest): Reply {
  const issue = issueOf(view, request)
  const globalId = request.query.get('globalId')
  const links = issue.remoteLinks.map(({ id, globalId: own, url, title, relationship }) => ({
    ...{ id, self: `${view.base}/rest/api/3/issue/${issue.key}/remotelink/${id}`, globalId: own },
    ...{
      application: {},
      ...(relationship !== null && { relationship }),
      object: { url, title, icon: {}, status: { resolved: false } },
    },
  }))
  if (globalId === null) return { status: 200, body: links }
  const one = links.find((link) => link.globalId === globalId)
  return one ? { status: 200, body: one } : refusePlatform(404, 'No remote link with this global id exists.')
}

import type { Reply, Route, SimulatorRequest } from '../simulator.ts'
import { fields, isOnScreen } from './fields.ts'
import { describeField } from './issue-routes.ts'
import { platformPage, type RouteMaker, refusePlatform, type View } from './routing.ts'
import { agents, developers, findProject, type JiraUser, projects, serviceAccount } from './site.ts'
import { toIssueType, toPriority, toProject, toResolution, toStatus, toStatusCategory, toUser } from './wire-platform.ts'
import { priorities, resolutions, statusCategories, statuses, statusesOf } from './workflows.ts'

/** What the site has: fields, statuses, priorities, projects, people, and the rights of the account. */
export function lookupRoutes(route: RouteMaker): Route[] {
  const lookup = (path: string, answer: (view: View, request: SimulatorRequest) => unknown) =>
    route('GET', path, 'lookup', (view, request): Reply => ({ status: 200, body: answer(view, request) }))
  return [
    lookup('/field', () => fields.map(toFieldDetails)),
    lookup('/field/search', (view, request) => platformPage(view, request, searchFields(request))),
    lookup('/status', (view) => statuses.map(({ id }) => toStatus(view, id))),
    lookup('/statuscategory', (view) => statusCategories.map(({ key }) => toStatusCategory(view, key))),
    lookup('/priority/search', (view, request) => {
      const values = priorities.map(({ id }) => ({ ...toPriority(view, id), description: '', isDefault: id === '3' }))
      return platformPage(view, request, values)
    }),
    lookup('/resolution/search', (view, request) => {
      return platformPage(
        view,
        request,
        resolutions.map(({ id }) => ({ ...toResolution(view, id), default: false })),
      )
    }),
    lookup('/project/search', (view, request) => platformPage(view, request, searchProjects(view, request), 50)),
    lookup('/project/{}', (view, { params }) => {
      const { leadId, issueTypeIds, ...project } = projectOf(params[0])
      const issueTypes = issueTypeIds.map((id) => toIssueType(view, id))
      return {
        ...toProject(view, { leadId, issueTypeIds, ...project }),
        description: '',
        lead: toUser(view, leadId),
        issueTypes,
        style: 'classic',
      }
    }),
    lookup('/project/{}/statuses', (view, { params }) => {
      const project = projectOf(params[0])
      const shown = statusesOf(project).map(({ id }) => toStatus(view, id))
      return project.issueTypeIds.map((id) => {
        const { self, name, subtask } = toIssueType(view, id)
        return { self, id, name, subtask, statuses: shown }
      })
    }),
    lookup('/issue/createmeta/{}/issuetypes', (view, { params, query }) => {
      const issueTypes = projectOf(params[0]).issueTypeIds.map((id) => toIssueType(view, id))
      return { startAt: Number(query.get('startAt') ?? 0), maxResults: 50, total: issueTypes.length, issueTypes }
    }),
    lookup('/issue/createmeta/{}/issuetypes/{}', createFields),
    lookup('/myself', (view) => ({ ...toUser(view, view.user.accountId), locale: 'en_US', expand: 'groups,applicationRoles' })),
    lookup('/user', (view, { query }) => {
      const user = toUser(view, query.get('accountId') ?? '')
      return user ?? refusePlatform(404, 'Specified user does not exist or you do not have required permissions')
    }),
    lookup('/user/bulk', (view, request) => {
      const found = request.query.getAll('accountId').flatMap((id) => toUser(view, id) ?? [])
      return platformPage(view, request, found, 200, 10)
    }),
    lookup('/user/search', (view, request) => searchPeople(view, request, [...view.state.users.values()])),
    lookup('/user/assignable/search', (view, request) => {
      const { query } = request
      const project = findProject(query.get('project') ?? (query.get('issueKey') ?? '').replace(/-\d+$/, ''))
      if (!project) refusePlatform(400, 'Project or issue key is required.')
      const members = project.projectTypeKey === 'software' ? developers : [...agents, serviceAccount]
      return searchPeople(
        view,
        request,
        members.filter(({ active }) => active),
      )
    }),
    lookup('/mypermissions', (_, { query }) => ({ permissions: permissions(query.get('permissions') ?? '') })),
    lookup('/serverInfo', (view) => ({
      ...{ baseUrl: view.base, displayUrl: view.base, version: '1001.0.0-SNAPSHOT', versionNumbers: [1001, 0, 0] },
      ...{ deploymentType: 'Cloud', buildNumber: 100_287, buildDate: '2026-02-20T09:12:41.000+0000', serverTitle: 'Jira' },
      ...{ serverTime: new Date(view.state.now()).toISOString().replace('Z', '+0000'), serverTimeZone: 'America/Los_Angeles' },
    })),
  ]
}

function projectOf(idOrKey = '') {
  return findProject(idOrKey) ?? refusePlatform(404, `No project could be found with key '${idOrKey}'.`)
}

function toFieldDetails({ id, name, schema, clauses }: (typeof fields)[number]) {
  return {
    ...{ id, key: id, name, custom: schema.customId !== undefined, orderable: true, navigable: id !== 'comment' },
    ...{ searchable: clauses.length > 0, clauseNames: clauses, schema },
  }
}

function searchFields({ query }: SimulatorRequest) {
  const text = (query.get('query') ?? '').toLowerCase()
  const ids = query.getAll('id')
  const type = query.getAll('type')
  return fields
    .filter(({ id, name }) => (ids.length === 0 || ids.includes(id)) && name.toLowerCase().includes(text))
    .filter(({ schema }) => type.length === 0 || type.includes(schema.customId === undefined ? 'system' : 'custom'))
    .map(({ id, name, schema }) => ({ id, key: id, name, schema, description: '' }))
}

function searchProjects(view: View, { query }: SimulatorRequest) {
  const text = (query.get('query') ?? '').toLowerCase()
  const type = query.get('typeKey')?.split(',')
  const keys = query.getAll('keys')
  return projects
    .filter(({ key, name }) => (keys.length === 0 || keys.includes(key)) && `${key} ${name}`.toLowerCase().includes(text))
    .filter(({ projectTypeKey }) => type === undefined || type.includes(projectTypeKey))
    .map((project) => toProject(view, project))
}

/** People whose name or e-mail has a word that begins with the text. Withheld e-mail addresses are searched too. */
function searchPeople(view: View, { query }: SimulatorRequest, people: readonly JiraUser[]) {
  const text = (query.get('query') ?? '').toLowerCase()
  const accountId = query.get('accountId')
  const startAt = Number(query.get('startAt') ?? 0)
  const maxResults = Math.min(Number(query.get('maxResults') ?? 50), 1000)
  const hasText = ({ displayName, emailAddress }: JiraUser) =>
    [...displayName.toLowerCase().split(/\s+/), displayName.toLowerCase(), emailAddress].some((word) => word.startsWith(text))
  return people
    .filter((user) => (accountId === null ? hasText(user) : user.accountId === accountId))
    .slice(startAt, startAt + maxResults)
    .map(({ accountId: id }) => toUser(view, id))
}

function createFields(view: View, { params, query }: SimulatorRequest) {
  const project = projectOf(params[0])
  if (!project.issueTypeIds.includes(params[1] ?? '')) refusePlatform(400, 'The issue type is not part of the project.')
  const shown = fields.filter((field) => field.editable && isOnScreen(field, project.key))
  const described = shown.map(({ id }) => ({ ...describeField(view, id, id === 'summary'), fieldId: id }))
  const startAt = Number(query.get('startAt') ?? 0)
  return { startAt, maxResults: 50, total: described.length, fields: described.slice(startAt, startAt + 50) }
}

const permissionNames: Readonly<Record<string, string>> = {
  BROWSE_PROJECTS: 'Browse Projects', CREATE_ISSUES: 'Create Issues', EDIT_ISSUES: 'Edit Issues', ADD_COMMENTS: 'Add Comments',
  ASSIGN_ISSUES: 'Assign Issues', TRANSITION_ISSUES: 'Transition Issues', LINK_ISSUES: 'Link Issues', MOVE_ISSUES: 'Move Issues',
  DELETE_ISSUES: 'Delete Issues', CREATE_ATTACHMENTS: 'Create Attachments', BULK_CHANGE: 'Bulk Change',
  SERVICEDESK_AGENT: 'Service Desk Agent', ADMINISTER: 'Administer Jira',
} // biome-ignore format: a list of words
const globalPermissions = new Set(['BULK_CHANGE', 'ADMINISTER'])

/** The account may do everything but administer the site. */
function permissions(asked: string) {
  const names = asked.split(',').filter((name) => name !== '')
  const unknown = names.filter((name) => !Object.hasOwn(permissionNames, name))
  if (unknown.length > 0) refusePlatform(400, `Unrecognized permission: ${unknown.join(', ')}`)
  return Object.fromEntries(
    names.map((key, index) => [
      key,
      {
        ...{ id: String(index + 10), key, name: permissionNames[key], description: '', havePermission: key !== 'ADMINISTER' },
        type: globalPermissions.has(key) ? 'GLOBAL' : 'PROJECT',
      },
    ]),
  )
}

import { createHash } from 'node:crypto'
import { groupBy } from '../group-by.ts'
import type { Reply, Route, SimulatorRequest } from '../simulator.ts'
import { dayMs } from '../times.ts'
import { type CompiledJql, compileJql } from './jql.ts'
import type { JiraIssue } from './model.ts'
import { type RouteMaker, refusePlatform, type View } from './routing.ts'
import { toHistory, toIssue } from './wire-platform.ts'

/** A page of ids alone may be this long. */
const largestIdPage = 5000
const tokenLifetimeMs = 7 * dayMs
const mostTokens = 10_000

/** The search, the count, and the issues by a list of keys. */
export function searchRoutes(route: RouteMaker): Route[] {
  const gone = (): Reply => ({
    status: 410,
    body: {
      errorMessages: [
        'The requested API has been removed. Please migrate to the /rest/api/3/search/jql API. A full migration guideline is available at https://developer.atlassian.com/changelog/#CHANGE-2046',
      ],
      errors: {},
    },
  })
  return [
    route('POST', '/search/jql', 'search', (view, request) => search(view, fromBody(request))),
    route('GET', '/search/jql', 'search', (view, request) => search(view, fromQuery(request))),
    route('POST', '/search/approximate-count', 'count', (view, request) => {
      const { isBounded, matches } = compile(view, textOf(request.json().jql))
      if (!isBounded) refuseUnbounded()
      return { status: 200, body: { count: view.state.indexed().filter(matches).length } }
    }),
    route('GET', '/search', 'removed-search', gone),
    route('POST', '/search', 'removed-search', gone),
    route('POST', '/issue/bulkfetch', 'bulkfetch', bulkFetch),
    route('POST', '/changelog/bulkfetch', 'changelogs', bulkChangelogs),
  ]
}

interface SearchQuestion {
  readonly jql: string
  readonly fields: readonly string[]
  readonly expand: ReadonlySet<string>
  readonly maxResults: number
  readonly nextPageToken: string | null
  readonly reconcile: ReadonlySet<number>
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : '')
const textsOf = (value: unknown) => (Array.isArray(value) ? value.map(String) : [])

/** What a list of names in a query parameter says: separated by commas, or the parameter repeated. */
export function namesOf(values: readonly string[]): readonly string[] {
  return values.flatMap((value) => value.split(',')).filter((name) => name !== '')
}

function fromBody(request: SimulatorRequest): SearchQuestion {
  const body = request.json()
  return {
    jql: textOf(body.jql),
    fields: Array.isArray(body.fields) && body.fields.length > 0 ? textsOf(body.fields) : ['id'],
    expand: new Set(namesOf([textOf(body.expand)])),
    maxResults: typeof body.maxResults === 'number' ? body.maxResults : 50,
    nextPageToken: typeof body.nextPageToken === 'string' ? body.nextPageToken : null,
    reconcile: toReconcile(textsOf(body.reconcileIssues)),
  }
}

function fromQuery({ query }: SimulatorRequest): SearchQuestion {
  const fields = namesOf(query.getAll('fields'))
  return {
    jql: query.get('jql') ?? '',
    fields: fields.length > 0 ? fields : ['id'],
    expand: new Set(namesOf(query.getAll('expand'))),
    maxResults: Number(query.get('maxResults') ?? 50),
    nextPageToken: query.get('nextPageToken'),
    reconcile: toReconcile(namesOf(query.getAll('reconcileIssues'))),
  }
}

function toReconcile(ids: readonly string[]): ReadonlySet<number> {
  if (ids.length > 50) refusePlatform(400, 'The maximum number of issues to reconcile is 50.')
  if (ids.some((id) => !/^\d+$/.test(id))) refusePlatform(400, 'reconcileIssues takes issue ids.')
  return new Set(ids.map(Number))
}

function refuseUnbounded(): never {
  refusePlatform(400, 'Unbounded JQL queries are not allowed here. Please add a search restriction to your query.')
}

function compile({ state, user, zone }: View, jql: string): CompiledJql {
  return compileJql(jql, state, { now: state.now(), zone, accountId: user.accountId })
}

/** A page. It never has a total. A page may be short without being the last: only the absence of a token says so. */
function search(view: View, question: SearchQuestion): Reply {
  const { jql, fields, maxResults, nextPageToken } = question
  if (!Number.isInteger(maxResults) || maxResults < 0) refusePlatform(400, 'The value of maxResults is invalid.')
  const compiled = compile(view, jql)
  if (!compiled.isBounded) refuseUnbounded()
  const isIdsOnly = fields.every((name) => name === 'id' || name === 'key')
  const cap = isIdsOnly ? Math.max(view.state.settings.searchPageCap, largestIdPage) : view.state.settings.searchPageCap
  const size = Math.min(maxResults, view.state.settings.searchPageCap < 100 ? view.state.settings.searchPageCap : cap)
  const after = nextPageToken === null ? null : readToken(view, nextPageToken, jql)
  const found = view.state.indexed(question.reconcile).filter(compiled.matches).toSorted(compiled.compare)
  const from = after === null ? 0 : startOf(found, compiled, after)
  const page = found.slice(from, from + size)
  const isLast = size === 0 || from + size >= found.length
  const last = page.at(-1)
  return {
    status: 200,
    body: {
      issues: page.map((issue) => toFound(view, issue, question)),
      ...(!isLast && last && { nextPageToken: writeToken(view, last, jql) }),
      isLast,
    },
  }
}

function toFound(view: View, issue: JiraIssue, { fields, expand }: SearchQuestion) {
  if (fields.length === 1 && fields[0] === 'id') return { id: String(issue.id) }
  return toIssue(view, issue, fields, expand)
}

interface Position {
  readonly id: number
  /** The issue as it was at the end of the page, for the comparison. */
  readonly issue: JiraIssue
}

/** Where the pages of a walk ended. Tokens are opaque: the site keeps what they stand for. */
const positions = new WeakMap<View['state'], Map<string, Position & { readonly query: string; readonly at: number }>>()

function writeToken({ state }: View, issue: JiraIssue, jql: string): string {
  const known = positions.get(state) ?? new Map()
  positions.set(state, known)
  const query = createHash('sha256').update(jql).digest('base64url')
  const token = createHash('sha256')
    .update(`${query}/${issue.id}/${issue.updated}/${state.now()}`)
    .digest('base64url')
    .slice(0, 40)
  // The oldest tokens are forgotten first.
  if (known.size >= mostTokens) known.delete(known.keys().next().value ?? '')
  known.set(token, { id: issue.id, issue, query, at: state.now() })
  return token
}

function readToken({ state }: View, token: string, jql: string): Position {
  const position = positions.get(state)?.get(token)
  const query = createHash('sha256').update(jql).digest('base64url')
  if (!position || position.query !== query || state.now() - position.at > tokenLifetimeMs) {
    refusePlatform(400, 'The provided next page token is invalid or expired.')
  }
  return position
}

/** The first issue after the position. An issue that moved in the order meanwhile comes again, or not at all. */
function startOf(found: readonly JiraIssue[], { compare }: CompiledJql, { issue }: Position): number {
  const index = found.findIndex((candidate) => compare(candidate, issue) > 0)
  return index < 0 ? found.length : index
}

/** Up to 100 issues in the order of their ids. Keys that do not exist are listed as errors. */
function bulkFetch(view: View, request: SimulatorRequest): Reply {
  const body = request.json()
  const asked = textsOf(body.issueIdsOrKeys)
  if (asked.length === 0) refusePlatform(400, 'issueIdsOrKeys must not be empty.')
  if (asked.length > 100) refusePlatform(400, 'The maximum number of issues that can be fetched is 100.')
  const fields = Array.isArray(body.fields) ? textsOf(body.fields) : ['*navigable']
  const expand = new Set(textsOf(body.expand))
  const found = new Map<number, JiraIssue>()
  const missing: string[] = []
  for (const idOrKey of asked) {
    const issue = view.state.find(idOrKey)
    if (issue) found.set(issue.id, issue)
    else missing.push(idOrKey)
  }
  const issues = [...found.values()].toSorted((one, other) => one.id - other.id)
  return {
    status: 200,
    body: {
      issues: issues.map((issue) => toIssue(view, issue, fields, expand)),
      issueErrors: missing.map((id) => ({ id, errorMessage: 'Issue does not exist or you do not have permission to see it.' })),
    },
  }
}

/** The history of up to 1,000 issues, oldest first. */
function bulkChangelogs(view: View, request: SimulatorRequest): Reply {
  const { issueIdsOrKeys, fieldIds, maxResults, nextPageToken } = request.json()
  const asked = textsOf(issueIdsOrKeys)
  if (asked.length === 0 || asked.length > 1000) refusePlatform(400, 'issueIdsOrKeys takes 1 to 1000 issues.')
  const wanted = textsOf(fieldIds)
  if (wanted.length > 10) refusePlatform(400, 'At most 10 field ids are allowed.')
  const unordered = asked.flatMap((idOrKey) => {
    const issue = view.state.find(idOrKey)
    const history = issue?.history.filter(
      ({ items }) => wanted.length === 0 || items.some(({ fieldId }) => wanted.includes(fieldId)),
    )
    return (history ?? []).map((entry) => ({ issueId: String(issue!.id), entry }))
  })
  const entries = unordered.toSorted((one, other) => one.entry.created - other.entry.created || one.entry.id - other.entry.id)
  const start = typeof nextPageToken === 'string' ? Number(Buffer.from(nextPageToken, 'base64url').toString('utf8')) : 0
  if (Number.isNaN(start)) refusePlatform(400, 'The provided next page token is invalid or expired.')
  const end = start + (typeof maxResults === 'number' ? Math.min(maxResults, 10_000) : 1000)
  const byIssue = groupBy(entries.slice(start, end), ({ issueId }) => issueId)
  return {
    status: 200,
    body: {
      issueChangeLogs: [...byIssue].map(([issueId, list]) => ({
        issueId,
        changeHistories: list.map(({ entry }) => toHistory(view, entry)),
      })),
      ...(end < entries.length && { nextPageToken: Buffer.from(String(end)).toString('base64url') }),
    },
  }
}

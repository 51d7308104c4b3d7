import { toWiki } from './adf.ts'
import { fieldIds, fields, findField, type JiraField, requestTypes } from './fields.ts'
import type { JiraIssue } from './model.ts'
import { organizations, projects } from './site.ts'
import type { JiraState } from './state.ts'
import { byId, issueTypes, linkTypes, priorities, resolutions, statusCategories, statuses } from './workflows.ts'

// What a query can ask of an issue: for each name in JQL the kind of its values, and how they are read.

export type JqlField = { readonly name: string } & (
  | { readonly kind: 'date'; read(issue: JiraIssue): number | null }
  | { readonly kind: 'number'; read(issue: JiraIssue): number | null }
  | { readonly kind: 'text'; read(issue: JiraIssue): readonly string[] }
  | { readonly kind: 'sla'; readonly metric: 0 | 1 }
  | { readonly kind: 'key' }
  | { readonly kind: 'user'; read(issue: JiraIssue): readonly string[] }
  | {
      readonly kind: 'choice'
      /** The ids of the issue. */
      read(issue: JiraIssue): readonly string[]
      /** The id of a value that a query names, or undefined when there is none. */
      resolve(text: string): string | undefined
      /** The rank in an order; absent: by id. */
      rank?(id: string): number
      /** Values by their order: `priority > Low`. */
      readonly ordered?: true
    }
)

type Named = { readonly id: string | number; readonly name: string; readonly key?: string }
const resolverOf = (items: readonly Named[]) => (text: string) => {
  const wanted = text.toLowerCase()
  const found = items.find(
    ({ id, name, key }) => String(id) === text || name.toLowerCase() === wanted || key?.toLowerCase() === wanted,
  )
  return found && String(found.id)
}
const rankOf = (items: readonly Named[]) => (id: string) => items.findIndex((item) => String(item.id) === id)
const one = (id: string | null) => (id === null ? [] : [id])
const instantOf = (day: string | null) => (day === null ? null : Date.parse(day))
const lowerPriorityFirst = priorities.toReversed()

/** The fields that are not custom, by every name they have in JQL, in lower case. */
function systemFields(state: JiraState): Record<string, JqlField> {
  const choice = (name: string, items: readonly Named[], read: (issue: JiraIssue) => readonly string[]): JqlField => ({
    ...{ kind: 'choice', name, read, resolve: resolverOf(items), rank: rankOf(items) },
  })
  const date = (name: string, read: (issue: JiraIssue) => number | null): JqlField => ({ kind: 'date', name, read })
  const text = (name: string, read: (issue: JiraIssue) => readonly string[]): JqlField => ({ kind: 'text', name, read })
  const user = (name: string, read: (issue: JiraIssue) => readonly string[]): JqlField => ({ kind: 'user', name, read })
  const descriptionOf = ({ description }: JiraIssue) => (description ? [toWiki(description)] : [])
  const commentsOf = ({ comments }: JiraIssue) => comments.map(({ body }) => toWiki(body))
  const type = choice('issuetype', issueTypes, ({ issueTypeId }) => [issueTypeId])
  const key: JqlField = { kind: 'key', name: 'key' }
  const linkNames = (issue: JiraIssue) =>
    state.linksOf(issue.id).map(({ typeId, outwardId }) => {
      const { inward, outward } = byId(linkTypes, typeId)
      return outwardId === issue.id ? outward : inward
    })
  return {
    ...{ key, issuekey: key, issue: key, id: key, type, issuetype: type },
    project: choice('project', projects, ({ projectId }) => [String(projectId)]),
    status: choice('status', statuses, ({ statusId }) => [statusId]),
    statuscategory: {
      ...{ kind: 'choice', name: 'statusCategory', resolve: resolverOf(statusCategories) },
      read: ({ statusId }) =>
        statusCategories.flatMap(({ id, key }) => (key === byId(statuses, statusId).category ? [String(id)] : [])),
      rank: rankOf(statusCategories),
    },
    priority: {
      ...{ kind: 'choice', name: 'priority', read: ({ priorityId }) => [priorityId], resolve: resolverOf(priorities) },
      ...{ rank: rankOf(lowerPriorityFirst), ordered: true },
    },
    resolution: {
      ...{ kind: 'choice', name: 'resolution', read: ({ resolutionId }) => one(resolutionId), rank: rankOf(resolutions) },
      resolve: (name) => (name.toLowerCase() === 'unresolved' ? '' : resolverOf(resolutions)(name)),
    },
    labels: { kind: 'choice', name: 'labels', read: ({ labels }) => labels, resolve: (label) => label },
    issuelinktype: { kind: 'choice', name: 'issueLinkType', read: linkNames, resolve: (name) => name },
    assignee: user('assignee', ({ assigneeId }) => one(assigneeId)),
    reporter: user('reporter', ({ reporterId }) => [reporterId]),
    creator: user('creator', ({ creatorId }) => [creatorId]),
    watcher: user('watcher', ({ watcherIds }) => watcherIds),
    created: date('created', ({ created }) => created),
    createddate: date('created', ({ created }) => created),
    updated: date('updated', ({ updated }) => updated),
    updateddate: date('updated', ({ updated }) => updated),
    resolved: date('resolved', ({ resolvedAt }) => resolvedAt),
    resolutiondate: date('resolved', ({ resolvedAt }) => resolvedAt),
    due: date('due', ({ dueDate }) => instantOf(dueDate)),
    duedate: date('due', ({ dueDate }) => instantOf(dueDate)),
    statuscategorychangeddate: date('statusCategoryChangedDate', ({ statusChangedAt }) => statusChangedAt),
    summary: text('summary', ({ summary }) => [summary]),
    description: text('description', descriptionOf),
    comment: text('comment', commentsOf),
    text: text('text', (issue) => [issue.summary, ...descriptionOf(issue), ...commentsOf(issue)]),
    'request-channel-type': {
      kind: 'choice',
      name: 'request-channel-type',
      read: ({ channel }) => [channel],
      resolve: (name) => name,
    },
  }
}

function customField({ id, name, schema, options }: JiraField): JqlField | undefined {
  const values = ({ custom }: JiraIssue) => [custom[id]].flat().filter((value) => value !== undefined && value !== null)
  const texts = (issue: JiraIssue) => values(issue).map(String)
  if (id === fieldIds.requestType) {
    return {
      ...{ kind: 'choice', name, read: ({ requestTypeId }) => one(requestTypeId) },
      resolve: (text) => resolverOf(requestTypes)(text.replace(/ \([A-Z]+\)$/, '')),
      rank: (type) => requestTypes.findIndex(({ id: other }) => other === type),
    }
  }
  if (id === fieldIds.organizations) {
    return {
      kind: 'choice',
      name,
      read: ({ organizationIds }) => organizationIds.map(String),
      resolve: resolverOf(organizations),
    }
  }
  if (id === fieldIds.participants) return { kind: 'user', name, read: ({ participantIds }) => participantIds }
  if (id === fieldIds.satisfaction) return { kind: 'number', name, read: ({ feedback }) => feedback?.rating ?? null }
  if (id === fieldIds.satisfactionDate) return { kind: 'date', name, read: ({ feedback }) => feedback?.at ?? null }
  if (id === fieldIds.firstResponse) return { kind: 'sla', name, metric: 0 }
  if (id === fieldIds.resolution) return { kind: 'sla', name, metric: 1 }
  if (options)
    return {
      kind: 'choice',
      name,
      read: texts,
      resolve: resolverOf(options.map((option) => ({ ...option, name: option.value }))),
    }
  if (schema.type === 'number') return { kind: 'number', name, read: (issue) => (values(issue)[0] as number | undefined) ?? null }
  if (schema.type === 'datetime') return { kind: 'date', name, read: (issue) => (values(issue)[0] as number | undefined) ?? null }
  if (schema.type === 'user') return { kind: 'user', name, read: texts }
  return { kind: 'text', name, read: texts }
}

/** Finds a field by a name in JQL: its own, `cf[10050]`, or the custom field's name in any case. */
export function jqlFields(state: JiraState): (name: string) => JqlField | undefined {
  const table = new Map(Object.entries(systemFields(state)))
  for (const field of fields) {
    if (!field.id.startsWith('customfield_')) continue
    const entry = customField(field)
    for (const clause of [...field.clauses, field.id])
      if (entry && !table.has(clause.toLowerCase())) table.set(clause.toLowerCase(), entry)
  }
  return (name) => table.get(name.toLowerCase()) ?? table.get(findField(name)?.clauses[0]?.toLowerCase() ?? '')
}

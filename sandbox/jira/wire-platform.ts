import { toHtml } from './adf.ts'
import { fieldIds, fields, findRequestType, type JiraField } from './fields.ts'
import type { HistoryEntry, JiraAttachment, JiraComment, JiraIssue, JiraLink } from './model.ts'
import type { View } from './routing.ts'
import { type JiraProject, organizations, projects } from './site.ts'
import { slaMetrics, toSla } from './sla.ts'
import { toDeskDate, toJiraTime } from './times.ts'
import {
  byId,
  issueTypes,
  type JiraTransition,
  linkTypes,
  priorities,
  resolutions,
  statusCategories,
  statuses,
} from './workflows.ts'

// The platform API's format of the site's objects. `self` and other addresses are those of the caller's base.

const api = ({ base }: Pick<View, 'base'>) => `${base}/rest/api/3`

export function toAvatars({ base }: Pick<View, 'base'>, kind: string, id: string) {
  const sizes = ['48x48', '24x24', '16x16', '32x32'] as const
  return Object.fromEntries(
    sizes.map((size) => [
      size,
      `${base}/rest/api/3/universal_avatar/view/type/${kind}/avatar/${encodeURIComponent(id)}?size=${size}`,
    ]),
  )
}

/** An account as issues and lists show it. The e-mail is absent where privacy settings withhold it. */
export function toUser(view: View, accountId: string) {
  const user = view.state.users.get(accountId)
  if (!user) return null
  return {
    self: `${api(view)}/user?accountId=${encodeURIComponent(accountId)}`,
    ...{ accountId, accountType: user.accountType },
    ...(user.showsEmail && { emailAddress: user.emailAddress }),
    avatarUrls: toAvatars(view, 'user', accountId),
    ...{ displayName: user.displayName, active: user.active, timeZone: user.timeZone },
  }
}

const toUserOrNull = (view: View, accountId: string | null) => (accountId === null ? null : toUser(view, accountId))

export function toStatusCategory(view: View, key: string) {
  const category = statusCategories.find((one) => one.key === key)!
  return { self: `${api(view)}/statuscategory/${category.id}`, ...category }
}

export function toStatus(view: View, statusId: string) {
  const { id, name, category } = byId(statuses, statusId)
  return {
    ...{ self: `${api(view)}/status/${id}`, description: '', iconUrl: `${view.base}/images/icons/status_generic.gif`, name, id },
    statusCategory: toStatusCategory(view, category),
  }
}

export function toPriority(view: View, priorityId: string) {
  const { id, name } = byId(priorities, priorityId)
  return {
    self: `${api(view)}/priority/${id}`,
    iconUrl: `${view.base}/images/icons/priorities/${name.toLowerCase()}.svg`,
    name,
    id,
  }
}

export function toResolution(view: View, resolutionId: string) {
  const { id, name } = byId(resolutions, resolutionId)
  return { self: `${api(view)}/resolution/${id}`, id, description: '', name }
}

export function toIssueType(view: View, issueTypeId: string) {
  const { id, name } = byId(issueTypes, issueTypeId)
  return {
    ...{ self: `${api(view)}/issuetype/${id}`, id, description: '', iconUrl: `${view.base}/images/icons/issuetypes/${id}.svg` },
    ...{ name, subtask: false, avatarId: Number(id), hierarchyLevel: 0 },
  }
}

export function toProject(view: View, { id, key, name, projectTypeKey }: JiraProject) {
  return {
    ...{ self: `${api(view)}/project/${id}`, id: String(id), key, name, projectTypeKey, simplified: false },
    avatarUrls: toAvatars(view, 'project', String(id)),
  }
}

export function toLinkType(view: View, typeId: string) {
  const { id, name, inward, outward } = byId(linkTypes, typeId)
  return { id, name, inward, outward, self: `${api(view)}/issueLinkType/${id}` }
}

function toLinkedIssue(view: View, { id, key, summary, statusId, priorityId, issueTypeId }: JiraIssue) {
  return {
    ...{ id: String(id), key, self: `${api(view)}/issue/${id}` },
    fields: {
      ...{ summary, status: toStatus(view, statusId), priority: toPriority(view, priorityId) },
      issuetype: toIssueType(view, issueTypeId),
    },
  }
}

/** A link with both ends, or with the other end only when it is read from one of them. */
export function toLink(view: View, { id, typeId, inwardId, outwardId }: JiraLink, fromId?: number) {
  const end = (issueId: number) => toLinkedIssue(view, view.state.find(String(issueId)) as JiraIssue)
  return {
    ...{ id: String(id), self: `${api(view)}/issueLink/${id}`, type: toLinkType(view, typeId) },
    ...(inwardId !== fromId && { inwardIssue: end(inwardId) }),
    ...(outwardId !== fromId && { outwardIssue: end(outwardId) }),
  }
}

export function toAttachment(view: View, { id, filename, authorId, created, bytes, mimeType }: JiraAttachment) {
  return {
    ...{ self: `${api(view)}/attachment/${id}`, id: String(id), filename, author: toUser(view, authorId) },
    ...{
      created: toJiraTime(created, view.zone),
      size: bytes.length,
      mimeType,
      content: `${api(view)}/attachment/content/${id}`,
    },
    ...(mimeType.startsWith('image/') && { thumbnail: `${api(view)}/attachment/thumbnail/${id}` }),
  }
}

/** `expand`: `renderedBody` and `properties`. */
export function toComment(view: View, issue: JiraIssue, comment: JiraComment, expand: ReadonlySet<string> = new Set()) {
  const { id, authorId, body, created, updated, visibility, isPublic, properties } = comment
  const author = toUser(view, authorId)
  return {
    ...{ self: `${api(view)}/issue/${issue.id}/comment/${id}`, id: String(id), author, body },
    ...(expand.has('renderedBody') && { renderedBody: toHtml(body) }),
    ...{ updateAuthor: author, created: toJiraTime(created, view.zone), updated: toJiraTime(updated, view.zone) },
    ...(visibility && { visibility: { ...visibility, identifier: visibility.value } }),
    ...(issue.requestTypeId !== null && { jsdPublic: isPublic, jsdAuthorCanSeeRequest: true }),
    ...(expand.has('properties') && { properties: Object.entries(properties).map(([key, value]) => ({ key, value })) }),
  }
}

export function toHistory(view: View, { id, authorId, created, items }: HistoryEntry) {
  return { id: String(id), author: toUser(view, authorId), created: toJiraTime(created, view.zone), items }
}

/** A transition. `screen`: the descriptions of its fields, where the caller expands them. */
export function toTransition(
  view: View,
  { id, name, to, requires, from }: JiraTransition,
  screen?: Readonly<Record<string, unknown>>,
) {
  return {
    ...{ id, name, to: toStatus(view, to), hasScreen: requires.length > 0, isGlobal: from.length === 0, isInitial: false },
    ...{ isAvailable: true, isConditional: false, looped: false, ...(screen && { fields: screen }) },
  }
}

function toCustomValue(view: View, issue: JiraIssue, field: JiraField): unknown {
  const { id, schema, options } = field
  const self = `${api(view)}/customFieldOption`
  const toOption = (value: unknown) => {
    const option = options?.find((one) => one.id === value)
    return option && { self: `${self}/${option.id}`, value: option.value, id: option.id }
  }
  if (id === fieldIds.requestType) return toOrigin(view, issue)
  if (id === fieldIds.organizations) {
    return organizations
      .filter((one) => issue.organizationIds.includes(one.id))
      .map(({ id: own, name, uuid }) => {
        const address = `${view.base}/rest/servicedeskapi/organization/${own}`
        return { id: String(own), name, uuid, _links: { self: address } }
      })
  }
  if (id === fieldIds.participants) return issue.participantIds.map((participant) => toUser(view, participant))
  if (id === fieldIds.satisfaction) return issue.feedback && { rating: issue.feedback.rating }
  if (id === fieldIds.satisfactionDate) return issue.feedback && toJiraTime(issue.feedback.at, view.zone)
  if (id === fieldIds.channel) return issue.requestTypeId === null ? null : issue.channel
  const metric = slaMetrics.find(({ fieldId }) => fieldId === id)
  if (metric) {
    const address = `${view.base}/rest/servicedeskapi/request/${issue.id}/sla/${metric.id}`
    return issue.requestTypeId === null ? null : toSla(metric, issue, view.state.now(), view.zone, address)
  }
  const value = issue.custom[id] ?? null
  if (value === null) return null
  if (schema.type === 'option') return toOption(value)
  if (schema.items === 'option') return (value as string[]).map(toOption)
  if (schema.type === 'datetime') return toJiraTime(value as number, view.zone)
  return schema.type === 'user' ? toUser(view, value as string) : value
}

/** The value of the field "Request Type": the request as the portal shows it. */
function toOrigin(view: View, issue: JiraIssue) {
  const type = findRequestType(issue.requestTypeId)
  if (!type) return null
  const { portalName, category } = byId(statuses, issue.statusId)
  const desk = `${view.base}/rest/servicedeskapi`
  return {
    _links: {
      jiraRest: `${view.base}/rest/api/2/issue/${issue.id}`,
      web: `${view.base}/servicedesk/customer/portal/${type.serviceDeskId}/${issue.key}`,
      agent: `${view.base}/browse/${issue.key}`,
      self: `${desk}/request/${issue.id}`,
    },
    requestType: {
      _links: { self: `${desk}/servicedesk/${type.serviceDeskId}/requesttype/${type.id}` },
      ...{ id: type.id, name: type.name, description: type.description, helpText: '', issueTypeId: type.issueTypeId },
      ...{ serviceDeskId: String(type.serviceDeskId), portalId: String(type.serviceDeskId), groupIds: [type.groupId] },
    },
    currentStatus: {
      ...{ status: portalName, statusCategory: category.toUpperCase(), statusDate: toDeskDate(issue.statusChangedAt, view.zone) },
    },
  }
}

type Reader = (view: View, issue: JiraIssue) => unknown

const systemReaders: Readonly<Record<string, Reader>> = {
  summary: (_, { summary }) => summary,
  description: (_, { description }) => description,
  issuetype: (view, { issueTypeId }) => toIssueType(view, issueTypeId),
  project: (view, { projectId }) => toProject(view, projects.find(({ id }) => id === projectId)!),
  status: (view, { statusId }) => toStatus(view, statusId),
  priority: (view, { priorityId }) => toPriority(view, priorityId),
  resolution: (view, { resolutionId }) => (resolutionId === null ? null : toResolution(view, resolutionId)),
  resolutiondate: ({ zone }, { resolvedAt }) => (resolvedAt === null ? null : toJiraTime(resolvedAt, zone)),
  reporter: (view, { reporterId }) => toUser(view, reporterId),
  creator: (view, { creatorId }) => toUser(view, creatorId),
  assignee: (view, { assigneeId }) => toUserOrNull(view, assigneeId),
  labels: (_, { labels }) => labels,
  created: ({ zone }, { created }) => toJiraTime(created, zone),
  updated: ({ zone }, { updated }) => toJiraTime(updated, zone),
  duedate: (_, { dueDate }) => dueDate,
  statuscategorychangedate: ({ zone }, { statusChangedAt }) => toJiraTime(statusChangedAt, zone),
  watches: (view, { key, watcherIds }) => ({
    ...{ self: `${api(view)}/issue/${key}/watchers`, watchCount: watcherIds.length },
    isWatching: watcherIds.includes(view.user.accountId),
  }),
  issuelinks: (view, { id }) => view.state.linksOf(id).map((link) => toLink(view, link, id)),
  attachment: (view, { attachments }) => attachments.map((attachment) => toAttachment(view, attachment)),
  comment: (view, issue) => ({
    comments: issue.comments.map((comment) => toComment(view, issue, comment)),
    self: `${api(view)}/issue/${issue.id}/comment`,
    ...{ maxResults: issue.comments.length, total: issue.comments.length, startAt: 0 },
  }),
}

/** Which fields a caller asked for: names, `*all`, `*navigable`, and `-name` to leave one out. */
export function selectFields(asked: readonly string[]): (id: string) => boolean {
  const without = new Set(asked.flatMap((name) => (name.startsWith('-') ? [name.slice(1)] : [])))
  const names = new Set(asked)
  const all = names.has('*all') || asked.every((name) => name.startsWith('-'))
  return (id) => !without.has(id) && (all || names.has(id) || (names.has('*navigable') && id !== 'comment'))
}

/** The fields of other projects' screens are absent; those without a value are null. */
function hasField(field: JiraField, issue: JiraIssue): boolean {
  return (
    issue.requestTypeId !== null ||
    field.schema.customId === undefined ||
    !field.schema.custom?.startsWith('com.atlassian.servicedesk')
  )
}

/** An issue with the fields that were asked for. Only `id` in the list: no fields, as the search answers by default. */
export function toIssue(view: View, issue: JiraIssue, asked: readonly string[], expand: ReadonlySet<string> = new Set()) {
  const isAsked = selectFields(asked)
  const shown = fields.filter((field) => isAsked(field.id) && hasField(field, issue))
  const values = shown.map((field): [string, unknown] => {
    const read = systemReaders[field.id]
    return [field.id, read ? read(view, issue) : toCustomValue(view, issue, field)]
  })
  return {
    expand: 'renderedFields,names,schema,operations,editmeta,changelog,versionedRepresentations',
    ...{ id: String(issue.id), self: `${api(view)}/issue/${issue.id}`, key: issue.key },
    ...(values.length > 0 && { fields: Object.fromEntries(values) }),
    ...(expand.has('renderedFields') && {
      renderedFields: { description: issue.description ? toHtml(issue.description) : '' },
    }),
    ...(expand.has('names') && { names: Object.fromEntries(shown.map(({ id, name }) => [id, name])) }),
    ...(expand.has('schema') && { schema: Object.fromEntries(shown.map(({ id, schema }) => [id, schema])) }),
    ...(expand.has('changelog') && {
      changelog: {
        ...{ startAt: 0, maxResults: Math.min(40, issue.history.length), total: issue.history.length },
        histories: issue.history
          .slice(-40)
          .toReversed()
          .map((entry) => toHistory(view, entry)),
      },
    }),
  }
}

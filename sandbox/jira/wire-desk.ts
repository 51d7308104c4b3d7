import { toHtml, toWiki } from './adf.ts'
import { findField, findRequestType, type JiraRequestType } from './fields.ts'
import type { JiraAttachment, JiraComment, JiraIssue } from './model.ts'
import { deskPage, type View } from './routing.ts'
import { type JiraOrganization, type JiraProject, projects } from './site.ts'
import { slaMetrics, toSla } from './sla.ts'
import { toDeskDate } from './times.ts'
import { toAvatars } from './wire-platform.ts'
import { byId, priorities, statuses } from './workflows.ts'

// The service desk API's format: the request as the portal shows it, texts as wiki markup, times in four forms.

const api = ({ base }: Pick<View, 'base'>) => `${base}/rest/servicedeskapi`

export function toDeskUser(view: View, accountId: string) {
  const user = view.state.users.get(accountId)
  if (!user) return undefined
  const jiraRest = `${view.base}/rest/api/2/user?accountId=${encodeURIComponent(accountId)}`
  return {
    accountId,
    ...(user.showsEmail && { emailAddress: user.emailAddress }),
    ...{ displayName: user.displayName, active: user.active, timeZone: user.timeZone },
    _links: { jiraRest, avatarUrls: toAvatars(view, 'user', accountId), self: jiraRest },
  }
}

export function toServiceDesk(view: View, { id, key, name, projectTypeKey, serviceDeskId }: JiraProject) {
  return {
    ...{ id: String(serviceDeskId), projectId: String(id), projectName: name, projectKey: key, projectTypeKey },
    _links: { self: `${api(view)}/servicedesk/${serviceDeskId}` },
  }
}

export function toRequestType(view: View, type: JiraRequestType) {
  return {
    _expands: ['field'],
    ...{ id: type.id, name: type.name, description: type.description, helpText: '', issueTypeId: type.issueTypeId },
    ...{ serviceDeskId: String(type.serviceDeskId), portalId: String(type.serviceDeskId), groupIds: [type.groupId] },
    icon: { id: type.id, _links: { iconUrls: toAvatars(view, 'SD_REQTYPE', type.id) } },
    ...{ restrictionStatus: 'OPEN', canCreateRequest: true },
    _links: { self: `${api(view)}/servicedesk/${type.serviceDeskId}/requesttype/${type.id}` },
  }
}

export function toRequestTypeFields(type: JiraRequestType) {
  const requestTypeFields = type.fields.map(({ fieldId, required }) => {
    const field = findField(fieldId)!
    const choices = fieldId === 'priority' ? priorities.map(({ id, name }) => ({ id, value: name })) : (field.options ?? [])
    return {
      ...{ fieldId, name: field.name, description: '', required, defaultValues: [], presetValues: [], visible: true },
      validValues: choices.map(({ id, value }) => ({ value: id, label: value, children: [] })),
      jiraSchema: field.schema,
    }
  })
  return { requestTypeFields, canRaiseOnBehalfOf: true, canAddRequestParticipants: true }
}

export function toDeskStatus(view: View, statusId: string, at: number) {
  const { portalName, category } = byId(statuses, statusId)
  return { status: portalName, statusCategory: category.toUpperCase(), statusDate: toDeskDate(at, view.zone) }
}

/** The statuses that the portal has shown, newest first. */
export function statusHistory(view: View, issue: JiraIssue) {
  const steps = issue.history.flatMap(({ created, items }) =>
    items.flatMap(({ fieldId, from, to }) => (fieldId === 'status' ? [{ at: created, from: from ?? '', to: to ?? '' }] : [])),
  )
  const first = toDeskStatus(view, steps[0]?.from ?? issue.statusId, issue.created)
  return [...steps.map(({ at, to }) => toDeskStatus(view, to, at)).toReversed(), first]
}

export function toDeskAttachment(
  view: View,
  issue: JiraIssue,
  { id, filename, authorId, created, bytes, mimeType }: JiraAttachment,
) {
  const author = toDeskUser(view, authorId)
  return {
    ...{ filename, ...(author && { author }), created: toDeskDate(created, view.zone), size: bytes.length, mimeType },
    _links: {
      self: `${api(view)}/request/${issue.id}/attachment/${id}`,
      jiraRest: `${view.base}/rest/api/2/attachment/${id}`,
      content: `${api(view)}/request/${issue.id}/attachment/${id}`,
      ...(mimeType.startsWith('image/') && { thumbnail: `${view.base}/rest/api/3/attachment/thumbnail/${id}` }),
    },
  }
}

/** `expand`: `attachment` and `renderedBody`. */
export function toDeskComment(view: View, issue: JiraIssue, comment: JiraComment, expand: ReadonlySet<string>) {
  const self = `${api(view)}/request/${issue.id}/comment/${comment.id}`
  const author = toDeskUser(view, comment.authorId)
  const files = issue.attachments.filter(({ id }) => comment.attachmentIds.includes(id))
  const page = { query: new URLSearchParams(), path: `${self.slice(view.origin.length)}/attachment` }
  return {
    ...{ _expands: ['attachment', 'renderedBody'], id: String(comment.id), body: toWiki(comment.body) },
    ...(expand.has('renderedBody') && { renderedBody: { html: toHtml(comment.body) } }),
    ...(author && { author }),
    ...{ created: toDeskDate(comment.created, view.zone), public: comment.isPublic, _links: { self } },
    ...(expand.has('attachment') && {
      attachments: deskPage(
        view,
        page,
        files.map((file) => toDeskAttachment(view, issue, file)),
      ),
    }),
  }
}

function toFieldValues(issue: JiraIssue, type: JiraRequestType) {
  return type.fields
    .filter(({ fieldId }) => fieldId !== 'attachment')
    .map(({ fieldId }) => {
      const field = findField(fieldId)!
      const optionOf = (id: unknown) => field.options?.find((option) => option.id === id)
      const read = (): Record<string, unknown> => {
        if (fieldId === 'summary') return { value: issue.summary }
        if (fieldId === 'description') {
          const { description } = issue
          return description ? { value: toWiki(description), renderedValue: { html: toHtml(description) } } : { value: null }
        }
        if (fieldId === 'priority') return { value: byId(priorities, issue.priorityId) }
        if (fieldId === 'duedate') return { value: issue.dueDate }
        const value = issue.custom[fieldId] ?? null
        if (Array.isArray(value)) return { value: value.map(optionOf) }
        return { value: optionOf(value) ?? value }
      }
      return { fieldId, label: field.name, ...read() }
    })
}

export function toSlaPage(view: View, issue: JiraIssue, path: string, query = new URLSearchParams()) {
  const values = slaMetrics.map((metric) => {
    return toSla(metric, issue, view.state.now(), view.zone, `${api(view)}/request/${issue.id}/sla/${metric.id}`)
  })
  return deskPage(view, { query, path }, values)
}

/** A request. `comments` are those that the caller may see. */
export function toRequest(view: View, issue: JiraIssue, expand: ReadonlySet<string>, comments: readonly JiraComment[]) {
  const type = findRequestType(issue.requestTypeId) as JiraRequestType
  const project = projects.find(({ id }) => id === issue.projectId)!
  const reporter = toDeskUser(view, issue.reporterId)
  const self = `${api(view)}/request/${issue.id}`
  const page = (part: string, items: readonly unknown[]) => {
    return deskPage(view, { query: new URLSearchParams(), path: `${self.slice(view.origin.length)}/${part}` }, items)
  }
  const allowed = { allowed: true }
  return {
    _expands: ['participant', 'status', 'sla', 'requestType', 'serviceDesk', 'attachment', 'action', 'comment'],
    ...{ issueId: String(issue.id), issueKey: issue.key, summary: issue.summary },
    ...{ requestTypeId: type.id, serviceDeskId: String(type.serviceDeskId) },
    ...(expand.has('requestType') && { requestType: toRequestType(view, type) }),
    ...(expand.has('serviceDesk') && { serviceDesk: toServiceDesk(view, project) }),
    createdDate: toDeskDate(issue.created, view.zone),
    ...(reporter && { reporter }),
    requestFieldValues: toFieldValues(issue, type),
    currentStatus: toDeskStatus(view, issue.statusId, issue.statusChangedAt),
    ...(expand.has('status') && { status: page('status', statusHistory(view, issue)) }),
    ...(expand.has('sla') &&
      view.user.accountType !== 'customer' && { sla: toSlaPage(view, issue, `${self.slice(view.origin.length)}/sla`) }),
    ...(expand.has('participant') && {
      participants: page(
        'participant',
        issue.participantIds.map((id) => toDeskUser(view, id)),
      ),
    }),
    ...(expand.has('attachment') && {
      attachments: page(
        'attachment',
        issue.attachments.map((file) => toDeskAttachment(view, issue, file)),
      ),
    }),
    ...(expand.has('comment') && {
      comments: page(
        'comment',
        comments.map((comment) => toDeskComment(view, issue, comment, new Set())),
      ),
    }),
    ...(expand.has('action') && {
      actions: { addAttachment: allowed, addComment: allowed, addParticipant: allowed, removeParticipant: allowed },
    }),
    _links: {
      ...{ self, jiraRest: `${view.base}/rest/api/2/issue/${issue.id}` },
      web: `${view.base}/servicedesk/customer/portal/${type.serviceDeskId}/${issue.key}`,
      ...(view.user.accountType !== 'customer' && { agent: `${view.base}/browse/${issue.key}` }),
    },
  }
}

export function toOrganization(view: View, { id, uuid, name }: JiraOrganization) {
  return { id: String(id), uuid, name, scimManaged: false, _links: { self: `${api(view)}/organization/${id}` } }
}

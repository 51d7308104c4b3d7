import { toWiki } from './adf.ts'
import { compileJql } from './jql.ts'
import type { JiraIssue } from './model.ts'
import type { View } from './routing.ts'
import type { JiraChange } from './state.ts'
import { toComment, toHistory, toIssue, toUser } from './wire-platform.ts'

/** A subscription to events of the issues that match its query. */
export interface Subscription {
  readonly events: readonly string[]
  /** Empty: all issues. */
  readonly jql: string
}

/** One event of a change, with the body that every receiver gets. */
export interface WebhookEvent {
  readonly name: string
  readonly issue: JiraIssue
  readonly body: Readonly<Record<string, unknown>>
}

/** The events that Jira sends for a change: a comment is an event of its own and an update of its issue. */
export function toEvents(view: View, change: JiraChange): readonly WebhookEvent[] {
  const { kind, issue } = change
  if (kind === 'created') return [toIssueEvent(view, change, 'jira:issue_created', 'issue_created')]
  if (kind === 'deleted') return [toIssueEvent(view, change, 'jira:issue_deleted', 'issue_deleted')]
  // Values without an entry in the history, such as a rating, cause no event.
  if (kind === 'updated') return change.entry ? [toIssueEvent(view, change, 'jira:issue_updated', nameOf(change))] : []
  const comment = issue.comments.find(({ id }) => id === change.commentId)
  const names = {
    comment_created: 'issue_commented',
    comment_updated: 'issue_comment_edited',
    comment_deleted: 'issue_comment_deleted',
  }
  const shown = comment ? toHookComment(view, issue, change) : { id: String(change.commentId) }
  return [
    {
      name: kind,
      issue,
      body: { timestamp: change.at, webhookEvent: kind, comment: shown, issue: toStub(view, issue), eventType: 'primaryAction' },
    },
    ...(kind === 'comment_deleted' ? [] : [toIssueEvent(view, change, 'jira:issue_updated', names[kind], { comment: shown })]),
  ]
}

function nameOf({ entry }: JiraChange): string {
  const fields = entry?.items.map(({ fieldId }) => fieldId) ?? []
  if (fields.includes('project')) return 'issue_moved'
  if (fields.includes('resolution')) return 'issue_resolved'
  if (fields.includes('assignee')) return 'issue_assigned'
  return fields.includes('status') ? 'issue_generic' : 'issue_updated'
}

function toIssueEvent(
  view: View,
  { issue, userId, at, entry }: JiraChange,
  name: string,
  typeName: string,
  extra: object = {},
): WebhookEvent {
  const history = entry && toHistory(view, entry)
  return {
    name,
    issue,
    body: {
      ...{ timestamp: at, webhookEvent: name, issue_event_type_name: typeName, user: toUser(view, userId) },
      issue: toHookIssue(view, issue),
      ...(history && { changelog: { id: history.id, items: history.items } }),
      ...extra,
    },
  }
}

/** Webhooks carry texts as wiki markup, as the platform API's version 2 does. */
function toHookIssue(view: View, issue: JiraIssue) {
  const { id, key, self, fields } = toIssue({ ...view, base: view.origin }, issue, ['*navigable'])
  const description = issue.description && toWiki(issue.description)
  return { id, self: self.replace('/rest/api/3/', '/rest/api/2/'), key, fields: { ...fields, description } }
}

function toStub(view: View, issue: JiraIssue) {
  const { id, key, self, fields } = toIssue(view, issue, ['summary', 'issuetype', 'project', 'assignee', 'priority', 'status'])
  return { id, self: self.replace('/rest/api/3/', '/rest/api/2/'), key, fields }
}

function toHookComment(view: View, issue: JiraIssue, { commentId }: JiraChange) {
  const comment = issue.comments.find(({ id }) => id === commentId)!
  return { ...toComment(view, issue, comment), body: toWiki(comment.body) }
}

/** True when a subscription asks for the event and its query finds the issue. */
export function isSubscribed({ state, user, zone }: View, { events, jql }: Subscription, { name, issue }: WebhookEvent): boolean {
  if (!events.includes(name)) return false
  return jql === '' || compileJql(jql, state, { now: state.now(), zone, accountId: user.accountId }).matches(issue)
}

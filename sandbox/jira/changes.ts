import type { Turn } from './conversations.ts'
import type { HistoryItem, JiraIssue } from './model.ts'
import type { JiraState } from './state.ts'
import { fromWiki } from './wiki.ts'
import { byId, resolutions, statuses } from './workflows.ts'

// Changes that the seed and the routes make alike, with their entries in the history.

/** One item of a history entry of a field that is not custom. */
export function toItem(
  field: string,
  from: string | null,
  fromString: string | null,
  to: string | null,
  toText: string | null,
): HistoryItem {
  return { field, fieldtype: 'jira', fieldId: field, from, fromString, to, toString: toText }
}

/** Moves an issue to a status, with its resolution, as one entry of the history. */
export function moveTo(
  state: JiraState,
  issue: JiraIssue,
  statusId: string,
  userId: string,
  at: number,
  resolutionId: string | null,
  changes: Partial<JiraIssue> = {},
  items: readonly HistoryItem[] = [],
): void {
  const nameOf = (id: string | null) => (id === null ? null : byId(resolutions, id).name)
  const isResolved = resolutionId !== issue.resolutionId
  const statusItem = toItem(
    'status',
    issue.statusId,
    byId(statuses, issue.statusId).name,
    statusId,
    byId(statuses, statusId).name,
  )
  const resolutionItem = toItem('resolution', issue.resolutionId, nameOf(issue.resolutionId), resolutionId, nameOf(resolutionId))
  if (statusId === issue.statusId && !isResolved && items.length === 0) return
  const all = [...(isResolved ? [resolutionItem] : []), ...(statusId === issue.statusId ? [] : [statusItem]), ...items]
  const resolvedAt = resolutionId === null ? null : isResolved ? at : issue.resolvedAt
  const statusChangedAt = statusId === issue.statusId ? issue.statusChangedAt : at
  state.change(issue.id, { ...changes, statusId, statusChangedAt, resolutionId, resolvedAt }, { userId, items: all, at })
}

/** A link: the outward issue does the type's outward words to the inward one. */
export function addLink(state: JiraState, typeId: string, outwardId: number, inwardId: number): void {
  const id = state.nextId()
  state.links.set(id, { id, typeId, outwardId, inwardId })
}

/** One message of the seed. Some customers' messages come with a file. */
export function addTurn(state: JiraState, issue: JiraIssue, turn: Turn, text: string, authorId: string, at: number): void {
  const id = state.nextId()
  const hasFile = turn.by === 'customer' && id % 5 === 0
  const bytes = Buffer.from(`Statement of ${issue.key}\n${text}\n`)
  const file = {
    id: state.nextId(),
    authorId,
    filename: `statement-${issue.key}.txt`,
    mimeType: 'text/plain',
    bytes,
    created: at,
  }
  const isPublic = turn.by !== 'note'
  const properties = isPublic ? {} : { 'sd.public.comment': { internal: true } }
  const comment = {
    ...{ id, authorId, body: fromWiki(text), isPublic, created: at, updated: at, visibility: null, properties },
    attachmentIds: hasFile ? [file.id] : [],
  }
  const attachments = hasFile ? [...issue.attachments, file] : issue.attachments
  state.change(issue.id, { comments: [...issue.comments, comment], attachments }, { userId: authorId, at })
}

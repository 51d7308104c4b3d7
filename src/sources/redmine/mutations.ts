import { type Call, withoutCache } from '../../domain/call.ts'
import type { EntityRef } from '../../domain/ids.ts'
import type { TicketPriority } from '../../domain/ticket.ts'
import {
  type CloseTicket,
  type CreateTicket,
  type CustomFieldDraft,
  outcomeUnknown,
  type ReassignTicket,
  type ReopenTicket,
  type ReplyToTicket,
  rejected,
  type TransferTicket,
  type UpdateTicket,
  type WriteResult,
} from '../../domain/writes.ts'
import { toList, toRecord, toValueText } from '../decode.ts'
import { changeTags } from '../dialect.ts'
import type { Answer } from '../http-client/types.ts'
import { toWriteResult } from '../vendor-api.ts'
import {
  type Change,
  concludeMessage,
  createVerified,
  isSameText,
  joinParts,
  type Part,
  type Prepared,
  type States,
  type VerifiedWrite,
  type Wish,
  writeVerified,
} from '../verified-write.ts'
import { isIssueId, type RedmineIssue, type RedmineName, type RedmineStatus, toIssueOfBody } from './decode.ts'
import type { Redmine } from './index.ts'
import { mayWritePrivateNotes, readMembers, readPriorities, readProject } from './lookups.ts'
import { toTicketPriority, toTicketStatus } from './mapping.ts'
import { readWireIssue, toUploads } from './queries.ts'

// Redmine answers 204 to a change that it has dropped (REDMINE-03), so that every write is read again.

/** The fields of `issue`, as Redmine takes them. */
type Body = Readonly<Record<string, unknown>>
type IssueChange = Change<RedmineIssue, Body>
type PreparedIssue = Prepared<RedmineIssue, Body>
type IssuePart = Part<RedmineIssue, Body>

/** `PUT /issues/{id}.json`. */
async function change(
  redmine: Redmine,
  ref: EntityRef,
  operation: string,
  prepare: (before: RedmineIssue, fresh: Call) => PreparedIssue | Promise<PreparedIssue>,
  call: Call,
  conclude?: (states: States<RedmineIssue>) => WriteResult,
): Promise<WriteResult> {
  const { info, upstream } = redmine
  const path = `/issues/${ref.externalId}.json`
  const write: VerifiedWrite<RedmineIssue, Body> = {
    ref,
    label: info.label,
    read: async (fresh) => (isIssueId(ref.externalId) ? readWireIssue(redmine, ref.externalId, fresh) : null),
    prepare,
    send: (issue) => upstream.write({ operation, method: 'PUT', path, body: { issue } }, call),
    toRefusal: (answer) => toRefusal(redmine, ref, answer),
    toTicket: toFullTicket(redmine),
    ...(conclude && { conclude }),
  }
  return writeVerified(write, call)
}

function toFullTicket(redmine: Redmine) {
  return (issue: RedmineIssue) => redmine.toTicket(issue, redmine.origin(), false)
}

/** A 422 without a reason is an issue that was saved by another user at the same time (REDMINE-02). null: Redmine took the change. */
function toRefusal({ info }: Redmine, ref: EntityRef | null, answer: Answer): WriteResult | null {
  if (answer.status < 300) return null
  const errors = toList(toRecord(answer.body)?.errors, (error) => error)
  if (answer.status === 422 && errors?.length === 0)
    return rejected('CONFLICT', `${info.label} says that the ticket was changed at the same time.`)
  return toWriteResult(
    { ended: 'answered', answer },
    { source: info, ref, toApplied: () => outcomeUnknown(ref), toField: () => null },
  )
}

function join(parts: readonly IssuePart[]): PreparedIssue {
  return joinParts(parts, (bodies) => {
    const custom = bodies.flatMap((body) => (body.custom_fields as readonly unknown[] | undefined) ?? [])
    return Object.assign({}, ...bodies, custom.length > 0 && { custom_fields: custom })
  })
}

/** The attributes that writes set, by Redmine's names, and what an issue then has. */
const attributes = {
  subject: (issue) => issue.subject,
  description: (issue) => issue.description,
  category_id: (issue) => issue.category?.id,
  priority_id: (issue) => issue.priority?.id,
  status_id: (issue) => issue.status?.id,
  tracker_id: (issue) => issue.tracker?.id,
  project_id: (issue) => issue.project?.id,
  assigned_to_id: (issue) => issue.assignedTo?.id,
} satisfies Record<string, (issue: RedmineIssue) => string | null | undefined>

/** Sets an attribute, '' to empty it. It is met where the issue has it, or where a journal that was added since says so. */
function setAttribute(attribute: keyof typeof attributes, value: string, ...field: readonly string[]): IssueChange {
  const isMet = (after: RedmineIssue) => isSameText(attributes[attribute](after), value)
  const isLogged: Wish<RedmineIssue>['isLogged'] = ({ journals }, before) => {
    const lastId = before.journals.at(-1)?.id ?? 0
    const added = journals.filter(({ id }) => id > lastId).flatMap(({ details }) => details)
    return added.some(({ name, newValue }) => name === attribute && isSameText(newValue, value))
  }
  return { body: { [attribute]: value }, wishes: [{ field: ['input', ...field], isMet, isLogged }] }
}

/** A note is sent only after the right to private notes was read: without it Redmine publishes the note (REDMINE-01). */
export function replyToTicket(redmine: Redmine, ref: EntityRef, input: ReplyToTicket, call: Call): Promise<WriteResult> {
  const isNote = input.visibility === 'INTERNAL'
  const { label } = redmine.info
  const prepare = async ({ project }: RedmineIssue, fresh: Call): Promise<PreparedIssue> => {
    if (isNote && !(await mayWritePrivateNotes(redmine, project, fresh)))
      return rejected('FORBIDDEN', `${label} would show this note to the customer: the account may not write private notes here.`)
    const { body, wishes } = toUploads(input.attachments)
    return { body: { notes: input.body, private_notes: isNote, ...body }, wishes }
  }
  return change(redmine, ref, isNote ? 'note' : 'reply', prepare, call, (states) =>
    concludeMessage(states, { ref, label, input, toTicket: toFullTicket(redmine) }),
  )
}

export function updateTicket(redmine: Redmine, ref: EntityRef, input: UpdateTicket, call: Call): Promise<WriteResult> {
  const prepare = async (before: RedmineIssue, fresh: Call): Promise<PreparedIssue> => {
    const { dialect } = redmine.config
    const { status = null, statusOption: option = null } = input
    const field = option === null ? 'status' : 'statusOption'
    const isWanted = (one: RedmineStatus) => (option === null ? toTicketStatus(one, dialect) === status : one.id === option)
    const target = before.allowedStatuses.find(isWanted)
    if ((status !== null || option !== null) && !target)
      return rejected('CONFLICT', `${redmine.info.label} does not allow this status now.`, ['input', field])
    return join([
      ...(await toCommonParts(redmine, input, fresh)),
      toTagsPart(redmine, before, input),
      ...toFieldParts(before, input.customFields),
      target ? setAttribute('status_id', target.id, field) : null,
    ])
  }
  return change(redmine, ref, 'update', prepare, call)
}

/** The fields that a new ticket and an update have in common. */
async function toCommonParts(redmine: Redmine, input: UpdateTicket | CreateTicket, call: Call): Promise<IssuePart[]> {
  const { title = null, description = null, category = null, priority = null } = input
  return [
    title === null ? null : setAttribute('subject', title, 'title'),
    description === null ? null : setAttribute('description', description, 'description'),
    category === null ? null : setAttribute('category_id', category, 'category'),
    priority === null ? null : await toPriorityPart(redmine, priority, call),
  ]
}

async function toPriorityPart(redmine: Redmine, priority: TicketPriority, call: Call): Promise<IssuePart> {
  const priorities = await readPriorities(redmine, call)
  const target = priorities.find((one) => toTicketPriority(one, redmine.config.dialect) === priority)
  if (!target) return rejected('INVALID', `${redmine.info.label} has no priority ${priority}.`, ['input', 'priority'])
  return setAttribute('priority_id', target.id, 'priority')
}

function toTagsPart({ info, config }: Redmine, before: RedmineIssue, input: UpdateTicket): IssuePart {
  const name = input.tags ? 'tags' : input.addTags?.length ? 'addTags' : 'removeTags'
  if (!input[name]?.length && !input.tags) return null
  const field = before.customFields.find((one) => one.name !== null && one.name === config.dialect.tagsField)
  if (!field) return rejected('NOT_SUPPORTED', `${info.label} has no field for tags here.`, ['input', name])
  const present = [field.value].flat().filter((tag) => tag !== null)
  return toFieldPart(field.id, changeTags(present, input), ['input', name])
}

function toFieldParts(
  { customFields }: RedmineIssue,
  drafts: readonly CustomFieldDraft[] | null | undefined,
): readonly IssuePart[] {
  return (drafts ?? []).map(({ key, value }, index) => {
    const place = ['input', 'customFields', String(index)]
    const isKnown = customFields.some(({ id }) => id === key)
    return isKnown ? toFieldPart(key, value, place) : rejected('INVALID', 'This ticket has no such field.', [...place, 'key'])
  })
}

/** Redmine takes texts: 1 and 0 for booleans, '' to empty a field. */
function toFieldPart(key: string, value: unknown, field: readonly string[]): IssuePart {
  const toText = (one: unknown) =>
    typeof one === 'boolean' ? String(Number(one)) : typeof one === 'string' ? one : (toValueText(one) ?? '')
  const texts = [value].flat().map(toText)
  const wanted = Array.isArray(value) ? texts : texts[0]
  const toComparable = (list: readonly (string | null)[]) => list.filter(Boolean).toSorted().join('\n')
  const isMet = ({ customFields }: RedmineIssue) =>
    toComparable([customFields.find(({ id }) => id === key)?.value ?? []].flat()) === toComparable(texts)
  return { body: { custom_fields: [{ id: key, value: wanted }] }, wishes: [{ field, isMet }] }
}

export function closeTicket(redmine: Redmine, ref: EntityRef, _: CloseTicket, call: Call): Promise<WriteResult> {
  return setStatus(redmine, ref, 'close', call, (issue, statusOf) => {
    if (issue.status?.isClosed) return undefined
    const closed = issue.allowedStatuses.filter(({ isClosed }) => isClosed)
    return closed.find((one) => statusOf(one) === 'CLOSED') ?? closed[0]
  })
}

export function reopenTicket(redmine: Redmine, ref: EntityRef, _: ReopenTicket, call: Call): Promise<WriteResult> {
  return setStatus(redmine, ref, 'reopen', call, (issue, statusOf) => {
    if (issue.status && !issue.status.isClosed && statusOf(issue.status) !== 'RESOLVED') return undefined
    const open = issue.allowedStatuses.filter(({ isClosed }) => !isClosed)
    return ['OPEN', 'IN_PROGRESS', 'NEW'].flatMap((wanted) => open.find((one) => statusOf(one) === wanted) ?? [])[0]
  })
}

function setStatus(
  redmine: Redmine,
  ref: EntityRef,
  operation: string,
  call: Call,
  choose: (issue: RedmineIssue, statusOf: (status: RedmineStatus) => string) => RedmineStatus | undefined,
): Promise<WriteResult> {
  const prepare = (before: RedmineIssue): PreparedIssue => {
    const target = choose(before, (status) => toTicketStatus(status, redmine.config.dialect))
    if (!target) return rejected('CONFLICT', `${redmine.info.label} says that the ticket's present state does not allow this.`)
    return setAttribute('status_id', target.id)
  }
  return change(redmine, ref, operation, prepare, call)
}

/** By id or by name, among the members of the ticket's project. */
export function reassignTicket(redmine: Redmine, ref: EntityRef, input: ReassignTicket, call: Call): Promise<WriteResult> {
  const name = input.group ? 'group' : 'assignee'
  const wanted = (input.group ?? input.assignee ?? '').trim().toLowerCase()
  const prepare = async ({ project }: RedmineIssue, fresh: Call): Promise<PreparedIssue> => {
    if (input.unassign) return setAttribute('assigned_to_id', '', 'unassign')
    const isWanted = (member: RedmineName) => member.id === wanted || member.name?.toLowerCase() === wanted
    const isEnough = (members: readonly RedmineName[]) => members.some(isWanted)
    const members = project ? await readMembers(redmine, project.id, input.group ? 'group' : 'user', fresh, isEnough) : []
    const target = members.find(isWanted)
    if (!target) return rejected('INVALID', 'The project of the ticket has no such member.', ['input', name])
    return setAttribute('assigned_to_id', target.id, name)
  }
  return change(redmine, ref, 'reassign', prepare, call)
}

/** A project without the ticket's tracker or category takes them away (REDMINE-07). */
export function transferTicket(redmine: Redmine, ref: EntityRef, { queue }: TransferTicket, call: Call): Promise<WriteResult> {
  const { label } = redmine.info
  const prepare = async (before: RedmineIssue, fresh: Call): Promise<PreparedIssue> => {
    const project = await readProject(redmine, queue, fresh)
    if (project === null) return rejected('INVALID', `${label} has no such project.`, ['input', 'queue'])
    const { body, wishes } = setAttribute('project_id', project.id, 'queue')
    const keeps = (part: 'tracker' | 'category'): Wish<RedmineIssue> => ({
      field: ['input', 'queue'],
      isMet: (after) => before[part] === null || before[part].name === after[part]?.name || before.project?.id === project.id,
      message: `${label} moved the ticket and changed its ${part}: the project does not have this one.`,
    })
    return { body, wishes: [...wishes, keeps('tracker'), keeps('category')] }
  }
  return change(redmine, ref, 'transfer', prepare, call)
}

/** `POST /issues.json`. */
export async function createTicket(redmine: Redmine, input: CreateTicket, call: Call): Promise<WriteResult> {
  const { info, config, upstream } = redmine
  const { queue = null, title = null, type = null } = input
  if (!queue?.trim()) return rejected('REQUIRED', 'Name the project by its key.', ['input', 'queue'])
  if (!title?.trim()) return rejected('REQUIRED', 'A ticket needs a title.', ['input', 'title'])
  const prepare = async (): Promise<PreparedIssue> => {
    const project = await readProject(redmine, queue, call)
    if (project === null) return rejected('INVALID', `${info.label} has no such project.`, ['input', 'queue'])
    const tracker = type === null ? null : project.trackers.find(({ id, name }) => id === type || name === type)
    if (tracker === undefined) return rejected('INVALID', `${info.label} has no such tracker.`, ['input', 'type'])
    const fields = (input.customFields ?? []).map(({ key, value }, index) =>
      toFieldPart(key, value, ['input', 'customFields', String(index)]),
    )
    const given = { body: { project_id: project.id }, wishes: [] }
    const typePart = tracker && setAttribute('tracker_id', tracker.id, 'type')
    return join([given, ...(await toCommonParts(redmine, input, call)), typePart, ...fields, toUploads(input.attachments)])
  }
  return createVerified<RedmineIssue, Body>({
    label: info.label,
    prepare,
    send: (issue) => upstream.write({ operation: 'create', method: 'POST', path: '/issues.json', body: { issue } }, call),
    toRefusal: (answer) => toRefusal(redmine, null, answer),
    toCreated: ({ body }) => toIssueOfBody(body),
    refOf: ({ id }) => ({ kind: 'ticket', sourceKey: info.key, tenant: config.tenant, externalId: id }),
    // The answer has no attachments.
    ...(input.attachments?.length && { readAgain: ({ id }) => readWireIssue(redmine, id, withoutCache(call)) }),
  })
}

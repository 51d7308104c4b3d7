import { asObject } from './endpoint.ts'
import type { Details, Problem } from './errors.ts'
import * as account from './installation.ts'
import { type Id, toId } from './json.ts'
import type { FieldValue, Priority, Status, Ticket, TicketType, User } from './records.ts'
import type { ZendeskState } from './state.ts'

// What a caller wants of a ticket, read and checked. What the API does not know is dropped, with a warning in a header.

/** The members of a ticket that a caller may send in any write. */
const writable = new Set([
  ...['subject', 'comment', 'status', 'custom_status_id', 'priority', 'type', 'assignee_id', 'assignee_email', 'group_id'],
  ...['requester_id', 'requester', 'organization_id', 'tags', 'custom_fields', 'fields', 'external_id', 'problem_id', 'due_at'],
  ...['followers', 'email_ccs', 'collaborator_ids', 'brand_id', 'ticket_form_id', 'safe_update', 'updated_stamp'],
])
const writableOnCreate = new Set([
  ...writable,
  'submitter_id',
  'description',
  'recipient',
  'raw_subject',
  'via_followup_source_id',
])
const writableOfMany = new Set([...writable, 'additional_tags', 'remove_tags'])

export type Action = 'create' | 'update' | 'update_many'
const allowed = { create: writableOnCreate, update: writable, update_many: writableOfMany }

/** The checked wishes. A key that is absent was not sent. */
export type Wishes = Partial<
  Pick<Ticket, 'subject' | 'priority' | 'type' | 'assigneeId' | 'groupId' | 'organizationId' | 'externalId' | 'problemId'> &
    Pick<
      Ticket,
      'dueAt' | 'followerIds' | 'emailCcIds' | 'brandId' | 'formId' | 'tags' | 'fields' | 'status' | 'customStatusId'
    > &
    Pick<Ticket, 'requesterId'>
>

export interface Input {
  readonly wishes: Wishes
  readonly problems: Details
  /** The keys that were left out, for the warning. */
  readonly dropped: readonly string[]
}

const statuses: readonly unknown[] = ['new', 'open', 'pending', 'hold', 'solved', 'closed']
const priorities: readonly unknown[] = ['low', 'normal', 'high', 'urgent']
const types: readonly unknown[] = ['question', 'incident', 'problem', 'task']

/** Reads the members of `sent` for a ticket that is as `current` now. */
export function readInput(state: ZendeskState, sent: Readonly<Record<string, unknown>>, current: Ticket, action: Action): Input {
  const problems: Record<string, Problem[]> = {}
  const wrong = (field: string, description: string, more: Partial<Problem> = {}) => {
    problems[field] = [...(problems[field] ?? []), { description, ...more }]
  }
  const { fields, fieldProblems } = readFields(sent.custom_fields ?? sent.fields)
  for (const problem of fieldProblems) wrong('base', problem.description, problem)
  const wishes = { ...readPlain(sent, wrong), ...readPeople(state, sent, current, wrong), ...readStatus(sent, wrong) }
  const problem = toId(sent.problem_id)
  if (problem !== undefined && state.ticket(problem)?.type !== 'problem')
    wrong('base', 'Problem: is invalid', { error: 'InvalidValue' })
  return {
    wishes: { ...wishes, ...(fields && { fields }) },
    problems,
    dropped: Object.keys(sent).filter((key) => !allowed[action].has(key)),
  }
}

type Wrong = (field: string, description: string) => void

function readPlain(sent: Readonly<Record<string, unknown>>, wrong: Wrong): Wishes {
  const { subject, priority, type, tags, external_id: externalId, due_at: dueAt } = sent
  if (priority !== undefined && priority !== null && !priorities.includes(priority))
    wrong('priority', 'Priority: is not included in the list')
  if (type !== undefined && type !== null && !types.includes(type)) wrong('type', 'Type: is not included in the list')
  const brandId = account.brands.find(({ id }) => id === toId(sent.brand_id))?.id
  const formId = account.forms.find(({ id }) => id === toId(sent.ticket_form_id))?.id
  return {
    ...(typeof subject === 'string' && { subject }),
    ...(priority !== undefined && { priority: priority as Priority | null }),
    ...(type !== undefined && { type: type as TicketType | null }),
    ...(Array.isArray(tags) && { tags: toTags(tags) }),
    ...(externalId !== undefined && { externalId: externalId === null ? null : String(externalId) }),
    ...(sent.problem_id !== undefined && { problemId: toId(sent.problem_id) ?? null }),
    ...(dueAt !== undefined && { dueAt: typeof dueAt === 'string' ? Date.parse(dueAt) : null }),
    ...(brandId !== undefined && { brandId }),
    ...(formId !== undefined && { formId }),
  }
}

/** Tags are words in lower case. */
export function toTags(tags: readonly unknown[]): readonly string[] {
  const words = tags.flatMap((tag) => String(tag).toLowerCase().trim().split(/\s+/))
  return [...new Set(words.filter((word) => word !== ''))].toSorted()
}

/** A custom status chooses the status; a status chooses its default custom status. */
function readStatus({ status, custom_status_id: customStatusId }: Readonly<Record<string, unknown>>, wrong: Wrong): Wishes {
  if (customStatusId !== undefined && customStatusId !== null) {
    const found = account.customStatuses.find(({ id }) => id === toId(customStatusId))
    if (found) return { status: found.category, customStatusId: found.id }
    wrong('custom_status_id', 'Ticket status: is invalid')
    return {}
  }
  if (status === undefined) return {}
  if (!statuses.includes(status)) {
    wrong('status', 'Status: is not included in the list')
    return {}
  }
  return { status: status as Status, customStatusId: defaultStatus(status as Status) }
}

/** Closed tickets keep the last status of the category `solved`. */
export function defaultStatus(status: Status): Id {
  const category = status === 'closed' || status === 'deleted' ? 'solved' : status
  return account.customStatuses.find((one) => one.category === category && one.isDefault)!.id
}

function readPeople(state: ZendeskState, sent: Readonly<Record<string, unknown>>, current: Ticket, wrong: Wrong): Wishes {
  const requesterId = toId(sent.requester_id)
  if (requesterId !== undefined && !state.user(requesterId)) wrong('requester', 'Requester: is invalid')
  const organizationId = toId(sent.organization_id)
  const collaboratorIds = Array.isArray(sent.collaborator_ids) ? sent.collaborator_ids.flatMap((id) => toId(id) ?? []) : undefined
  const followerIds = readWatchers(state, sent.followers, current.followerIds) ?? collaboratorIds
  const emailCcIds = readWatchers(state, sent.email_ccs, current.emailCcIds)
  return {
    ...readAssignment(state, sent, current, wrong),
    ...(requesterId !== undefined && { requesterId }),
    ...(sent.organization_id !== undefined && { organizationId: organizationId ?? null }),
    ...(followerIds && { followerIds: followerIds.filter((id) => state.user(id) !== undefined) }),
    ...(emailCcIds && { emailCcIds }),
  }
}

/** An assignee must be of the group. Where only one of the two is sent, the other follows. */
function readAssignment(state: ZendeskState, sent: Readonly<Record<string, unknown>>, current: Ticket, wrong: Wrong): Wishes {
  const hasAssignee = sent.assignee_id !== undefined || sent.assignee_email !== undefined
  const isMember = (user: User | undefined, group: Id | null) => group === null || (user?.groupIds.includes(group) ?? false)
  const groupId = sent.group_id === undefined ? current.groupId : (toId(sent.group_id) ?? null)
  if (groupId !== null && !account.groups.some(({ id }) => id === groupId)) {
    wrong('group', 'Group: is invalid')
    return {}
  }
  if (!hasAssignee) {
    if (sent.group_id === undefined) return {}
    const keeps = current.assigneeId !== null && isMember(state.user(current.assigneeId), groupId)
    return { groupId, assigneeId: keeps ? current.assigneeId : null }
  }
  const { assignee_id: id, assignee_email: email } = sent
  if (email === undefined && id === null) return { assigneeId: null, groupId }
  const assignee = typeof email === 'string' ? state.userByEmail(email) : state.user(toId(id) ?? 0n)
  if (!assignee || assignee.role === 'end-user') {
    wrong('assignee', 'Assignee: is invalid')
    return {}
  }
  if (sent.group_id !== undefined && !isMember(assignee, groupId)) {
    wrong('assignee', `Assignee: ${assignee.name} is not a member of the group`)
    return {}
  }
  return {
    assigneeId: assignee.id,
    groupId: groupId !== null && isMember(assignee, groupId) ? groupId : (assignee.groupIds[0] ?? null),
  }
}

/** `[{user_id or user_email, action: put or delete}]`, applied to those who are there. */
function readWatchers(state: ZendeskState, sent: unknown, current: readonly Id[]): readonly Id[] | undefined {
  if (!Array.isArray(sent)) return undefined
  const ids = new Set(current)
  for (const entry of sent.map(asObject)) {
    const byEmail = typeof entry.user_email === 'string' ? state.userByEmail(entry.user_email)?.id : undefined
    const id = toId(entry.user_id) ?? byEmail
    if (id === undefined || !state.user(id)) continue
    if (entry.action === 'delete') ids.delete(id)
    else ids.add(id)
  }
  return [...ids]
}

/** `[{id, value}]`, or an object of values by id. A field that the account does not have is dropped without a word. */
function readFields(sent: unknown): { fields: Record<string, FieldValue> | undefined; fieldProblems: readonly Problem[] } {
  if (typeof sent !== 'object' || sent === null) return { fields: undefined, fieldProblems: [] }
  const entries = Array.isArray(sent) ? sent.map(asObject).map(({ id, value }) => [id, value] as const) : Object.entries(sent)
  const fields: Record<string, FieldValue> = {}
  const fieldProblems: Problem[] = []
  for (const [id, value] of entries) {
    const field = account.customFields.find((one) => one.id === toId(id))
    if (!field) continue
    if (isValid(field, value)) fields[String(field.id)] = value as FieldValue
    else fieldProblems.push({ description: `${field.title}: is invalid`, error: 'InvalidValue', ticket_field_id: field.id })
  }
  return { fields, fieldProblems }
}

function isValid({ type, options, pattern }: account.CustomField, value: unknown): boolean {
  if (value === null || value === '') return true
  const text = String(value)
  const isOption = (one: unknown) => options.some((option) => option.value === one)
  switch (type) {
    case 'checkbox':
      return typeof value === 'boolean' || text === '1' || text === '0'
    case 'tagger':
      return isOption(value)
    case 'multiselect':
      return Array.isArray(value) && value.every(isOption)
    case 'date':
      return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text))
    case 'integer':
      return /^-?\d+$/.test(text)
    case 'decimal':
      return /^-?\d+(\.\d+)?$/.test(text)
    case 'regexp':
      return new RegExp(pattern ?? '').test(text)
    default:
      return typeof value === 'string' || typeof value === 'number'
  }
}

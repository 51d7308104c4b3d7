import type { Call } from '../../domain/call.ts'
import { DeskgraphError } from '../../domain/errors.ts'
import { type EntityRef, encodeId } from '../../domain/ids.ts'
import type { TicketPriority } from '../../domain/ticket.ts'
import {
  applied,
  type CreateTicket,
  type CustomFieldDraft,
  notDone,
  outcomeUnknown,
  partial,
  type ReassignTicket,
  type ReplyToTicket,
  rejected,
  type TransferTicket,
  type UpdateTicket,
  type WriteResult,
} from '../../domain/writes.ts'
import { type RedmineIssue, type RedmineStatus, toIssueOfBody } from './decode.ts'
import type { Redmine } from './index.ts'
import { toTicketPriority, toTicketStatus } from './mapping.ts'
import { mayWritePrivateNotes, readMembers, readPriorities, readTrackers, transferQueues } from './queries.ts'
import { type Change, change, join, type Part, type Prepared, type States, toPart, toRefusal } from './verified-change.ts'

/** A note is sent only after the right to private notes was read: without it Redmine publishes the note (REDMINE-01). */
export function replyToTicket(redmine: Redmine, ref: EntityRef, input: ReplyToTicket, call: Call): Promise<WriteResult> {
  const isNote = input.visibility === 'INTERNAL'
  const { label } = redmine.info
  const prepare = async ({ project }: RedmineIssue, fresh: Call): Promise<Prepared> => {
    if (isNote && !(await mayWritePrivateNotes(redmine, project, fresh)))
      return rejected('FORBIDDEN', `${label} would show this note to the customer: the account may not write private notes here.`)
    return { body: { notes: input.body, private_notes: isNote }, wishes: [] }
  }
  return change(redmine, ref, isNote ? 'note' : 'reply', prepare, call, (_, __, states) =>
    concludeNote(redmine, ref, input, states),
  )
}

function concludeNote(redmine: Redmine, ref: EntityRef, input: ReplyToTicket, { before, after }: States): WriteResult {
  const { info, config } = redmine
  const lastId = before.journals.at(-1)?.id ?? 0
  const added = after.journals.filter(({ id, notes }) => id > lastId && toLines(notes) === toLines(input.body))
  // Of two journals with this text the public one counts: a note that may have been published is reported.
  const isNote = input.visibility === 'INTERNAL'
  const journal = added.find(({ isPrivate }) => !isPrivate) ?? (isNote ? added.at(-1) : undefined)
  if (!journal) return rejected('SOURCE_REJECTED', `${info.label} did not take the message: the account may not write here.`)
  if (isNote && !journal.isPrivate) {
    const message = `${info.label} shows this note to the customer: the account has lost its right to private notes.`
    return partial(ref, [{ code: 'NOTE_BECAME_PUBLIC', message, field: ['input', 'visibility'] }])
  }
  const ticket = redmine.toTicket(after, redmine.origin(), false)
  const messageId = encodeId('message', info.key, config.tenant, `${after.id}#${journal.id}`)
  const message = ticket.messages?.find(({ id }) => id === messageId)
  return { ...applied(ticket), ...(message && { message }) }
}

/** Redmine changes line ends, and cuts blanks at the end. */
function toLines(text: string | null): string {
  return (text ?? '').replace(/\r\n?/g, '\n').trim()
}

export function updateTicket(redmine: Redmine, ref: EntityRef, input: UpdateTicket, call: Call): Promise<WriteResult> {
  const prepare = async (before: RedmineIssue, fresh: Call): Promise<Prepared> => {
    const { dialect } = redmine.config
    const status = input.status ?? null
    const option = input.statusOption ?? null
    const target = before.allowedStatuses.find((one) =>
      option === null ? toTicketStatus(one, dialect) === status : one.id === option,
    )
    if ((status !== null || option !== null) && !target)
      return rejected('CONFLICT', `${redmine.info.label} does not allow this status now.`, [
        'input',
        option === null ? 'status' : 'statusOption',
      ])
    const parts = [
      ...(await toCommonParts(redmine, input, fresh)),
      toTagsPart(redmine, before, input),
      ...toFieldParts(before, input.customFields),
    ]
    if (target) parts.push(toStatusPart(target, option === null ? 'status' : 'statusOption'))
    return join(parts)
  }
  return change(redmine, ref, 'update', prepare, call)
}

/** The fields that a new ticket and an update have in common. */
async function toCommonParts(redmine: Redmine, input: UpdateTicket | CreateTicket, call: Call): Promise<Part[]> {
  const { title = null, description = null, category = null, priority = null } = input
  return [
    title === null ? null : toPart('title', { subject: title }, ({ subject }) => toLines(subject) === toLines(title)),
    description === null
      ? null
      : toPart('description', { description }, (one) => toLines(one.description) === toLines(description)),
    category === null ? null : toPart('category', { category_id: category }, (one) => (one.category?.id ?? '') === category),
    priority === null ? null : await toPriorityPart(redmine, priority, call),
  ]
}

async function toPriorityPart(redmine: Redmine, priority: TicketPriority, call: Call): Promise<Part> {
  const isWanted = (one: Parameters<typeof toTicketPriority>[0]) => toTicketPriority(one, redmine.config.dialect) === priority
  const target = (await readPriorities(redmine, call)).find(isWanted)
  if (!target) return rejected('INVALID', `${redmine.info.label} has no priority ${priority}.`, ['input', 'priority'])
  return toPart('priority', { priority_id: target.id }, (issue) => issue.priority !== null && isWanted(issue.priority))
}

function toStatusPart({ id }: RedmineStatus, name: string): Change {
  return toPart(name, { status_id: id }, ({ status }) => status?.id === id)
}

function toTagsPart({ info, config }: Redmine, before: RedmineIssue, { tags, addTags, removeTags }: UpdateTicket): Part {
  if (!tags && !addTags?.length && !removeTags?.length) return null
  const name = tags ? 'tags' : addTags?.length ? 'addTags' : 'removeTags'
  const field = before.customFields.find((one) => one.name !== null && one.name === config.dialect.tagsField)
  if (!field) return rejected('NOT_SUPPORTED', `${info.label} has no field for tags here.`, ['input', name])
  const present = [field.value].flat().filter((tag): tag is string => typeof tag === 'string')
  const wanted = tags ?? [...new Set([...present, ...(addTags ?? [])])].filter((tag) => !removeTags?.includes(tag))
  return toFieldPart(field.id, wanted, ['input', name])
}

function toFieldParts({ customFields }: RedmineIssue, drafts: readonly CustomFieldDraft[] | null | undefined): readonly Part[] {
  return (drafts ?? []).map(({ key, value }, index) => {
    const place = ['input', 'customFields', String(index)]
    const isKnown = customFields.some(({ id }) => id === key)
    return isKnown ? toFieldPart(key, value, place) : rejected('INVALID', 'This ticket has no such field.', [...place, 'key'])
  })
}

/** Redmine takes texts: 1 and 0 for booleans, '' to empty a field. */
function toFieldPart(key: string, value: unknown, field: readonly string[]): Part {
  const toText = (one: unknown) => (typeof one === 'boolean' ? String(Number(one)) : one == null ? '' : String(one))
  const texts = [value].flat().map(toText)
  const wanted = Array.isArray(value) ? texts : texts[0]
  const isMet = ({ customFields }: RedmineIssue) => {
    const present = [customFields.find(({ id }) => id === key)?.value ?? []].flat()
    return (
      present.toSorted().join('\n') ===
      texts
        .filter((text) => text !== '')
        .toSorted()
        .join('\n')
    )
  }
  return toPart('customFields', { custom_fields: [{ id: key, value: wanted }] }, isMet, field)
}

export function closeTicket(redmine: Redmine, ref: EntityRef, call: Call): Promise<WriteResult> {
  return setStatus(redmine, ref, 'close', call, (issue, statusOf) => {
    if (issue.status?.isClosed) return undefined
    const closed = issue.allowedStatuses.filter(({ isClosed }) => isClosed)
    return closed.find((one) => statusOf(one) === 'CLOSED') ?? closed[0]
  })
}

export function reopenTicket(redmine: Redmine, ref: EntityRef, call: Call): Promise<WriteResult> {
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
  const prepare = (before: RedmineIssue): Prepared => {
    const target = choose(before, (status) => toTicketStatus(status, redmine.config.dialect))
    if (!target) return rejected('CONFLICT', `${redmine.info.label} says that the ticket's present state does not allow this.`)
    return toPart('', { status_id: target.id }, ({ status }) => status?.id === target.id, ['input'])
  }
  return change(redmine, ref, operation, prepare, call)
}

/** By id or by name, among the members of the ticket's project. */
export function reassignTicket(redmine: Redmine, ref: EntityRef, input: ReassignTicket, call: Call): Promise<WriteResult> {
  const name = input.group ? 'group' : 'assignee'
  const wanted = (input.group ?? input.assignee ?? '').trim().toLowerCase()
  const prepare = async ({ project }: RedmineIssue, fresh: Call): Promise<Prepared> => {
    if (input.unassign) return toPart('unassign', { assigned_to_id: '' }, ({ assignedTo }) => assignedTo === null)
    const members = project ? await readMembers(redmine, project.id, input.group ? 'group' : 'user', fresh) : []
    const target = members.find((member) => member.id === wanted || member.name?.toLowerCase() === wanted)
    if (!target) return rejected('INVALID', 'The project of the ticket has no such member.', ['input', name])
    return toPart(name, { assigned_to_id: target.id }, ({ assignedTo }) => assignedTo?.id === target.id)
  }
  return change(redmine, ref, 'reassign', prepare, call)
}

export function transferTicket(redmine: Redmine, ref: EntityRef, { queue }: TransferTicket, call: Call): Promise<WriteResult> {
  const prepare = async (_: RedmineIssue, fresh: Call): Promise<Prepared> => {
    const isKnown = (await transferQueues(redmine, fresh)).some(({ key }) => key === queue)
    if (!isKnown) return rejected('INVALID', `${redmine.info.label} has no such project.`, ['input', 'queue'])
    return toPart('queue', { project_id: queue }, ({ project }) => project?.id === queue)
  }
  return change(redmine, ref, 'transfer', prepare, call)
}

/** `POST /issues.json`. The answer has the new issue, so that nothing has to be read again. */
export async function createTicket(redmine: Redmine, input: CreateTicket, call: Call): Promise<WriteResult> {
  const { info, config, upstream } = redmine
  const { queue = null, title = null, type = null } = input
  if (!queue?.trim()) return rejected('REQUIRED', 'Name the project by its key.', ['input', 'queue'])
  if (!title?.trim()) return rejected('REQUIRED', 'A ticket needs a title.', ['input', 'title'])
  const fields = (input.customFields ?? []).map(({ key, value }, index) =>
    toFieldPart(key, value, ['input', 'customFields', String(index)]),
  )
  try {
    const trackers = type === null ? [] : await readTrackers(redmine, call)
    const tracker = trackers.find(({ id, name }) => id === type || name === type)
    if (type !== null && !tracker) return rejected('INVALID', `${info.label} has no such tracker.`, ['input', 'type'])
    const typePart = tracker ? toPart('type', { tracker_id: tracker.id }, (issue) => issue.tracker?.id === tracker.id) : null
    const prepared = join([...(await toCommonParts(redmine, input, call)), typePart, ...fields])
    if ('outcome' in prepared) return prepared
    const body = { issue: { ...prepared.body, project_id: queue } }
    const written = await upstream.write({ operation: 'create', method: 'POST', path: '/issues.json', body }, call)
    if (written.ended === 'unconfirmed') return outcomeUnknown(null)
    if (written.answer.status === 404) return rejected('INVALID', `${info.label} has no such project.`, ['input', 'queue'])
    if (written.answer.status >= 300) return toRefusal(redmine, null, written.answer)
    const issue = toIssueOfBody(written.answer.body)
    if (issue === null) return outcomeUnknown(null)
    const ref: EntityRef = { kind: 'ticket', sourceKey: info.key, tenant: config.tenant, externalId: issue.id }
    const unmet = prepared.wishes.filter(({ isMet }) => !isMet(issue))
    const message = `${info.label} opened the ticket without this.`
    return unmet.length === 0
      ? { outcome: 'APPLIED', ticket: null, ref, userErrors: [] }
      : partial(
          ref,
          unmet.map(({ field }) => ({ code: 'SOURCE_REJECTED', message, field })),
        )
  } catch (error) {
    if (error instanceof DeskgraphError) return notDone(error)
    throw error
  }
}

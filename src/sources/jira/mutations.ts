import { type Call, withoutCache } from '../../domain/call.ts'
import type { EntityRef } from '../../domain/ids.ts'
import {
  type CreateTicket,
  outcomeUnknown,
  type ReassignTicket,
  type ReplyToTicket,
  rejected,
  type UpdateTicket,
  type WriteResult,
} from '../../domain/writes.ts'
import { toId, toRecord } from '../decode.ts'
import { concludeFound, createVerified, type Prepared, type Wish, writeVerified } from '../verified-write.ts'
import {
  type Body,
  changedSince,
  isChangedSince,
  join,
  type PreparedIssue,
  setField,
  toDescriptionPart,
  toFieldParts,
  toPriorityPart,
  toRefusal,
  toTagsPart,
  toTitlePart,
  toWrite,
} from './changes.ts'
import { isIssueId, type JiraIssue, toComment, toIssue } from './decode.ts'
import type { Jira } from './index.ts'
import { findAssignable } from './lookups.ts'
import { readIssue } from './queries.ts'
import { readComment, readSlaTargets } from './requests.ts'
import { readDesks, readFields } from './site.ts'
import { updateStatus } from './transitions.ts'

export function updateTicket(jira: Jira, ref: EntityRef, input: UpdateTicket, call: Call): Promise<WriteResult> {
  const { title = null, description = null, priority = null, status = null, statusOption = null, ifUpdatedAt = null } = input
  if (status !== null || statusOption !== null) return updateStatus(jira, ref, input, call)
  const prepare = async (before: JiraIssue, fresh: Call): Promise<PreparedIssue> => {
    if (isChangedSince(before, ifUpdatedAt)) return changedSince
    return join([
      title === null ? null : toTitlePart(title),
      description === null ? null : toDescriptionPart(description),
      priority === null ? null : await toPriorityPart(jira, before, priority, fresh),
      toTagsPart(input),
      ...toFieldParts(before.site.fields, input.customFields),
    ])
  }
  return writeVerified(
    toWrite<Body>(jira, ref, { operation: 'update', method: 'PUT', path: `/rest/api/3/issue/${ref.externalId}` }, prepare, call),
    call,
  )
}

/** By account id, name or e-mail address, among those who can have the ticket. */
export function reassignTicket(
  jira: Jira,
  ref: EntityRef,
  { assignee, unassign }: ReassignTicket,
  call: Call,
): Promise<WriteResult> {
  const prepare = async (before: JiraIssue, fresh: Call): Promise<Prepared<JiraIssue, object>> => {
    const users = unassign ? [null] : await findAssignable(jira, before.key ?? before.id, assignee ?? '', fresh)
    const [user] = users
    const place = ['input', unassign ? 'unassign' : 'assignee']
    if (user === undefined) return rejected('INVALID', `${jira.info.label} has no such user who can have this ticket.`, place)
    if (users.length > 1) return rejected('INVALID', 'Several users have this name: use the account id.', place)
    const accountId = user?.id ?? null
    return { body: { accountId }, wishes: [{ field: place, isMet: (after) => (after.assignee?.id ?? null) === accountId }] }
  }
  const path = `/rest/api/3/issue/${ref.externalId}/assignee`
  return writeVerified(toWrite<object>(jira, ref, { operation: 'reassign', method: 'PUT', path }, prepare, call), call)
}

/**
 * By the service desk API alone, always with `public`: a comment of the platform API is public, also where its `visibility` names a role (JIRA-06). A note is
 * sent only by an agent of the desk, which the SLA clocks prove: Jira shows them to no one else. The comment is read back.
 */
export function replyToTicket(jira: Jira, ref: EntityRef, input: ReplyToTicket, call: Call): Promise<WriteResult> {
  const { label } = jira.info
  const isNote = input.visibility === 'INTERNAL'
  const files = input.attachments?.flatMap(({ uploadId }) => uploadId ?? []) ?? []
  let commentId: string | null = null
  const prepare = async ({ id }: JiraIssue, fresh: Call): Promise<Prepared<JiraIssue, object>> => {
    if (isNote && (await readSlaTargets(jira, id, fresh)) === null)
      return rejected(
        'FORBIDDEN',
        `${label} does not prove that this note stays internal: the account is no agent of the service desk.`,
      )
    const said =
      files.length > 0 ? { temporaryAttachmentIds: files, additionalComment: { body: input.body } } : { body: input.body }
    return { body: { ...said, public: !isNote }, wishes: [] }
  }
  const path = `/rest/servicedeskapi/request/${ref.externalId}/${files.length > 0 ? 'attachment' : 'comment'}`
  const write = toWrite<object>(jira, ref, { operation: isNote ? 'note' : 'reply', method: 'POST', path }, prepare, call)
  return writeVerified(
    {
      ...write,
      async read(fresh) {
        const issue = await write.read(fresh)
        const comment = commentId === null ? null : await readComment(jira, ref.externalId, commentId, fresh)
        return issue && { ...issue, comments: comment && [comment] }
      },
      toRefusal(answer) {
        const refusal = write.toRefusal(answer)
        const written = toRecord(answer.body)
        commentId = refusal ? null : (toComment(written?.comment ?? written)?.id ?? null)
        // The issue was read before: what is not there is a request, or the right to see it (JIRA-08).
        if (answer.status === 404)
          return rejected(
            'FORBIDDEN',
            `${label} has no customer request for this ticket, or does not let the account write here.`,
          )
        return refusal
      },
      conclude({ after }) {
        const message = after.comments && jira.toTicket(after, jira.origin(), false).messages?.[0]
        if (!message) return outcomeUnknown(ref)
        return concludeFound(message, write.toTicket(after), [], { ref, label, input })
      },
    },
    call,
  )
}

/** `POST /request`. The answer shows no priority and no fields, so that the issue is read. */
export async function createTicket(jira: Jira, input: CreateTicket, call: Call): Promise<WriteResult> {
  const { info, config, upstream } = jira
  const { queue = null, type = null, title = null, description = null, priority = null, customer } = input
  if (!queue?.trim()) return rejected('REQUIRED', 'Name the service desk by its key.', ['input', 'queue'])
  if (!type?.trim()) return rejected('REQUIRED', 'Name the request type by its key.', ['input', 'type'])
  if (!title?.trim()) return rejected('REQUIRED', 'A ticket needs a title.', ['input', 'title'])
  const raiser = customer?.externalId ?? customer?.email ?? null
  const prepare = async (): Promise<Prepared<JiraIssue, object>> => {
    const desk = (await readDesks(jira, call)).find(({ projectId }) => projectId === queue)
    if (!desk) return rejected('INVALID', `${info.label} has no such service desk.`, ['input', 'queue'])
    const prepared = join([
      toTitlePart(title),
      // A text of the service desk API is wiki markup, which becomes a document that need not read the same (JIRA-10).
      description === null
        ? null
        : setField('description', description, ({ fields }) => fields.description != null, 'description'),
      priority === null ? null : await toPriorityPart(jira, null, priority, call),
      ...toFieldParts(await readFields(jira, call), input.customFields, true),
    ])
    if ('outcome' in prepared) return prepared
    // An e-mail address may be withheld (JIRA-13): Jira has refused one that it does not know.
    const isRaiser = ({ reporter }: JiraIssue) =>
      customer?.externalId ? reporter?.id === raiser : reporter !== null && (reporter.email === null || reporter.email === raiser)
    const raised: Wish<JiraIssue>[] = raiser === null ? [] : [{ field: ['input', 'customer'], isMet: isRaiser }]
    const request = { serviceDeskId: desk.id, requestTypeId: type, requestFieldValues: prepared.body.fields }
    return { body: { ...request, ...(raiser !== null && { raiseOnBehalfOf: raiser }) }, wishes: [...prepared.wishes, ...raised] }
  }
  return createVerified<JiraIssue, object>({
    label: info.label,
    prepare,
    send: (body) => upstream.write({ operation: 'create', method: 'POST', path: '/rest/servicedeskapi/request', body }, call),
    toRefusal: (answer) => toRefusal(jira, null, answer),
    toCreated: ({ body }) => {
      const id = toId(toRecord(body)?.issueId)
      if (id === null || !isIssueId(id)) return null
      jira.noteWritten(id)
      return toIssue({ id }, { fields: [], desks: [] })
    },
    refOf: ({ id }) => ({ kind: 'ticket', sourceKey: info.key, tenant: config.tenant, externalId: id }),
    readAgain: ({ id }) => readIssue(jira, id, withoutCache(call)),
  })
}

import type { Call } from '../../domain/call.ts'
import { DeskgraphError } from '../../domain/errors.ts'
import type { EntityRef } from '../../domain/ids.ts'
import type { Satisfaction, SlaKind, SlaTarget } from '../../domain/ticket.ts'
import { withFields } from '../../domain/ticket-view.ts'
import type { UploadedFile } from '../../domain/writes.ts'
import { type JsonRecord, toId, toList, toNumber, toRecord, toText } from '../decode.ts'
import { sendFile, toMultipart } from '../file-upload.ts'
import type { Answer } from '../http-client/types.ts'
import { readRefused } from '../http-client/upstream-error.ts'
import { lookUpIfAny } from '../installation-tables.ts'
import { type LoadResult, loadEach, toChunks } from '../pagination/load-each.ts'
import type { OpenedFile } from '../source.ts'
import { toPartialTicket, type WantedFields } from '../wanted-fields.ts'
import {
  isIssueId,
  isIssueKey,
  type JiraComment,
  type JiraIssue,
  type JiraTransition,
  type JiraUser,
  toComment,
  toDate,
  toPlatformComment,
  toTransition,
  toUser,
} from './decode.ts'
import type { Jira } from './index.ts'
import { lazyFields } from './mapping.ts'
import { isOwn, maxFetched, readIssue, readIssues, toIds } from './queries.ts'
import { readAllIfAny, readDesks } from './site.ts'

// What belongs to one request: its comments, transitions, people, SLA clocks and files.

/** The issues together, and then for each what is wanted of it: what was said, what may be done, who watches and how it was served. */
export function loadTickets(
  jira: Jira,
  refs: readonly EntityRef[],
  call: Call,
  wanted?: WantedFields,
): Promise<readonly LoadResult[]> {
  const found = readIssues(jira, toIds(jira, refs), call)
  // Each load below reports it.
  found.catch(() => undefined)
  const isWanted = (field: (typeof lazyFields)[number]) => wanted === undefined || wanted.has(field)
  return loadEach(refs, {
    concurrency: jira.config.concurrency,
    isOwn: (ref) => isOwn(jira, ref),
    async load(id) {
      const issue = (await found).get(id) ?? null
      if (issue instanceof DeskgraphError) throw issue
      if (issue === null) return null
      const [comments, transitions, watchers, slaTargets, satisfaction] = await Promise.all([
        isWanted('messages') ? readComments(jira, id, call) : null,
        isWanted('statusOptions') ? readTransitions(jira, id, call) : null,
        isWanted('followers') ? readWatchers(jira, issue, call) : null,
        // Both are null where the account is no agent of the desk.
        isWanted('slaTargets') ? readSlaTargets(jira, id, call) : null,
        isWanted('satisfaction') ? readSatisfaction(jira, id, call) : null,
      ])
      const ticket = jira.toTicket({ ...issue, comments, transitions, watchers }, jira.origin(), false)
      return toPartialTicket(withFields(ticket, { slaTargets, satisfaction }), { lazyFields, costlyFields: lazyFields }, wanted)
    },
  })
}

/** An issue that a key leads to. */
interface KeyedIssue {
  readonly id: string
  readonly key: string
}

function toKeyed(value: unknown): KeyedIssue | null {
  const [id, key] = [toId(toRecord(value)?.id), toText(toRecord(value)?.key)]
  return id === null || key === null || !isIssueId(id) ? null : { id, key }
}

/** `POST /issue/bulkfetch` for each hundred keys. Those that it does not answer may be former ones, which lead to an issue with another key (JIRA-16). */
export async function externalIdsOf(jira: Jira, numbers: readonly string[], call: Call): Promise<readonly (string | null)[]> {
  const keys = [...new Set(numbers.filter(isIssueKey).map((number) => number.toUpperCase()))]
  const lists = await Promise.all(toChunks(keys, maxFetched).map((chunk) => fetchKeys(jira, chunk, call)))
  const found = new Map(lists.flat().map(({ key, id }) => [key, id]))
  const former = keys.filter((key) => !found.has(key))
  const moved = await Promise.all(former.map((key) => readKey(jira, key, call)))
  for (const [index, key] of former.entries()) if (moved[index]) found.set(key, moved[index].id)
  return numbers.map((number) => (isIssueId(number) ? number : (found.get(number.toUpperCase()) ?? null)))
}

function fetchKeys({ info, upstream }: Jira, keys: readonly string[], call: Call): Promise<readonly KeyedIssue[]> {
  const toResult = ({ status, body }: Answer) => {
    if (status >= 400) throw readRefused(info, status)
    return (toList(toRecord(body)?.issues, toKeyed) ?? []).filter((issue) => issue !== null)
  }
  const body = { issueIdsOrKeys: keys, fields: ['project'] }
  return upstream.read({ operation: 'tickets', path: '/rest/api/3/issue/bulkfetch', body, toResult }, call)
}

function readKey({ info, upstream }: Jira, key: string, call: Call): Promise<KeyedIssue | null> {
  const toResult = ({ status, body }: Answer) => {
    if (status === 404 || status === 403) return null
    if (status >= 400) throw readRefused(info, status)
    return toKeyed(body)
  }
  return upstream.read({ operation: 'ticket', path: `/rest/api/3/issue/${key}?fields=project`, toResult }, call)
}

/**
 * What was said, by the service desk API, which tells what the customer reads. It shows an empty list of a request that it does not show
 * (JIRA-08), so that the platform API is asked then.
 */
async function readComments(jira: Jira, id: string, call: Call): Promise<readonly JiraComment[]> {
  const path = `/rest/servicedeskapi/request/${id}/comment?expand=attachment`
  const shown = await readAllIfAny(jira, path, toComment, call)
  const comments = shown?.length
    ? shown
    : ((await readAllIfAny(jira, `/rest/api/3/issue/${id}/comment?orderBy=created`, toPlatformComment, call)) ?? [])
  return comments.toSorted((one, other) =>
    (one.created ?? '') < (other.created ?? '') ? -1 : one.created === other.created ? Number(one.id) - Number(other.id) : 1,
  )
}

/** One comment as the service desk API has it now; null: there is none. */
export function readComment(jira: Jira, id: string, commentId: string, call: Call): Promise<JiraComment | null> {
  return lookUpIfAny(jira, `/rest/servicedeskapi/request/${id}/comment/${commentId}?expand=attachment`, toComment, call)
}

/** The moves that the workflow offers the account now. */
export async function readTransitions(jira: Jira, id: string, call: Call): Promise<readonly JiraTransition[]> {
  const decode = (body: unknown) => toList(toRecord(body)?.transitions, toTransition)
  return (await lookUpIfAny(jira, `/rest/api/3/issue/${id}/transitions?expand=transitions.fields`, decode, call)) ?? []
}

async function readWatchers(jira: Jira, { id }: JiraIssue, call: Call): Promise<readonly JiraUser[]> {
  const decode = (body: unknown) => toList(toRecord(body)?.watchers ?? [], toUser)
  return (await lookUpIfAny(jira, `/rest/api/3/issue/${id}/watchers`, decode, call)) ?? []
}

/** `GET /request/{id}/sla`, which Jira answers to agents alone; null: the account is none. */
export function readSlaTargets(jira: Jira, id: string, call: Call): Promise<readonly SlaTarget[] | null> {
  return readAllIfAny(jira, `/rest/servicedeskapi/request/${id}/sla`, toSlaTarget, call)
}

/** The latest cycle of a clock: the one that runs, else the last that ended. */
function toSlaTarget(value: unknown): SlaTarget | null {
  const record = toRecord(value)
  const name = toText(record?.name)
  const ongoing = toRecord(record?.ongoingCycle)
  const cycle = ongoing ?? toList(record?.completedCycles, toRecord)?.at(-1)
  if (name === null || !cycle) return null
  return {
    ...{ name, kind: toSlaKind(name), dueAt: toDate(cycle.breachTime), breached: toFlag(cycle.breached) },
    ...(ongoing ? { paused: toFlag(ongoing.paused), completedAt: null } : { paused: false, completedAt: toDate(cycle.stopTime) }),
  }
}

const toFlag = (value: unknown) => (typeof value === 'boolean' ? value : null)

/** By the names that Jira gives its clocks: an administrator may give others. */
function toSlaKind(name: string): SlaKind {
  if (/\bfirst (?:response|reply)\b/i.test(name)) return 'FIRST_REPLY'
  if (/\bnext (?:response|reply)\b/i.test(name)) return 'NEXT_REPLY'
  return /\bresolution\b/i.test(name) ? 'RESOLUTION' : 'OTHER'
}

/** Jira asks for one to five stars. */
function readSatisfaction(jira: Jira, id: string, call: Call): Promise<Satisfaction | null> {
  const decode = (body: unknown): Satisfaction | null => {
    const rating = toNumber(toRecord(body)?.rating)
    if (rating === null) return null
    const score = rating >= 4 ? 'GOOD' : rating === 3 ? 'NEUTRAL' : rating >= 1 ? 'BAD' : 'UNKNOWN'
    return { score, sourceScore: String(rating), comment: toText(toRecord(toRecord(body)?.comment)?.body), ratedAt: null }
  }
  return lookUpIfAny(jira, `/rest/servicedeskapi/request/${id}/feedback`, decode, call)
}

/** `GET /attachment/content/{id}`, which leads to another host by a 303: no credentials go there. */
export async function openFile({ upstream }: Jira, { externalId }: EntityRef, call: Call): Promise<OpenedFile | null> {
  const [, id = ''] = externalId.split('#')
  return isIssueId(id) ? upstream.download({ operation: 'file', path: `/rest/api/3/attachment/content/${id}` }, call) : null
}

/** `POST /servicedesk/{id}/attachTemporaryFile`: a file belongs to a desk until a comment takes it. */
export async function uploadFile(jira: Jira, file: UploadedFile, call: Call): Promise<string> {
  const desks = await readDesks(jira, call)
  const issue = file.ticket ? await readIssue(jira, file.ticket.externalId, call) : null
  const desk = file.ticket ? desks.find(({ projectId }) => projectId === issue?.projectId) : desks[0]
  if (!desk) throw readRefused(jira.info, 403)
  const path = `/rest/servicedeskapi/servicedesk/${desk.id}/attachTemporaryFile`
  const toId = (body: unknown) =>
    toText((toList<JsonRecord>(toRecord(body)?.temporaryAttachments, toRecord) ?? [])[0]?.temporaryAttachmentId)
  // Without this header Jira takes the form for one that another site has sent.
  return sendFile(jira, { path, headers: { 'x-atlassian-token': 'no-check' }, file: toMultipart(file, 'file'), toId }, call)
}

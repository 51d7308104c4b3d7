import type { Call } from '../../domain/call.ts'
import type { EntityRef } from '../../domain/ids.ts'
import { readTime } from '../../domain/instant.ts'
import type { TicketPriority } from '../../domain/ticket.ts'
import { type CustomFieldDraft, outcomeUnknown, rejected, type UpdateTicket, type WriteResult } from '../../domain/writes.ts'
import { adfToText, textToAdf } from '../adf.ts'
import { toRecord, toText, toValueTexts } from '../decode.ts'
import type { Answer } from '../http-client/types.ts'
import { toWriteResult } from '../vendor-api.ts'
import { type Change, isSameText, joinParts, type Part, type Prepared, type VerifiedWrite } from '../verified-write.ts'
import type { JiraField, JiraIssue } from './decode.ts'
import type { Jira } from './index.ts'
import { isPlainField, toFieldType, toFieldValue, toTicketPriority } from './mapping.ts'
import { readIssue } from './queries.ts'
import { readPriorities } from './site.ts'

// The parts of a change: what Jira takes for a field of an input, and what the issue then has. Jira drops a field that it does not let the account
// change, and `status` always, with a success (JIRA-09), so that every change is verified by the issue afterwards.

/** The body of `PUT /issue/{id}`. */
export interface Body {
  readonly fields?: Readonly<Record<string, unknown>>
  readonly update?: Readonly<Record<string, readonly unknown[]>>
}
export type PreparedIssue = Prepared<JiraIssue, Body>
export type IssuePart = Part<JiraIssue, Body>

export function join(parts: readonly IssuePart[]): PreparedIssue {
  return joinParts(parts, (bodies) => {
    const fields = Object.assign({}, ...bodies.map((body) => body.fields))
    const update = Object.assign({}, ...bodies.map((body) => body.update))
    return { ...(Object.keys(fields).length > 0 && { fields }), ...(Object.keys(update).length > 0 && { update }) }
  })
}

export function setField(
  name: string,
  value: unknown,
  isMet: (after: JiraIssue) => boolean,
  ...field: readonly string[]
): Change<JiraIssue, Body> {
  return { body: { fields: { [name]: value } }, wishes: [{ field: ['input', ...field], isMet }] }
}

export function toTitlePart(title: string): IssuePart {
  return setField('summary', title, ({ fields }) => isSameText(toText(fields.summary), title), 'title')
}

/** A text of the platform API is a document (JIRA-10). */
export function toDescriptionPart(text: string): IssuePart {
  return setField('description', textToAdf(text), ({ fields }) => isSameText(adfToText(fields.description), text), 'description')
}

/** By the names of the site. A priority that already has the meaning stays. */
export async function toPriorityPart(
  jira: Jira,
  before: JiraIssue | null,
  wanted: TicketPriority,
  call: Call,
): Promise<IssuePart> {
  const { info, config } = jira
  const isWanted = (one: JiraIssue['priority']) => one !== null && toTicketPriority(one, config.dialect) === wanted
  const target = isWanted(before?.priority ?? null) ? before?.priority : (await readPriorities(jira, call)).find(isWanted)
  if (!target) return rejected('INVALID', `${info.label} has no priority ${wanted}.`, ['input', 'priority'])
  return setField('priority', { id: target.id }, ({ priority }) => priority?.id === target.id, 'priority')
}

/** Adding and removing names the labels alone, so that two changes at once lose none. */
export function toTagsPart({ tags, addTags, removeTags }: UpdateTicket): IssuePart {
  if (!tags && !addTags?.length && !removeTags?.length) return null
  const [added, removed] = [addTags ?? [], removeTags ?? []]
  const name = tags ? 'tags' : added.length > 0 ? 'addTags' : 'removeTags'
  if ([...(tags ?? []), ...added].some((tag) => /\s/.test(tag)))
    return rejected('INVALID', 'A label has no blanks.', ['input', name])
  const isMet = ({ labels }: JiraIssue) => {
    const hasAll = [...(tags ?? []), ...added].every((tag) => labels.includes(tag) || removed.includes(tag))
    return (
      hasAll && !removed.some((tag) => labels.includes(tag)) && (!tags || labels.length === new Set([...tags, ...added]).size)
    )
  }
  if (tags)
    return setField(
      'labels',
      [...new Set([...tags, ...added])].filter((tag) => !removed.includes(tag)),
      isMet,
      name,
    )
  const labels = [...added.map((add) => ({ add })), ...removed.map((remove) => ({ remove }))]
  return { body: { update: { labels } }, wishes: [{ field: ['input', name], isMet }] }
}

/** `isRequest`: for a new request. Texts of the service desk API are wiki markup, which becomes a document that need not read the same (JIRA-10). */
export function toFieldParts(
  fields: readonly JiraField[],
  drafts: readonly CustomFieldDraft[] | null | undefined,
  isRequest = false,
): readonly IssuePart[] {
  return (drafts ?? []).map(({ key, value = null }, index) => {
    const place = ['customFields', String(index)]
    const field = fields.find(({ id }) => id === key)
    if (!field || !isPlainField(field)) return rejected('INVALID', 'The site has no such field.', ['input', ...place, 'key'])
    if (isRequest && isDocument(field) && typeof value === 'string')
      return setField(key, value, ({ fields: after }) => after[key] != null, ...place)
    const sent = toSentValue(field, value)
    if (sent === undefined) return rejected('INVALID', 'The field does not take this value.', ['input', ...place, 'value'])
    const isMet = ({ fields: after }: JiraIssue) => toComparable(field, after[key]) === toComparable(field, sent)
    return setField(key, sent, isMet, ...place)
  })
}

const isDocument = ({ custom }: JiraField) => custom?.endsWith(':textarea') ?? false

/** Choices in any order; no value is an empty list. */
function toComparable(field: JiraField, value: unknown): string {
  return toValueTexts(toFieldValue(value, toFieldType(field)))
    .toSorted()
    .join('\n')
}

/** What the platform API takes; undefined: the field does not take the value. */
function toSentValue(field: JiraField, value: unknown): unknown {
  if (value === null) return null
  const isChoice = field.items !== 'string'
  switch (toFieldType(field)) {
    case 'TEXT':
      if (typeof value !== 'string') return undefined
      return isDocument(field) ? textToAdf(value) : value
    case 'NUMBER':
      return typeof value === 'number' ? value : undefined
    case 'DATE':
      return typeof value === 'string' && readTime(`${value}T00:00:00Z`) ? value : undefined
    case 'DATETIME':
      // Jira takes an offset without a colon.
      return typeof value === 'string' ? readTime(value)?.instant.replace('Z', '+0000') : undefined
    case 'CHOICE':
      return typeof value === 'string' ? { id: value } : undefined
    case 'CHOICES':
      return Array.isArray(value) && value.every((one) => typeof one === 'string')
        ? value.map((id) => (isChoice ? { id } : id))
        : undefined
    case 'USER':
      return typeof value === 'string' ? { accountId: value } : undefined
    default:
      return undefined
  }
}

/** How a change is sent. */
interface Sending {
  readonly operation: string
  readonly method: 'PUT' | 'POST'
  readonly path: string
}

export function toWrite<Sent>(
  jira: Jira,
  ref: EntityRef,
  { operation, method, path }: Sending,
  prepare: VerifiedWrite<JiraIssue, Sent>['prepare'],
  call: Call,
): VerifiedWrite<JiraIssue, Sent> {
  const { info, upstream } = jira
  return {
    ref,
    label: info.label,
    read: (fresh) => readIssue(jira, ref.externalId, fresh),
    prepare,
    async send(body) {
      const written = await upstream.write({ operation, method, path, body, subject: ref.externalId }, call)
      jira.noteWritten(ref.externalId)
      return written
    },
    toRefusal: (answer) => toRefusal(jira, ref, answer),
    toTicket: (issue) => jira.toTicket(issue, jira.origin(), true),
  }
}

const inputsOf: Readonly<Record<string, string>> = {
  summary: 'title',
  description: 'description',
  priority: 'priority',
  labels: 'tags',
  resolution: 'resolutionStatus',
}

/** null: Jira took the change. Its texts are not passed on: they may hold names of people. */
export function toRefusal({ info }: Jira, ref: EntityRef | null, answer: Answer): WriteResult | null {
  if (answer.status < 300) return null
  const [field] = Object.keys(toRecord(toRecord(answer.body)?.errors) ?? {})
  const input = field && (inputsOf[field] ?? (field.startsWith('customfield_') ? 'customFields' : undefined))
  const toField = () => (input ? ['input', input] : null)
  return toWriteResult({ ended: 'answered', answer }, { source: info, ref, toApplied: () => outcomeUnknown(ref), toField })
}

export const changedSince = rejected('CONFLICT', 'The ticket was changed after this time.', ['input', 'ifUpdatedAt'])
export const isChangedSince = ({ updated }: JiraIssue, time: string | null) => time !== null && (updated ?? '') > time

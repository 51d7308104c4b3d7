import type { Instant } from '../../domain/instant.ts'
import {
  exceedsDepth,
  type JsonRecord,
  toId,
  toInstantFromEpoch,
  toInstantFromIso,
  toList,
  toNumber,
  toRecord,
  toText,
  toTexts,
} from '../decode.ts'

// The wire types of Jira Cloud, by the vendor's names. P is the platform API (/rest/api/3), S the service desk API (/rest/servicedeskapi). An issue
// needs only its id: a field of the wrong type reads as absent.

export interface JiraName {
  readonly id: string
  readonly name: string | null
}
/** The e-mail address is withheld from most accounts (JIRA-13). */
export interface JiraUser {
  readonly id: string
  readonly name: string | null
  readonly email: string | null
  /** `atlassian`, `customer` or `app`; null: S does not tell it. */
  readonly accountType: string | null
}
export type JiraCategory = 'new' | 'indeterminate' | 'done' | 'undefined'
export interface JiraStatus extends JiraName {
  readonly category: JiraCategory
}
/** A project with customers. */
export interface JiraDesk {
  readonly id: string
  readonly projectId: string
  readonly projectKey: string
  readonly name: string | null
}
/** A field of the site. */
export interface JiraField extends JiraName {
  /** `string`, `number`, `date`, `datetime`, `option`, `user`, `array`, … */
  readonly type: string | null
  readonly items: string | null
  /** What kind of custom field it is; null: a field of Jira itself. */
  readonly custom: string | null
}
/** What the mapping has to know of the site. */
export interface JiraSite {
  readonly fields: readonly JiraField[]
  readonly desks: readonly JiraDesk[]
}

export interface JiraIssue {
  readonly id: string
  readonly key: string | null
  readonly site: JiraSite
  readonly fields: JsonRecord
  readonly projectId: string | null
  readonly status: JiraStatus | null
  readonly resolution: JiraName | null
  readonly priority: JiraName | null
  readonly assignee: JiraUser | null
  readonly reporter: JiraUser | null
  readonly labels: readonly string[]
  readonly created: Instant | null
  readonly updated: Instant | null
  readonly attachments: readonly JiraFile[]
  /** null: they were not read. */
  readonly comments: readonly JiraComment[] | null
  readonly transitions: readonly JiraTransition[] | null
  readonly watchers: readonly JiraUser[] | null
  /** The issue as it came. */
  readonly record: JsonRecord
}
export interface JiraFile {
  readonly id: string
  readonly filename: string | null
  readonly size: number | null
  readonly mimeType: string | null
  readonly url: string | null
}
export interface JiraComment {
  readonly id: string
  readonly author: JiraUser | null
  readonly created: Instant | null
  /** false where the answer does not say: an internal note is never shown as public. */
  readonly isPublic: boolean
  /** A text of S is wiki markup, one of P a document (JIRA-10). */
  readonly body: { readonly wiki: string } | { readonly adf: unknown }
  readonly files: readonly JiraFile[]
}
export interface JiraTransition extends JiraName {
  readonly to: JiraStatus
  /** The fields of its screen that have to be filled in and have no default. */
  readonly required: readonly string[]
  readonly fields: readonly string[]
}

/** Ids are positive numbers. A key, such as DESK-12, is none: it changes with the project (JIRA-16). */
export function isIssueId(text: string): boolean {
  return /^[1-9]\d{0,14}$/.test(text)
}

export function isIssueKey(text: string): boolean {
  return /^[A-Za-z][A-Za-z0-9_]{1,99}-[1-9]\d{0,14}$/.test(text)
}

/** Documents of texts are deeper than other JSON: two levels for each level of a list. */
const maxDepth = 200

/** null: the value is not an issue. */
export function toIssue(value: unknown, site: JiraSite): JiraIssue | null {
  const record = toRecord(value)
  const id = record && toId(record.id)
  if (!record || id === null || !isIssueId(id) || exceedsDepth(record, maxDepth)) return null
  const fields = toRecord(record.fields) ?? {}
  return {
    ...{ id, site, fields, record, comments: null, transitions: null, watchers: null },
    key: toText(record.key),
    projectId: toId(toRecord(fields.project)?.id),
    status: toStatus(fields.status),
    resolution: toName(fields.resolution),
    priority: toName(fields.priority),
    assignee: toUser(fields.assignee),
    reporter: toUser(fields.reporter),
    labels: toTexts(fields.labels) ?? [],
    created: toInstantFromIso(fields.created),
    updated: toInstantFromIso(fields.updated),
    attachments: toList(fields.attachment, toFile) ?? [],
  }
}

export function toName(value: unknown): JiraName | null {
  const record = toRecord(value)
  const id = record && toId(record.id)
  return record && id !== null ? { id, name: toText(record.name) } : null
}

export function toUser(value: unknown): JiraUser | null {
  const record = toRecord(value)
  const id = record && toText(record.accountId)
  if (!record || id === null) return null
  return { id, name: toText(record.displayName), email: toText(record.emailAddress), accountType: toText(record.accountType) }
}

const categories = ['new', 'indeterminate', 'done'] as const

export function toStatus(value: unknown): JiraStatus | null {
  const name = toName(value)
  const key = toRecord(toRecord(value)?.statusCategory)?.key
  return name && { ...name, category: categories.find((category) => category === key) ?? 'undefined' }
}

export function toDesk(value: unknown): JiraDesk | null {
  const record = toRecord(value)
  const [id, projectId, projectKey] = [toId(record?.id), toId(record?.projectId), toText(record?.projectKey)]
  return id && projectId && projectKey ? { id, projectId, projectKey, name: toText(record?.projectName) } : null
}

export function toField(value: unknown): JiraField | null {
  const record = toRecord(value)
  const name = toName(record)
  const schema = toRecord(record?.schema)
  return name && { ...name, type: toText(schema?.type), items: toText(schema?.items), custom: toText(schema?.custom) }
}

/** A file of P, or of S, where only its address has its id. */
export function toFile(value: unknown): JiraFile | null {
  const record = toRecord(value)
  const links = toRecord(record?._links)
  const id = toId(record?.id) ?? idInAddress(links)
  if (!record || id === undefined || !isIssueId(id)) return null
  const url = toText(record.content) ?? toText(links?.content)
  return { id, url, filename: toText(record.filename), size: toNumber(record.size), mimeType: toText(record.mimeType) }
}

function idInAddress(links: JsonRecord | null): string | undefined {
  const address = toText(links?.jiraRest) ?? toText(links?.content) ?? ''
  return /\/attachment\/(?:content\/)?(\d+)/.exec(address)?.[1]
}

/** A comment of S. */
export function toComment(value: unknown): JiraComment | null {
  const record = toRecord(value)
  const id = record && toId(record.id)
  if (!record || id === null) return null
  return {
    ...{ id, author: toUser(record.author), created: toDate(record.created), isPublic: record.public === true },
    body: { wiki: toText(record.body) ?? '' },
    files: toList(toRecord(record.attachments)?.values, toFile) ?? [],
  }
}

/** A comment of P. */
export function toPlatformComment(value: unknown): JiraComment | null {
  const record = toRecord(value)
  const id = record && toId(record.id)
  if (!record || id === null || exceedsDepth(record, maxDepth)) return null
  const created = toInstantFromIso(record.created)
  return {
    id,
    author: toUser(record.author),
    created,
    isPublic: record.jsdPublic === true,
    body: { adf: record.body },
    files: [],
  }
}

/** A time of S has four forms. */
export function toDate(value: unknown): Instant | null {
  const record = toRecord(value)
  return toInstantFromEpoch(record?.epochMillis) ?? toInstantFromIso(record?.iso8601)
}

export function toTransition(value: unknown): JiraTransition | null {
  const record = toRecord(value)
  const [name, to] = [toName(record), toStatus(record?.to)]
  if (!record || !name || !to || record.isAvailable === false) return null
  const fields = Object.entries(toRecord(record.fields) ?? {}).map(([id, value]) => {
    const field = toRecord(value)
    return { key: toText(field?.key) ?? id, isNeeded: field?.required === true && field.hasDefaultValue !== true }
  })
  const required = fields.filter(({ isNeeded }) => isNeeded)
  return { ...name, to, required: required.map(({ key }) => key), fields: fields.map(({ key }) => key) }
}

import { type AdfDocument, isAdf, toWiki } from './adf.ts'
import { fieldIds, type JiraField } from './fields.ts'
import type { HistoryItem, JiraIssue } from './model.ts'
import { agents, developers, type JiraProject, organizations, serviceAccount } from './site.ts'
import type { JiraState } from './state.ts'
import { fromWiki } from './wiki.ts'
import { byId, type JiraName, priorities, resolutions } from './workflows.ts'

/** A value that a caller may not write, with the text that Jira says about its field. */
export class FieldError extends Error {}

/** Where a value comes from: the platform API writes documents, the service desk API wiki markup. */
export interface ValueContext {
  readonly state: JiraState
  readonly project: JiraProject
  readonly texts: 'adf' | 'wiki'
}

const fail = (text: string): never => {
  throw new FieldError(text)
}
const recordOf = (raw: unknown): Readonly<Record<string, unknown>> =>
  typeof raw === 'object' && raw !== null && !Array.isArray(raw) ? (raw as Record<string, unknown>) : {}

/** The value of a field as the state keeps it. Null clears it. Throws a `FieldError`. */
export function readValue(field: JiraField, raw: unknown, context: ValueContext): unknown {
  if (field.id === 'summary') return readSummary(raw)
  if (field.id === 'description') return raw === null ? null : readText(raw, context)
  if (field.id === 'priority') return readNamed(raw, priorities, "Specify a valid 'id' or 'name' for Priority")
  if (field.id === 'resolution') return readNamed(raw, resolutions, "Specify a valid 'id' or 'name' for Resolution")
  if (field.id === 'labels') return readLabels(raw)
  if (field.id === 'assignee') return readAssignee(raw, context)
  if (field.id === 'reporter') return readUser(raw, context) ?? fail('Reporter is required.')
  if (field.id === fieldIds.organizations) return listOf(raw).map(readOrganization)
  if (field.id === fieldIds.participants) return listOf(raw).map((one) => readUser(one, context))
  if (raw === null) return null
  const { type, items } = field.schema
  if (items === 'option') return listOf(raw).map((one) => readOption(field, one))
  if (type === 'option') return readOption(field, raw)
  if (type === 'number') return typeof raw === 'number' ? raw : fail('Operation value must be a number')
  if (type === 'date') return readDay(raw)
  if (type === 'datetime') return readInstant(raw)
  if (type === 'user') return readUser(raw, context)
  return typeof raw === 'string' ? raw : fail('Operation value must be a string')
}

function readSummary(raw: unknown): string {
  const text = typeof raw === 'string' ? raw.trim() : ''
  if (text === '') fail('You must specify a summary of the issue.')
  if (/[\r\n]/.test(text)) fail('The summary is invalid because it contains newline characters.')
  return text.length > 255 ? fail("Summary can't exceed 255 characters.") : text
}

/** A text in the form of the API. The platform API refuses plain texts; the service desk API takes documents on request only. */
function readText(raw: unknown, { texts }: ValueContext): AdfDocument {
  if (texts === 'wiki') return typeof raw === 'string' ? fromWiki(raw) : fail('Operation value must be a string')
  return isAdf(raw) ? raw : fail('Operation value must be an Atlassian Document (see the Atlassian Document Format)')
}

function readNamed(raw: unknown, items: readonly JiraName[], refusal: string): string {
  const { id, name } = recordOf(raw)
  const found = items.find(
    (item) => item.id === String(id) || (typeof name === 'string' && item.name.toLowerCase() === name.toLowerCase()),
  )
  return found?.id ?? fail(refusal)
}

const listOf = (raw: unknown): readonly unknown[] =>
  raw === null ? [] : Array.isArray(raw) ? raw : fail('data was not an array')

function readLabels(raw: unknown): readonly string[] {
  const labels = listOf(raw).map((label) => (typeof label === 'string' ? label : fail('string expected at index 0')))
  const spaced = labels.find((label) => /\s/.test(label))
  return spaced === undefined ? [...new Set(labels)] : fail(`The label '${spaced}' contains spaces which is invalid.`)
}

function readUser(raw: unknown, { state }: ValueContext): string | null {
  if (raw === null) return null
  const id = typeof raw === 'string' ? raw : (recordOf(raw).accountId ?? recordOf(raw).id)
  if (id === undefined || id === null) return null
  return state.users.has(String(id)) ? String(id) : fail(`User '${id}' does not exist.`)
}

/** An active person of the project. `-1` stands for the project's default: no one. */
export function readAssignee(raw: unknown, context: ValueContext): string | null {
  const { accountId, id } = recordOf(raw)
  if (raw === null || accountId === '-1' || id === '-1') return null
  const user = readUser(raw, context)
  const members = context.project.projectTypeKey === 'software' ? developers : [...agents, serviceAccount]
  if (user !== null && !members.some((member) => member.accountId === user && member.active)) {
    fail(`User '${user}' cannot be assigned issues.`)
  }
  return user
}

function readOrganization(raw: unknown): number {
  const id = Number(typeof raw === 'object' ? recordOf(raw).id : raw)
  return organizations.some((organization) => organization.id === id) ? id : fail(`Organization '${id}' does not exist.`)
}

function readOption({ options = [], name }: JiraField, raw: unknown): string {
  const { id, value } = recordOf(raw)
  const found = options.find((option) => option.id === String(id) || option.value === value)
  return (
    found?.id ?? fail(id === undefined ? `Option value '${value}' is not valid for ${name}` : `Option id '${id}' is not valid`)
  )
}

function readDay(raw: unknown): string {
  const isDay = typeof raw === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(raw) && !Number.isNaN(Date.parse(raw))
  return isDay ? raw : fail("Error parsing date string. The date must have the format 'yyyy-MM-dd'.")
}

function readInstant(raw: unknown): number {
  const text = typeof raw === 'string' ? raw.replace(/([+-]\d{2})(\d{2})$/, '$1:$2') : ''
  const isComplete = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/.test(text)
  return isComplete ? Date.parse(text) : fail('Error parsing time. Use a format such as 2011-10-19T10:29:29.908+1100.')
}

const slots: Readonly<Record<string, keyof JiraIssue>> = {
  ...{ summary: 'summary', description: 'description', priority: 'priorityId', labels: 'labels', assignee: 'assigneeId' },
  ...{ reporter: 'reporterId', duedate: 'dueDate', resolution: 'resolutionId' },
  ...{ [fieldIds.organizations]: 'organizationIds', [fieldIds.participants]: 'participantIds' },
}

/** The value that an issue has. */
export function currentValue(issue: JiraIssue, { id }: JiraField): unknown {
  const slot = slots[id]
  return slot === undefined ? (issue.custom[id] ?? null) : issue[slot]
}

/** The change that a value is, with its history item. Null: the issue has the value already. */
export function toChange(
  state: JiraState,
  issue: JiraIssue,
  field: JiraField,
  value: unknown,
): { readonly changes: Partial<JiraIssue>; readonly item: HistoryItem } | null {
  const before = currentValue(issue, field)
  if (JSON.stringify(before) === JSON.stringify(value)) return null
  const isCustom = field.schema.customId !== undefined
  const [from, to] = [show(state, field, before), show(state, field, value)]
  const slot = slots[field.id]
  return {
    changes: slot === undefined ? { custom: { ...issue.custom, [field.id]: value } } : { [slot]: value },
    item: {
      ...{ field: isCustom ? field.name : field.id, fieldtype: isCustom ? 'custom' : 'jira', fieldId: field.id },
      ...{ from: from.id, fromString: from.text, to: to.id, toString: to.text },
    },
  }
}

/** A value as the history shows it: an id where it has one, and a text. */
function show(state: JiraState, field: JiraField, value: unknown): { readonly id: string | null; readonly text: string | null } {
  if (value === null || value === undefined) return { id: null, text: null }
  const named = (items: readonly JiraName[]) => ({ id: String(value), text: byId(items, String(value)).name })
  if (field.id === 'priority') return named(priorities)
  if (field.id === 'resolution') return named(resolutions)
  if (field.id === 'description') return { id: null, text: toWiki(value as AdfDocument) }
  if (field.schema.type === 'user') return { id: String(value), text: state.users.get(String(value))?.displayName ?? null }
  if (field.schema.type === 'option')
    return { id: String(value), text: field.options?.find(({ id }) => id === value)?.value ?? null }
  return { id: null, text: Array.isArray(value) ? value.join(' ') : String(value) }
}

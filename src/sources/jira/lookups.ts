import type { Call } from '../../domain/call.ts'
import type { Agent } from '../../domain/ticket.ts'
import { toChoiceField, toCustomFormFields, toFormField, toOption } from '../create-form.ts'
import { toList, toRecord, toText } from '../decode.ts'
import { lookUp, lookUpIfAny } from '../installation-tables.ts'
import type { CustomFieldDefinition, FormField, FormOption, FormRequest, ResolutionOption, TransferQueue } from '../source.ts'
import { createParts } from '../ticket-parts.ts'
import { type JiraUser, toField, toName, toUser } from './decode.ts'
import type { Jira } from './index.ts'
import { isPlainField, toFieldType, toTicketPriority } from './mapping.ts'
import { readAllIfAny, readDesks, readFields, readPriorities, readResolutions } from './site.ts'

/** The service desks, by their projects: where a new ticket can be opened. A ticket is not moved to another one: docs/sources/jira.md. */
export async function transferQueues(jira: Jira, call: Call): Promise<readonly TransferQueue[]> {
  const desks = await readDesks(jira, call)
  return desks.map(({ projectId, projectKey, name }) => ({ key: projectId, name: name ?? projectKey, language: null }))
}

export async function resolutionStatuses(jira: Jira, call: Call): Promise<readonly ResolutionOption[]> {
  return (await readResolutions(jira, call)).map(({ id, name }) => ({ key: id, label: name ?? id }))
}

/** Jira returns 1000 users at most. */
const maxUsers = 100

function searchAssignable(
  jira: Jira,
  of: Readonly<Record<string, string>>,
  query: string,
  call: Call,
): Promise<readonly JiraUser[]> {
  const parameters = new URLSearchParams({ ...of, query, maxResults: String(maxUsers) })
  return lookUp(jira, `/rest/api/3/user/assignable/search?${parameters}`, (body) => toList(body, toUser), call)
}

/** Those who can have an issue and are named so, by account id, name or e-mail address in any casing. */
export async function findAssignable(jira: Jira, issueKey: string, name: string, call: Call): Promise<readonly JiraUser[]> {
  const wanted = name.trim().toLowerCase()
  const parameters = new URLSearchParams({ issueKey, accountId: name.trim() })
  const decode = (body: unknown) => toList(body, toUser)
  const byId = (await lookUpIfAny(jira, `/rest/api/3/user/assignable/search?${parameters}`, decode, call)) ?? []
  const isWanted = (user: JiraUser) => [user.id, user.name, user.email].some((text) => text?.toLowerCase() === wanted)
  const found = byId.filter(isWanted)
  return found.length > 0 ? found : (await searchAssignable(jira, { issueKey }, name.trim(), call)).filter(isWanted)
}

/** How many service desks are asked for their agents: each is a call. */
const maxDesks = 20

/** Those who can have tickets of the service desks. */
export async function agents(
  jira: Jira,
  { search, first }: { readonly search: string | null; readonly first: number },
  call: Call,
): Promise<readonly Agent[]> {
  const desks = (await readDesks(jira, call)).slice(0, maxDesks)
  const lists = await Promise.all(
    desks.map(({ projectKey }) => searchAssignable(jira, { project: projectKey }, search?.trim() ?? '', call)),
  )
  const users = [...new Map(lists.flat().map((user) => [user.id, user])).values()]
  const { toAgent } = createParts(jira.origin())
  return users
    .toSorted((one, other) => ((one.name ?? one.id) < (other.name ?? other.id) ? -1 : 1))
    .slice(0, first)
    .map(toAgent)
}

/** A request type with its service desk. */
interface RequestType {
  readonly id: string
  readonly name: string | null
  readonly deskId: string
}

function readRequestTypes(jira: Jira, call: Call): Promise<readonly RequestType[]> {
  const decode = (value: unknown) => {
    const [name, deskId] = [toName(value), toText(toRecord(value)?.serviceDeskId)]
    return name && deskId !== null ? { ...name, deskId } : null
  }
  const load = async (to: Call) => (await readAllIfAny(jira, '/rest/servicedeskapi/requesttype', decode, to)) ?? []
  return jira.tables.read('request types', call, load)
}

/** The fields of a request type where both are named, else the custom fields of the site, of which no options are told. */
export async function customFieldDefinitions(
  jira: Jira,
  { queue, type }: Omit<FormRequest, 'market'>,
  call: Call,
): Promise<readonly CustomFieldDefinition[]> {
  const requested = queue !== null && type !== null ? await readRequestFields(jira, queue, type, call) : null
  if (requested) return requested.filter(({ key }) => key.startsWith('customfield_'))
  const fields = await readFields(jira, call)
  return fields.filter(isPlainField).map((field) => ({
    ...{ key: field.id, label: field.name ?? field.id, type: toFieldType(field) },
    required: false,
    writable: true,
    options: null,
  }))
}

/** null: there is no such desk or request type. */
async function readRequestFields(
  jira: Jira,
  queue: string,
  type: string,
  call: Call,
): Promise<readonly CustomFieldDefinition[] | null> {
  const desk = (await readDesks(jira, call)).find(({ projectId }) => projectId === queue)
  if (!desk) return null
  const path = `/rest/servicedeskapi/servicedesk/${desk.id}/requesttype/${encodeURIComponent(type)}/field`
  return lookUpIfAny(jira, path, (body) => toList(toRecord(body)?.requestTypeFields, toDefinition), call)
}

function toDefinition(value: unknown): CustomFieldDefinition | null {
  const record = toRecord(value)
  const key = toText(record?.fieldId)
  if (!record || key === null) return null
  const field = toField({ id: key, name: record.name, schema: record.jiraSchema })
  const options = toList(record.validValues, toValue) ?? []
  const type = field ? toFieldType(field) : 'OTHER'
  return {
    key,
    label: field?.name ?? key,
    type,
    required: record.required === true,
    writable: true,
    options: options.length > 0 ? options : null,
  }
}

function toValue(value: unknown): FormOption | null {
  const key = toText(toRecord(value)?.value)
  return key === null ? null : toOption(key, toText(toRecord(value)?.label))
}

/** The fields of a new ticket by what a request type calls them. */
const inputs: Readonly<Record<string, string>> = { summary: 'title', description: 'description', priority: 'priority' }

/** Service desk, request type, and the fields of the chosen one. */
export async function createForm(jira: Jira, { queue, type }: FormRequest, call: Call): Promise<readonly FormField[]> {
  const [desks, types, priorities, chosen] = await Promise.all([
    readDesks(jira, call),
    readRequestTypes(jira, call),
    readPriorities(jira, call),
    queue !== null && type !== null ? readRequestFields(jira, queue, type, call) : null,
  ])
  const projectOf = new Map(desks.map(({ id, projectId }) => [id, projectId]))
  const typesOfDesks = types.flatMap(({ id, name, deskId }) => {
    const parent = projectOf.get(deskId)
    return parent === undefined ? [] : [{ ...toOption(id, name), parent }]
  })
  const known = [...new Set(priorities.map((one) => toTicketPriority(one, jira.config.dialect)))].filter(
    (one) => one !== 'UNKNOWN',
  )
  const toInput = ({ key, label, required }: { readonly key: string; readonly label: string; readonly required: boolean }) => {
    const input = inputs[key]
    if (input === 'priority') return [toChoiceField(input, label, known, { required })]
    return input === undefined ? [] : [toFormField(input, label, { required })]
  }
  return [
    toChoiceField(
      'queue',
      'Service desk',
      desks.map(({ projectId, name }) => ({ id: projectId, name })),
      { required: true },
    ),
    toFormField('type', 'Request type', { type: 'CHOICE', options: typesOfDesks, required: true, dependsOn: 'queue' }),
    toFormField('customer', 'Raise this request on behalf of'),
    ...(chosen ?? usualFields).flatMap(toInput),
    ...toCustomFormFields(chosen?.filter(({ key }) => key.startsWith('customfield_')) ?? []),
  ]
}

const usualFields = [
  { key: 'summary', label: 'Summary', required: true },
  { key: 'description', label: 'Description', required: false },
]

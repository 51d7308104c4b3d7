import type { Call } from '../../domain/call.ts'
import { encodeUrlPart } from '../../domain/formats.ts'
import type { Agent, CustomFieldType, Group } from '../../domain/ticket.ts'
import { toChoiceField, toCustomFormFields, toFormField, toOption, toQueueField } from '../create-form.ts'
import { toList, toRecord, toTexts } from '../decode.ts'
import { byName } from '../dialect.ts'
import { lookUp, lookUpIfAny } from '../installation-tables.ts'
import type { CustomFieldDefinition, FormField, FormRequest, TransferQueue } from '../source.ts'
import { createParts } from '../ticket-parts.ts'
import { type RedmineFieldDefinition, type RedmineName, toFieldDefinition, toIssuePage, toName, toStatus } from './decode.ts'
import type { Redmine } from './index.ts'
import { toTicketPriority } from './mapping.ts'

// The tables of an installation. Each is read again after a minute: administrators change them.

export function readStatuses(redmine: Redmine, call: Call) {
  return readTable(redmine, '/issue_statuses.json', 'issue_statuses', toStatus, call)
}

export function readPriorities(redmine: Redmine, call: Call) {
  return readTable(redmine, '/enumerations/issue_priorities.json', 'issue_priorities', toName, call)
}

function readTable<T>(redmine: Redmine, path: string, key: string, decode: (value: unknown) => T | null, call: Call) {
  const load = (to: Call) => lookUp(redmine, path, (body) => toList(toRecord(body)?.[key], decode), to)
  return redmine.tables.read(key, call, load)
}

/** Reads a list that Redmine returns in pages of a hundred. `maxPages` bounds a server that never ends. */
async function readAll<T>(redmine: Redmine, path: string, key: string, decode: (value: unknown) => T, call: Call) {
  const [size, maxPages] = [100, 50]
  const all: T[] = []
  for (let page = 0; page < maxPages; page++) {
    const paged = `${path}?limit=${size}&offset=${page * size}`
    const list = await lookUp(redmine, paged, (body) => toList(toRecord(body)?.[key], (one) => [decode(one)]), call)
    all.push(...list.flat())
    if (list.length < size) break
  }
  return all
}

/** The projects that the account sees: where a ticket can be moved to. */
export async function transferQueues(redmine: Redmine, call: Call): Promise<readonly TransferQueue[]> {
  const load = (to: Call) => readAll(redmine, '/projects.json', 'projects', toName, to)
  const projects = await redmine.tables.read('projects', call, load)
  return projects.flatMap((project) => (project ? [{ key: project.id, name: project.name ?? project.id, language: null }] : []))
}

/** A project with its trackers and categories; null where there is none or the account does not see it. */
export function readProject(redmine: Redmine, id: string, call: Call) {
  const path = `/projects/${encodeUrlPart(id)}.json?include=trackers,issue_categories`
  const decode = (body: unknown) => {
    const project = toRecord(toRecord(body)?.project)
    const name = toName(project)
    const [trackers, categories] = [toList(project?.trackers, toName) ?? [], toList(project?.issue_categories, toName) ?? []]
    return name && { ...name, trackers, categories }
  }
  return redmine.tables.read(
    `project ${id}`,
    call,
    (to) => lookUpIfAny(redmine, path, decode, to),
    (table) => table !== null,
  )
}

/** The users or the groups that are members of a project. `isEnough`: see `InstallationTables`. */
export async function readMembers(
  redmine: Redmine,
  projectId: string,
  kind: 'user' | 'group',
  call: Call,
  isEnough?: (members: readonly RedmineName[]) => boolean,
): Promise<readonly RedmineName[]> {
  const path = `/projects/${encodeUrlPart(projectId)}/memberships.json`
  const load = async (to: Call) => {
    const members = await readAll(redmine, path, 'memberships', (one) => toName(toRecord(one)?.[kind]), to)
    return members.filter((member) => member !== null)
  }
  return redmine.tables.read(`${kind}s of ${projectId}`, call, load, isEnough)
}

/** How many projects are asked for their members: each is a call. */
const maxProjects = 20

async function readAllMembers(redmine: Redmine, kind: 'user' | 'group', call: Call): Promise<readonly RedmineName[]> {
  const projects = (await transferQueues(redmine, call)).slice(0, maxProjects)
  const members = await Promise.all(projects.map(({ key }) => readMembers(redmine, key, kind, call)))
  return [...new Map(members.flat().map((member) => [member.id, member])).values()]
}

/** The members of the projects. Redmine does not tell agents from customers. */
export async function agents(
  redmine: Redmine,
  { search, first }: { readonly search: string | null; readonly first: number },
  call: Call,
): Promise<readonly Agent[]> {
  const wanted = search?.toLowerCase() ?? ''
  const members = await readAllMembers(redmine, 'user', call)
  const found = members.filter(({ name }) => (name ?? '').toLowerCase().includes(wanted))
  return found.slice(0, first).map(createParts(redmine.origin()).toAgent)
}

export async function groups(redmine: Redmine, { first }: { readonly first: number }, call: Call): Promise<readonly Group[]> {
  const members = await readAllMembers(redmine, 'group', call)
  return members.slice(0, first).map(createParts(redmine.origin()).toGroup)
}

const fieldTypes: Readonly<Record<string, CustomFieldType>> = {
  ...{ string: 'TEXT', text: 'TEXT', link: 'TEXT', int: 'NUMBER', float: 'NUMBER', bool: 'BOOLEAN', date: 'DATE' },
  ...{ list: 'CHOICE', enumeration: 'CHOICE', user: 'USER' },
}

/** Redmine tells them to administrators only. For another account they are the fields of the latest ticket, without their options. */
export async function customFieldDefinitions(
  redmine: Redmine,
  { queue, type }: Omit<FormRequest, 'market'>,
  call: Call,
): Promise<readonly CustomFieldDefinition[]> {
  const decode = (body: unknown) => toList(toRecord(body)?.custom_fields, (one) => [toFieldDefinition(one)])
  const load = (to: Call) => lookUpIfAny(redmine, '/custom_fields.json', decode, to)
  const known = await redmine.tables.read('custom fields', call, load)
  if (known === null) return readSampleFields(redmine, { queue, type }, call)
  const fields = known.flat().filter((field) => field !== null)
  const trackerId = type && (await readTrackerId(redmine, queue, type, call))
  return fields
    .filter(({ trackerIds }) => !trackerId || trackerIds.includes(trackerId))
    .map((field) => toDefinition(redmine, field))
}

async function readTrackerId(redmine: Redmine, queue: string | null, type: string, call: Call): Promise<string | undefined> {
  const trackers = (queue && (await readProject(redmine, queue, call))?.trackers) || (await readTrackers(redmine, call))
  return trackers.find(({ id, name }) => id === type || name === type)?.id
}

export function readTrackers(redmine: Redmine, call: Call) {
  return readTable(redmine, '/trackers.json', 'trackers', toName, call)
}

async function readSampleFields(redmine: Redmine, { queue, type }: Omit<FormRequest, 'market'>, call: Call) {
  const trackerId = type && (await readTrackerId(redmine, queue, type, call))
  const conditions = [...(queue ? [`project_id=${encodeUrlPart(queue)}`] : []), ...(trackerId ? [`tracker_id=${trackerId}`] : [])]
  const path = `/issues.json?${['status_id=*', ...conditions].join('&')}&sort=id:desc&limit=1`
  const page = await lookUp(redmine, path, toIssuePage, call)
  const fields = page.list[0]?.customFields ?? []
  return fields.map((field) =>
    toDefinition(redmine, { ...field, format: null, isRequired: false, options: null, trackerIds: [] }),
  )
}

function toDefinition({ config }: Redmine, field: RedmineFieldDefinition): CustomFieldDefinition {
  const { id, name, format, multiple, isRequired, options } = field
  const told = format === null ? 'TEXT' : (byName(fieldTypes, format) ?? 'OTHER')
  const type = byName(config.dialect.customFieldTypes, name) ?? (multiple ? 'CHOICES' : told)
  const shown = options?.map((option) => toOption(option)) ?? null
  return { key: id, label: name ?? id, type, required: isRequired, writable: true, options: shown }
}

/** Project, tracker and category by their keys, the priorities that the installation has, and the custom fields. */
export async function createForm(redmine: Redmine, { queue, type }: FormRequest, call: Call): Promise<readonly FormField[]> {
  const [projects, project, priorities, fields] = await Promise.all([
    transferQueues(redmine, call),
    queue === null ? null : readProject(redmine, queue, call),
    readPriorities(redmine, call),
    customFieldDefinitions(redmine, { queue, type }, call),
  ])
  const trackers = project?.trackers ?? (await readTrackers(redmine, call))
  const values = new Set(priorities.map((one) => toTicketPriority(one, redmine.config.dialect)))
  return [
    toQueueField('Project', projects),
    toChoiceField('type', 'Tracker', trackers),
    toFormField('title', 'Subject', { required: true }),
    toFormField('description', 'Description'),
    toChoiceField('priority', 'Priority', [...values]),
    ...(project?.categories.length ? [toChoiceField('category', 'Category', project.categories)] : []),
    ...toCustomFormFields(fields),
  ]
}

/**
 * Whether the account may write private notes in a project: by its roles there, or as an administrator. No table answers it: a right that was
 * withdrawn a moment ago would publish the note (REDMINE-01).
 */
export async function mayWritePrivateNotes(redmine: Redmine, project: RedmineName | null, call: Call): Promise<boolean> {
  const path = '/users/current.json?include=memberships'
  const user = await lookUp(redmine, path, (body) => toRecord(toRecord(body)?.user), call)
  if (user.admin === true) return true
  const roles = (toList(user.memberships, toRecord) ?? [])
    .filter((membership) => project !== null && toName(membership.project)?.id === project.id)
    .flatMap((membership) => toList(membership.roles, toName) ?? [])
  for (const { id } of roles) {
    const role = await lookUp(redmine, `/roles/${encodeUrlPart(id)}.json`, (body) => toRecord(toRecord(body)?.role), call)
    if (toTexts(role.permissions)?.includes('set_notes_private')) return true
  }
  return false
}

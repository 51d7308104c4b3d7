import type { Call } from '../../domain/call.ts'
import { encodeUrlPart } from '../../domain/formats.ts'
import type { Agent, Group } from '../../domain/ticket.ts'
import { searchPeople, toQueues } from '../choices.ts'
import { toChoiceField, toCustomFormFields, toFormField, toOption } from '../create-form.ts'
import { toId, toList, toRecord } from '../decode.ts'
import { badResponse } from '../http-client/upstream-error.ts'
import { lookUpIfAny } from '../installation-tables.ts'
import { toChunks } from '../pagination/load-each.ts'
import type { CustomFieldDefinition, FormField, FormRequest, TransferQueue } from '../source.ts'
import { createParts } from '../ticket-parts.ts'
import {
  toField,
  toName,
  toNextCursor,
  toStatus,
  toUser,
  type ZendeskField,
  type ZendeskName,
  type ZendeskTables,
  type ZendeskUser,
} from './decode.ts'
import type { Zendesk } from './index.ts'
import { priorities, toFieldType } from './mapping.ts'

// Lists of records beside tickets, and the tables of an account. Each table is read again after a minute: administrators change them.

/** Bounds a list that never ends. */
const maxPages = 50

/** All records of a list; null where there is none or the account may not see it (404, 403). `path` may have a query. */
export async function readAll<T>(
  zendesk: Zendesk,
  path: string,
  decode: (body: unknown) => readonly T[] | null,
  call: Call,
): Promise<readonly T[] | null> {
  const all: T[] = []
  const paged = `${path}${path.includes('?') ? '&' : '?'}page[size]=100`
  let cursor: string | null = null
  for (let page = 0; page < maxPages; page++) {
    const after: string = cursor === null ? '' : `&page[after]=${encodeUrlPart(cursor)}`
    const decodePage = (body: unknown) => {
      const list = decode(body)
      return list && { list, next: toNextCursor(body) }
    }
    const read: { readonly list: readonly T[]; readonly next: string | null } | null = await lookUpIfAny(
      zendesk,
      paged + after,
      decodePage,
      call,
    )
    if (read === null) return null
    all.push(...read.list)
    if (read.next === null) return all
    if (read.next === cursor) throw badResponse(zendesk.info)
    cursor = read.next
  }
  throw badResponse(zendesk.info)
}

function readTable<T>(zendesk: Zendesk, name: string, decode: (item: unknown) => T | null, call: Call, path = name) {
  const load = async (to: Call) =>
    (await readAll(zendesk, `/api/v2/${path}`, (body) => toList(toRecord(body)?.[name], decode), to)) ?? []
  return zendesk.tables.read(path, call, load)
}

/** The statuses and the fields of the account. */
export async function readTables(zendesk: Zendesk, call: Call): Promise<ZendeskTables> {
  const [statuses, fields] = await Promise.all([
    readTable(zendesk, 'custom_statuses', toStatus, call),
    readTable(zendesk, 'ticket_fields', toField, call),
  ])
  return { statuses, fields }
}

/** The groups that tickets can be given to. */
export function readGroups(zendesk: Zendesk, call: Call): Promise<readonly ZendeskName[]> {
  return readTable(zendesk, 'groups', toName, call, 'groups/assignable')
}

/** The agents that tickets can be given to: the members of those groups. */
export function readAgents(zendesk: Zendesk, call: Call): Promise<readonly ZendeskUser[]> {
  const load = async (to: Call) => {
    const decode = (body: unknown) =>
      toList(toRecord(body)?.group_memberships, (membership) => toId(toRecord(membership)?.user_id))
    const members = await readAll(zendesk, '/api/v2/group_memberships/assignable', decode, to)
    const ids = [...new Set(members ?? [])]
    const toUsers = (body: unknown) => toList(toRecord(body)?.users, toUser)
    const users = await Promise.all(
      toChunks(ids, 100).map((chunk) => lookUpIfAny(zendesk, `/api/v2/users/show_many?ids=${chunk.join(',')}`, toUsers, to)),
    )
    return users.flatMap((list) => list ?? [])
  }
  return zendesk.tables.read('agents', call, load)
}

function partsOf({ info, config }: Zendesk) {
  return createParts({ source: info, tenant: config.tenant })
}

export async function agents(
  zendesk: Zendesk,
  { search, first }: { readonly search: string | null; readonly first: number },
  call: Call,
): Promise<readonly Agent[]> {
  const found = searchPeople(await readAgents(zendesk, call), search, ({ name, email }) => [name, email])
  return found.slice(0, first).map(partsOf(zendesk).toAgent)
}

export async function groups(zendesk: Zendesk, { first }: { readonly first: number }, call: Call): Promise<readonly Group[]> {
  const all = await readGroups(zendesk, call)
  return all.slice(0, first).map(partsOf(zendesk).toGroup)
}

/** A queue is a group. */
export async function transferQueues(zendesk: Zendesk, call: Call): Promise<readonly TransferQueue[]> {
  return toQueues(await readGroups(zendesk, call))
}

/** The types of the fields that every account has, which are no custom fields. */
const systemTypes: ReadonlySet<string> = new Set([
  ...['subject', 'description', 'status', 'custom_status', 'tickettype', 'priority', 'group', 'assignee'],
])

/** The fields that the account has added and not switched off. */
export async function customFieldDefinitions(
  zendesk: Zendesk,
  _: unknown,
  call: Call,
): Promise<readonly CustomFieldDefinition[]> {
  const { fields } = await readTables(zendesk, call)
  return fields.filter(isCustom).map((field) => {
    const options = field.options?.map(({ name, value }) => toOption(value, name)) ?? null
    return {
      key: field.id,
      label: field.title ?? field.id,
      type: toFieldType(field),
      required: field.isRequired,
      writable: true,
      options,
    }
  })
}

export function isCustom({ type, isActive }: ZendeskField): boolean {
  return isActive && !systemTypes.has(type)
}

/** A field that is required is so when a ticket is solved, not when it is opened. */
export async function createForm(zendesk: Zendesk, _: FormRequest, call: Call): Promise<readonly FormField[]> {
  const [queues, fields] = await Promise.all([readGroups(zendesk, call), customFieldDefinitions(zendesk, null, call)])
  return [
    toFormField('title', 'Subject', { required: true }),
    toFormField('description', 'Description', { required: true }),
    toFormField('customer', 'Requester'),
    toChoiceField('queue', 'Group', queues),
    toChoiceField('type', 'Type', ['question', 'incident', 'problem', 'task']),
    toChoiceField(
      'priority',
      'Priority',
      priorities.words.map((word) => priorities.toValue(word)),
    ),
    ...toCustomFormFields(fields).map((field) => ({ ...field, required: false })),
  ]
}

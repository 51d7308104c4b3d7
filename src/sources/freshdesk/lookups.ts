import { randomUUID } from 'node:crypto'
import type { Call } from '../../domain/call.ts'
import { anonymous } from '../../domain/permissions.ts'
import type { Agent, Group } from '../../domain/ticket.ts'
import { searchPeople, toQueues } from '../choices.ts'
import { toChoiceField, toCustomFormFields, toFormField } from '../create-form.ts'
import { toList } from '../decode.ts'
import { badResponse } from '../http-client/upstream-error.ts'
import { lookUp, lookUpIfAny } from '../installation-tables.ts'
import type { AccountWarning, CustomFieldDefinition, FormField, FormRequest, TransferQueue } from '../source.ts'
import { createParts } from '../ticket-parts.ts'
import { type FreshdeskTables, toAgent, toField, toNamed } from './decode.ts'
import type { Freshdesk } from './index.ts'
import { choicesOf, priorities, toLevels } from './mapping.ts'

// Lists of records beside tickets, and the tables of an account. Each table is read again after a minute: administrators change them.

/** The most records of one answer. */
const perPage = 100
/** Bounds a list that never ends. */
const maxPages = 50

/** All records of a list; null where there is none or the key may not see it (404, 403). A page that is full is not the last. */
export async function readAll<T>(
  freshdesk: Freshdesk,
  path: string,
  decode: (item: unknown) => T | null,
  call: Call,
): Promise<readonly T[] | null> {
  const all: T[] = []
  for (let page = 1; page <= maxPages; page++) {
    const decodePage = (body: unknown) => {
      const list = toList(body, decode)
      return list && { list, isFull: Array.isArray(body) && body.length >= perPage }
    }
    const read = await lookUpIfAny(freshdesk, `/api/v2/${path}?per_page=${perPage}&page=${page}`, decodePage, call)
    if (read === null) return null
    all.push(...read.list)
    if (!read.isFull) return all
  }
  throw badResponse(freshdesk.info)
}

/** The fields, agents and groups of the account. */
export async function readTables(freshdesk: Freshdesk, call: Call): Promise<FreshdeskTables> {
  const { tables } = freshdesk
  const byId = async <T extends { readonly id: string }>(path: string, decode: (item: unknown) => T | null, to: Call) =>
    new Map((await readAll(freshdesk, path, decode, to))?.map((one) => [one.id, one]))
  const [fields, agents, groups] = await Promise.all([
    tables.read('fields', call, async (to) => (await lookUpIfAny(freshdesk, '/api/v2/ticket_fields', toFields, to)) ?? []),
    tables.read('agents', call, (to) => byId('agents', toAgent, to)),
    tables.read('groups', call, (to) => byId('groups', toNamed, to)),
  ])
  return { fields, agents, groups }
}

const toFields = (body: unknown) => toList(body, toField)

function partsOf({ info, config }: Freshdesk) {
  return createParts({ source: info, tenant: config.tenant })
}

export async function agents(
  freshdesk: Freshdesk,
  { search, first }: { readonly search: string | null; readonly first: number },
  call: Call,
): Promise<readonly Agent[]> {
  const all = [...(await readTables(freshdesk, call)).agents.values()]
  const found = searchPeople(all, search, ({ name, email }) => [name, email])
  return found.slice(0, first).map(partsOf(freshdesk).toAgent)
}

export async function groups(freshdesk: Freshdesk, { first }: { readonly first: number }, call: Call): Promise<readonly Group[]> {
  const all = [...(await readTables(freshdesk, call)).groups.values()]
  return all.slice(0, first).map(partsOf(freshdesk).toGroup)
}

/** A queue is a group. */
export async function transferQueues(freshdesk: Freshdesk, call: Call): Promise<readonly TransferQueue[]> {
  return toQueues([...(await readTables(freshdesk, call)).groups.values()])
}

/** The fields that the account has added. A field in levels is one field for each level, whose choices depend on the level above. */
export async function customFieldDefinitions(
  freshdesk: Freshdesk,
  _: unknown,
  call: Call,
): Promise<readonly CustomFieldDefinition[]> {
  const { fields } = await readTables(freshdesk, call)
  return fields
    .filter(({ isOwn }) => isOwn)
    .flatMap((field) =>
      toLevels(field).map(({ name: key, label, type, choices: options }) => ({
        ...{ key, label, type, options, required: field.isRequired, writable: true },
      })),
    )
}

export async function createForm(freshdesk: Freshdesk, _: FormRequest, call: Call): Promise<readonly FormField[]> {
  const [tables, own] = await Promise.all([readTables(freshdesk, call), customFieldDefinitions(freshdesk, null, call)])
  const isRequired = (type: string) => tables.fields.some((field) => field.type === type && field.isRequired)
  const toChoices = (keys: readonly string[]) => keys.map((id) => ({ id, name: null }))
  const types = choicesOf(tables, 'default_ticket_type').map(({ key }) => key)
  return [
    toFormField('title', 'Subject', { required: true }),
    toFormField('description', 'Description', { required: true }),
    toFormField('customer', 'Requester', { required: true }),
    toChoiceField('queue', 'Group', [...tables.groups.values()], { required: isRequired('default_group') }),
    toChoiceField('type', 'Type', toChoices(types), { required: isRequired('default_ticket_type') }),
    toChoiceField('priority', 'Priority', toChoices(priorities.words.map((word) => priorities.toValue(word)))),
    ...toCustomFormFields(own),
  ]
}

/** Asks whose key it is, and what it does not show. Rejects where it is not accepted. */
export async function checkAccount(freshdesk: Freshdesk): Promise<readonly AccountWarning[]> {
  const { config } = freshdesk
  const call: Call = { viewer: anonymous, signal: AbortSignal.timeout(config.timeoutMs), requestId: randomUUID() }
  const [me, tables] = await Promise.all([lookUp(freshdesk, '/api/v2/agents/me', toAgent, call), readTables(freshdesk, call)])
  const own = choicesOf(tables, 'default_status').filter(
    ({ key, label }) => Number(key) > 5 && !Object.hasOwn(config.statuses, label),
  )
  return [
    ...(me.scope === 1 ? [] : [restricted]),
    ...(tables.agents.size === 0 ? [toHidden('agents')] : []),
    ...(tables.groups.size === 0 ? [toHidden('groups')] : []),
    ...(own.length === 0 ? [] : [toUnknown(own.map(({ label }) => label))]),
  ]
}

const restricted: AccountWarning = {
  found: 'Its agent sees a part of the tickets only. Lists leave out the others without a word.',
  action: 'Give the agent the ticket scope "All tickets", or know that the others are not here.',
}
function toHidden(what: string): AccountWarning {
  return {
    found: `It does not see the account's ${what}, so that tickets have their ids without names.`,
    action: `Give its agent a role that may see ${what}.`,
  }
}
function toUnknown(labels: readonly string[]): AccountWarning {
  const found = `The account has statuses of its own whose meaning is not configured: ${labels.join(', ')}. Their tickets have the status UNKNOWN.`
  return { found, action: 'Write them into `statuses` of the source.' }
}

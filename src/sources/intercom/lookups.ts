import type { Call } from '../../domain/call.ts'
import { encodeUrlPart } from '../../domain/formats.ts'
import type { Agent, Group } from '../../domain/ticket.ts'
import { searchPeople, toQueues } from '../choices.ts'
import { toChoiceField, toCustomFormFields, toFormField, toOption } from '../create-form.ts'
import { toList, toRecord } from '../decode.ts'
import type { Answer } from '../http-client/types.ts'
import { readRefused } from '../http-client/upstream-error.ts'
import { lookUp, lookUpIfAny } from '../installation-tables.ts'
import type { AccountWarning, CustomFieldDefinition, FormField, FormRequest, TransferQueue } from '../source.ts'
import { createParts } from '../ticket-parts.ts'
import {
  type IntercomAdmin,
  type IntercomContact,
  type IntercomName,
  type IntercomTables,
  type IntercomType,
  toAdmin,
  toContact,
  toName,
  toType,
} from './decode.ts'
import type { Intercom } from './index.ts'
import { isCustom, toFieldType } from './mapping.ts'

// The lists of a workspace, which are kept for a minute, and its people.

/** `isEnough`: false where the table lacks what is asked for, so that one that was kept is read again. */
function readTable<T>(
  intercom: Intercom,
  [path, key]: readonly [path: string, key: string],
  decode: (item: unknown) => T | null,
  call: Call,
  isEnough?: (table: readonly T[]) => boolean,
): Promise<readonly T[]> {
  const load = async (to: Call) => (await lookUpIfAny(intercom, path, (body) => toList(toRecord(body)?.[key], decode), to)) ?? []
  return intercom.tables.read(path, call, load, isEnough)
}

/** True for a table with this id, and for every table where none is asked for. */
function hasId(wanted: string | null) {
  return (table: readonly { readonly id: string }[]) => wanted === null || table.some(({ id }) => id === wanted)
}

export function readTypes(intercom: Intercom, call: Call, wanted: string | null = null): Promise<readonly IntercomType[]> {
  return readTable(intercom, ['/ticket_types', 'data'], toType, call, hasId(wanted))
}

function readAdmins(
  intercom: Intercom,
  call: Call,
  isEnough?: (admins: readonly IntercomAdmin[]) => boolean,
): Promise<readonly IntercomAdmin[]> {
  return readTable(intercom, ['/admins', 'admins'], toAdmin, call, isEnough)
}

export function readTeams(intercom: Intercom, call: Call, wanted: string | null = null): Promise<readonly IntercomName[]> {
  return readTable(intercom, ['/teams', 'teams'], toName, call, hasId(wanted))
}

/** `wanted`: names in any casing. */
export function readTags(intercom: Intercom, call: Call, wanted: readonly string[]): Promise<readonly IntercomName[]> {
  const isEnough = (tags: readonly IntercomName[]) =>
    wanted.every((text) => tags.some(({ name }) => name?.toLowerCase() === text.toLowerCase()))
  return readTable(intercom, ['/tags', 'data'], toName, call, isEnough)
}

export async function readTables(intercom: Intercom, call: Call): Promise<IntercomTables> {
  const [types, admins, teams] = await Promise.all([
    readTypes(intercom, call),
    readAdmins(intercom, call),
    readTeams(intercom, call),
  ])
  return { types, admins, teams }
}

/** Those with an id, name or e-mail address, in any casing. */
export async function findAdmins(intercom: Intercom, text: string, call: Call): Promise<readonly IntercomAdmin[]> {
  const wanted = text.trim().toLowerCase()
  const isMeant = ({ id, name, email }: IntercomAdmin) => [id, name, email].some((one) => one?.toLowerCase() === wanted)
  return (await readAdmins(intercom, call, (admins) => admins.some(isMeant))).filter(isMeant)
}

/** The teammate whose token this is. */
function readMe(intercom: Intercom, call: Call): Promise<IntercomAdmin> {
  const load = (to: Call) => lookUp(intercom, '/me', toAdmin, to)
  return intercom.tables.read('/me', call, load)
}

/** As whom a write is done: a teammate with the viewer's login, by id or e-mail address, else the one whose token this is (INTERCOM-09). */
export async function readActor(intercom: Intercom, call: Call): Promise<IntercomAdmin> {
  const login = intercom.config.actAsViewer ? intercom.loginOf(call.viewer)?.toLowerCase() : undefined
  const admins = login === undefined ? [] : await readAdmins(intercom, call)
  return admins.find(({ id, email }) => id === login || email?.toLowerCase() === login) ?? readMe(intercom, call)
}

export async function checkAccount(intercom: Intercom, call: Call): Promise<readonly AccountWarning[]> {
  return (await readMe(intercom, call)).hasSeat ? [] : [withoutSeat]
}

const withoutSeat: AccountWarning = {
  found: 'The teammate whose token it uses has no inbox seat. Intercom may refuse replies as this teammate.',
  action: 'Give the teammate an inbox seat, or make the app as another teammate.',
}

/** `GET /contacts/{id}`, which is kept for a minute; null: there is none, or it may not be seen. */
export function readContact(intercom: Intercom, id: string, call: Call): Promise<IntercomContact | null> {
  const path = `/contacts/${encodeUrlPart(id)}`
  const load = (to: Call) => lookUpIfAny(intercom, path, toContact, to)
  return intercom.tables.read(path, call, load, (contact) => contact !== null)
}

/** `POST /contacts/search`, of at most one page of contacts. One that was made a moment ago may be missing. */
export function searchContacts(intercom: Intercom, ids: readonly string[], call: Call): Promise<readonly IntercomContact[]> {
  if (ids.length === 0) return Promise.resolve([])
  const body = { query: { field: 'id', operator: 'IN', value: ids }, pagination: { per_page: ids.length } }
  const toResult = ({ status, body: answer }: Answer) => {
    if (status === 403 || status === 404) return []
    if (status >= 400) throw readRefused(intercom.info, status)
    return toList(toRecord(answer)?.data, toContact) ?? []
  }
  return intercom.upstream.read({ operation: 'contacts', path: '/contacts/search', body, toResult }, call)
}

/** `GET /companies/{id}`, which is kept for a minute. */
export function readCompany(intercom: Intercom, id: string, call: Call): Promise<IntercomName | null> {
  const path = `/companies/${encodeUrlPart(id)}`
  return intercom.tables.read(path, call, (to) => lookUpIfAny(intercom, path, toName, to))
}

function partsOf({ info, config }: Intercom) {
  return createParts({ source: info, tenant: config.tenant })
}

export async function agents(
  intercom: Intercom,
  { search, first }: { readonly search: string | null; readonly first: number },
  call: Call,
): Promise<readonly Agent[]> {
  const found = searchPeople(await readAdmins(intercom, call), search, ({ name, email }) => [name, email])
  return found.slice(0, first).map(partsOf(intercom).toAgent)
}

export async function groups(intercom: Intercom, { first }: { readonly first: number }, call: Call): Promise<readonly Group[]> {
  return (await readTeams(intercom, call)).slice(0, first).map(partsOf(intercom).toGroup)
}

/** A queue is a team. */
export async function transferQueues(intercom: Intercom, call: Call): Promise<readonly TransferQueue[]> {
  return toQueues(await readTeams(intercom, call))
}

/** Of one ticket type, or of all: an attribute belongs to one. */
export async function customFieldDefinitions(
  intercom: Intercom,
  { type }: Pick<FormRequest, 'type'>,
  call: Call,
): Promise<readonly CustomFieldDefinition[]> {
  const types = (await readTypes(intercom, call)).filter((one) => !one.isArchived && (type === null || one.id === type))
  return types.flatMap(({ attributes }) =>
    attributes.filter(isCustom).map((attribute) => {
      const fieldType = toFieldType(attribute)
      return {
        ...{ key: attribute.id, label: attribute.name, type: fieldType, required: attribute.isRequired },
        writable: fieldType !== 'OTHER',
        options: fieldType === 'CHOICE' ? attribute.options.map(({ id, label }) => toOption(id, label)) : null,
      }
    }),
  )
}

export async function createForm(intercom: Intercom, { type }: FormRequest, call: Call): Promise<readonly FormField[]> {
  const [types, teams] = await Promise.all([readTypes(intercom, call), readTeams(intercom, call)])
  const fields = type === null ? [] : await customFieldDefinitions(intercom, { type }, call)
  return [
    toChoiceField(
      'type',
      'Ticket type',
      types.filter(({ isArchived }) => !isArchived),
      { required: true },
    ),
    toFormField('customer', 'Contact', { required: true }),
    toFormField('title', 'Title'),
    toFormField('description', 'Description'),
    toChoiceField('queue', 'Team', teams),
    ...toCustomFormFields(fields),
  ]
}

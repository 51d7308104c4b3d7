import type { Call } from '../../domain/call.ts'
import type { Agent, CustomFieldType } from '../../domain/ticket.ts'
import { searchPeople, toQueues } from '../choices.ts'
import { toChoiceField, toCustomFormFields, toFormField, toOption, toQueueField } from '../create-form.ts'
import { toList, toNumber, toRecord, toText, toTexts } from '../decode.ts'
import { byName } from '../dialect.ts'
import { lookUpIfAny } from '../installation-tables.ts'
import { toChunks } from '../pagination/load-each.ts'
import type { CustomFieldDefinition, FormField, FormRequest, TransferQueue } from '../source.ts'
import { createParts } from '../ticket-parts.ts'
import { type RtName, type RtUser, toName, toUser } from './decode.ts'
import type { Rt } from './index.ts'
import { toPrioritySteps } from './mapping.ts'
import { readAll, readQueueFields, toFilter, userFields } from './records.ts'

/** The queues that the account sees: where a ticket can be moved to. */
export async function transferQueues(rt: Rt, call: Call): Promise<readonly TransferQueue[]> {
  const queues = await readAll(rt, '/queues/all?fields=Name', toName, 'lookup', call, (list) => list.length > 0)
  return toQueues(queues)
}
/** RT's types of fields. A text may have several lines. */
const fieldTypes: Readonly<Record<string, CustomFieldType>> = {
  ...{ Freeform: 'TEXT', Text: 'TEXT', Wikitext: 'TEXT', HTML: 'TEXT', Combobox: 'TEXT', Autocomplete: 'TEXT' },
  ...{ Select: 'CHOICE', Date: 'DATE', DateTime: 'DATETIME', Image: 'OTHER', Binary: 'OTHER' },
}

/** The fields of tickets in a queue, with their values; none without a queue. A definition that the account may not see is left out. */
export async function customFieldDefinitions(
  rt: Rt,
  { queue }: Pick<FormRequest, 'queue'>,
  call: Call,
): Promise<readonly CustomFieldDefinition[]> {
  const fields = queue !== null && /^\d+$/.test(queue) ? ((await readQueueFields(rt, queue, call)) ?? []) : []
  const definitions = await Promise.all(fields.map((field) => readDefinition(rt, field, call)))
  return definitions.filter((definition) => definition !== null)
}

function readDefinition(rt: Rt, { id, name }: RtName, call: Call): Promise<CustomFieldDefinition | null> {
  const decode = (body: unknown): CustomFieldDefinition => {
    const record = toRecord(body) ?? {}
    const configured = byName(rt.config.dialect.customFieldTypes, name)
    const type = configured ?? byName(fieldTypes, toText(record.Type)) ?? 'OTHER'
    const values = toTexts(record.Values)
    return {
      key: id,
      label: name ?? id,
      type: configured === undefined && toNumber(record.MaxValues) !== 1 ? 'CHOICES' : type,
      // The pattern with which RT itself marks a field that has to be filled in.
      required: /\(\?#Mandatory\)/.test(toText(record.Pattern) ?? ''),
      writable: true,
      options: values?.map((value) => toOption(value)) ?? null,
    }
  }
  return lookUpIfAny(rt, `/REST/2.0/customfield/${id}`, decode, call)
}

/** The queue decides which custom fields a ticket has. */
export async function createForm(rt: Rt, { queue }: FormRequest, call: Call): Promise<readonly FormField[]> {
  const [queues, fields] = await Promise.all([transferQueues(rt, call), customFieldDefinitions(rt, { queue }, call)])
  const priorities = toPrioritySteps(rt.config.dialect).map(([priority]) => priority)
  return [
    toQueueField('Queue', queues),
    toFormField('title', 'Subject', { required: true }),
    toFormField('customer', 'Requestor'),
    toFormField('description', 'Content'),
    toChoiceField('priority', 'Priority', priorities),
    ...toCustomFormFields(fields),
  ]
}

/** The members of the groups that the configuration names: RT does not say who else works on tickets. */
export async function agents(
  rt: Rt,
  { search, first }: { readonly search: string | null; readonly first: number },
  call: Call,
): Promise<readonly Agent[]> {
  const { agentGroups } = rt.config
  const groups = await readAll(
    rt,
    `/groups?query=${toFilter(['Name', agentGroups])}&fields=Name,Domain`,
    toUserGroup,
    'lookup',
    call,
  )
  const members = (await Promise.all(groups.map(({ id }) => readMembers(rt, id, call)))).flat()
  const users = await readUsers(rt, [...new Set(members)], call)
  return searchPeople(users, search, ({ id, name, email }) => [id, name, email])
    .toSorted((one, other) => ((one.name ?? one.id) < (other.name ?? other.id) ? -1 : 1))
    .slice(0, first)
    .map(createParts(rt.origin()).toAgent)
}

/** Groups of roles have names too. */
function toUserGroup(value: unknown): RtName | null {
  return toRecord(value)?.Domain === 'UserDefined' ? toName(value) : null
}

/** The logins of a group's users. */
async function readMembers(rt: Rt, groupId: string, call: Call): Promise<readonly string[]> {
  const decode = (body: unknown) => toList(toRecord(body)?.Members ?? [], (one) => toUser(one)?.id ?? null)
  return (await lookUpIfAny(rt, `/REST/2.0/group/${encodeURIComponent(groupId)}`, decode, call)) ?? []
}

async function readUsers(rt: Rt, logins: readonly string[], call: Call): Promise<readonly RtUser[]> {
  const chunks = toChunks(logins, 40).map((chunk) =>
    readAll(rt, `/users?query=${toFilter(['Name', chunk])}&fields=${userFields}`, toUser, 'lookup', call),
  )
  return (await Promise.all(chunks)).flat()
}

import { type Call, withoutCache } from '../../domain/call.ts'
import type { EntityRef } from '../../domain/ids.ts'
import {
  type CloseTicket,
  type CreateTicket,
  type ReassignTicket,
  type ReopenTicket,
  rejected,
  type TransferTicket,
  type UpdateTicket,
  type WriteResult,
} from '../../domain/writes.ts'
import { createVerified, writeVerified } from '../verified-write.ts'
import {
  type Body,
  join,
  type PreparedTicket,
  toAttributeParts,
  toClosedPart,
  toPart,
  toReopenPart,
  toStatusPart,
  toTagParts,
  toTeamPart,
} from './changes.ts'
import { type IntercomAdmin, type IntercomTicket, toIntercomRecord } from './decode.ts'
import type { Intercom } from './index.ts'
import { findAdmins, readActor, readTags, readTeams, readTypes } from './lookups.ts'
import { isResolved, typeOf } from './mapping.ts'
import { readTicket } from './queries.ts'
import { send, toRefusalOf, toWrite } from './send.ts'

// Each write reads the ticket, sends the change once as a teammate, reads the ticket again, and compares.

type Prepare = (before: IntercomTicket, fresh: Call) => PreparedTicket | Promise<PreparedTicket>

/** `PUT /tickets/{id}`, and its tags by calls of their own. `done`: where the tags are noted that were changed. */
function change(
  intercom: Intercom,
  ref: EntityRef,
  operation: string,
  prepare: Prepare,
  call: Call,
  done: Set<string> = new Set(),
): Promise<WriteResult> {
  return writeVerified<IntercomTicket, { readonly body: Body; readonly actor: IntercomAdmin }>(
    {
      ...toWrite(intercom, ref),
      async prepare(before, fresh) {
        const prepared = await prepare(before, fresh)
        if ('outcome' in prepared) return prepared
        return { ...prepared, body: { body: prepared.body, actor: await readActor(intercom, fresh) } }
      },
      send: ({ body, actor }) => send(intercom, ref, { operation, body, actor, done }, call),
    },
    call,
  )
}

export function updateTicket(intercom: Intercom, ref: EntityRef, input: UpdateTicket, call: Call): Promise<WriteResult> {
  const done = new Set<string>()
  const prepare: Prepare = async (before, fresh) => {
    const { ifUpdatedAt = null, addTags, removeTags } = input
    // Intercom compares nothing: a change between this read and the write is not seen.
    if (ifUpdatedAt !== null && (before.updatedAt ?? '') > ifUpdatedAt)
      return rejected('CONFLICT', 'The ticket was changed after this time.', ['input', 'ifUpdatedAt'])
    const names = [...(addTags ?? []), ...(removeTags ?? [])]
    const tags = names.length > 0 ? await readTags(intercom, fresh, names) : []
    return join([
      ...toAttributeParts(intercom, typeOf(before), input),
      toStatusPart(intercom, before, input),
      ...toTagParts(tags, input, done),
    ])
  }
  return change(intercom, ref, 'update', prepare, call, done)
}

export function closeTicket(intercom: Intercom, ref: EntityRef, _: CloseTicket, call: Call): Promise<WriteResult> {
  return change(intercom, ref, 'close', ({ isOpen }) => (isOpen ? join([toClosedPart()]) : inWrongState(intercom)), call)
}

export function reopenTicket(intercom: Intercom, ref: EntityRef, _: ReopenTicket, call: Call): Promise<WriteResult> {
  const prepare = (before: IntercomTicket) => {
    const isEnded = !before.isOpen || isResolved(before.state)
    return isEnded ? join([toReopenPart(before, intercom.config)]) : inWrongState(intercom)
  }
  return change(intercom, ref, 'reopen', prepare, call)
}

function inWrongState({ info }: Intercom): WriteResult {
  return rejected('CONFLICT', `${info.label} says that the ticket's present state does not allow this.`)
}

/** A teammate by id, e-mail address or name; a team by id. */
export function reassignTicket(intercom: Intercom, ref: EntityRef, input: ReassignTicket, call: Call): Promise<WriteResult> {
  const { group = null, unassign } = input
  const prepare: Prepare = async (_, fresh) => {
    if (unassign) return join([toPart({ assignee_id: '0' }, ({ adminId }) => adminId === null, 'unassign')])
    if (group) return join([toTeamPart(intercom, await readTeams(intercom, fresh, group), group, 'group')])
    const [found, ...others] = await findAdmins(intercom, input.assignee ?? '', fresh)
    if (!found) return rejected('INVALID', `${intercom.info.label} has no such teammate.`, ['input', 'assignee'])
    if (others.length > 0) return rejected('INVALID', 'Several teammates have this name: use the id.', ['input', 'assignee'])
    return join([toPart({ assignee_id: found.id }, ({ adminId }) => adminId === found.id, 'assignee')])
  }
  return change(intercom, ref, 'reassign', prepare, call)
}

/** A queue is a team. */
export function transferTicket(intercom: Intercom, ref: EntityRef, { queue }: TransferTicket, call: Call): Promise<WriteResult> {
  const prepare: Prepare = async (_, fresh) =>
    join([toTeamPart(intercom, await readTeams(intercom, fresh, queue), queue, 'queue')])
  return change(intercom, ref, 'transfer', prepare, call)
}

/** `POST /tickets`. An e-mail address that Intercom does not know makes a new contact. */
export async function createTicket(intercom: Intercom, input: CreateTicket, call: Call): Promise<WriteResult> {
  const { info, config, upstream } = intercom
  const { type = null, title = null, description = null, queue = null, priority = null, customFields, customer } = input
  const { externalId = null, email = null } = customer ?? {}
  if (!type) return rejected('REQUIRED', 'A ticket needs a ticket type.', ['input', 'type'])
  if (!externalId && !email)
    return rejected('REQUIRED', 'A ticket needs a contact, by id or e-mail address.', ['input', 'customer'])
  const prepare = async (): Promise<PreparedTicket> => {
    const [types, teams] = await Promise.all([readTypes(intercom, call, type), readTeams(intercom, call, queue)])
    const found = types.find(({ id, isArchived }) => id === type && !isArchived)
    if (!found) return rejected('INVALID', `${info.label} has no such ticket type.`, ['input', 'type'])
    if (queue !== null && !teams.some(({ id }) => id === queue))
      return rejected('INVALID', `${info.label} has no such team.`, ['input', 'queue'])
    const isCustomer = ({ contactIds: [id = ''], contactsById }: IntercomTicket) =>
      externalId ? id === externalId : contactsById.get(id)?.email?.toLowerCase() === email?.toLowerCase()
    return join([
      ...toAttributeParts(intercom, found, { title, description, priority, customFields }),
      toPart({ ticket_type_id: type }, (after) => after.type?.id === type, 'type'),
      toPart({ contacts: [externalId ? { id: externalId } : { email }] }, isCustomer, 'customer'),
      queue === null ? null : toPart({ assignment: { team_assignee_id: queue } }, ({ teamId }) => teamId === queue, 'queue'),
    ])
  }
  return createVerified<IntercomTicket, Body>({
    label: info.label,
    prepare,
    send: ({ fields, attributes = {} }) =>
      upstream.write(
        { operation: 'create', method: 'POST', path: '/tickets', body: { ...fields, ticket_attributes: attributes } },
        call,
      ),
    toRefusal: (given) => toRefusalOf(intercom, null, given),
    toCreated: ({ body }) => {
      const record = toIntercomRecord(body)
      return record && { ...record, types: [], admins: [], teams: [], contactsById: new Map(), company: null }
    },
    refOf: ({ id }) => ({ kind: 'ticket', sourceKey: info.key, tenant: config.tenant, externalId: id }),
    readAgain: ({ id }) => readTicket(intercom, id, withoutCache(call), false),
  })
}

import type { Call } from '../../domain/call.ts'
import type { EntityRef } from '../../domain/ids.ts'
import { outcomeUnknown, rejected, type UserErrorCode, type WriteResult } from '../../domain/writes.ts'
import { toJsonInteger } from '../decode.ts'
import { byName } from '../dialect.ts'
import type { Answer, WriteAnswer } from '../http-client/types.ts'
import { toWriteResult } from '../vendor-api.ts'
import type { VerifiedWrite } from '../verified-write.ts'
import type { Body } from './changes.ts'
import { type IntercomAdmin, type IntercomTicket, toErrorCodes, toName } from './decode.ts'
import type { Intercom } from './index.ts'
import { readTicket } from './queries.ts'

// How a change is sent, and what the answer says.

/** What all writes to a ticket have in common. */
export function toWrite(
  intercom: Intercom,
  ref: EntityRef,
): Pick<VerifiedWrite<IntercomTicket, unknown>, 'ref' | 'label' | 'read' | 'toRefusal' | 'toTicket'> {
  return {
    ref,
    label: intercom.info.label,
    read: (fresh) => readTicket(intercom, ref.externalId, fresh, false),
    toRefusal: (answer) => toRefusalOf(intercom, ref, answer),
    toTicket: (ticket) => intercom.toTicket(ticket, intercom.origin(), true),
  }
}

const nothingToSend: WriteAnswer = { ended: 'answered', answer: { status: 200, body: undefined, readable: true } }

export interface Sending {
  readonly operation: string
  readonly body: Body
  readonly actor: IntercomAdmin
  readonly done: Set<string>
}

/** Sends the fields, and then each tag. Where a later call fails, the others are not sent, and the wishes tell what was done. */
export async function send(
  { upstream }: Intercom,
  ref: EntityRef,
  { operation, body, actor, done }: Sending,
  call: Call,
): Promise<WriteAnswer> {
  const path = `/tickets/${ref.externalId}`
  const { fields, attributes = {}, tags = [] } = body
  const all = { ...fields, ...(Object.keys(attributes).length > 0 && { ticket_attributes: attributes }) }
  const requests = [
    ...(Object.keys(all).length > 0
      ? [{ tagId: null, operation, method: 'PUT' as const, path, body: { ...all, admin_id: toJsonInteger(actor.id) } }]
      : []),
    ...tags.map(({ id, isAdded }) =>
      isAdded
        ? { tagId: id, operation: 'tags', method: 'POST' as const, path: `${path}/tags`, body: { id, admin_id: actor.id } }
        : {
            ...{ tagId: id, operation: 'tags', method: 'DELETE' as const, path: `${path}/tags/${encodeURIComponent(id)}` },
            body: { admin_id: actor.id },
          },
    ),
  ]
  let first = nothingToSend
  for (const [index, { tagId, ...request }] of requests.entries()) {
    const written = index === 0 ? await upstream.write(request, call) : await upstream.write(request, call).catch(() => null)
    if (written === null) break
    if (written.ended === 'unconfirmed') return written
    if (index === 0) first = written
    if (written.answer.status >= 300) break
    if (tagId !== null && toName(written.answer.body)?.id === tagId) done.add(tagId)
  }
  return first
}

/** Errors that are not about the ticket: their meaning, and the field of the input. */
const refusals: Readonly<Record<string, readonly [UserErrorCode, string | null]>> = {
  assignee_not_found: ['INVALID', 'assignee'],
  admin_not_found: ['FORBIDDEN', null],
  ticket_state_id_invalid: ['INVALID', 'statusOption'],
  tag_not_found: ['INVALID', 'addTags'],
  // Such as a reply that a ticket of the back office does not take (INTERCOM-10).
  parameter_mismatch: ['CONFLICT', null],
}

/** null: Intercom took the request, and the ticket tells what was done. */
export function toRefusalOf({ info }: Intercom, ref: EntityRef | null, answer: Answer): WriteResult | null {
  // A 200 without JSON is a success all the same (INTERCOM-12): the ticket is read.
  if (answer.status < 300) return null
  const code = toErrorCodes(answer.body).find((one) => Object.hasOwn(refusals, one)) ?? null
  const [meaning, field] = byName(refusals, code) ?? []
  if (meaning) return rejected(meaning, `${info.label} does not take this for the ticket.`, field ? ['input', field] : null)
  return toWriteResult(
    { ended: 'answered', answer },
    { source: info, ref, toApplied: () => outcomeUnknown(ref), toField: () => null },
  )
}

import type { Call } from '../../domain/call.ts'
import type { EntityRef } from '../../domain/ids.ts'
import { outcomeUnknown, partial, rejected, type UserError, type WriteResult } from '../../domain/writes.ts'
import { toRecord, toText } from '../decode.ts'
import type { Answer, WriteAnswer } from '../http-client/types.ts'
import { toWriteResult } from '../vendor-api.ts'
import type { Body } from './changes.ts'
import { toDetails } from './decode.ts'
import type { Zendesk } from './index.ts'
import { toUpdateCost } from './limits.ts'

// How a change is sent, and what the answer says.

/** A closed ticket takes no change, no message and no tag (ZENDESK-09). */
export function closedForGood(label: string): WriteResult {
  return rejected('CONFLICT', `${label} has closed this ticket for good: open a new ticket in its place.`)
}

const nothingToSend: WriteAnswer = { ended: 'answered', answer: { status: 200, body: undefined, readable: true } }

/** Sends the fields, then the tags to add and those to remove. Where a later call fails, the ticket tells what was done. */
export async function send(
  { upstream }: Zendesk,
  { externalId }: EntityRef,
  operation: string,
  { fields, tags, stamp = null }: Body,
  call: Call,
): Promise<WriteAnswer> {
  const path = `/api/v2/tickets/${externalId}`
  const { add = [], remove = [] } = tags ?? {}
  const fieldCall = Object.keys(fields).length > 0 ? [{ operation, method: 'PUT' as const, path, content: fields }] : []
  const tagCalls = [
    { operation: 'tags', method: 'PUT' as const, path: `${path}/tags`, content: { tags: add } },
    { operation: 'tags', method: 'DELETE' as const, path: `${path}/tags`, content: { tags: remove } },
  ].filter(({ content }) => content.tags.length > 0)
  // The first call alone is conditional: it changes the ticket. `safe_update: false` would count as true (ZENDESK-06).
  const condition = stamp === null ? {} : { safe_update: true, updated_stamp: stamp }
  const requests = [...fieldCall, ...tagCalls].map(({ content, ...request }, index) => {
    const body = index === 0 ? { ...content, ...condition } : content
    return { ...request, ...toUpdateCost(externalId), body: request.path === path ? { ticket: body } : body }
  })
  let first = nothingToSend
  for (const [index, request] of requests.entries()) {
    const written = index === 0 ? await upstream.write(request, call) : await upstream.write(request, call).catch(() => null)
    if (written === null) break
    if (written.ended === 'unconfirmed') return written
    if (index === 0) first = written
    if (written.answer.status >= 300) break
  }
  return first
}

/** The fields of inputs by the names that Zendesk gives in `details`. */
const inputFields: Readonly<Record<string, string>> = {
  ...{
    subject: 'title',
    priority: 'priority',
    status: 'status',
    custom_status_id: 'statusOption',
    group: 'group',
    group_id: 'group',
  },
  ...{ assignee: 'assignee', assignee_id: 'assignee', assignee_email: 'assignee', requester: 'customer', email: 'customer' },
}

/** null: Zendesk took the request, and the ticket tells what was done. */
export function toRefusalOf({ info }: Zendesk, ref: EntityRef | null, answer: Answer): WriteResult | null {
  const { status, body } = answer
  if (status < 300) return null
  const { label } = info
  const details = toDetails(body)
  if (details.some(({ field, text }) => field === 'status' && /\bclosed\b/i.test(text))) return closedForGood(label)
  if (status === 409) return rejected('CONFLICT', `${label} says that the ticket was changed at the same time.`)
  if (toText(toRecord(body)?.error) === 'IdempotentRequestError')
    return rejected('CONFLICT', `${label} has had another request with this key.`, ['input', 'idempotencyKey'])
  const name = details.map(({ field }) => inputFields[field]).find((one) => one !== undefined)
  const toField = () => (name === undefined ? null : ['input', name])
  return toWriteResult({ ended: 'answered', answer }, { source: info, ref, toApplied: () => outcomeUnknown(ref), toField })
}

/** The header `X-Zendesk-API-Warn` says that a part of the request was ignored (ZENDESK-12). */
export function withWarning({ info }: Zendesk, ref: EntityRef, result: WriteResult, answer: Answer | undefined): WriteResult {
  if (answer?.warning === undefined || result.outcome !== 'APPLIED') return result
  const ignored: UserError = { code: 'SOURCE_REJECTED', message: `${info.label} ignored a part of the change.`, field: ['input'] }
  return partial(ref, [ignored])
}

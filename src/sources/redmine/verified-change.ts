import { type Call, withoutCache } from '../../domain/call.ts'
import type { EntityRef } from '../../domain/ids.ts'
import { applied, notDone, outcomeUnknown, partial, rejected, type UserError, type WriteResult } from '../../domain/writes.ts'
import { toList, toRecord } from '../decode.ts'
import type { Answer } from '../http-client/types.ts'
import { toWriteResult } from '../vendor-api.ts'
import { isIssueId, type RedmineIssue } from './decode.ts'
import type { Redmine } from './index.ts'
import { readWireIssue } from './queries.ts'

// Redmine answers 204 to a change that it has dropped (REDMINE-03). Every write therefore states what has to be true afterwards, and
// compares the issue before and after.

/** What is to be true after a write. `field`: the input field that asks for it. */
export interface Wish {
  readonly field: readonly string[]
  readonly isMet: (issue: RedmineIssue) => boolean
}
export interface Change {
  /** The fields of `issue`, as Redmine takes them. */
  readonly body: Readonly<Record<string, unknown>>
  readonly wishes: readonly Wish[]
}
export type Prepared = Change | WriteResult

/** Reads the issue, prepares the change from it, sends it once, and reads the issue again. */
export async function change(
  redmine: Redmine,
  ref: EntityRef,
  operation: string,
  prepare: (before: RedmineIssue, fresh: Call) => Prepared | Promise<Prepared>,
  call: Call,
  conclude: (redmine: Redmine, ref: EntityRef, states: States) => WriteResult = concludeWishes,
): Promise<WriteResult> {
  const { info, upstream } = redmine
  const notFound = rejected('NOT_FOUND', `${info.label} does not know this ticket.`)
  if (!isIssueId(ref.externalId)) return notFound
  const fresh = withoutCache(call)
  const before = await readWireIssue(redmine, ref.externalId, fresh).catch(notDone)
  if (before === null) return notFound
  if ('outcome' in before) return before
  const prepared = await Promise.resolve(prepare(before, fresh)).catch(notDone)
  if ('outcome' in prepared) return prepared
  const path = `/issues/${ref.externalId}.json`
  const written = await upstream.write({ operation, method: 'PUT', path, body: { issue: prepared.body } }, call)
  if (written.ended === 'unconfirmed') return outcomeUnknown(ref)
  if (written.answer.status >= 300) return toRefusal(redmine, ref, written.answer)
  // The change was sent: a failing read must not say that nothing was done.
  const after = await readWireIssue(redmine, ref.externalId, fresh).catch(() => null)
  return after === null ? outcomeUnknown(ref) : conclude(redmine, ref, { before, after, wishes: prepared.wishes })
}

export interface States {
  readonly before: RedmineIssue
  readonly after: RedmineIssue
  readonly wishes: readonly Wish[]
}

function concludeWishes(redmine: Redmine, ref: EntityRef, { after, wishes }: States): WriteResult {
  const { label } = redmine.info
  const message = `${label} did not take this: the account may not change it, or the workflow does not allow it.`
  const unmet = wishes.filter(({ isMet }) => !isMet(after))
  const userErrors = unmet.map(({ field }): UserError => ({ code: 'SOURCE_REJECTED', message, field }))
  if (unmet.length === 0) return applied(redmine.toTicket(after, redmine.origin(), false))
  return unmet.length < wishes.length ? partial(ref, userErrors) : { ...rejected('SOURCE_REJECTED', message), userErrors }
}

/** A 422 without a reason is an issue that was saved by another user at the same time (REDMINE-02). */
export function toRefusal({ info }: Redmine, ref: EntityRef | null, answer: Answer): WriteResult {
  const errors = toList(toRecord(answer.body)?.errors, (error) => error)
  if (answer.status === 422 && errors?.length === 0)
    return rejected('CONFLICT', `${info.label} says that the ticket was changed at the same time.`)
  const written = { ended: 'answered' as const, answer }
  return toWriteResult(written, { source: info, ref, toApplied: () => outcomeUnknown(ref), toField: () => null })
}

/** One field of an input: what to send and what has to be true, or why it is refused; null: it is not set. */
export type Part = Change | WriteResult | null

export function join(parts: readonly Part[]): Prepared {
  const set = parts.filter((part) => part !== null)
  const refused = set.find((part) => 'outcome' in part)
  if (refused) return refused
  const changes = set.filter((part): part is Change => !('outcome' in part))
  if (changes.length === 0) return rejected('INVALID', 'Say what is to change.', ['input'])
  const custom = changes.flatMap(({ body }) => (body.custom_fields as readonly unknown[] | undefined) ?? [])
  const body = Object.assign({}, ...changes.map((part) => part.body), custom.length > 0 && { custom_fields: custom })
  return { body, wishes: changes.flatMap(({ wishes }) => wishes) }
}

export function toPart(
  name: string,
  body: Change['body'],
  isMet: Wish['isMet'],
  field: readonly string[] = ['input', name],
): Change {
  return { body, wishes: [{ field, isMet }] }
}

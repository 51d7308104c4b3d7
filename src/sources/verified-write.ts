import { type Call, withoutCache } from '../domain/call.ts'
import type { EntityRef } from '../domain/ids.ts'
import type { ThreadMessage, Ticket } from '../domain/ticket.ts'
import {
  applied,
  appliedUnseen,
  notDone,
  outcomeUnknown,
  partial,
  type ReplyToTicket,
  rejected,
  type UserError,
  type WriteResult,
} from '../domain/writes.ts'
import type { Answer, WriteAnswer } from './http-client/types.ts'

// Writes to vendors whose answer proves nothing: they drop a part of a change, or all of it, and report success. Such a write states what
// has to be true afterwards, and compares the vendor's record before and after (VERIFIED-01 to VERIFIED-04).

/** What is to be true after a write. */
export interface Wish<Wire> {
  /** The input field that asks for it. */
  readonly field: readonly string[]
  /** Whether the record has it. */
  readonly isMet: (after: Wire) => boolean
  /**
   * Whether an entry that was added to the record's log shows it. Another writer may have changed the value since: the wish was met all
   * the same. Absent: the vendor keeps no log.
   */
  readonly isLogged?: (after: Wire, before: Wire) => boolean
  /** What to tell where it did not come true. Absent: the vendor did not take it. */
  readonly message?: string
}

/** What a write sends, and what it is for. */
export interface Change<Wire, Body> {
  readonly body: Body
  readonly wishes: readonly Wish<Wire>[]
}

/** A change to send, or why nothing is sent. */
export type Prepared<Wire, Body> = Change<Wire, Body> | WriteResult

/** The record before and after a write. */
export interface States<Wire> {
  readonly before: Wire
  readonly after: Wire
  readonly wishes: readonly Wish<Wire>[]
}

/** One write of one vendor. `Wire` is the vendor's record, and `Body` is what its write takes. */
export interface VerifiedWrite<Wire, Body> {
  readonly ref: EntityRef
  /** The source's name for people. */
  readonly label: string
  /** The record as it is now; null: there is none, or the viewer may not see it. It is never answered by a cache. */
  readonly read: (call: Call) => Promise<Wire | null>
  /** It may read more. A fault of it says that nothing was done. */
  readonly prepare: (before: Wire, call: Call) => Prepared<Wire, Body> | Promise<Prepared<Wire, Body>>
  /** Sends the change once. */
  readonly send: (body: Body, before: Wire) => Promise<WriteAnswer>
  /** Why the vendor refused, by its answer; null: the answer is no refusal, and the record tells what was done. */
  readonly toRefusal: (answer: Answer) => WriteResult | null
  /** The record in the answer; null: it has none, and the record is read again. Absent: it never has one that proves anything. */
  readonly toAfter?: (answer: Answer) => Wire | null
  readonly toTicket: (wire: Wire) => Ticket
  /** The result where the wishes do not decide it. Absent: `concludeWishes`. */
  readonly conclude?: (states: States<Wire>) => WriteResult
}

/**
 * Reads the record, prepares the change from it, sends it once, and reads the record again. From the first byte of the write on, no
 * fault says that nothing was done: what cannot be proven then is UNKNOWN.
 */
export async function writeVerified<Wire extends object, Body>(
  write: VerifiedWrite<Wire, Body>,
  call: Call,
): Promise<WriteResult> {
  const { ref, label } = write
  const fresh = withoutCache(call)
  const before = await write.read(fresh).catch(notDone)
  if (before === null) return rejected('NOT_FOUND', `${label} does not know this ticket.`)
  if (isResult(before)) return before
  const prepared = await (async () => write.prepare(before, fresh))().catch(notDone)
  if (isResult(prepared)) return prepared
  const written = await write.send(prepared.body, before)
  if (written.ended === 'unconfirmed') return outcomeUnknown(ref)
  const refusal = write.toRefusal(written.answer)
  if (refusal) return refusal
  try {
    const after = write.toAfter?.(written.answer) ?? (await write.read(fresh))
    if (after === null) return outcomeUnknown(ref)
    const states = { before, after, wishes: prepared.wishes }
    return { ...(write.conclude ?? concludeWishes(write))(states), before: write.toTicket(before) }
  } catch {
    return outcomeUnknown(ref)
  }
}

function isResult<Wire, Body>(value: Wire | Prepared<Wire, Body>): value is WriteResult {
  return typeof value === 'object' && value !== null && 'outcome' in value && 'userErrors' in value
}

/** APPLIED where each wish came true, PARTIAL where some did, else REJECTED. */
export function concludeWishes<Wire>({
  ref,
  label,
  toTicket,
}: Pick<VerifiedWrite<Wire, unknown>, 'ref' | 'label' | 'toTicket'>): (states: States<Wire>) => WriteResult {
  return ({ before, after, wishes }) => {
    const unmet = findUnmet({ before, after, wishes }, label)
    if (unmet.length === 0) return applied(toTicket(after))
    if (unmet.length < wishes.length) return partial(ref, unmet)
    return { outcome: 'REJECTED', ticket: null, ref: null, userErrors: unmet }
  }
}

/** What to tell of each wish that did not come true. */
export function findUnmet<Wire>({ before, after, wishes }: States<Wire>, label: string): UserError[] {
  const message = `${label} did not take this: the account may not change it, or the workflow does not allow it.`
  const unmet = wishes.filter(({ isMet, isLogged }) => !isMet(after) && !isLogged?.(after, before))
  return unmet.map((wish) => ({ code: 'SOURCE_REJECTED', message: wish.message ?? message, field: wish.field }))
}

/** One write that opens a ticket. */
export interface VerifiedCreation<Wire, Body> {
  readonly label: string
  readonly prepare: () => Promise<Prepared<Wire, Body>>
  readonly send: (body: Body) => Promise<WriteAnswer>
  readonly toRefusal: (answer: Answer) => WriteResult | null
  /** The new record in the answer; null: it has none. */
  readonly toCreated: (answer: Answer) => Wire | null
  readonly refOf: (created: Wire) => EntityRef
  /** Reads what the answer does not show. Absent: it shows all. */
  readonly readAgain?: (created: Wire) => Promise<Wire | null>
  /** Absent: the record that was read is not all of a ticket. */
  readonly toTicket?: (seen: Wire) => Ticket
}

/** Opens a ticket. PARTIAL: the vendor left out a part of the input. */
export async function createVerified<Wire extends object, Body>(write: VerifiedCreation<Wire, Body>): Promise<WriteResult> {
  const prepared = await write.prepare().catch(notDone)
  if (isResult(prepared)) return prepared
  const written = await write.send(prepared.body)
  const refusal = written.ended === 'answered' ? write.toRefusal(written.answer) : null
  if (refusal) return refusal
  const created = written.ended === 'answered' ? write.toCreated(written.answer) : null
  if (created === null) return outcomeUnknown(null)
  const ref = write.refOf(created)
  const seen = write.readAgain ? await write.readAgain(created).catch(() => null) : created
  if (seen === null) return outcomeUnknown(ref)
  const message = `${write.label} opened the ticket without this.`
  const unmet = prepared.wishes.filter(({ isMet }) => !isMet(seen))
  if (unmet.length === 0) return write.toTicket ? applied(write.toTicket(seen)) : appliedUnseen(ref)
  return partial(
    ref,
    unmet.map(({ field }) => ({ code: 'SOURCE_REJECTED', message, field })),
  )
}

/**
 * The result of a reply or an internal note, by the messages that the thread has since. Where several have its text, a public one
 * counts: a note that may have been published is reported as NOTE_BECAME_PUBLIC. Wishes that did not come true make it PARTIAL.
 */
export function concludeMessage<Wire>(states: States<Wire>, write: MessageWrite<Wire>): WriteResult {
  const { ref, label, input, toTicket } = write
  const known = new Set(toTicket(states.before).messages?.map(({ id }) => id))
  const after = toTicket(states.after)
  const added = after.messages?.filter(({ id, body }) => !known.has(id) && isSameText(body, input.body)) ?? []
  const isNote = input.visibility === 'INTERNAL'
  const message = added.find(({ visibility }) => visibility === 'PUBLIC') ?? (isNote ? added.at(-1) : undefined)
  return concludeFound(message, after, findUnmet(states, label), { ref, label, input })
}

/**
 * The result of a reply or an internal note by the message that the thread has since; undefined: it has none. `unmet`: what else was wished and
 * did not come true.
 */
export function concludeFound(
  message: ThreadMessage | undefined,
  after: Ticket,
  unmet: readonly UserError[],
  { ref, label, input }: Pick<MessageWrite<unknown>, 'ref' | 'label' | 'input'>,
): WriteResult {
  if (!message) return rejected('SOURCE_REJECTED', `${label} did not take the message: the account may not write here.`)
  const userErrors = [...unmet]
  const field = ['input', 'visibility']
  if (input.visibility === 'INTERNAL' && message.visibility === 'PUBLIC') {
    const warning = `${label} shows this note to the customer: the account has lost its right to internal notes.`
    userErrors.unshift({ code: 'NOTE_BECAME_PUBLIC', message: warning, field })
  }
  if (input.visibility === 'PUBLIC' && message.visibility === 'INTERNAL') {
    const kept = `${label} has kept this message from the customer: the account may write internal notes only.`
    userErrors.unshift({ code: 'SOURCE_REJECTED', message: kept, field })
  }
  return { ...(userErrors.length > 0 ? partial(ref, userErrors) : applied(after)), message }
}

export interface MessageWrite<Wire> extends Pick<VerifiedWrite<Wire, unknown>, 'ref' | 'label' | 'toTicket'> {
  readonly input: ReplyToTicket
}

/** Vendors change line ends, and cut blanks at the end. No text is an empty one. */
export function isSameText(one: string | null | undefined, other: string | null | undefined): boolean {
  const toLines = (text: string | null | undefined) => (text ?? '').replace(/\r\n?/g, '\n').trim()
  return toLines(one) === toLines(other)
}

/** One field of an input: what to send and what has to be true, or why it is refused; null: the input does not set it. */
export type Part<Wire, Body> = Prepared<Wire, Body> | null

/** One change of all parts. `toBody` makes one body of several. */
export function joinParts<Wire, Body>(
  parts: readonly Part<Wire, Body>[],
  toBody: (bodies: readonly Body[]) => Body,
): Prepared<Wire, Body> {
  const set = parts.filter((part) => part !== null)
  const refused = set.find((part) => 'outcome' in part)
  if (refused) return refused
  const changes = set.filter((part): part is Change<Wire, Body> => !('outcome' in part))
  if (changes.length === 0) return rejected('INVALID', 'Say what is to change.', ['input'])
  return { body: toBody(changes.map(({ body }) => body)), wishes: changes.flatMap(({ wishes }) => wishes) }
}

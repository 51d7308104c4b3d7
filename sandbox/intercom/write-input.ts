import { asId, asObject, type Call } from './endpoint.ts'
import { invalid, mismatched, missing, noAdmin, noAssignee, noTicket, Refusal, refused } from './errors.ts'
import type { Admin, Author, Ticket } from './records.ts'
import { adminAuthor, findAdmin, type IntercomState } from './state.ts'
import { toHtml } from './ticket-changes.ts'
import { companies, teams } from './workspace.ts'

// What the writes read from a request. Each throws the refusal of what it cannot use.

export function ticketOf(state: IntercomState, id: string | undefined): Ticket {
  const ticket = state.ticket(id ?? '')
  if (!ticket) throw new Refusal(noTicket())
  return ticket
}

/** The teammate in whose name a request writes. */
export function requireAdmin(given: unknown): Admin {
  const id = asId(given)
  if (id === undefined) throw new Refusal(missing('admin_id'))
  const admin = findAdmin(id)
  if (!admin) throw new Refusal(noAdmin())
  return admin
}

/** The teammate that an update names, or the bot. Its refusal speaks of the assignee, as in the document. */
export function updatingAuthor(given: unknown, otherwise: Author): Author {
  if (given === undefined || given === null) return otherwise
  const admin = findAdmin(asId(given) ?? '')
  if (!admin) throw new Refusal(noAssignee())
  return adminAuthor(admin)
}

/** An admin or a team; null: none, which is `0`. */
export function assigneeOf(given: unknown): { readonly type: 'admin' | 'team'; readonly id: string } | null {
  const id = asId(given)
  if (id === '0') return null
  if (id !== undefined && findAdmin(id)) return { type: 'admin', id }
  if (id !== undefined && teams.some((team) => team.id === id)) return { type: 'team', id }
  throw new Refusal(noAssignee())
}

/** The id of a company; null: none. */
export function companyOf(given: unknown): string | null {
  if (given === null) return null
  const id = asId(given)
  if (!companies.some((company) => company.id === id)) throw new Refusal(refused(404, 'company_not_found', 'Company Not Found'))
  return id!
}

/** A time of the past in milliseconds; the present one where there is none. */
export function pastTime({ body, now }: Pick<Call, 'body' | 'now'>): number {
  const seconds = body.created_at
  if (seconds === undefined) return now
  if (!Number.isSafeInteger(seconds)) throw new Refusal(mismatched('created_at'))
  if ((seconds as number) * 1000 > now) throw new Refusal(invalid('created_at is in the future', 'created_at'))
  return (seconds as number) * 1000
}

export function booleanOf(given: unknown, field: string): boolean {
  if (typeof given !== 'boolean') throw new Refusal(mismatched(field))
  return given
}

/** A later time in milliseconds. */
export function laterTime(given: unknown, field: string, now: number): number {
  if (!Number.isSafeInteger(given)) throw new Refusal(mismatched(field))
  if ((given as number) * 1000 <= now) throw new Refusal(invalid(`${field} is not in the future`, field))
  return (given as number) * 1000
}

/** The HTML of a message: a text becomes a paragraph; of HTML the frame of the page and scripts are dropped. */
export function bodyOf(given: unknown): string {
  if (typeof given !== 'string' || given.trim() === '') throw new Refusal(missing('body'))
  if (!/<[a-z][^>]*>/i.test(given)) return toHtml(given)
  const inner = given.replace(/<script[\s\S]*?<\/script>/gi, '').replace(/<\/?(html|head|body)[^>]*>/gi, '')
  return inner.replace(/>\s+</g, '>\n<').trim()
}

/** The choices of a quick reply: at least one. */
export function choicesOf(given: unknown): readonly { readonly text: string; readonly uuid: string }[] {
  if (!Array.isArray(given) || given.length === 0) throw new Refusal(missing('reply_options'))
  return given.map((option) => {
    const { text, uuid } = asObject(option) ?? {}
    if (typeof text !== 'string' || typeof uuid !== 'string')
      throw new Refusal(invalid('An option has text and uuid', 'reply_options'))
    return { text, uuid }
  })
}

import { type JsonRecord, toNumber, toRecord, toText } from '../decode.ts'
import { toVerifikTicket, type VerifikTicket } from './decode.ts'

// Around the tickets: `{success, data, pagination}`, and the vendor's three shapes of an error.

/** The ticket of `{success:true, data}`, or of a bare object as the legacy API gives it; null: there is none. */
export function toDataTicket(body: unknown): VerifikTicket | null {
  const record = toRecord(body)
  return record && (toVerifikTicket(record.data) ?? toVerifikTicket(record))
}

/** A page of the list. `list` holds null where a record is not a ticket. */
export interface VerifikPage {
  readonly list: readonly (VerifikTicket | null)[]
  readonly page: number | null
  readonly limit: number | null
  /** How many match the filter. (`counts` would be of all tickets, whatever was asked for.) */
  readonly total: number | null
}

/** null: not a page. */
export function toVerifikPage(body: unknown): VerifikPage | null {
  const record: JsonRecord = toRecord(body) ?? {}
  const list = Array.isArray(body) ? body : record.data
  if (!Array.isArray(list)) return null
  const pagination = toRecord(record.pagination) ?? {}
  const [page, limit, total] = [pagination.page, pagination.limit, pagination.total].map(toNumber)
  return { list: list.map(toVerifikTicket), page: page ?? null, limit: limit ?? null, total: total ?? null }
}

/** An answer that says no although its HTTP status says yes. */
export function isRefusal(body: unknown): boolean {
  return toRecord(body)?.success === false
}

/**
 * The code of `{success:false,error,code}`, `{code,message}`, or `{error,message}`, where `message` is the code.
 * The other texts are localised and mean nothing to a program.
 */
export function toErrorCode(body: unknown): string | null {
  const record = toRecord(body)
  if (!record) return null
  return toText(record.code) ?? ('error' in record ? toText(record.message) : null)
}

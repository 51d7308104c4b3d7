import type { Call } from '../../domain/call.ts'
import { DeskgraphError } from '../../domain/errors.ts'
import type { Instant } from '../../domain/instant.ts'
import { toList, toRecord, toText } from '../decode.ts'
import type { Answer } from '../http-client/types.ts'
import { badResponse, readRefused } from '../http-client/upstream-error.ts'
import { lookUpIfAny } from '../installation-tables.ts'
import {
  type RtName,
  type RtPage,
  type RtTransaction,
  type RtUser,
  toName,
  toPage,
  toRtTicket,
  toTransaction,
  toUser,
} from './decode.ts'
import type { Rt } from './index.ts'
import { type ToLocalTime, toLocalText } from './ticket-sql.ts'

// Lists of REST 2.0, and the records beside tickets.

/** RT returns 100 records at most; another `per_page` than a number becomes 20 (RT-07). */
export const maxRecords = 100
/** What is read of a user. */
export const userFields = 'Name,RealName,EmailAddress'

/** A search of records that are no tickets: any of these values, in each of the fields. */
export function toFilter(...conditions: readonly (readonly [field: string, values: readonly string[]])[]): string {
  const all = conditions.flatMap(([field, values]) => values.map((value) => ({ field, value, entry_aggregator: 'OR' })))
  return encodeURIComponent(JSON.stringify(all))
}

export async function readPage<T>(
  { info, upstream }: Rt,
  path: string,
  decode: (item: unknown) => T | null,
  operation: string,
  call: Call,
): Promise<RtPage<T>> {
  const toResult = ({ status, body }: Answer) => {
    if (status >= 400) throw readRefused(info, status)
    const page = toPage(body, decode)
    if (page === null) throw badResponse(info)
    return page
  }
  // RT's own `next_page` is not followed: it begins with the host that the request named (RT-04).
  return upstream.read({ operation, path: `/REST/2.0${path}`, toResult }, call)
}

/** All pages. `mayHide`: whether a page that is not full may be followed by others, because the account does not see all records. */
export async function readAll<T>(
  rt: Rt,
  path: string,
  decode: (item: unknown) => T | null,
  operation: string,
  call: Call,
  mayHide: (list: readonly (T | null)[]) => boolean = () => false,
): Promise<readonly T[]> {
  const all: T[] = []
  for (let page = 1; ; page++) {
    const { list, total } = await readPage(rt, `${path}&per_page=${maxRecords}&page=${page}`, decode, operation, call)
    all.push(...list.filter((item) => item !== null))
    const isLast = total === null ? list.length < maxRecords && !mayHide(list) : page * maxRecords >= total
    if (isLast || list.length === 0) return all
  }
}

/** The version of a ticket for `If-Match`, and when it was changed last (RT-03). */
export function readVersion(
  rt: Rt,
  id: string,
  call: Call,
): Promise<{ readonly etag: string; readonly updatedAt: Instant | null }> {
  const toResult = ({ status, body, etag }: Answer) => {
    if (status >= 400) throw readRefused(rt.info, status)
    if (etag === undefined) throw badResponse(rt.info)
    return { etag, updatedAt: toRtTicket(body)?.lastUpdated ?? null }
  }
  return rt.upstream.read({ operation: 'version', path: `/REST/2.0/ticket/${id}`, toResult }, call)
}

/** What was said in a transaction of this ticket; null: it is none, or one of another ticket. */
export function readTransaction(rt: Rt, id: string, ticketId: string, call: Call): Promise<RtTransaction | null> {
  const toResult = ({ status, body }: Answer) => {
    if (status >= 400) throw readRefused(rt.info, status)
    return toName(toRecord(body)?.Object)?.id === ticketId ? toTransaction(body) : null
  }
  return rt.upstream.read(
    { operation: 'transaction', path: `/REST/2.0/transaction/${id}?fields[Creator]=${userFields}`, toResult },
    call,
  )
}

/** The users with this login, address or name, in any casing. RT joins conditions on several fields by AND, so that each is asked for. */
export async function findUsers(rt: Rt, text: string, call: Call): Promise<readonly RtUser[]> {
  const lists = await Promise.all(
    ['Name', text.includes('@') ? 'EmailAddress' : 'RealName'].map((field) =>
      readAll(rt, `/users?query=${toFilter([field, [text]])}&fields=${userFields}`, toUser, 'users', call),
    ),
  )
  const wanted = text.trim().toLowerCase()
  const found = lists.flat().filter(({ id, name, email }) => [id, name, email].some((one) => one?.toLowerCase() === wanted))
  return [...new Map(found.map((one) => [one.id, one])).values()]
}

/** The custom fields of tickets in a queue; null: there is no such queue, or the account may not see it. */
export function readQueueFields(rt: Rt, queue: string, call: Call): Promise<readonly RtName[] | null> {
  return lookUpIfAny(rt, `/REST/2.0/queue/${queue}`, (body) => toList(toRecord(body)?.TicketCustomFields ?? [], toName), call)
}

/** RT reads a time of a search in the time zone of the account, also with a `Z` behind it (RT-16). */
export async function readLocalTime(rt: Rt, call: Call): Promise<ToLocalTime> {
  const { info } = rt
  const zone = await readTimeZone(rt, call)
  return (epochSeconds) => {
    const text = toLocalText(epochSeconds, zone)
    if (text !== null) return text
    const message = `${info.label} cannot search for this time in the time zone of its account: set that to UTC.`
    throw new DeskgraphError('UPSTREAM_NOT_SUPPORTED', message, { source: info.key })
  }
}

/** An account is asked for its zone once a minute at most. */
function readTimeZone(rt: Rt, call: Call): Promise<string> {
  // "1-27-…" is a token of the user with the id 27.
  const userId = /^\d+-(\d+)-/.exec(rt.tokenOf(call.viewer))?.[1]
  const load = (fresh: Call) =>
    lookUpIfAny(rt, `/REST/2.0/user/${userId}`, (body) => toText(toRecord(body)?.Timezone) ?? rt.config.timeZone, fresh)
  return userId === undefined
    ? Promise.resolve(rt.config.timeZone)
    : rt.tables.read('zone', call, load).then((zone) => zone ?? rt.config.timeZone)
}

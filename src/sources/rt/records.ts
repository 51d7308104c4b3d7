import type { Call } from '../../domain/call.ts'
import { DeskgraphError } from '../../domain/errors.ts'
import { toLocalText } from '../../domain/instant.ts'
import { toId, toList, toRecord, toText } from '../decode.ts'
import type { Answer } from '../http-client/types.ts'
import { badResponse, readRefused } from '../http-client/upstream-error.ts'
import { lookUpIfAny } from '../installation-tables.ts'
import { toChunks } from '../pagination/load-each.ts'
import {
  messageTypes,
  type RtMessage,
  type RtName,
  type RtPage,
  type RtPart,
  type RtTransaction,
  type RtUser,
  toName,
  toPage,
  toPart,
  toTransaction,
  toUser,
} from './decode.ts'
import type { Rt } from './index.ts'
import { isText } from './mapping.ts'
import type { ToLocalTime } from './ticket-sql.ts'

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
  const wanted = text.trim().toLowerCase()
  const search = async (fresh: Call) => {
    const lists = ['Name', text.includes('@') ? 'EmailAddress' : 'RealName'].map((field) =>
      readAll(rt, `/users?query=${toFilter([field, [text]])}&fields=${userFields}`, toUser, 'users', fresh),
    )
    return (await Promise.all(lists)).flat()
  }
  // Assignees are few, and each is named again and again. One that was not found may have come since.
  const users = await rt.tables.read(`users ${wanted}`, call, search, (found) => found.length > 0)
  const found = users.filter(({ id, name, email }) => [id, name, email].some((one) => one?.toLowerCase() === wanted))
  return [...new Map(found.map((one) => [one.id, one])).values()]
}

/** The custom fields of tickets in a queue; null: there is no such queue, or the account may not see it. */
export function readQueueFields(rt: Rt, queue: string, call: Call): Promise<readonly RtName[] | null> {
  const decode = (body: unknown) => toList(toRecord(body)?.TicketCustomFields ?? [], toName)
  const load = (fresh: Call) => lookUpIfAny(rt, `/REST/2.0/queue/${queue}`, decode, fresh)
  return rt.tables.read(`fields of queue ${queue}`, call, load, (fields) => fields !== null)
}

/** RT reads a time of a search in the time zone of the account, also with a `Z` behind it (RT-16). */
export async function readLocalTime(rt: Rt, call: Call): Promise<ToLocalTime> {
  const { info } = rt
  const zone = (await readAccount(rt, call))?.zone ?? rt.config.timeZone
  return (epochSeconds) => {
    const text = toLocalText(epochSeconds, zone)
    if (text !== null) return text
    const message = `${info.label} cannot search for this time in the time zone of its account: set that to UTC.`
    throw new DeskgraphError('UPSTREAM_NOT_SUPPORTED', message, { source: info.key })
  }
}

/** The user whose token is sent; null: RT does not say who that is. It is asked once a minute at most. */
export async function readAccount(
  rt: Rt,
  call: Call,
): Promise<{ readonly user: RtUser | null; readonly zone: string | null } | null> {
  // "1-27-…" is a token of the user with the id 27.
  const userId = /^\d+-(\d+)-/.exec(rt.tokenOf(call.viewer))?.[1]
  if (userId === undefined) return null
  const decode = (body: unknown) => {
    const record = toRecord(body)
    return record && { user: toUser({ ...record, id: record.Name }), zone: toText(record.Timezone) }
  }
  return rt.tables.read('account', call, (fresh) => lookUpIfAny(rt, `/REST/2.0/user/${userId}`, decode, fresh))
}

// What was said in tickets: their transactions, the parts of those, and the texts of the parts. Each is read for many tickets at once.

/** So that an address stays below 8 kB. */
const maxKeys = 40

/** The messages of each ticket, oldest first. A ticket that the account may not see has none. */
export async function readMessages(
  rt: Rt,
  ids: readonly string[],
  call: Call,
): Promise<ReadonlyMap<string, readonly RtMessage[]>> {
  const said = ids.length === 1 ? await readHistory(rt, ids[0]!, call) : await readHistories(rt, ids, call)
  const transactionIds = said.map(({ id }) => id)
  const parts = await readParts(rt, transactionIds, call)
  const texts = parts.filter(isText).map(({ id }) => id)
  const read = await readByKeys(rt, 'id', texts, 'fields=TransactionId,Content', call)
  const contents = new Map(read.map(({ id, content }) => [id, content]))
  const messages = said.map(({ ticketId, ...transaction }) => {
    const own = parts.filter(({ transactionId }) => transactionId === transaction.id)
    return {
      ticketId,
      message: { ...transaction, parts: own.map((part) => ({ ...part, content: contents.get(part.id) ?? null })) },
    }
  })
  return new Map(ids.map((id) => [id, messages.flatMap(({ ticketId, message }) => (ticketId === id ? [message] : []))]))
}

const transactionFields = `orderby=id&fields=Type,Creator,Created,ObjectId&fields[Creator]=${userFields}`

interface Said {
  readonly ticketId: string
  readonly type: string
}

/** RT leaves hidden comments out of a page. Who sees one comment of a ticket sees all. */
function mayHide(list: readonly (Said | null)[], ids: readonly string[]): boolean {
  const open = new Set(list.flatMap((one) => (one?.type === 'Comment' ? [one.ticketId] : [])))
  return list.length > 20 && ids.some((id) => !open.has(id))
}

/** The history of a ticket, and of those that were merged into it. */
async function readHistory(rt: Rt, id: string, call: Call) {
  const decode = (value: unknown) => withTicket(toTransaction(value), toId(toRecord(value)?.ObjectId))
  const path = `/ticket/${id}/history?query=${toFilter(['Type', messageTypes])}&${transactionFields}`
  const read = await readAll(rt, path, decode, 'thread', call, (list) => mayHide(list, [id]))
  if (read.every(({ ticketId }) => ticketId === id)) return read
  const owners = await readOwners(rt, [id], call)
  if (read.some(({ ticketId }) => owners.get(ticketId) !== id)) throw badResponse(rt.info)
  return read.map((one) => ({ ...one, ticketId: id }))
}

/** The histories of several tickets, in few calls. */
async function readHistories(rt: Rt, ids: readonly string[], call: Call) {
  const owners = await readOwners(rt, ids, call)
  const decode = (value: unknown) => {
    const objectId = toId(toRecord(value)?.ObjectId)
    return withTicket(toTransaction(value), objectId === null ? null : owners.get(objectId))
  }
  const lists = toChunks([...owners.keys()], maxKeys).map((chunk) => {
    const query = toFilter(['ObjectType', ['RT::Ticket']], ['ObjectId', chunk], ['Type', messageTypes])
    const path = `/transactions?query=${query}&${transactionFields}`
    const shown = [...new Set(chunk.map((id) => owners.get(id) ?? id))]
    return readAll(rt, path, decode, 'thread', call, (list) => mayHide(list, shown))
  })
  const all = (await Promise.all(lists)).flat()
  return all.toSorted((one, other) => Number(one.id) - Number(other.id))
}

/** The ticket in whose history the transactions of a ticket are: itself, or the one that it was merged into. */
async function readOwners(rt: Rt, ids: readonly string[], call: Call): Promise<ReadonlyMap<string, string>> {
  const decode = (value: unknown) => {
    const record = toRecord(value)
    const [id, owner] = [toId(record?.id), toId(record?.EffectiveId)]
    return id !== null && owner !== null ? ([id, owner] as const) : null
  }
  const lists = toChunks(ids, maxKeys).map((chunk) => {
    const query = encodeURIComponent(chunk.map((id) => `EffectiveId = ${id}`).join(' OR '))
    return readAll(rt, `/tickets?query=${query}&orderby=id&fields=EffectiveId`, decode, 'thread', call)
  })
  return new Map((await Promise.all(lists)).flat())
}

function withTicket<T>(transaction: T | null, ticketId: string | null | undefined): (T & { readonly ticketId: string }) | null {
  return transaction && ticketId ? { ...transaction, ticketId } : null
}

const partFields = 'orderby=id&fields=TransactionId,Filename,ContentType,ContentLength'

/** The parts of messages, without their texts. */
export function readParts(rt: Rt, transactionIds: readonly string[], call: Call): Promise<readonly RtPart[]> {
  return readByKeys(rt, 'TransactionId', transactionIds, partFields, call)
}

/** The same of all messages of a ticket. */
export function readPartsOf(rt: Rt, ticketId: string, call: Call): Promise<readonly RtPart[]> {
  return readAll(rt, `/ticket/${ticketId}/attachments?${partFields}`, toPart, 'thread', call)
}

async function readByKeys(
  rt: Rt,
  key: string,
  values: readonly string[],
  fields: string,
  call: Call,
): Promise<readonly RtPart[]> {
  const chunks = toChunks(values, maxKeys).map((chunk) =>
    readAll(rt, `/attachments?query=${toFilter([key, chunk])}&${fields}`, toPart, 'thread', call),
  )
  return (await Promise.all(chunks)).flat()
}

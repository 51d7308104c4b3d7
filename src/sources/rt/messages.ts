import type { Call } from '../../domain/call.ts'
import { toId, toRecord } from '../decode.ts'
import { badResponse } from '../http-client/upstream-error.ts'
import { toChunks } from '../pagination/load-each.ts'
import { messageTypes, type RtMessage, type RtPart, toPart, toTransaction } from './decode.ts'
import type { Rt } from './index.ts'
import { isText } from './mapping.ts'
import { readAll, toFilter, userFields } from './rest.ts'

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

/** The parts of messages, without their texts. */
export function readParts(rt: Rt, transactionIds: readonly string[], call: Call): Promise<readonly RtPart[]> {
  const fields = 'orderby=id&fields=TransactionId,Filename,ContentType,ContentLength'
  return readByKeys(rt, 'TransactionId', transactionIds, fields, call)
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

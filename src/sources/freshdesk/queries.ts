import type { Call } from '../../domain/call.ts'
import type { EntityRef } from '../../domain/ids.ts'
import type { Actor, Satisfaction, Ticket } from '../../domain/ticket.ts'
import { withFields } from '../../domain/ticket-view.ts'
import { toId, toInstantFromIso, toList, toNumber, toRecord, toText } from '../decode.ts'
import { badResponse } from '../http-client/upstream-error.ts'
import { lookUpIfAny } from '../installation-tables.ts'
import { type LoadResult, loadEach } from '../pagination/load-each.ts'
import type { OpenedFile } from '../source.ts'
import { toRequestedTicket } from '../vendor-api.ts'
import { toPartialTicket, type WantedFields } from '../wanted-fields.ts'
import { type FreshdeskConversation, type FreshdeskTicket, isFreshdeskId, toConversation, toFreshdeskRecord } from './decode.ts'
import type { Freshdesk } from './index.ts'
import { toCost } from './limits.ts'
import { readAll, readTables } from './lookups.ts'
import { costlyFields, lazyFields, toAgentActor, toIncludes } from './mapping.ts'

// Single tickets, and what belongs to one. Freshdesk has no call for several.

function isOwn({ info, config }: Freshdesk, ref: EntityRef): boolean {
  return ref.sourceKey === info.key && ref.tenant === config.tenant && isFreshdeskId(ref.externalId)
}

/** Each ticket by a call, with what is wanted of it. */
export function loadTickets(
  freshdesk: Freshdesk,
  refs: readonly EntityRef[],
  call: Call,
  wanted?: WantedFields,
): Promise<readonly LoadResult[]> {
  const isWanted = (field: keyof Ticket) => wanted?.has(field) !== false
  return loadEach(refs, {
    concurrency: freshdesk.config.concurrency,
    isOwn: (ref) => isOwn(freshdesk, ref),
    async load(id) {
      const read = await readTicket(freshdesk, id, call, toIncludes(isWanted, 'ticket'))
      if (read === null) return null
      const [conversations, associatedIds, followers, satisfaction] = await Promise.all([
        isWanted('messages') || isWanted('attachments') ? readThread(freshdesk, read, call) : null,
        readAssociatedIds(freshdesk, read, call),
        isWanted('followers') ? readWatchers(freshdesk, read, call) : null,
        isWanted('satisfaction') ? readRating(freshdesk, id, call) : null,
      ])
      const ticket = freshdesk.toTicket({ ...read, conversations, associatedIds }, freshdesk.origin(), false)
      return toPartialTicket(withFields(ticket, { followers, satisfaction }), { lazyFields, costlyFields }, wanted)
    },
  })
}

/** The untranslated ticket; null where there is none or the key may not see it. One that is archived is at another path (FRESHDESK-07). */
export async function readTicket(
  freshdesk: Freshdesk,
  id: string,
  call: Call,
  includes: readonly string[] = [],
): Promise<FreshdeskTicket | null> {
  if (!isFreshdeskId(id)) return null
  const read = (path: string, parts: readonly string[]) => {
    const query = parts.length > 0 ? `?include=${parts.join(',')}` : ''
    const request = { operation: 'ticket', path: `/api/v2/${path}/${id}${query}`, ...toCost(parts, 1) }
    return freshdesk.upstream.read(
      { ...request, toResult: (answer) => toRequestedTicket(freshdesk.info, id, answer, toFreshdeskRecord) },
      call,
    )
  }
  const [current, tables] = await Promise.all([read('tickets', includes), readTables(freshdesk, call)])
  const record = current ?? (await read('tickets/archived', []))
  if (record === null) return null
  return {
    ...record,
    tables,
    conversations: null,
    associatedIds: [],
    isArchived: current === null || record.record.archived === true,
  }
}

/** All messages, oldest first: with the ticket Freshdesk gives ten at most (FRESHDESK-05). null: it shows none. */
export async function readThread(
  freshdesk: Freshdesk,
  { id, isArchived }: Pick<FreshdeskTicket, 'id' | 'isArchived'>,
  call: Call,
): Promise<readonly FreshdeskConversation[] | null> {
  const path = `tickets/${isArchived ? 'archived/' : ''}${id}/conversations`
  const all = await readAll(freshdesk, path, toConversation, call)
  if (all?.some(({ ticketId }) => ticketId !== id)) throw badResponse(freshdesk.info)
  const known = new Map(all?.map((one) => [one.id, one]))
  return all && [...known.values()].sort((one, other) => ((one.createdAt ?? '') < (other.createdAt ?? '') ? -1 : 1))
}

/** A parent and a tracker name those below them, a child and a related ticket the one above. */
async function readAssociatedIds(
  freshdesk: Freshdesk,
  { id, association, listedIds, isArchived }: FreshdeskTicket,
  call: Call,
): Promise<readonly string[]> {
  if (association === null || isArchived) return listedIds ?? []
  if (listedIds?.length) return listedIds
  const toTicketId = (item: unknown) => toId(toRecord(item)?.id)
  const isAbove = association === 1 || association === 3
  const decode = (body: unknown) => (isAbove ? toList(toRecord(body)?.tickets ?? body, toTicketId) : [toTicketId(body) ?? ''])
  const path = `/api/v2/tickets/${id}/${isAbove ? 'associated_tickets' : 'prime_association'}`
  return (await lookUpIfAny(freshdesk, path, decode, call)) ?? []
}

/** The agents who watch a ticket; null: it has no such list. */
async function readWatchers(freshdesk: Freshdesk, { id, tables }: FreshdeskTicket, call: Call): Promise<readonly Actor[] | null> {
  const decode = (body: unknown) => toList(toRecord(body)?.watcher_ids, toId)
  const ids = await lookUpIfAny(freshdesk, `/api/v2/tickets/${id}/watchers`, decode, call)
  return ids?.map((one) => toAgentActor(one, tables)) ?? null
}

/** The latest rating: 101 to 103 are happy, 100 is neutral, -101 to -103 are unhappy. */
async function readRating(freshdesk: Freshdesk, id: string, call: Call): Promise<Satisfaction | null> {
  const toRating = (value: unknown) => {
    const record = toRecord(value)
    const [rating = null] = Object.values(toRecord(record?.ratings) ?? {})
    return { score: toNumber(rating), comment: toText(record?.feedback), ratedAt: toInstantFromIso(record?.created_at) }
  }
  const decode = (body: unknown) => toList(body, toRating)
  const ratings = (await lookUpIfAny(freshdesk, `/api/v2/tickets/${id}/satisfaction_ratings`, decode, call)) ?? []
  const latest = ratings.toSorted((one, other) => ((one.ratedAt ?? '') < (other.ratedAt ?? '') ? 1 : -1))[0]
  if (!latest || latest.score === null) return null
  const { score, comment, ratedAt } = latest
  const known = score > 100 ? 'GOOD' : score === 100 ? 'NEUTRAL' : score < 0 ? 'BAD' : 'UNKNOWN'
  return { score: known, sourceScore: String(score), comment, ratedAt }
}

/** The addresses of files end after minutes, and no call gives a file by its id: the ticket, or its messages, are read for a new one. */
export async function openFile(freshdesk: Freshdesk, { externalId }: EntityRef, call: Call): Promise<OpenedFile | null> {
  const [ticketId = '', id = ''] = externalId.split('#')
  const ticket = await readTicket(freshdesk, ticketId, call)
  if (ticket === null) return null
  const ofTicket = ticket.attachments.find((file) => file.id === id)
  const thread = ofTicket ? null : await readThread(freshdesk, ticket, call)
  const file = ofTicket ?? thread?.flatMap(({ attachments }) => attachments).find((one) => one.id === id)
  return file?.url ? freshdesk.upstream.download({ operation: 'file', path: file.url, cost: 0 }, call) : null
}

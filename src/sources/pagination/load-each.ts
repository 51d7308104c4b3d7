import { bulkhead } from 'cockatiel'
import { DeskgraphError } from '../../domain/errors.ts'
import type { EntityRef } from '../../domain/ids.ts'
import type { Ticket } from '../../domain/ticket.ts'

/** The result of one read: the ticket, null where there is none, or why it could not be read. */
export type LoadResult = Ticket | DeskgraphError | null

export interface LoadOptions {
  /** How many tickets are read at once. */
  readonly concurrency: number
  /** False for a reference that cannot name a ticket of this source: its result is null, without a call. */
  readonly isOwn: (ref: EntityRef) => boolean
  readonly load: (externalId: string) => Promise<Ticket | null>
}

/** Reads every distinct ticket once. The results are in the order of the references. */
export async function loadEach(
  refs: readonly EntityRef[],
  { concurrency, isOwn, load }: LoadOptions,
): Promise<readonly LoadResult[]> {
  const ids = [...new Set(refs.filter(isOwn).map((ref) => ref.externalId))]
  const limited = bulkhead(concurrency, Number.POSITIVE_INFINITY)
  const results = await Promise.all(ids.map((id) => limited.execute(() => loadOne(id, load))))
  const byId = new Map(ids.map((id, index) => [id, results[index]!]))
  return refs.map((ref) => (isOwn(ref) ? (byId.get(ref.externalId) ?? null) : null))
}

async function loadOne(id: string, load: LoadOptions['load']): Promise<LoadResult> {
  try {
    return await load(id)
  } catch (error) {
    if (error instanceof DeskgraphError) return error
    throw error
  }
}

export interface ListedOptions {
  /** How many tickets one list takes. */
  readonly size: number
  readonly isOwn: (ref: EntityRef) => boolean
  /** The tickets with these external ids, as one list has them, in any order. */
  readonly list: (externalIds: readonly string[]) => Promise<readonly Ticket[]>
}

/** Reads every distinct ticket by lists. The results are in the order of the references; null: no list has it. */
export async function loadListed(
  refs: readonly EntityRef[],
  { size, isOwn, list }: ListedOptions,
): Promise<readonly (Ticket | null)[]> {
  const ids = [...new Set(refs.filter(isOwn).map((ref) => ref.externalId))]
  const lists = await Promise.all(toChunks(ids, size).map(list))
  const byId = new Map(lists.flat().map((ticket) => [ticket.externalId, ticket]))
  return refs.map((ref) => (isOwn(ref) ? (byId.get(ref.externalId) ?? null) : null))
}

export function toChunks<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  const count = Math.ceil(items.length / size)
  return Array.from({ length: count }, (_, index) => items.slice(index * size, (index + 1) * size))
}

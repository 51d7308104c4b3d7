import { DeskgraphError } from '../../domain/errors.ts'
import type { EntityRef } from '../../domain/ids.ts'
import type { Ticket } from '../../domain/ticket.ts'

export type Loaded = Ticket | DeskgraphError | null

/**
 * One read per distinct reference, a bounded number at once; the results in the order of the references.
 * What cannot be a ticket of this source is null without a call.
 */
export async function loadEach(
  refs: readonly EntityRef[],
  options: {
    readonly concurrency: number
    readonly isOurs: (ref: EntityRef) => boolean
    readonly load: (externalId: string) => Promise<Ticket | null>
  },
): Promise<readonly Loaded[]> {
  // Nearly every operation wants one ticket of a source, or many.
  const [only] = refs
  if (only && refs.length === 1) return [options.isOurs(only) ? await loadOne(only.externalId, options.load) : null]
  const ids = [...new Set(refs.filter(options.isOurs).map((ref) => ref.externalId))]
  const results = new Map<string, Loaded>()
  let next = 0
  const work = async () => {
    for (let id = ids[next++]; id !== undefined; id = ids[next++]) results.set(id, await loadOne(id, options.load))
  }
  await Promise.all(Array.from({ length: Math.min(options.concurrency, ids.length) }, work))
  return refs.map((ref) => (options.isOurs(ref) ? (results.get(ref.externalId) ?? null) : null))
}

async function loadOne(id: string, load: (externalId: string) => Promise<Ticket | null>): Promise<Loaded> {
  try {
    return await load(id)
  } catch (error) {
    if (error instanceof DeskgraphError) return error
    throw error
  }
}

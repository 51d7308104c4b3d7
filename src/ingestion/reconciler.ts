import type { Call, Viewer } from '../domain/call.ts'
import { type Clock, now } from '../domain/clock.ts'
import { DeskgraphError } from '../domain/errors.ts'
import { type EntityRef, encodeId } from '../domain/ids.ts'
import type { ReconcileRequest, ReconcileResult, Reconciler } from '../domain/reconciliation.ts'
import type { Ticket } from '../domain/ticket.ts'
import type { ObservedTicket, UnitOfWork } from '../domain/transaction.ts'
import { bulkRejected, type UserErrorCode } from '../domain/writes.ts'
import type { TicketSource } from '../sources/source.ts'
import type { ObservedTickets } from './hint-store.ts'
import { isChange, type Observation, type ObservationOutcome, readByIds, recordObservations } from './observed-changes.ts'

export interface ReconcilerDeps {
  readonly sources: readonly TicketSource[]
  readonly store: UnitOfWork & { readonly observed: ObservedTickets }
  readonly clock: Clock
}

/** The account of the gateway: the comparison is for no user. */
const viewer: Viewer = { id: 'reconcile', email: null, name: null, scopes: new Set(), expiresAt: null }
/** When of so many tickets, or more, over a half are missing, the account has probably lost a right. */
const fewest = 10

/** Compares known tickets with their source in batches, in the order of their ids. */
export function createReconciler(deps: ReconcilerDeps): Reconciler {
  const bySource = new Map(deps.sources.map((source) => [source.info.key, source]))
  return {
    async reconcile(request, call) {
      const source = bySource.get(request.sourceKey)
      if (!source) return rejected('NOT_FOUND', 'There is no source with this key.')
      if (source.info.mode !== 'PULL')
        return rejected('NOT_SUPPORTED', `${source.info.label} sends its events: its tickets are stored, and cannot be compared.`)
      return reconcileBatch(deps, source, request, call)
    },
  }
}

async function reconcileBatch(
  deps: ReconcilerDeps,
  source: TicketSource,
  request: ReconcileRequest,
  { signal, requestId }: Call,
): Promise<ReconcileResult> {
  const { store, clock } = deps
  const { key } = source.info
  const refs = await store.observed.list(key, { after: decodeCursor(request.after), limit: request.limit })
  const results = await readAll(source, refs, { viewer, signal, requestId, fresh: true, priority: 'export' })
  const read = refs.flatMap((ref, index): readonly Observation[] => {
    const ticket = results[index]
    if (ticket instanceof DeskgraphError || ticket === undefined) return []
    return [ticket === null ? { ref, ticket, told: false } : { ref, ticket }]
  })
  const failure = results.find((result) => result instanceof DeskgraphError)
  const options = { newSince: now(clock), readById: true }
  const missing = read.filter(({ ticket }) => ticket === null).length
  const isSuspicious = !request.force && read.length >= fewest && missing * 2 > read.length
  const outcomes =
    request.dryRun || isSuspicious
      ? await compare(deps, source, read, options)
      : await recordObservations(deps, source, read, options)
  const idsOf = (outcome: ObservationOutcome) =>
    read.flatMap(({ ref }, index) => (outcomes[index] === outcome ? [toId(ref)] : []))
  const [changedIds, removedIds] = [idsOf('CHANGED'), idsOf('REMOVED')]
  const failed = refs.length - read.length
  const last = refs.at(-1)
  return {
    ...{ subject: key, done: changedIds.length + removedIds.length, failed, checked: read.length, changedIds, removedIds },
    userErrors: isSuspicious && !request.dryRun ? [toSuspicion(missing, read.length)] : [],
    ...(failure && { failure }),
    total: await store.observed.count(key),
    endCursor: last && refs.length === request.limit ? encodeCursor(last) : null,
  }
}

/** A fault of the whole call is one of each ticket. */
async function readAll(source: TicketSource, refs: readonly EntityRef[], call: Call) {
  try {
    return await readByIds(source, refs, call)
  } catch (error) {
    if (!(error instanceof DeskgraphError)) throw error
    return refs.map(() => error)
  }
}

/** What would be recorded. */
async function compare(
  { store }: ReconcilerDeps,
  source: TicketSource,
  read: readonly Observation[],
  options: Parameters<typeof isChange>[3],
): Promise<readonly ObservationOutcome[]> {
  const known = await store.transaction((tx) => tx.findObserved(read.map(({ ref }) => ref)))
  const outcomeOf = (ticket: Ticket | null, before: ObservedTicket | null): ObservationOutcome => {
    if (ticket === null) return before !== null && before.ticket.deletedAt === null ? 'REMOVED' : 'UNCHANGED'
    return isChange(source, ticket, before, options) ? 'CHANGED' : 'UNCHANGED'
  }
  return read.map(({ ticket }, index) => outcomeOf(ticket, known[index] ?? null))
}

function toSuspicion(missing: number, checked: number) {
  const message =
    `${missing} of ${checked} tickets were not found. The account of the gateway may have lost a right at the source, so nothing of this ` +
    'batch was recorded. When the tickets are gone, repeat it with force.'
  return { code: 'CONFLICT', message, field: ['force'] } as const
}

function rejected(code: UserErrorCode, message: string): ReconcileResult {
  const nothing = { checked: 0, changedIds: [], removedIds: [], total: 0, endCursor: null }
  return { ...bulkRejected(code, message, 'source'), ...nothing }
}

function toId({ sourceKey, tenant, externalId }: EntityRef): string {
  return encodeId('ticket', sourceKey, tenant, externalId)
}

function encodeCursor({ tenant, externalId }: EntityRef): string {
  return Buffer.from(JSON.stringify([tenant, externalId])).toString('base64url')
}

function decodeCursor(cursor: string | null): readonly [string, string] | null {
  if (cursor === null) return null
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
    if (Array.isArray(value) && value.length === 2 && value.every((part) => typeof part === 'string'))
      return value as [string, string]
  } catch {
    // It is none.
  }
  throw new DeskgraphError('BAD_USER_INPUT', 'The cursor does not belong to this reconciliation.')
}

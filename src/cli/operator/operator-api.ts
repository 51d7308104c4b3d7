import type { Environment } from '../../config/read-yaml.ts'
import type { Deliveries, Delivery, DeliveryState } from '../../domain/delivery.ts'
import type { DeadLetter } from '../../domain/events.ts'
import type { Page, PageRequest } from '../../domain/page.ts'
import type { ReconcileRequest, ReconcileResult } from '../../domain/reconciliation.ts'
import type { BulkResult } from '../../domain/writes.ts'
import { fail } from '../fail.ts'

/** A dead letter without its body, which may hold personal data. */
export type ListedDeadLetter = Pick<DeadLetter, 'id' | 'receivedAt' | 'problem' | 'state'> & {
  readonly source: { readonly key: string }
}

/** What an operator does with deliveries, dead letters and known tickets: by the graph of a running gateway, or by its database. */
export interface OperatorApi {
  /** Newest first. */
  listDeliveries(
    filter: { readonly partner: string | null; readonly states: readonly DeliveryState[] },
    page: PageRequest,
  ): Promise<Page<Delivery>>
  /** null: there is no such delivery. */
  replayDelivery(id: string): Promise<Pick<Delivery, 'id' | 'state'> | null>
  replayDeliveries(partner: string, states: readonly DeliveryState[], limit: number): Promise<BulkResult>
  enablePartner: Deliveries['enablePartner']
  /** Newest first. `sourceKey` null: of all sources. */
  listDeadLetters(sourceKey: string | null, page: PageRequest): Promise<Page<ListedDeadLetter>>
  /** null: there is no such event. */
  replayDeadLetter(id: string): Promise<Pick<DeadLetter, 'id' | 'state'> | null>
  replayDeadLetters(sourceKey: string, limit: number): Promise<BulkResult>
  /** null: there is no such event. */
  discardDeadLetter(id: string, reason: string): Promise<Pick<DeadLetter, 'id' | 'state'> | null>
  reconcile(request: ReconcileRequest): Promise<ReconciledBatch>
}

/** What a command needs of the comparison of one batch. */
export type ReconciledBatch = Omit<ReconcileResult, 'subject' | 'done' | 'failure'>

/** How a command reaches the deliveries and dead letters. */
export interface ConnectionOptions {
  /** The address of a running gateway. */
  readonly url?: string | undefined
  /** A token with the scope `routing:admin`. */
  readonly token?: string | undefined
  /** The audit log of a command on the database. */
  readonly audit?: string | undefined
}

/**
 * Runs the work over the graph where `--url` or DESKGRAPH_URL names a gateway, else on the PostgreSQL of DATABASE_URL. A failure ends the
 * process with a message and the exit code 1: the embedded database belongs to its gateway alone.
 */
export async function withOperatorApi(
  { url, token, audit }: ConnectionOptions,
  environment: Environment,
  work: (api: OperatorApi) => Promise<void>,
): Promise<void> {
  const address = url ?? environment.DESKGRAPH_URL?.trim()
  if (address) {
    const { createGraphApi, GraphFault } = await import('./graph-api.ts')
    try {
      return await work(createGraphApi(address, token ?? environment.DESKGRAPH_TOKEN?.trim()))
    } catch (error) {
      if (error instanceof GraphFault) fail(error.message)
      throw error
    }
  }
  if (!environment.DATABASE_URL?.trim()) {
    fail('Name the running gateway with --url or DESKGRAPH_URL, or its PostgreSQL with DATABASE_URL and DESKGRAPH_CONFIG.')
  }
  const { withDatabaseApi } = await import('./database-api.ts')
  return withDatabaseApi(environment, audit, work)
}

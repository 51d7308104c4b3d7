import { setImmediate as nextEventLoopTurn } from 'node:timers/promises'
import type { PGlite } from '@electric-sql/pglite'
import { type Dialect, Kysely, sql } from 'kysely'
import type { Pool } from 'pg'
import type { PGliteLike } from 'pg-boss'
import type { ChangeLog } from '../changes/change-log.ts'
import type { DeliveryStore } from '../delivery/delivery-store.ts'
import { type Clock, systemClock } from '../domain/clock.ts'
import { DeskgraphError } from '../domain/errors.ts'
import type { Instant } from '../domain/instant.ts'
import type { Logger, Metrics } from '../domain/telemetry.ts'
import type { Leases, UnitOfWork } from '../domain/transaction.ts'
import type { EventStore } from '../ingestion/event-store.ts'
import type { HintStore, ObservedTickets } from '../ingestion/hint-store.ts'
import type { TokenRows } from '../sources/credentials/token-store.ts'
import type { TicketStore } from '../sources/stored-source.ts'
import type { IdempotencyStore } from '../tickets/idempotency-store.ts'
import type { UploadStore } from '../tickets/upload-store.ts'
import { describeStartFault } from './describe-fault.ts'
import { measureStore, type PrunableTable, prune, vacuum } from './housekeeping.ts'
import { migrate } from './migrations/index.ts'
import { openPostgres } from './postgres.ts'
import { createChangeLog } from './repositories/change-log.ts'
import { createDeliveryStore } from './repositories/deliveries.ts'
import { createHintStore } from './repositories/hints.ts'
import { createIdempotencyStore } from './repositories/idempotency.ts'
import { createEventStore } from './repositories/inbox.ts'
import { createLeases } from './repositories/leases-and-checkpoints.ts'
import { countObserved, listObserved } from './repositories/observed-tickets.ts'
import { findActivity } from './repositories/source-activity.ts'
import { createTokenRows } from './repositories/source-tokens.ts'
import type { FindSource } from './repositories/ticket-json.ts'
import { countTicketRows, listTicketRows, toPosition } from './repositories/ticket-list.ts'
import { findTicketRows } from './repositories/tickets.ts'
import { createUploadStore } from './repositories/uploads.ts'
import type { Database } from './schema.ts'
import { withStorageErrors } from './storage-errors.ts'
import { createTransactionRunner } from './transaction.ts'

export interface StoreOptions {
  /** The address of PostgreSQL. Absent or null: the embedded database. */
  readonly databaseUrl?: string | null | undefined
  /** The embedded database's directory. Absent or null: in memory, gone with the process. */
  readonly dataDir?: string | null | undefined
  /** Connections to PostgreSQL at most. */
  readonly poolSize?: number | undefined
  /** Called at every read, so that sources may be created after the store. */
  readonly findSource: FindSource
  readonly logger: Logger
  readonly metrics: Metrics
  readonly clock?: Clock | undefined
  /** Default: Kysely's own dialect, over PGlite's documented API. */
  readonly connectPGlite?: ConnectPGlite | undefined
}

/** Makes Kysely's dialect for PGlite, and the session that the job engine shares with it. */
export type ConnectPGlite = (pglite: PGlite) => Promise<{ readonly dialect: Dialect; readonly session: PGliteLike }>

/** The engine under the store, for the job engine, which sends its own SQL. */
export type Engine =
  | { readonly kind: 'pglite'; readonly pglite: PGliteLike }
  | { readonly kind: 'postgres'; readonly databaseUrl: string; readonly pool: Pool }

export interface OpenedEngine {
  readonly engine: Engine
  readonly dialect: Dialect
  close(): Promise<void>
}

/**
 * The database with its repositories: one for each storage interface that a feature declares. Connection and storage
 * faults reject with STORAGE_UNAVAILABLE in every method; so does every use after `close`.
 */
export interface Store extends UnitOfWork {
  readonly tickets: TicketStore
  readonly events: EventStore
  readonly hints: HintStore
  readonly observed: ObservedTickets
  readonly changeLog: ChangeLog
  readonly deliveries: DeliveryStore
  readonly idempotency: IdempotencyStore
  readonly uploads: UploadStore
  readonly tokens: TokenRows
  readonly leases: Leases
  /** For commands and tests that need SQL of their own. */
  readonly db: Kysely<Database>
  readonly engine: Engine
  /** Resolves when the database can be read and written. Rejects with STORAGE_UNAVAILABLE, also for a standby and for a full disk. */
  ping(): Promise<void>
  /** Removes rows that are older than this and no longer needed. Returns how many. */
  prune(table: PrunableTable, olderThan: Instant): Promise<number>
  /** Sets the gauges of the inbox, of the dead letters and of the connections. */
  measure(): Promise<void>
  /** Vacuums the embedded database's tables that have changed much, and returns their names. PostgreSQL does it by itself. */
  vacuum(): Promise<readonly string[]>
  close(): Promise<void>
}

/**
 * Opens the database and runs its migrations. Throws STORAGE_UNAVAILABLE when the database cannot be reached, or when another
 * process uses the embedded database's directory.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { findSource, metrics, clock = systemClock } = options
  const opened = await openEngine(options)
  const isEmbedded = opened.engine.kind === 'pglite'
  let closing: Promise<void> | null = null
  let isFullUntil = 0
  const onDiskFull = () => {
    isFullUntil = performance.now() + fullDiskMs
  }
  const db = new Kysely<Database>({
    dialect: withStorageErrors(opened.dialect, { isClosed: () => closing !== null, onDiskFull }),
  })
  try {
    await migrate(db)
  } catch (error) {
    await opened.close()
    throw options.databaseUrl ? describeStartFault(error, options.databaseUrl) : error
  }
  const { changeLog, notifyCommitted } = createChangeLog(db, findSource, { isShared: !isEmbedded })
  const transaction = createTransactionRunner({ db, findSource, clock, notifyCommitted })
  return {
    transaction,
    tickets: createTicketStore(db, findSource, isEmbedded ? yieldToEventLoop : async () => {}),
    events: createEventStore(db, transaction),
    hints: createHintStore(db),
    observed: {
      list: (sourceKey, range) => listObserved(db, sourceKey, range),
      count: (sourceKey) => countObserved(db, sourceKey),
    },
    changeLog,
    deliveries: createDeliveryStore(db),
    idempotency: createIdempotencyStore(db, clock),
    uploads: createUploadStore(db, clock),
    tokens: createTokenRows(db, clock),
    leases: createLeases(db, clock),
    db,
    engine: opened.engine,
    ping: () => ping(db, performance.now() < isFullUntil),
    prune: (table, olderThan) => prune(db, table, olderThan),
    async measure() {
      if (opened.engine.kind === 'postgres') measurePool(opened.engine.pool, metrics)
      await measureStore(db, metrics, clock)
    },
    vacuum: async () => (isEmbedded ? vacuum(db) : []),
    close: () => (closing ??= opened.close()),
  }
}

function measurePool({ totalCount, idleCount, waitingCount }: Pool, metrics: Metrics): void {
  metrics.set('database_connections', idleCount, { state: 'idle' })
  metrics.set('database_connections', totalCount - idleCount, { state: 'busy' })
  metrics.set('database_connections', waitingCount, { state: 'waiting' })
}

/** For this long after a write that found the disk full, the store counts as down: a read alone would not find it. */
const fullDiskMs = 30_000

async function ping(db: Kysely<Database>, isFull: boolean): Promise<void> {
  const { rows } = await sql<{ read_only: boolean }>`select pg_is_in_recovery()
    or current_setting('transaction_read_only')::boolean as read_only`.execute(db)
  if (rows[0]?.read_only) {
    throw new DeskgraphError('STORAGE_UNAVAILABLE', 'The database accepts no writes: it is a standby or read-only.', {
      retryAfter: 1,
    })
  }
  if (isFull) {
    throw new DeskgraphError('STORAGE_UNAVAILABLE', 'The disk of the database is full. Free space or enlarge it.', {
      retryAfter: 1,
    })
  }
}

async function openEngine({
  databaseUrl,
  dataDir = null,
  poolSize = 10,
  logger,
  connectPGlite,
}: StoreOptions): Promise<OpenedEngine> {
  if (databaseUrl) return openPostgres({ databaseUrl, poolSize, logger })
  // Imported only when it is used: the module loads a whole database.
  const { openPGlite } = await import('./pglite.ts')
  return openPGlite(dataDir, connectPGlite)
}

function createTicketStore(db: Kysely<Database>, findSource: FindSource, beforeRead: () => Promise<void>): TicketStore {
  return {
    async find(refs) {
      await beforeRead()
      return (await findTicketRows(db, refs, findSource)).map((stored) => stored?.ticket ?? null)
    },
    toPosition,
    findActivity: (sourceKey) => findActivity(db, sourceKey),
    async list(sourceKey, request) {
      await beforeRead()
      return listTicketRows(db, sourceKey, request, findSource)
    },
    async count(sourceKey, request) {
      await beforeRead()
      return countTicketRows(db, sourceKey, request)
    },
  }
}

/**
 * PGlite works in this thread. The HTTP client writes the requests of an operation at the end of the event loop's turn: without
 * this pause, the calls to other sources wait until the database has answered.
 */
async function yieldToEventLoop(): Promise<void> {
  await nextEventLoopTurn()
  await nextEventLoopTurn()
}

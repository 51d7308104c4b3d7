import { Kysely, sql } from 'kysely'
import type { ChangeLog } from '../changes/change-log.ts'
import { type Clock, systemClock } from '../domain/clock.ts'
import type { Instant } from '../domain/instant.ts'
import type { Logger, Metrics } from '../domain/telemetry.ts'
import type { Leases, UnitOfWork } from '../domain/transaction.ts'
import type { EventStore } from '../ingestion/event-store.ts'
import type { TicketStore } from '../sources/ticket-store.ts'
import type { IdempotencyStore } from '../tickets/idempotency-store.ts'
import { type Engine, type OpenedEngine, openPostgres } from './engine.ts'
import { guardDialect } from './guarded-dialect.ts'
import { measureStore } from './measure.ts'
import { migrate } from './migrate.ts'
import { type PrunableTable, prune } from './prune.ts'
import { createJournalLog } from './repositories/change-log.ts'
import { createEventStore } from './repositories/event-store.ts'
import { createIdempotencyStore } from './repositories/idempotency.ts'
import { createLeases } from './repositories/leases.ts'
import type { FindSource } from './repositories/ticket-json.ts'
import { listTicketRows } from './repositories/ticket-list.ts'
import { findTicketRows } from './repositories/tickets.ts'
import { createTransactions } from './run-transaction.ts'
import type { Database } from './schema.ts'
import { vacuumWorn } from './vacuum.ts'

export interface StoreOptions {
  /** PostgreSQL; absent: the embedded database. */
  readonly databaseUrl?: string | null | undefined
  /** The embedded database's directory; null or absent: in memory, gone with the process. */
  readonly dataDir?: string | null | undefined
  /** Connections to PostgreSQL at most. */
  readonly poolSize?: number | undefined
  /** Asked at every read, so that sources may be made after the store. */
  readonly findSource: FindSource
  readonly logger: Logger
  readonly metrics: Metrics
  readonly clock?: Clock | undefined
}

export interface Store extends UnitOfWork {
  readonly tickets: TicketStore
  readonly events: EventStore
  readonly changeLog: ChangeLog
  readonly idempotency: IdempotencyStore
  readonly leases: Leases
  /** For parts of src/store and the job engine. */
  readonly db: Kysely<Database>
  readonly engine: Engine
  /** Answers when the database does; else throws STORAGE_UNAVAILABLE. */
  ping(): Promise<void>
  /** Removes what is older and no longer wanted; returns how many rows. */
  prune(table: PrunableTable, olderThan: Instant): Promise<number>
  /** Sets the gauges of inbox and quarantine. */
  measure(): Promise<void>
  /** Makes room where much was changed; PostgreSQL does so itself. Returns the tables. */
  vacuum(): Promise<readonly string[]>
  close(): Promise<void>
}

/**
 * Opens the database and brings it up to date. Throws STORAGE_UNAVAILABLE when it cannot be reached, or when another
 * process holds the embedded one.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { databaseUrl, dataDir = null, poolSize = 10, findSource, logger, metrics, clock = systemClock } = options
  const opened = databaseUrl ? await openPostgres({ databaseUrl, poolSize, logger }) : await loadEmbedded(dataDir)
  const db = new Kysely<Database>({ dialect: guardDialect(opened.dialect) })
  try {
    await migrate(db)
  } catch (error) {
    await opened.close()
    throw error
  }
  const changeLog = createJournalLog(db, findSource, opened.engine.kind === 'postgres')
  const transaction = createTransactions(db, findSource, clock, changeLog.announce)
  const beforeRead = opened.engine.kind === 'pglite' ? letCallsLeave : async () => {}
  let closing: Promise<void> | null = null
  return {
    transaction,
    tickets: {
      async find(refs) {
        await beforeRead()
        return (await findTicketRows(db, refs, findSource)).map((kept) => kept?.ticket ?? null)
      },
      async list(sourceKey, request) {
        await beforeRead()
        return listTicketRows(db, sourceKey, request, findSource)
      },
    },
    events: createEventStore(db, transaction),
    changeLog: changeLog.log,
    idempotency: createIdempotencyStore(db, clock),
    leases: createLeases(db, clock),
    db,
    engine: opened.engine,
    ping: async () => void (await sql`select 1`.execute(db)),
    prune: (table, olderThan) => prune(db, table, olderThan),
    measure: () => measureStore(db, metrics, clock),
    vacuum: async () => (opened.engine.kind === 'pglite' ? vacuumWorn(db) : []),
    close: () => (closing ??= opened.close()),
  }
}

/**
 * The embedded database works in this thread. What an operation asks other systems in the same turn is written at the turn's end,
 * and would wait for the database as well: two turns later it is on its way.
 */
async function letCallsLeave(): Promise<void> {
  await nextTurn()
  await nextTurn()
}

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve))

/** Loaded only where it is wanted: it brings a whole database along. */
async function loadEmbedded(dataDir: string | null): Promise<OpenedEngine> {
  const { openEmbedded } = await import('./embedded-engine.ts')
  return openEmbedded(dataDir)
}

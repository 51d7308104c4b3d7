import { type Kysely, sql } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import { DeskgraphError } from '../../domain/errors.ts'
import type { Database } from '../schema.ts'
import { events } from './0001-events.ts'
import { deliveries } from './0002-deliveries.ts'
import { lateEvents } from './0003-late-events.ts'
import { sourceActivity } from './0004-source-activity.ts'
import { heldDeliveries } from './0005-held-deliveries.ts'
import { ticketCounts } from './0006-ticket-counts.ts'
import { uploads } from './0007-uploads.ts'
import { changeHints } from './0008-change-hints.ts'
import { sourceTokens } from './0009-source-tokens.ts'
import { keptFiles } from './0010-kept-files.ts'

/**
 * Every migration by name. They run in the order of their names, each once. Never change a released one: add another. One that only adds
 * tables, indexes, and columns that may stay empty lets the version before run. Any other has `-breaking-` in its name.
 */
const migrations: Readonly<Record<string, Migration>> = {
  '0001-events': events,
  '0002-deliveries': deliveries,
  '0003-late-events': lateEvents,
  '0004-source-activity': sourceActivity,
  '0005-held-deliveries': heldDeliveries,
  '0006-ticket-counts': ticketCounts,
  '0007-uploads': uploads,
  '0008-change-hints': changeHints,
  '0009-source-tokens': sourceTokens,
  '0010-kept-files': keptFiles,
}

/** In the name of a migration that the version before cannot work with: it removes or renames what that version uses. */
const breakingMark = '-breaking-'
const attempts = 3

/**
 * Brings the database up to date, in one transaction under an advisory lock. Replicas may start at the same time, and
 * the next start completes a migration whose process was killed. A database that a newer version has migrated is accepted when all of its
 * further migrations only add something, so that the version before can run again. Otherwise it throws STORAGE_UNAVAILABLE.
 */
export async function migrate(db: Kysely<Database>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const newer = await findNewer(db)
    const migrator = new Migrator({ db, provider: { getMigrations: async () => ({ ...newer, ...migrations }) } })
    const { error } = await migrator.migrateToLatest()
    if (!error) return
    // A newer replica has migrated since the look at its migrations.
    const isOvertaken = error instanceof Error && error.message.startsWith('corrupted migrations') && attempt < attempts
    if (!isOvertaken) throw error
  }
}

/** How the migrations of a database and of this version differ. */
export interface MigrationState {
  /** True: no version of Deskgraph has migrated it yet. */
  readonly isEmpty: boolean
  /** The names of migrations that the next start of this version runs. */
  readonly missing: readonly string[]
  /** The names of migrations that a newer version has run, and that this version works with. */
  readonly newer: readonly string[]
}

/** Compares and changes nothing. Throws STORAGE_UNAVAILABLE when this version cannot work with what another version has run. */
export async function findMigrationState(db: Kysely<Database>): Promise<MigrationState> {
  const applied = await readApplied(db)
  return {
    isEmpty: applied.length === 0,
    missing: Object.keys(migrations).filter((name) => !applied.includes(name)),
    newer: toUsableNewer(applied),
  }
}

/** The migrations that a newer version has run, as ones that do nothing. Throws when this version cannot work with one of them. */
async function findNewer(db: Kysely<Database>): Promise<Record<string, Migration>> {
  return Object.fromEntries(toUsableNewer(await readApplied(db)).map((name) => [name, { up: async () => {} }]))
}

/** In their order. */
async function readApplied(db: Kysely<Database>): Promise<readonly string[]> {
  const { rows: tables } = await sql<{ found: boolean }>`select to_regclass('kysely_migration') is not null as found`.execute(db)
  if (!tables[0]?.found) return []
  const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(db)
  return rows.map(({ name }) => name)
}

function toUsableNewer(applied: readonly string[]): readonly string[] {
  const newer = applied.filter((name) => !Object.hasOwn(migrations, name))
  const latest = Object.keys(migrations).at(-1)!
  const unusable = newer.filter((name) => name.includes(breakingMark) || name < latest)
  if (unusable.length > 0) {
    const message =
      `The database was migrated by another version of Deskgraph (${unusable.join(', ')}), and this version cannot work with it. ` +
      'Start that version again, or restore the backup that was made before the upgrade.'
    throw new DeskgraphError('STORAGE_UNAVAILABLE', message)
  }
  return newer
}

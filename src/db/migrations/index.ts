import type { Kysely } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import type { Database } from '../schema.ts'
import { events } from './0001-events.ts'
import { deliveries } from './0002-deliveries.ts'
import { lateEvents } from './0003-late-events.ts'
import { sourceActivity } from './0004-source-activity.ts'
import { heldDeliveries } from './0005-held-deliveries.ts'

/** Every migration by name. They run in the order of their names, each once. Never change a released one: add another. */
const migrations: Readonly<Record<string, Migration>> = {
  '0001-events': events,
  '0002-deliveries': deliveries,
  '0003-late-events': lateEvents,
  '0004-source-activity': sourceActivity,
  '0005-held-deliveries': heldDeliveries,
}

/**
 * Brings the database up to date, in one transaction under an advisory lock. Replicas may start at the same time, and
 * the next start completes a migration whose process was killed.
 */
export async function migrate(db: Kysely<Database>): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => ({ ...migrations }) } })
  const { error } = await migrator.migrateToLatest()
  if (error) throw error
}

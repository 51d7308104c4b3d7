import type { Migration } from 'kysely/migration'
import { events } from './0001-events.ts'
import { deliveries } from './0002-deliveries.ts'
import { lateEvents } from './0003-late-events.ts'

/** Every migration by name; they run in the order of their names, each once. Never change one that was released: add another. */
export const migrations: Readonly<Record<string, Migration>> = {
  '0001-events': events,
  '0002-deliveries': deliveries,
  '0003-late-events': lateEvents,
}

import { type Kysely, sql } from 'kysely'
import type { Instant } from '../../domain/instant.ts'
import { toInstant } from '../../domain/instant.ts'
import type { SourceActivity } from '../../sources/stored-source.ts'
import type { Database } from '../schema.ts'

/** How many of the latest events count, as of the latest calls to a pulled source. */
const latestEvents = 128

interface ActivityRow {
  readonly last_event_at: Instant | null
  /** Milliseconds since 1970: the last event among those that were removed since. */
  readonly removed_until: number | null
  readonly last_held_at: Instant | null
  readonly events: number
  readonly held: number
}

/** The latest events of one source: those in the inbox, and those that became dead letters before they came there. */
export async function findActivity(db: Kysely<Database>, sourceKey: string): Promise<SourceActivity> {
  const { rows } = await sql<ActivityRow>`
    with latest as (
      select received_at, held from (
        (select received_at, false as held from inbox where source_key = ${sourceKey} and state <> 'QUARANTINED'
          order by received_at desc limit ${latestEvents})
        union all
        (select received_at, true from quarantine where source_key = ${sourceKey} and state = 'HELD' order by id desc limit ${latestEvents})
      ) as both_kinds order by received_at desc, held desc limit ${latestEvents}
    )
    select
      greatest((select max(received_at) from inbox where source_key = ${sourceKey}),
        (select received_at from quarantine where source_key = ${sourceKey} order by id desc limit 1)) as last_event_at,
      (select value from marks where name = ${markOf(sourceKey)}) as removed_until,
      max(received_at) filter (where held) as last_held_at, count(*) as events, count(*) filter (where held) as held
    from latest`.execute(db)
  const row = rows[0]!
  const removedUntil = row.removed_until === null ? null : toInstant(row.removed_until)
  const lastEventAt =
    [row.last_event_at, removedUntil]
      .filter((at) => at !== null)
      .sort()
      .at(-1) ?? null
  return { lastEventAt, lastHeldAt: row.last_held_at, events: row.events, held: row.held }
}

const markPrefix = 'last_event:'
const markOf = (sourceKey: string) => markPrefix + sourceKey

/** Saves the time of the last event that pruning is about to remove, of each source. */
export async function saveLastEvents(db: Kysely<Database>, table: 'inbox' | 'quarantine', olderThan: Instant): Promise<void> {
  await sql`insert into marks (name, value)
    select ${markPrefix}::text || source_key, (extract(epoch from max(received_at)::timestamptz) * 1000)::bigint
    from ${sql.table(table)} where received_at < ${olderThan} group by source_key
    on conflict (name) do update set value = greatest(marks.value, excluded.value)`.execute(db)
}

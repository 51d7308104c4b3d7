import { type Kysely, sql } from 'kysely'
import type { Clock } from '../domain/clock.ts'
import { toEpochMs } from '../domain/instant.ts'
import type { GaugeName, Metrics } from '../domain/telemetry.ts'
import type { Database } from './schema.ts'

interface Depth {
  readonly depth: number
  readonly oldest: string | null
}

/** Sets the gauges of inbox and quarantine: how many rows wait, and for how many seconds the oldest has. */
export async function measureStore(db: Kysely<Database>, metrics: Metrics, clock: Clock): Promise<void> {
  const report = ({ depth, oldest }: Depth, depthGauge: GaugeName, ageGauge: GaugeName): void => {
    metrics.set(depthGauge, depth)
    metrics.set(ageGauge, oldest === null ? 0 : Math.max(0, (clock() - toEpochMs(oldest)) / 1000))
  }
  const inbox = await sql<Depth>`select count(*) as depth, min(received_at) as oldest from inbox where state = 'PENDING'`.execute(
    db,
  )
  const held =
    await sql<Depth>`select count(*) as depth, min(received_at) as oldest from quarantine where state = 'HELD'`.execute(db)
  if (inbox.rows[0]) report(inbox.rows[0], 'inbox_depth', 'inbox_oldest_seconds')
  if (held.rows[0]) report(held.rows[0], 'quarantine_depth', 'quarantine_oldest_seconds')
}

import { DatabaseSync } from 'node:sqlite'
import { seededCount } from './seed.ts'

const hourMs = 3_600_000

/** Ticket 1 was opened at 01:00 on 1 January 2026, each next one an hour later. */
export function seededCreation(id: number): string {
  return new Date(Date.UTC(2026, 0, 1) + id * hourMs).toISOString()
}

/** Tickets 31 to 34 were changed within one second, the others in different hours, in another order than they were opened. */
export function seededUpdate(id: number): string {
  return id >= 31 && id <= 34
    ? '2026-03-01T00:00:00.000Z'
    : new Date(Date.UTC(2026, 1, 1) + ((id * 7) % 60) * hourMs).toISOString()
}

/** Redmine stores microseconds and prints seconds. By these four the order is 31, 33, 32, 34, the latest first. */
const microseconds = new Map([
  [31, '400000'],
  [32, '200000'],
  [33, '300000'],
  [34, '100000'],
])

/** Gives the seed's tickets and notes fixed times. The server must not run. */
export function spreadTimes(file: string): void {
  const database = new DatabaseSync(file)
  const setIssue = database.prepare(
    'UPDATE issues SET created_on = ?, updated_on = ?, closed_on = CASE WHEN closed_on IS NULL THEN NULL ELSE ? END WHERE id = ?',
  )
  const readJournals = database.prepare('SELECT id FROM journals WHERE journalized_id = ? ORDER BY id')
  const setJournal = database.prepare('UPDATE journals SET created_on = ? WHERE id = ?')
  database.exec('BEGIN')
  for (let id = 1; id <= seededCount; id++) {
    const updated = toColumn(seededUpdate(id), microseconds.get(id) ?? '500000')
    setIssue.run(toColumn(seededCreation(id), '250000'), updated, updated, id)
    for (const [index, { id: journal }] of readJournals.all(id).entries()) {
      const minutes = (index + 1) * 10
      setJournal.run(toColumn(new Date(Date.parse(seededCreation(id)) + minutes * 60_000).toISOString(), '000000'), journal!)
    }
  }
  database.exec("UPDATE attachments SET created_on = '2026-01-01 00:00:00.000000'")
  database.exec('COMMIT')
  database.close()
}

function toColumn(instant: string, micro: string): string {
  return `${instant.slice(0, 19).replace('T', ' ')}.${micro}`
}

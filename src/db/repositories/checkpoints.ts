import type { Kysely } from 'kysely'
import type { Instant } from '../../domain/instant.ts'
import type { Database } from '../schema.ts'

/** Remembers how far a long piece of work has come. */
export async function saveCheckpoint(db: Kysely<Database>, name: string, body: unknown, at: Instant): Promise<void> {
  const row = { name, body: JSON.stringify(body), updated_at: at }
  await db
    .insertInto('checkpoints')
    .values(row)
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ body: row.body, updated_at: at }))
    .execute()
}

/** null: nothing was remembered under this name. */
export async function findCheckpoint(db: Kysely<Database>, name: string): Promise<unknown> {
  const row = await db.selectFrom('checkpoints').select('body').where('name', '=', name).executeTakeFirst()
  return row ? JSON.parse(row.body) : null
}

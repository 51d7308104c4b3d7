import { existsSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { type Dialect, PGliteDialect, PostgresDialect } from 'kysely'
import { Pool } from 'pg'
import type { Logger } from '../domain/telemetry.ts'
import { findTemplate, keepTemplate } from './database-template.ts'
import { lockDirectory } from './directory-lock.ts'
import { postgresTypes } from './postgres-types.ts'

/** The database engine under the store, for parts that speak SQL to it by themselves (the job engine). */
export type Engine =
  | { readonly kind: 'pglite'; readonly pglite: PGlite }
  | { readonly kind: 'postgres'; readonly databaseUrl: string; readonly pool: Pool }

export interface OpenedEngine {
  readonly engine: Engine
  readonly dialect: Dialect
  close(): Promise<void>
}

const bigintAsNumber = { 20: (text: string) => Number(text) }

async function createPGlite(path: string): Promise<PGlite> {
  const template = await findTemplate()
  const pglite = await PGlite.create(path, { parsers: bigintAsNumber, ...(template && { loadDataDir: template }) })
  if (!template) await keepTemplate(pglite)
  return pglite
}

/** A new directory gets its name when it is whole: a start that is killed halfway leaves nothing that looks like a database. */
async function openDirectory(path: string): Promise<PGlite> {
  if (!existsSync(path)) {
    const unfinished = `${path}.new`
    await rm(unfinished, { recursive: true, force: true })
    await (await createPGlite(unfinished)).close()
    await rename(unfinished, path)
  }
  return PGlite.create(path, { parsers: bigintAsNumber })
}

/** PGlite in a directory of its own below `dataDir`, or in memory when that is null. */
export async function openEmbedded(dataDir: string | null): Promise<OpenedEngine> {
  const lock = dataDir === null ? null : lockDirectory(dataDir)
  try {
    const pglite = await (dataDir === null ? createPGlite('memory://') : openDirectory(join(dataDir, 'pglite')))
    return {
      engine: { kind: 'pglite', pglite },
      dialect: new PGliteDialect({ pglite }),
      async close() {
        if (!pglite.closed) await pglite.close()
        lock?.release()
      },
    }
  } catch (error) {
    lock?.release()
    throw error
  }
}

/** A pool that answers within a second when it is exhausted, and survives the loss of its connections. */
export async function openPostgres(databaseUrl: string, poolSize: number, logger: Logger): Promise<OpenedEngine> {
  const pool = new Pool({
    connectionString: databaseUrl,
    max: poolSize,
    connectionTimeoutMillis: 800,
    statement_timeout: 10_000,
    query_timeout: 12_000,
    idle_in_transaction_session_timeout: 30_000,
    keepAlive: true,
    types: postgresTypes,
    application_name: 'deskgraph',
  })
  pool.on('error', (error) => logger.warn({ cause: error.message }, 'an idle database connection was lost'))
  // The pool listens to idle connections only. One that breaks while it is in use tells its user by the failed query; without a
  // listener the event that comes with it would end the process.
  pool.on('connect', (client) => client.on('error', () => {}))
  return { engine: { kind: 'postgres', databaseUrl, pool }, dialect: new PostgresDialect({ pool }), close: () => pool.end() }
}

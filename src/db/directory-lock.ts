import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { DeskgraphError } from '../domain/errors.ts'

/**
 * Holds the embedded database's directory for this process. PGlite itself does not: two processes would silently lose
 * each other's rows. The lock is an SQLite file in exclusive mode, which the system frees even after kill -9.
 * Throws STORAGE_UNAVAILABLE that names the lock while another process holds it.
 */
export function lockDirectory(dataDir: string): { release(): void } {
  mkdirSync(dataDir, { recursive: true })
  const path = join(dataDir, 'deskgraph.lock')
  const file = new DatabaseSync(path, { timeout: 0 })
  try {
    file.exec('pragma locking_mode = exclusive; begin exclusive')
  } catch (error) {
    file.close()
    const message = `Another process uses the embedded database: ${path} is locked. Stop it, or use PostgreSQL (DATABASE_URL) for several processes.`
    throw new DeskgraphError('STORAGE_UNAVAILABLE', message, { cause: error })
  }
  return { release: () => file.close() }
}

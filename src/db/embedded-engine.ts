import { existsSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { EmbeddedSession } from '../performance/embedded-session.ts'
import { findTemplate, keepTemplate } from './database-template.ts'
import { lockDirectory } from './directory-lock.ts'
import { createEmbeddedDialect } from './embedded-dialect.ts'
import type { OpenedEngine } from './engine.ts'

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
    const session = new EmbeddedSession(pglite)
    return {
      engine: { kind: 'pglite', pglite: session },
      dialect: createEmbeddedDialect(pglite, session),
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

import { existsSync, mkdirSync, openAsBlob } from 'node:fs'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { PGlite } from '@electric-sql/pglite'
import { PGliteDialect } from 'kysely'
import { DeskgraphError } from '../domain/errors.ts'
import type { ConnectPGlite, OpenedEngine } from './open-store.ts'

const connectByKysely: ConnectPGlite = async (pglite) => ({ dialect: new PGliteDialect({ pglite }), session: pglite })

/**
 * Opens PGlite in a directory of its own below `dataDir`, or in memory when that is null. Throws STORAGE_UNAVAILABLE when
 * another process uses the directory.
 */
export async function openPGlite(dataDir: string | null, connect: ConnectPGlite = connectByKysely): Promise<OpenedEngine> {
  const lock = dataDir === null ? null : lockDirectory(dataDir)
  try {
    const pglite = await (dataDir === null ? createPGlite('memory://') : openDirectory(join(dataDir, 'pglite')))
    const { dialect, session } = await connect(pglite)
    return {
      engine: { kind: 'pglite', pglite: session },
      dialect,
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

/**
 * Locks the directory for this process. PGlite has no lock of its own: two processes lose each other's rows without an error.
 * The lock is an SQLite file in exclusive mode, which the operating system frees even after kill -9.
 */
function lockDirectory(dataDir: string): { release(): void } {
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

/** A new directory gets its final name when it is complete, so that a killed first start leaves no broken database. */
async function openDirectory(path: string): Promise<PGlite> {
  if (!existsSync(path)) {
    const unfinished = `${path}.new`
    await rm(unfinished, { recursive: true, force: true })
    await (await createPGlite(unfinished)).close()
    await rename(unfinished, path)
  }
  return PGlite.create(path, { parsers })
}

/** bigint as a number: these are row counts and sequence numbers, far below 2^53. */
const parsers = { 20: Number }

/** Of a database in memory the files are memory too: a buffer of 128 MB, the default, would only copy them. It saves about 100 MB resident. */
const inMemory = { startParams: [...PGlite.defaultStartParams, '-c', 'shared_buffers=16MB'] }

/** A new database, unpacked from the template. Without a template it is initialised (`initdb`), and saved as the template. */
async function createPGlite(path: string): Promise<PGlite> {
  const template = await templatePath()
  const options = { parsers, ...(path.startsWith('memory:') && inMemory) }
  if (existsSync(template)) return PGlite.create(path, { ...options, loadDataDir: await openAsBlob(template) })
  const pglite = await PGlite.create(path, options)
  await saveTemplate(pglite, template)
  return pglite
}

/**
 * Saves the template unless it exists. The build calls it: `initdb` costs five seconds of processor time, unpacking the
 * template half a second.
 * @public scripts/prepare-start.mjs calls the compiled function.
 */
export async function prepareTemplate(): Promise<void> {
  await (await createPGlite('memory://')).close()
}

/** In `dist/cache`, also when the gateway runs from its TypeScript sources. The name changes with PGlite's version. */
async function templatePath(): Promise<string> {
  const isCompiled = import.meta.filename.endsWith('.js')
  const folder = fileURLToPath(new URL(isCompiled ? '../../cache' : '../../dist/cache', import.meta.url))
  const packageFile = new URL('../package.json', import.meta.resolve('@electric-sql/pglite'))
  const { version } = JSON.parse(await readFile(packageFile, 'utf8'))
  return join(folder, `pglite-${version}.tar`)
}

/** Where the folder is not writable, the template is not saved and the next start takes longer. */
async function saveTemplate(pglite: PGlite, path: string): Promise<void> {
  const dump = await pglite.dumpDataDir('none')
  try {
    await mkdir(dirname(path), { recursive: true })
    const unfinished = `${path}.${process.pid}`
    await writeFile(unfinished, Buffer.from(await dump.arrayBuffer()))
    await rename(unfinished, path)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error
  }
}

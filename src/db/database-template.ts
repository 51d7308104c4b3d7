import { openAsBlob } from 'node:fs'
import { access, mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { PGlite } from '@electric-sql/pglite'

// Initialising an empty PostgreSQL costs the embedded database five seconds of processor time; unpacking one that was
// initialised before costs half a second. The template is kept beside the installed package: whoever can write there can
// change the code as well.

async function templatePath(): Promise<string> {
  const entry = fileURLToPath(import.meta.resolve('@electric-sql/pglite'))
  const packageRoot = dirname(dirname(entry))
  const { version } = JSON.parse(await readFile(join(packageRoot, 'package.json'), 'utf8'))
  return join(dirname(dirname(packageRoot)), '.cache', 'deskgraph', `pglite-${version}.tar`)
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

/** An empty database to begin from; undefined where none is kept yet. */
export async function findTemplate(): Promise<Blob | undefined> {
  const path = await templatePath()
  return (await exists(path)) ? openAsBlob(path) : undefined
}

/** Keeps a freshly initialised database as the template. Where nothing may be written, the next start simply takes longer. */
export async function keepTemplate(pglite: PGlite): Promise<void> {
  const path = await templatePath()
  try {
    await mkdir(dirname(path), { recursive: true })
    const dump = await pglite.dumpDataDir('none')
    const unfinished = `${path}.${process.pid}`
    await writeFile(unfinished, Buffer.from(await dump.arrayBuffer()))
    await rename(unfinished, path)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error
  }
}

/**
 * Builds the template where there is none: a build step, so that even the first start is quick.
 * @public scripts/prepare-start.mjs calls what is built of it.
 */
export async function prepareTemplate(): Promise<void> {
  if (await findTemplate()) return
  const pglite = await PGlite.create('memory://')
  await keepTemplate(pglite)
  await pglite.close()
}

import { rmSync } from 'node:fs'
import { enableCompileCache, flushCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'

// Beside the installed packages: whoever can write there can change the code as well.
const folder = fileURLToPath(new URL('../../../node_modules/.cache/deskgraph/code', import.meta.url))

/**
 * Keeps compiled code from one start to the next, and takes what was kept: for whatever is loaded from now on. Where nothing may be
 * written, each start simply takes longer.
 */
export function openCodeCache(): void {
  enableCompileCache(folder)
}

/**
 * Keeps what is compiled of these modules and of all that they load, and drops what earlier builds had kept.
 * @public scripts/prepare-start.mjs calls what is built of it.
 */
export async function fillCodeCache(load: () => Promise<unknown>): Promise<void> {
  rmSync(folder, { recursive: true, force: true })
  openCodeCache()
  await load()
  flushCompileCache()
}

import { rmSync } from 'node:fs'
import { enableCompileCache, flushCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'

/** In `dist/cache`, also when the gateway runs from its TypeScript sources. */
const folder = fileURLToPath(
  new URL(import.meta.filename.endsWith('.js') ? '../../cache/code' : '../../dist/cache/code', import.meta.url),
)

/**
 * Reads the compiled code of earlier starts, and saves what this start compiles, for every module loaded from now on. Where the
 * folder is not writable, each start takes longer.
 */
export function openCodeCache(): void {
  enableCompileCache(folder)
}

/**
 * Saves the compiled code of the modules that `load` imports, and removes what earlier builds have saved.
 * @public scripts/prepare-start.mjs calls the compiled function.
 */
export async function fillCodeCache(load: () => Promise<unknown>): Promise<void> {
  rmSync(folder, { recursive: true, force: true })
  openCodeCache()
  await load()
  flushCompileCache()
}

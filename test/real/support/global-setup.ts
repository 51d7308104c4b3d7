import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { install, isInstalled, mayInstall, redmineDesk, rtDesk } from './debian.ts'

/** Installs the desks where this run may do so, and says which ones are not tested. What the first test file seeds, the others copy. */
export default function setup(): () => void {
  const desks = [redmineDesk, rtDesk]
  if (mayInstall()) install(desks)
  for (const { name } of desks.filter((desk) => !isInstalled(desk))) {
    console.warn(`${name} is not installed, so its tests are skipped: DESKGRAPH_REAL=install npm run test:real installs it.`)
  }
  const seeds = mkdtempSync(join(tmpdir(), 'deskgraph-seeds-'))
  process.env.DESKGRAPH_REAL_SEEDS = seeds
  return () => rmSync(seeds, { recursive: true })
}

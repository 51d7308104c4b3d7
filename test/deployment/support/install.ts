import { execFileSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** Installs the schemas on the first run: they have a lock file of their own, so that `npm ci` of the repository stays small. */
export function setup(): void {
  const cwd = join(import.meta.dirname, '..')
  const installed = join(cwd, 'node_modules/.package-lock.json')
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(join(cwd, 'package-lock.json')).mtimeMs) return
  console.log('Installing the schemas of test/deployment (once)')
  execFileSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd, stdio: 'inherit' })
}

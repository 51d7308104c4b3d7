import { execFileSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'

const cwd = join(import.meta.dirname, '..')

const run = (command: string, ...args: string[]) => void execFileSync(command, args, { cwd, stdio: 'inherit' })

/**
 * Installs the router on the first run: it has a lock file of its own, so that `npm ci` of the repository stays small. Then checks the
 * types, which need it too.
 */
export function setup(): void {
  const installed = join(cwd, 'node_modules/.package-lock.json')
  if (!existsSync(installed) || statSync(installed).mtimeMs < statSync(join(cwd, 'package-lock.json')).mtimeMs) {
    console.log('Installing the router of test/federation (once)')
    run('npm', 'ci', '--no-audit', '--no-fund')
  }
  run('tsc', '-p', '.')
}

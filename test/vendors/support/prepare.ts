import { execFileSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'

const cwd = join(import.meta.dirname, '..')
const run = (command: string, ...args: string[]) => void execFileSync(command, args, { cwd, stdio: 'inherit' })

/**
 * Installs the vendors' clients on the first run: they have a lock file of their own, so that `npm ci` of the repository stays small.
 * Then checks the types of the tests, which need the clients too.
 */
export function setup(): void {
  const installed = join(cwd, 'node_modules/.package-lock.json')
  if (!existsSync(installed) || statSync(installed).mtimeMs < statSync(join(cwd, 'package-lock.json')).mtimeMs) {
    console.log('Installing the clients of test/vendors (once)')
    run('npm', 'ci', '--no-audit', '--no-fund')
  }
  run('tsc', '-p', '.')
}

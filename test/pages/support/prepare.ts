import { execFileSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'

const cwd = join(import.meta.dirname, '../../../clients/examples')

function run(nodeEnv: string, ...args: string[]): void {
  execFileSync('npm', args, { cwd, stdio: 'inherit', env: { ...process.env, NODE_ENV: nodeEnv } })
}

/** Installs the examples on the first run: they have a lock file of their own. Then builds the three pages, types included. */
export function setup(): void {
  const installed = join(cwd, 'node_modules/.package-lock.json')
  if (!existsSync(installed) || statSync(installed).mtimeMs < statSync(join(cwd, 'package-lock.json')).mtimeMs) {
    console.log('Installing the packages of clients/examples (once)')
    run('development', 'ci', '--no-audit', '--no-fund')
  }
  // As a release is built. With the NODE_ENV of the tests, React would be the one for development.
  run('production', 'run', '--silent', 'build')
}

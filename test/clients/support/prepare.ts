import { execFileSync } from 'node:child_process'
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const cwd = join(import.meta.dirname, '..')
const root = join(cwd, '../..')
const run = (command: string, ...args: string[]) => void execFileSync(command, args, { cwd, stdio: 'inherit' })

const folderName = 'CLIENT_TESTS_FOLDER'

/** Where a worker keeps what lasts until the end of the run: a folder for each gateway with its `pid`, and the package's tarball. */
export function runFolder(): string {
  const folder = process.env[folderName]
  if (folder === undefined) throw new Error('The tests of the clients run by `npm run test:clients`.')
  return folder
}

/** The tarball of the client package, as `npm pack` makes it. */
export function clientTarball(): string {
  const [tarball = ''] = globSync('deskgraph-client-*.tgz', { cwd: runFolder() })
  return join(runFolder(), tarball)
}

/**
 * Installs the clients on the first run: they have a lock file of their own, so that `npm ci` of the repository stays small.
 * Then builds the client package and unpacks its tarball beside them, writes Relay's artifacts and checks the types, which need the clients too.
 * At the end of the run it stops the gateways of the workers.
 */
export function setup(): () => Promise<void> {
  const installed = join(cwd, 'node_modules/.package-lock.json')
  if (!existsSync(installed) || statSync(installed).mtimeMs < statSync(join(cwd, 'package-lock.json')).mtimeMs) {
    console.log('Installing the clients of test/clients (once)')
    run('npm', 'ci', '--no-audit', '--no-fund')
  }
  const folder = mkdtempSync(join(tmpdir(), 'deskgraph-clients-'))
  process.env[folderName] = folder
  unpackClientPackage(folder)
  run('node_modules/.bin/relay-compiler', 'relay.config.json', '--output', 'quiet-with-errors')
  run('tsc', '-p', '.')
  return async () => {
    const pids = globSync('*/pid', { cwd: folder }).map((file) => Number(readFileSync(join(folder, file), 'utf8')))
    for (const pid of pids) if (runs(pid)) process.kill(pid)
    // A gateway writes to its folder until its end.
    for (let waits = 0; pids.some(runs) && waits < 100; waits++) await new Promise((resolve) => setTimeout(resolve, 100))
    rmSync(folder, { recursive: true, force: true })
  }
}

function runs(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** What `npm install` does with a tarball of a package without dependencies. */
function unpackClientPackage(folder: string): void {
  execFileSync('node', ['scripts/build-client.mjs'], { cwd: root, stdio: 'inherit' })
  execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: join(root, 'clients/typescript') })
  const target = join(cwd, 'node_modules/@deskgraph/client')
  rmSync(target, { recursive: true, force: true })
  mkdirSync(target, { recursive: true })
  execFileSync('tar', ['-xzf', clientTarball(), '-C', target, '--strip-components=1'])
}

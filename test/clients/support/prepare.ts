import { execFileSync } from 'node:child_process'
import { existsSync, globSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const cwd = join(import.meta.dirname, '..')
const root = join(cwd, '../..')
const run = (command: string, ...args: string[]) => void execFileSync(command, args, { cwd, stdio: 'inherit' })

/**
 * Installs the clients on the first run: they have a lock file of their own, so that `npm ci` of the repository stays small.
 * Then builds the client package and unpacks its tarball beside them, writes Relay's artifacts and checks the types, which need the clients too.
 */
export function setup(): () => void {
  const installed = join(cwd, 'node_modules/.package-lock.json')
  if (!existsSync(installed) || statSync(installed).mtimeMs < statSync(join(cwd, 'package-lock.json')).mtimeMs) {
    console.log('Installing the clients of test/clients (once)')
    run('npm', 'ci', '--no-audit', '--no-fund')
  }
  unpackClientPackage()
  run('node_modules/.bin/relay-compiler', 'relay.config.json', '--output', 'quiet-with-errors')
  run('tsc', '-p', '.')

  const folder = mkdtempSync(join(tmpdir(), 'deskgraph-clients-'))
  process.env[runFolderName] = folder
  return () => {
    for (const file of globSync('*/pid', { cwd: folder })) process.kill(Number(readFileSync(join(folder, file), 'utf8')))
    rmSync(folder, { recursive: true, force: true })
  }
}

const runFolderName = 'CLIENT_TESTS_FOLDER'

/** Where a worker keeps what lasts until the end of the run: a gateway with its `pid`. */
export function runFolder(): string {
  const folder = process.env[runFolderName]
  if (folder === undefined) throw new Error('The tests of the clients run by `npm run test:clients`.')
  return folder
}

/** What `npm install` does with a tarball of a package without dependencies. */
function unpackClientPackage(): void {
  execFileSync('node', ['scripts/build-client.mjs'], { cwd: root, stdio: 'inherit' })
  const folder = mkdtempSync(join(tmpdir(), 'deskgraph-package-'))
  execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: join(root, 'clients/typescript') })
  const [tarball = ''] = readdirSync(folder)
  const target = join(cwd, 'node_modules/@deskgraph/client')
  rmSync(target, { recursive: true, force: true })
  mkdirSync(target, { recursive: true })
  execFileSync('tar', ['-xzf', join(folder, tarball), '-C', target, '--strip-components=1'])
  rmSync(folder, { recursive: true })
}

// Builds the client package of clients/typescript: `npm run build:client`. `npm pack` there then makes its tarball.
import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const cwd = join(root, 'clients/typescript')
const run = (command, ...args) => execFileSync(command, args, { cwd, stdio: 'inherit' })

// The clients whose types the package uses have a lock file of their own, so that `npm ci` of the repository stays small.
const installed = join(cwd, 'node_modules/.package-lock.json')
if (!existsSync(installed) || statSync(installed).mtimeMs < statSync(join(cwd, 'package-lock.json')).mtimeMs) {
  run('npm', 'ci', '--include=dev', '--no-audit', '--no-fund', '--prefer-offline')
}
rmSync(join(cwd, 'dist'), { recursive: true, force: true })
run(join(root, 'node_modules/.bin/tsc'), '-p', '.')
for (const file of ['schema.graphql', 'LICENSE']) copyFileSync(join(root, file), join(cwd, file))

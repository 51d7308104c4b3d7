// Builds the sandbox package: `npm pack` in the folder `sandbox` runs it, and makes the tarball of plain JavaScript.
import { execFileSync } from 'node:child_process'
import { chmodSync, copyFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const folder = join(root, 'sandbox')
rmSync(join(folder, 'dist'), { recursive: true, force: true })
execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder], { stdio: 'inherit' })
chmodSync(join(folder, 'dist/cli.js'), 0o755)
copyFileSync(join(root, 'LICENSE'), join(folder, 'LICENSE'))

// Builds when the built files are missing or older than a source file. A fresh clone has none of them.
import './check-node.mjs'
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** One file of each part that the build makes. */
const builtFiles = ['dist/src/main.js', 'dist/sandbox/sandbox.js', 'dist/console/index.html']
const sourceFolders = ['src', 'sandbox', 'console']

function newestChange(folder) {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true }).filter((entry) => entry.isFile())
  return Math.max(...entries.map((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs))
}

function isStale() {
  if (!builtFiles.every((file) => existsSync(file))) return true
  const builtAt = Math.min(...builtFiles.map((file) => statSync(file).mtimeMs))
  const changedAt = Math.max(...sourceFolders.map(newestChange), statSync('package-lock.json').mtimeMs)
  return changedAt > builtAt
}

if (isStale()) {
  console.error('Building Deskgraph (once, about half a minute) …')
  const { status } = spawnSync('npm', ['run', '--silent', 'build'], { stdio: ['ignore', 'inherit', 'inherit'] })
  if (status !== 0) {
    console.error('The build failed: see above. `npm ci` installs its packages.')
    process.exit(status ?? 1)
  }
}

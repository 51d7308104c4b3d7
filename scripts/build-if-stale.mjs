// `npm start` on a fresh clone has nothing built yet; after an edit, what is built is old. Build then, and only then.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

const built = ['dist/src/main.js', 'dist/console/index.html']

function newestChange(folder) {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true }).filter((entry) => entry.isFile())
  return Math.max(...entries.map((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs))
}

function isStale() {
  if (!built.every((file) => existsSync(file))) return true
  const builtAt = Math.min(...built.map((file) => statSync(file).mtimeMs))
  const changes = ['src', 'sandbox', 'console'].map(newestChange)
  return Math.max(...changes, statSync('package-lock.json').mtimeMs) > builtAt
}

if (isStale()) {
  console.error('Building Deskgraph (once, about half a minute) …')
  const { status } = spawnSync('npm', ['run', '--silent', 'build'], { stdio: ['ignore', 'inherit', 'inherit'] })
  if (status !== 0) {
    console.error('The build failed: see above. `npm ci` installs what it needs.')
    process.exit(status ?? 1)
  }
}

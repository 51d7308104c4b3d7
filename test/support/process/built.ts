import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../..', import.meta.url))

/** The built process. */
export const mainFile = join(root, 'dist', 'main.js')

/** What node is told at `npm start`. */
export function startFlags(): string[] {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: { start: string } }
  return scripts.start.split(' ').filter((word) => word.startsWith('--'))
}

/** Builds the code when it is older than its sources, so that a real process is the one that these sources make. */
export function buildWhenStale(): void {
  if (existsSync(mainFile) && statSync(mainFile).mtimeMs >= newestSource()) return
  const compiler = join(root, 'node_modules', '.bin', 'tsc')
  const { status, stdout } = spawnSync(compiler, ['-p', 'tsconfig.build.json'], { cwd: root, encoding: 'utf8' })
  if (status !== 0) throw new Error(`The code does not build:\n${stdout}`)
}

function newestSource(): number {
  const entries = readdirSync(join(root, 'src'), { withFileTypes: true, recursive: true }).filter((entry) =>
    entry.name.endsWith('.ts'),
  )
  return Math.max(...entries.map((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs))
}

// A step of the build, after tsc, which leaves the compiled files of removed and renamed sources behind: deletes these files.
// It deletes nothing that still has a source, so that a gateway that runs or starts meanwhile finds every module.
import './check-node.mjs'
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

const compiled = /\.js(\.map)?$/

for (const folder of ['src', 'sandbox']) {
  const output = join('dist', folder)
  const files = existsSync(output) ? readdirSync(output, { recursive: true, encoding: 'utf8' }) : []
  for (const file of files) {
    if (compiled.test(file) && !existsSync(join(folder, file.replace(compiled, '.ts')))) rmSync(join(output, file))
  }
}

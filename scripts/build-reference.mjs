// A step of the build, after tsc and vite: writes the reference of the graph as one static page into dist/console/reference. Its script and
// its style have a hash in their names and lie beside the files of the console. `scripts/compress-console.mjs` compresses all of them.
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { transformWithOxc } from 'vite'
import { renderReference } from '../console/reference/render.ts'
import { createSchema } from '../dist/src/graphql/schema/index.js'

const source = new URL('../console/reference/', import.meta.url)
const output = new URL('../dist/console/', import.meta.url)
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))

/** Writes a file of the page, and returns the address under which the gateway serves it. */
function writeAsset(name, text) {
  const hash = createHash('sha256').update(text).digest('base64url').slice(0, 8)
  const file = name.replace('.', `-${hash}.`)
  writeFileSync(new URL(`assets/${file}`, output), text)
  return `/graphql/assets/${file}`
}

const { contents, entries } = renderReference(createSchema())
const search = await transformWithOxc(readFileSync(new URL('search.ts', source), 'utf8'), 'search.ts')
const parts = {
  version,
  style: writeAsset('reference.css', readFileSync(new URL('reference.css', source), 'utf8')),
  script: writeAsset('reference.js', search.code),
  contents,
  entries,
}
const page = readFileSync(new URL('reference.html', source), 'utf8').replace(/{{(\w+)}}/g, (_, name) => parts[name])
mkdirSync(new URL('reference/', output), { recursive: true })
writeFileSync(new URL('reference/index.html', output), page)

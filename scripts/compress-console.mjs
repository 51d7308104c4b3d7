// A step of the build: writes the files of the console a second and a third time, compressed by br and gzip. The gateway sends these
// where a browser accepts them, and never compresses a file itself.
import { readdirSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, gzip, constants as zlib } from 'node:zlib'

const folder = new URL('../dist/console/', import.meta.url).pathname
/** The start page is small, and the gateway changes it before it sends it. */
const isText = (name) => /\.(?:js|css|svg|json|map)$/.test(name) || name === join('reference', 'index.html')
// The highest quality of br takes six times as long for another 4 %.
const brotli = { params: { [zlib.BROTLI_PARAM_QUALITY]: 9, [zlib.BROTLI_PARAM_LGWIN]: zlib.BROTLI_MAX_WINDOW_BITS } }

async function compressFile(name) {
  const content = readFileSync(join(folder, name))
  if (content.length < 1_024) return
  const [br, gz] = await Promise.all([promisify(brotliCompress)(content, brotli), promisify(gzip)(content, { level: 9 })])
  await Promise.all([writeFile(join(folder, `${name}.br`), br), writeFile(join(folder, `${name}.gz`), gz)])
}

await Promise.all(readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(isText).map(compressFile))

// Finds words that comments and documents do not use. Run it as `npm run lint:words [-- PATH…]`.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'

/** With these words a reader has to guess which person or thing is meant. */
const vagueWords = ['nobody', 'somebody', 'whoever', 'whatever', 'everybody']

const paths = process.argv.slice(2)
const files = execFileSync('git', ['ls-files', '--', ...(paths.length > 0 ? paths : ['.'])], { encoding: 'utf8' })
  .split('\n')
  .filter((file) => /\.(ts|tsx|mjs|md|graphql|ya?ml|sh)$/.test(file) || file === '.ci/run')
  .filter((file) => !/(^|\/)(fixtures|generated|node_modules)\/|package-lock|check-words/.test(file))
  .filter((file) => existsSync(file))

const pattern = new RegExp(`\\b(${vagueWords.join('|')})\\b`, 'gi')
/** A name of a vendor, as its data has it: Request Tracker's user without a person. */
const isVendorName = (file, word) => word === 'Nobody' && /(^|\/)rt\//.test(file)

const found = files.flatMap((file) =>
  readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((text, index) =>
      [...text.matchAll(pattern)].filter(([word]) => !isVendorName(file, word)).map(([word]) => `${file}:${index + 1}: ${word}`),
    ),
)
if (found.length > 0) {
  console.error(found.join('\n'))
  console.error(`${found.length} words that make a reader guess. Name who or what is meant (docs/glossary.md, "Words we avoid").`)
  process.exit(1)
}

// The last step of the image's build, after `npm prune --omit=dev`: moves Node to bin/, removes what no process of the image reads, and keeps
// in the bill of materials what is left. Licences stay.
import { chmodSync, copyFileSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'

/** Source maps, types and pages for people. */
const unread = ['**/*.map', '**/*.{ts,mts,cts}', '**/*.{md,markdown}', '**/{CHANGELOG,HISTORY}*', '**/.github/**']
const isLicence = (file) => /licen[cs]e|notice|copying/i.test(file.split('/').at(-1))
const removeAll = (files) => {
  for (const file of files) rmSync(file, { recursive: true, force: true })
  return files.length
}

const [binary] = globSync('node_modules/node-linux-*/bin/node')
if (binary === undefined) throw new Error('node_modules has no Node for Linux. Run `npm ci` on Linux first.')
mkdirSync('bin', { recursive: true })
copyFileSync(binary, 'bin/node')
chmodSync('bin/node', 0o755)
removeAll(['node_modules/.bin', ...globSync('node_modules/node-linux-*/{bin,include,share}')])

// 40 MB that make the very first start of an embedded database a second shorter.
removeAll(globSync('dist/cache/pglite-*.tar'))

const unreadFiles = unread.flatMap((pattern) => globSync(`node_modules/${pattern}`)).filter((file) => !isLicence(file))
console.log(`Removed ${removeAll(unreadFiles)} files that no process reads`)

// `npm sbom --omit=dev` of npm 11 also leaves out packages of the gateway that a package for development needs too. So it listed all of them.
const bill = JSON.parse(readFileSync('sbom.cdx.json', 'utf8'))
const manifests = [
  ...globSync('node_modules/**/node_modules/{*,@*/*}/package.json'),
  ...globSync('node_modules/{*,@*/*}/package.json'),
]
const installed = new Set(
  manifests.map((file) => {
    const { name, version } = JSON.parse(readFileSync(file, 'utf8'))
    return `${name}@${version}`
  }),
)
const root = bill.metadata.component['bom-ref']
const components = bill.components.filter((component) => installed.has(component['bom-ref']))
const dependencies = bill.dependencies
  .filter(({ ref }) => ref === root || installed.has(ref))
  .map((entry) => ({ ...entry, dependsOn: (entry.dependsOn ?? []).filter((ref) => installed.has(ref)) }))
writeFileSync('sbom.cdx.json', JSON.stringify({ ...bill, components, dependencies }, null, 2))
console.log(`The bill of materials has ${components.length} packages`)

// `npm run licences` writes docs/licences.md: the packages that a process of the gateway loads, by licence, as package-lock.json has them.
import { readFileSync } from 'node:fs'

const { packages } = JSON.parse(readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8'))
const byLicence = new Map()
for (const [path, { version, license, dev, devOptional }] of Object.entries(packages)) {
  if (path === '' || dev || devOptional) continue
  const name = path.split('node_modules/').at(-1)
  const licence = license ?? 'not stated'
  byLicence.set(licence, [...(byLicence.get(licence) ?? []), `${name} ${version}`])
}
const rows = [...byLicence].sort((a, b) => b[1].length - a[1].length || (a[0] < b[0] ? -1 : 1))
const list = (names) => [...new Set(names)].sort().join(', ')

console.log(`# Licences of the packages

What \`npm ci --omit=dev\` installs, by licence: ${rows.reduce((sum, [, names]) => sum + names.length, 0)} packages. \`npm run licences\` writes this page from the lock file, and a test
checks that it is current and that every licence is one that [dependencies.md](dependencies.md) allows. The image of
[deploy/Dockerfile](deploy/Dockerfile) has the same as a bill of materials, \`/app/sbom.cdx.json\` (CycloneDX).

| licence | packages |
|---|---|
${rows.map(([licence, names]) => `| ${licence} | ${list(names)} |`).join('\n')}`)

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { configJsonSchema, gatewayConfig } from '../../src/config/gateway-config.ts'
import { readYaml } from '../../src/config/read-yaml.ts'

const environment = {
  ONEVIEW_TOKEN: 't',
  VERIFIK_TOKEN: 't',
  VCC_SECRET: 'vcc-secret-of-the-tests',
  WASABI_TOKEN: 'wasabi-token-of-the-tests',
  RBI_SECRET: 'rbi-secret-of-the-tests',
  METRICS_TOKEN: 'a-token-of-sixteen',
  ZENDESK_TOKEN: 't',
  JIRA_TOKEN: 't',
  ZENDESK_CLIENT_SECRET: 's',
  ZENDESK_REFRESH_TOKEN: 'r',
  DESKGRAPH_SECRETS_KEY: '0'.repeat(64),
}

/** The YAML blocks of a page that configure sources. */
function examplesOf(file: string): string[] {
  const blocks = [...readFileSync(file, 'utf8').matchAll(/```yaml\n([\s\S]*?)```/g)].map((match) => match[1] ?? '')
  return blocks.filter((block) => block.includes('sources:'))
}

test.each([
  ['README.md', [['oneview', 'verifik', 'vcc', 'wasabi', 'rbi']]],
  ['docs/configuration.md', [['oneview', 'verifik', 'vcc', 'wasabi', 'rbi'], ['zendesk'], ['support', 'bugs', 'dispatch']]],
])('every example in %s is a configuration without a fault', (file, sources) => {
  const configs = examplesOf(file).map((text) => readYaml({ text, file, schema: gatewayConfig, environment }))
  expect(configs.map((config) => Object.keys(config.sources))).toEqual(sources)
})

test('docs/federation.md: a subgraph cannot execute the documents of a manifest alone, because a router writes its own', () => {
  const issues = (mode: string) =>
    gatewayConfig
      .safeParse({ sandbox: true, federation: true, documents: { mode, manifest: 'documents.json' } })
      .error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
  expect(issues('prefer')).toBeUndefined()
  expect(issues('only')).toEqual([
    'documents.mode: federation needs off or prefer: a router writes its own operations, which no manifest has',
  ])
})

test('docs/config.schema.json is the schema that files are checked by (npm run config-schema)', () => {
  expect(JSON.parse(readFileSync('docs/config.schema.json', 'utf8'))).toEqual(configJsonSchema())
})

test('every key of the configuration is described', () => {
  const bare: string[] = []
  const visit = (node: unknown, path: string): void => {
    if (typeof node !== 'object' || node === null) return
    const { properties, ...rest } = node as { properties?: Record<string, object> }
    for (const [key, value] of Object.entries(properties ?? {})) {
      if (!('description' in value)) bare.push(`${path}.${key}`)
      visit(value, `${path}.${key}`)
    }
    for (const [key, value] of Object.entries(rest)) if (key !== 'default') visit(value, path)
  }
  visit(configJsonSchema(), '')
  expect(bare).toEqual([])
})

test('the documented commands without npm give node the same options as npm start', () => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'))
  const [variable = '', start = ''] = scripts.start.split(' exec ')
  expect(readFileSync('docs/operations.md', 'utf8')).toContain(`\`${variable} ${start}\``)
  expect(readFileSync('docs/deploy/Dockerfile', 'utf8')).toContain(`ENV ${variable}\n`)
  const command = JSON.stringify(start.split(' ')).replaceAll('","', '", "')
  expect(readFileSync('docs/deploy/Dockerfile', 'utf8')).toContain(`CMD ${command}`)
})

test('docs/dependencies.md gives a reason for every dependency, override and refused install script', () => {
  const { dependencies, devDependencies, optionalDependencies, overrides, allowScripts } = JSON.parse(
    readFileSync('package.json', 'utf8'),
  )
  const page = readFileSync('docs/dependencies.md', 'utf8')
  const [gateway = '', rest = ''] = page.split('## Development and tests')
  const [development = '', refused = ''] = rest.split('## `overrides`')
  const missing = (part: string, packages: object) => Object.keys(packages).filter((name) => !part.includes(`\`${name}\``))
  expect(missing(gateway, { ...dependencies, ...optionalDependencies })).toEqual([])
  expect(missing(development, devDependencies)).toEqual([])
  expect(missing(refused, { ...overrides, ...allowScripts })).toEqual([])
  const known = new Set(Object.keys({ ...dependencies, ...devDependencies }))
  const listed = [...(gateway + development).matchAll(/^\| (`[^|]+) \|/gm)].flatMap(
    ([, cell = '']) => cell.match(/(?<=`)[^`, ]+(?=`)/g) ?? [],
  )
  expect(listed.filter((name) => !known.has(name))).toEqual([])
})

test('docs/clients.md names the versions that are tested, and its code is in the linked files', () => {
  const page = readFileSync('docs/clients.md', 'utf8')
  const { dependencies } = JSON.parse(readFileSync('test/clients/package.json', 'utf8'))
  const rows = [...page.matchAll(/^\| (.*`.*) \| ([\d., ]+) \|/gm)]
  const named = rows.flatMap(([, names = '', versions = '']) => {
    const packages = names.match(/(?<=`)[^`, ]+(?=`)/g) ?? []
    return versions.split(', ').map((version, index) => [packages[index], version])
  })
  expect(named.length).toBeGreaterThan(5)
  expect(named.filter(([name = '', version]) => dependencies[name] !== version)).toEqual([])

  const files = [...page.matchAll(/\]\(\.\.\/(test\/clients\/[^)]+\.(?:ts|json))\)/g)].map(([, file = '']) =>
    readFileSync(file, 'utf8'),
  )
  const lines = [...page.matchAll(/```(?:ts|json)\n([\s\S]*?)```/g)].flatMap(([, block = '']) => block.trimEnd().split('\n'))
  expect(lines.length).toBeGreaterThan(15)
  expect(lines.filter((line) => !files.some((file) => file.includes(line)))).toEqual([])
})

test('docs/federation.md has the configuration of the router that test/federation runs', () => {
  const objectOf = (text: string, begin: string) => text.slice(text.indexOf(begin) + begin.length).split(/\n}/)[0]
  const documented = objectOf(readFileSync('docs/federation.md', 'utf8'), 'defineConfig({')
  expect(objectOf(readFileSync('test/federation/router-config.ts', 'utf8'), 'routerConfig = {')).toBe(documented)
})

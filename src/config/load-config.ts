import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { problemWithHost } from '../auth/config.ts'
import { findPlugin } from '../sources/registry.ts'
import type { LinkedFile } from '../sources/source-plugin.ts'
import { findOAuthSources, type GatewayConfig, gatewayConfig, type SourceConfig, toSecretKeys } from './gateway-config.ts'
import { ConfigError, type Environment, readLocatedYaml, readYaml } from './read-yaml.ts'

/**
 * Reads and checks the configuration file and the files that its sources name. `host` is the address that the gateway
 * listens on. Throws ConfigError with every fault of all these files.
 */
export function loadConfig(file: string, host: string, environment: Environment): GatewayConfig {
  const { config, faults, linkedFaults } = readConfig(file, host, environment)
  if (faults.length + linkedFaults.length > 0) throw new ConfigError([...faults, ...linkedFaults])
  return config
}

/** As `loadConfig`, for a start that may still have the last valid text of a linked file: its faults are returned, not thrown. */
export function loadConfigForStart(file: string, host: string, environment: Environment): Omit<ReadConfig, 'faults'> {
  const { config, faults, linkedFaults } = readConfig(file, host, environment)
  if (faults.length > 0) throw new ConfigError([...faults, ...linkedFaults])
  return { config, linkedFaults }
}

interface ReadConfig {
  readonly config: GatewayConfig
  readonly faults: readonly string[]
  /** Of the files that the sources name. */
  readonly linkedFaults: readonly string[]
}

const missingKey =
  'its tokens are stored encrypted, and there is no key: set DESKGRAPH_SECRETS_KEY or secrets.key; "openssl rand -hex 32" makes one'

function readConfig(file: string, host: string, environment: Environment): ReadConfig {
  const text = readText(file, 'the configuration file')
  const read = readLocatedYaml({ text, file, schema: gatewayConfig, environment })
  const config = resolvePaths(read.config, dirname(resolve(file)))
  const problem = problemWithHost(config.auth, host)
  const faults = problem ? [`${read.locate(['auth', 'mode'])} auth.mode: ${problem}`] : []
  if (toSecretKeys(config, environment.DESKGRAPH_SECRETS_KEY?.trim() || null) === null) {
    const toFault = (key: string) => `${read.locate(['sources', key, 'oauth'])} sources.${key}.oauth: ${missingKey}`
    faults.push(...findOAuthSources(config).map(toFault))
  }
  return { config, faults, linkedFaults: findLinkedFaults(config, environment) }
}

/** What the files that the sources name allow and is probably a mistake, one line each. They were read without fault before. */
export function findConfigWarnings(config: GatewayConfig, environment: Environment): string[] {
  return linkedFilesOf(config).flatMap(({ path: file, linked }) => {
    const content = readLinked(file, linked, environment)
    return (linked.findWarnings?.(content) ?? []).map(({ path, problem }) => `${file} ${path.join('.')}: ${problem}`)
  })
}

function findLinkedFaults(config: GatewayConfig, environment: Environment): readonly string[] {
  return linkedFilesOf(config).flatMap(({ path, linked }) => {
    try {
      readLinked(path, linked, environment)
      return []
    } catch (error) {
      if (error instanceof ConfigError) return error.lines
      throw error
    }
  })
}

function readLinked(file: string, { key, schema }: LinkedFile, environment: Environment): unknown {
  return readYaml({ text: readText(file, `the ${key} file`), file, schema, environment })
}

function linkedFilesOf({ sources }: GatewayConfig): { readonly path: string; readonly linked: LinkedFile }[] {
  return Object.values(sources).flatMap((source) =>
    (findPlugin(source.system)?.linkedFiles ?? []).map((linked) => ({ path: pathOf(source, linked), linked })),
  )
}

function pathOf(source: SourceConfig, { key }: LinkedFile): string {
  return String((source as Readonly<Record<string, unknown>>)[key])
}

/** Makes every path absolute. A path in the file is relative to the file, in each working directory. */
function resolvePaths(config: GatewayConfig, folder: string): GatewayConfig {
  const at = (path: string) => resolve(folder, path)
  const { auth, documents } = config
  const { audit } = config.observability
  return {
    ...config,
    sources: Object.fromEntries(Object.entries(config.sources).map(([key, source]) => [key, resolveLinked(source, at)])),
    auth: auth.mode === 'jwt' && auth.publicKeyFile !== undefined ? { ...auth, publicKeyFile: at(auth.publicKeyFile) } : auth,
    documents: documents.manifest === undefined ? documents : { ...documents, manifest: at(documents.manifest) },
    sinks: config.sinks.map((sink) => ({ ...sink, file: at(sink.file) })),
    observability: { ...config.observability, audit: audit.file === undefined ? audit : { file: at(audit.file) } },
  }
}

function resolveLinked(source: SourceConfig, at: (path: string) => string): SourceConfig {
  const linked = findPlugin(source.system)?.linkedFiles ?? []
  return { ...source, ...Object.fromEntries(linked.map((file) => [file.key, at(pathOf(source, file))])) }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  EACCES: 'may not be read by the user of this process',
  EISDIR: 'is a directory',
}

function readText(file: string, role: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown'
    throw new ConfigError([`${file}: ${role} ${reasons[code] ?? 'cannot be read'} (${code})`])
  }
}

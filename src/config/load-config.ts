import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { problemWithHost } from '../auth/config.ts'
import { type Routing, routingFile } from '../sources/rbi/routing-file.ts'
import { type GatewayConfig, gatewayConfig } from './gateway-config.ts'
import { ConfigError, type Environment, readLocatedYaml, readYaml } from './read-yaml.ts'

/**
 * Reads and checks the configuration file and the routing files that it names. `host` is the address that the gateway
 * listens on. Throws ConfigError with every fault of all these files.
 */
export function loadConfig(file: string, host: string, environment: Environment): GatewayConfig {
  const text = readText(file, 'the configuration file')
  const read = readLocatedYaml({ text, file, schema: gatewayConfig, environment })
  const config = resolvePaths(read.config, dirname(resolve(file)))
  const problem = problemWithHost(config.auth, host)
  const faults = [
    ...(problem ? [`${read.locate(['auth', 'mode'])} auth.mode: ${problem}`] : []),
    ...routingFaults(config, environment),
  ]
  if (faults.length > 0) throw new ConfigError(faults)
  return config
}

/** Decodes the text of a routing file. Throws ConfigError with every fault. */
export function readRouting(text: string, file: string, environment: Environment): Routing {
  return readYaml({ text, file, schema: routingFile, environment })
}

function routingFaults(config: GatewayConfig, environment: Environment): readonly string[] {
  return Object.values(config.sources).flatMap((source) => {
    if (source.system !== 'rbi') return []
    try {
      readRouting(readText(source.routing, 'the routing file'), source.routing, environment)
      return []
    } catch (error) {
      if (error instanceof ConfigError) return error.lines
      throw error
    }
  })
}

/** Makes every path absolute. A path in the file is relative to the file, in each working directory. */
function resolvePaths(config: GatewayConfig, folder: string): GatewayConfig {
  const at = (path: string) => resolve(folder, path)
  const { auth, documents } = config
  const { audit } = config.observability
  return {
    ...config,
    sources: Object.fromEntries(
      Object.entries(config.sources).map(([key, source]) => [
        key,
        source.system === 'rbi' ? { ...source, routing: at(source.routing) } : source,
      ]),
    ),
    auth: auth.mode === 'jwt' && auth.publicKeyFile !== undefined ? { ...auth, publicKeyFile: at(auth.publicKeyFile) } : auth,
    documents: documents.manifest === undefined ? documents : { ...documents, manifest: at(documents.manifest) },
    sinks: config.sinks.map((sink) => ({ ...sink, file: at(sink.file) })),
    observability: { ...config.observability, audit: audit.file === undefined ? audit : { file: at(audit.file) } },
  }
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

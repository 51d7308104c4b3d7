import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { problemWithHost } from '../auth/config.ts'
import { type Routing, routingFile } from '../sources/rbi/routing-file.ts'
import { type GatewayConfig, gatewayConfig } from './gateway-config.ts'
import type { Environment } from './interpolate.ts'
import { ConfigError, readYaml } from './read-yaml.ts'

/** Reads and checks the configuration file and the routing files that it names. Throws ConfigError with every fault of all of them. */
export function loadConfig(file: string, host: string, environment: Environment): GatewayConfig {
  const config = resolvePaths(readYaml(readText(file), file, gatewayConfig, environment), dirname(resolve(file)))
  const problem = problemWithHost(config.auth, host)
  const faults = [...(problem ? [`${file} auth.mode: ${problem}`] : []), ...routingFaults(config, environment)]
  if (faults.length > 0) throw new ConfigError(faults)
  return config
}

/** The text of a routing file as routing. Throws ConfigError with every fault. */
export function readRouting(text: string, file: string, environment: Environment): Routing {
  return readYaml(text, file, routingFile, environment)
}

function routingFaults(config: GatewayConfig, environment: Environment): readonly string[] {
  return Object.values(config.sources).flatMap((source) => {
    if (source.system !== 'rbi') return []
    try {
      readRouting(readText(source.routing), source.routing, environment)
      return []
    } catch (error) {
      if (error instanceof ConfigError) return error.lines
      throw error
    }
  })
}

/** Paths in the file are relative to it, wherever the gateway is started. */
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

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new ConfigError([`${file}: it cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`])
  }
}

import type { GatewayConfig, SourceConfig } from '../config/gateway-config.ts'
import { type Environment, readYaml } from '../config/read-yaml.ts'
import { findPlugin } from '../sources/registry.ts'
import type { BuiltSource, SourceDeps } from '../sources/source-plugin.ts'

export interface SourcesDeps extends Omit<SourceDeps, 'key' | 'readYaml'> {
  /** For the files that sources name, which are interpolated again at every reload. */
  readonly environment: Environment
}

/** Every configured source, in the file's order. */
export function buildSources(
  sources: GatewayConfig['sources'],
  { environment, ...deps }: SourcesDeps,
): Promise<readonly BuiltSource[]> {
  const read: SourceDeps['readYaml'] = (text, file, schema) => readYaml({ text, file, schema, environment })
  return Promise.all(Object.entries(sources).map(([key, config]) => buildSource(config, { ...deps, key, readYaml: read })))
}

async function buildSource({ system, cache: _, ...config }: SourceConfig, deps: SourceDeps): Promise<BuiltSource> {
  const plugin = findPlugin(system)
  if (!plugin) throw new Error(`no plugin is called ${system}`)
  return plugin.create(config, deps)
}

import { findConfigWarnings, loadConfig } from '../config/load-config.ts'
import type { Environment } from '../config/read-yaml.ts'
import { ConfigError } from '../config/read-yaml.ts'
import { readSettings } from '../config/settings.ts'
import { fail } from './fail.ts'

/** `deskgraph check-config`: says what the file configures, or everything that is wrong with it (exit code 1). */
export function checkConfig(given: string | undefined, environment: Environment): void {
  try {
    const settings = readSettings(environment, process.cwd())
    const file = given ?? settings.configFile ?? fail('Name a file, or set DESKGRAPH_CONFIG.')
    const config = loadConfig(file, settings.host, environment)
    for (const warning of findConfigWarnings(config, environment)) console.error(`warning: ${warning}`)
    const sources = Object.entries(config.sources).map(([key, { system }]) => `${key} (${system})`)
    console.log(`${file} is good: ${sources.length} sources: ${sources.join(', ')}; auth ${config.auth.mode}.`)
  } catch (error) {
    if (error instanceof ConfigError) fail(`${error.lines.join('\n')}\n${error.lines.length} fault(s).`)
    throw error
  }
}

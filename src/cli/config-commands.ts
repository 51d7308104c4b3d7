import { createDevelopmentToken } from '../auth/development-token.ts'
import { configJsonSchema } from '../config/gateway-config.ts'
import { findConfigWarnings, loadConfig } from '../config/load-config.ts'
import { ConfigError, type Environment } from '../config/read-yaml.ts'
import { readSettings } from '../config/settings.ts'
import { systemClock } from '../domain/clock.ts'
import { fail } from './fail.ts'

// The commands that need no database: `check-config`, `config-schema` and `token`. The command `schema` is in index.ts, because
// it loads the whole graph.

/**
 * `deskgraph check-config [FILE]`: prints what the file configures, or every fault of it and of its linked files with the
 * exit code 1. Without an argument it checks the file of DESKGRAPH_CONFIG.
 */
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

/** `deskgraph config-schema`: prints the JSON Schema of the configuration file, for editors. */
export function printConfigSchema(): void {
  console.log(JSON.stringify(configJsonSchema(), null, 2))
}

/** The options of `deskgraph token`. */
export interface TokenOptions {
  readonly dir: string
  readonly subject?: string
  readonly email?: string
  readonly name?: string
  /** Separated by blanks. Absent: every scope. */
  readonly scopes?: string
  /** Seconds, as the user typed them. */
  readonly lifetime: string
}

/** `deskgraph token`: prints a token that a local key signs, and on the standard error the `auth` block that accepts it. */
export async function printToken({ dir, scopes, lifetime, ...viewer }: TokenOptions): Promise<void> {
  const lifetimeSeconds = Number(lifetime)
  if (!Number.isInteger(lifetimeSeconds) || lifetimeSeconds < 1) fail('--lifetime is a whole number of seconds.')
  const { token, configuration } = await createDevelopmentToken({
    ...viewer,
    directory: dir,
    scopes: scopes?.split(/\s+/),
    lifetimeSeconds,
    clock: systemClock,
  })
  console.error(`# A gateway with this in its configuration accepts the token:\n${configuration}`)
  console.log(token)
}

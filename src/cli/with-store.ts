import { type GatewayConfig, toSecretKeys } from '../config/gateway-config.ts'
import { loadConfig } from '../config/load-config.ts'
import { ConfigError, type Environment } from '../config/read-yaml.ts'
import { readSettings } from '../config/settings.ts'
import { openStore, type Store } from '../db/open-store.ts'
import { systemClock } from '../domain/clock.ts'
import { DeskgraphError } from '../domain/errors.ts'
import { noLogger, noMetrics } from '../domain/telemetry.ts'
import type { Proxies } from '../outbound/proxies.ts'
import { connectPrepared } from '../performance/embedded-session.ts'
import { createOAuthSignIn, type SignIn } from '../sources/credentials/oauth-sign-in.ts'
import type { SecretKeys } from '../sources/credentials/secret-keys.ts'
import { findSourceIn } from '../sources/registry.ts'
import { fail } from './fail.ts'

/** What a command works with: the configuration file and the database that the environment names. */
export interface CommandScope {
  readonly config: GatewayConfig
  readonly store: Store
  readonly proxies: Proxies
  readonly signIn: SignIn
  /** null: the environment and the configuration have no key. */
  readonly keys: SecretKeys | null
  readonly redisUrl: string | null
}

/**
 * Runs a command with the configured sources and database, and closes the database afterwards. A fault of the
 * configuration, the database or a file ends the process with a message and the exit code 1.
 */
export async function withStore<T>(environment: Environment, work: (scope: CommandScope) => Promise<T>): Promise<T> {
  try {
    const settings = readSettings(environment, process.cwd())
    if (settings.configFile === null) fail('Set DESKGRAPH_CONFIG: the command works with the sources of that file.')
    const config = loadConfig(settings.configFile, settings.host, environment)
    const findSource = findSourceIn(config.sources)
    const connectPGlite = settings.performance ? connectPrepared : undefined
    const store = await openStore({ ...settings, findSource, logger: noLogger, metrics: noMetrics, connectPGlite })
    await using stack = new AsyncDisposableStack()
    stack.defer(store.close)
    const keys = toSecretKeys(config, settings.secretsKey)
    const observed = { logger: noLogger, metrics: noMetrics, clock: systemClock }
    const oauth = createOAuthSignIn({ ...observed, rows: store.tokens, keys, proxies: settings.proxies })
    stack.defer(oauth.close)
    const { proxies, redisUrl } = settings
    return await work({ config, store, proxies, redisUrl, signIn: oauth.signIn, keys })
  } catch (error) {
    if (error instanceof ConfigError || error instanceof DeskgraphError) fail(error.message)
    const { code, path } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'EACCES') fail(`${path}: it cannot be read (${code}).`)
    throw error
  }
}

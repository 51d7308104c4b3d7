import type { GatewayConfig } from '../config/gateway-config.ts'
import { loadConfig } from '../config/load-config.ts'
import type { Environment } from '../config/read-yaml.ts'
import { ConfigError } from '../config/read-yaml.ts'
import { readSettings } from '../config/settings.ts'
import { openStore, type Store } from '../db/open-store.ts'
import { DeskgraphError } from '../domain/errors.ts'
import { noLogger, noMetrics } from '../domain/telemetry.ts'
import type { SourceInfo } from '../sources/source.ts'
import { fail } from './fail.ts'

export interface CommandScope {
  readonly config: GatewayConfig
  readonly store: Store
  /** To be filled with the infos of the sources whose tickets are read. */
  readonly infos: Map<string, SourceInfo>
}

/** Does the work of a command with the configured sources and database. Faults of either end it with a message. */
export async function withStore<T>(environment: Environment, work: (scope: CommandScope) => Promise<T>): Promise<T> {
  try {
    const settings = readSettings(environment, process.cwd())
    if (settings.configFile === null) fail('Set DESKGRAPH_CONFIG: the command works with the sources of that file.')
    const config = loadConfig(settings.configFile, settings.host, environment)
    const infos = new Map<string, SourceInfo>()
    const findSource = (key: string) => infos.get(key) ?? null
    await using store = disposable(await openStore({ ...settings, findSource, logger: noLogger, metrics: noMetrics }))
    return await work({ config, store, infos })
  } catch (error) {
    if (error instanceof ConfigError || error instanceof DeskgraphError) fail(error.message)
    const { code, path } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'EACCES') fail(`${path}: it cannot be read (${code}).`)
    throw error
  }
}

function disposable(store: Store): Store & AsyncDisposable {
  return Object.assign(store, { [Symbol.asyncDispose]: store.close })
}

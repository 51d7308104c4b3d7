import { DeskgraphError } from '../domain/errors.ts'
import type { Logger } from '../domain/telemetry.ts'
import { freshdeskPlugin } from './freshdesk/index.ts'
import type { IdentityMap } from './identity-map.ts'
import { intercomPlugin } from './intercom/index.ts'
import { jiraPlugin } from './jira/index.ts'
import { createMirrors, type MirrorRule } from './mirrors.ts'
import { oneViewPlugin } from './oneview/index.ts'
import { rbiPlugin } from './rbi/index.ts'
import { redminePlugin } from './redmine/index.ts'
import { rtPlugin } from './rt/index.ts'
import type { SourceInfo, TicketSource } from './source.ts'
import type { BuiltSource, SourceDeps, SourcePlugin } from './source-plugin.ts'
import { vccPlugin } from './vcc/index.ts'
import { verifikPlugin } from './verifik/index.ts'
import { wasabiPlugin } from './wasabi/index.ts'
import { zendeskPlugin } from './zendesk/index.ts'

/** Every system that Deskgraph reads, one line each. docs/adding-a-source.md is the recipe for the next. */
export const sourcePlugins = [
  oneViewPlugin,
  verifikPlugin,
  vccPlugin,
  wasabiPlugin,
  rbiPlugin,
  redminePlugin,
  rtPlugin,
  zendeskPlugin,
  jiraPlugin,
  intercomPlugin,
  freshdeskPlugin,
] as const

const bySystem = new Map<string, SourcePlugin>(sourcePlugins.map((plugin) => [plugin.system, plugin]))

/** The plugin of a system; undefined when no plugin has this name. */
export function findPlugin(system: string): SourcePlugin | undefined {
  return bySystem.get(system)
}

/** A source's block of the configuration, with the keys that every source has. */
interface SourceBlock {
  readonly system: string
  readonly cache?: unknown
  readonly publicFields?: unknown
  readonly mirrors?: readonly MirrorRule[] | undefined
}

/** Finds the info of a configured source by its key; null: no source has it. */
export function findSourceIn(blocks: Readonly<Record<string, SourceBlock>>): (key: string) => SourceInfo | null {
  const infos = new Map(
    Object.entries(blocks).map(([key, { system, cache: _, publicFields: __, mirrors: ___, ...config }]) => [
      key,
      needPlugin(system).toInfo(key, config),
    ]),
  )
  return (key) => infos.get(key) ?? null
}

/**
 * Builds all configured sources, in the file's order. Rejects when one of them cannot work with its configuration. What limits the account at a
 * vendor goes to the log as soon as the vendor has answered, which is not waited for.
 */
export async function createSources(
  blocks: Readonly<Record<string, SourceBlock>>,
  { identity, ...deps }: Omit<SourceDeps, 'key' | 'loginOf'> & { readonly identity: IdentityMap },
): Promise<readonly BuiltSource[]> {
  const built = await Promise.all(
    Object.entries(blocks).map(([key, { system, cache: _, publicFields: __, mirrors, ...config }]) => {
      const addMirrors = createMirrors(key, mirrors, blocks)
      return needPlugin(system).create(config, { ...deps, key, addMirrors, loginOf: (viewer) => identity.loginOf(key, viewer) })
    }),
  )
  for (const { source } of built) reportAccount(source, deps.logger)
  return built
}

/** A vendor that does not answer now shows it in its health. */
function reportAccount({ info, checkAccount }: TicketSource, logger: Logger): void {
  checkAccount?.().then(
    (limits) => {
      for (const { found, action } of limits) logger.warn({ source: info.key, action }, found)
    },
    (error: unknown) => {
      if (!(error instanceof DeskgraphError) || error.code !== 'UPSTREAM_AUTH_FAILED') return
      logger.error({ source: info.key, code: error.code }, `${error.message} Renew the credentials of this source.`)
    },
  )
}

function needPlugin(system: string): SourcePlugin {
  const plugin = findPlugin(system)
  if (!plugin) throw new Error(`No plugin has the name "${system}".`)
  return plugin
}

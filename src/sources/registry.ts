import { oneViewPlugin } from './oneview/index.ts'
import { rbiPlugin } from './rbi/index.ts'
import type { SourcePlugin } from './source-plugin.ts'
import { vccPlugin } from './vcc/index.ts'
import { verifikPlugin } from './verifik/index.ts'
import { wasabiPlugin } from './wasabi/index.ts'

/** Every system that Deskgraph reads, one line each. docs/adding-a-source.md is the recipe for the next. */
export const sourcePlugins = [oneViewPlugin, verifikPlugin, vccPlugin, wasabiPlugin, rbiPlugin] as const

export type SystemName = (typeof sourcePlugins)[number]['system']

const bySystem = new Map<string, SourcePlugin>(sourcePlugins.map((plugin) => [plugin.system, plugin]))

/** The plugin of a system; undefined when no plugin has this name. */
export function findPlugin(system: string): SourcePlugin | undefined {
  return bySystem.get(system)
}

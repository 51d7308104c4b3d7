import { randomUUID } from 'node:crypto'
import { fail } from '../../cli/fail.ts'
import { runImport } from '../../cli/import.ts'
import { type CommandScope, withStore } from '../../cli/with-store.ts'
import type { Environment } from '../../config/read-yaml.ts'
import { systemClock } from '../../domain/clock.ts'
import { anonymous } from '../../domain/permissions.ts'
import { noLogger, noMetrics } from '../../domain/telemetry.ts'
import { buildSources } from '../../server/build-sources.ts'
import { runExport } from './export.ts'
import { toWasabiInfo } from './index.ts'
import { createWasabiWebhookHandler } from './webhook.ts'

export interface ImportOptions {
  /** The key of a wasabi source; may be left out when there is one. */
  readonly source?: string | undefined
  readonly lenient?: boolean | undefined
}

/** `deskgraph import wasabi FILE…`: events from files into the store; goes on where it stopped before. */
export function importWasabi(files: readonly string[], options: ImportOptions, environment: Environment): Promise<void> {
  return withStore(environment, async (scope) => {
    const { key, config } = wasabiOf(scope, options.source)
    const source = toWasabiInfo(key, config)
    scope.infos.set(key, source)
    const webhookHandler = createWasabiWebhookHandler({ source, config, lenient: options.lenient ?? false })
    const { events } = scope.store
    await runImport({ files, webhookHandler, events, clock: systemClock, out: process.stdout, err: process.stderr })
  })
}

function wasabiOf({ config }: CommandScope, key: string | undefined) {
  const candidates = Object.entries(config.sources).flatMap(([name, source]) =>
    source.system === 'wasabi' && (key === undefined || name === key) ? [{ key: name, config: source }] : [],
  )
  const [only] = candidates
  if (!only) fail(key === undefined ? 'No wasabi source is configured.' : `There is no wasabi source "${key}".`)
  if (candidates.length > 1) fail('There are several wasabi sources: name one with --source.')
  return only
}

/** `deskgraph export wasabi`: the tickets of the named sources (all when none is) in the Wasabi schema, to the standard output. */
export function exportWasabi(keys: readonly string[], environment: Environment): Promise<void> {
  return withStore(environment, async ({ config, store, infos }) => {
    const unknown = keys.find((key) => !Object.hasOwn(config.sources, key))
    if (unknown !== undefined) fail(`There is no source "${unknown}".`)
    const chosen = Object.fromEntries(Object.entries(config.sources).filter(([key]) => keys.length === 0 || keys.includes(key)))
    const routerOf = () => fail('An export routes nothing.')
    const deps = { tickets: store.tickets, routerOf, logger: noLogger, metrics: noMetrics, clock: systemClock }
    const sources = buildSources(chosen, deps).map(({ source }) => source)
    for (const { info } of sources) infos.set(info.key, info)
    const call = { viewer: anonymous, requestId: randomUUID(), signal: new AbortController().signal }
    const count = await runExport({ sources, call, out: process.stdout })
    console.error(`${count} tickets`)
    await Promise.all(sources.map((source) => source.close?.()))
  })
}

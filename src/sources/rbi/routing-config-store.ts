import { watch } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import type { PartnerDirectory } from '../../delivery/partner-directory.ts'
import { createSsrfGuard, type Resolve } from '../../delivery/ssrf-guard.ts'
import type { Logger } from '../../domain/telemetry.ts'
import { findRoutingWarnings, type Market, type Routing, secretsOf } from './routing-file.ts'

/** The routing file of one rbi source, read again when it changes. Its partners receive the source's deliveries. */
export interface RoutingConfigStore extends PartnerDirectory {
  /** The configuration in use. */
  current(): Routing
  /** The market with this key; null finds the only market. Returns null when there is none, or several and no key. */
  findMarket(key: string | null): Market | null
  /** Stops following the file. */
  close(): void
}

export interface RoutingConfigStoreDeps {
  readonly sourceKey: string
  readonly file: string
  /** Parses the file's text. Throws with every error in its message. */
  readonly read: (text: string) => Routing
  readonly logger: Logger
  /** Replaces DNS in tests of the guard. */
  readonly resolve?: Resolve | undefined
  /** How often the file is read again, for file systems that report no changes. */
  readonly pollMs?: number | undefined
}

/**
 * Opens a routing file and follows its changes. Rejects when the file is not valid at the start. A later edit that is not valid
 * leaves the last valid configuration in use; the log and `problem` say so.
 */
export async function openRoutingConfigStore(deps: RoutingConfigStoreDeps): Promise<RoutingConfigStore> {
  let text = await readFile(deps.file, 'utf8')
  let routing = deps.read(text)
  let guard = createSsrfGuard(routing.allowPrivateNetworks, deps.resolve)
  let problem: string | null = null
  const listeners: (() => void)[] = []
  logWarnings(routing, deps)

  async function reload(): Promise<void> {
    try {
      const next = await readFile(deps.file, 'utf8')
      if (next === text && problem === null) return
      routing = deps.read(next)
      guard = createSsrfGuard(routing.allowPrivateNetworks, deps.resolve)
      text = next
      problem = null
    } catch (error) {
      refuse(error instanceof Error ? error.message : 'it could not be read')
      return
    }
    deps.logger.info({ source: deps.sourceKey, markets: routing.markets.length }, 'the routing file was reloaded')
    logWarnings(routing, deps)
    for (const listener of listeners) listener()
  }

  /** Logs each problem once, not at every poll. */
  function refuse(message: string): void {
    if (message !== problem)
      deps.logger.error({ source: deps.sourceKey, problem: message }, 'the routing file is broken: the old routing stays')
    problem = message
  }

  const close = followFile(deps.file, deps.pollMs ?? 5_000, () => void reload())
  return {
    sourceKey: deps.sourceKey,
    current: () => routing,
    findMarket: (key) => findMarket(routing, key),
    partners: () =>
      routing.markets.flatMap((market) =>
        market.partners.map(({ key }) => ({ sourceKey: deps.sourceKey, market: market.key, partner: key })),
      ),
    findPartner(marketKey, partnerKey) {
      const partner = findMarket(routing, marketKey)?.partners.find(({ key }) => key === partnerKey)
      return partner ? { url: partner.url, secrets: secretsOf(partner) } : null
    },
    guard: () => guard,
    problem: () => problem,
    onChange: (listener) => void listeners.push(listener),
    reload,
    close,
  }
}

function findMarket({ markets }: Routing, key: string | null): Market | null {
  if (key === null) return markets.length === 1 ? (markets[0] ?? null) : null
  return markets.find((market) => market.key === key) ?? null
}

function logWarnings(routing: Routing, { logger, sourceKey }: RoutingConfigStoreDeps): void {
  for (const { path, problem } of findRoutingWarnings(routing)) {
    logger.warn({ source: sourceKey, path: path.join('.') }, `routing file: ${problem}`)
  }
}

/** An editor writes a file in several steps: wait until it has finished. */
const debounceMs = 100

/**
 * Calls back shortly after the file may have changed; one call for a burst of changes. It watches the folder, because editors and
 * Kubernetes replace the file instead of writing it, and polls for file systems that report no changes. Returns the stop function.
 */
function followFile(file: string, pollMs: number, onChanged: () => void): () => void {
  let debounce: NodeJS.Timeout | undefined
  const schedule = () => {
    clearTimeout(debounce)
    debounce = setTimeout(onChanged, debounceMs).unref()
  }
  const poll = setInterval(onChanged, pollMs).unref()
  const watcher = watchFolder(file, schedule)
  return () => {
    clearTimeout(debounce)
    clearInterval(poll)
    watcher?.close()
  }
}

/** null where watching is not possible; the poll remains. */
function watchFolder(file: string, onChanged: () => void) {
  try {
    const watcher = watch(dirname(file), { persistent: false }, (_event, name) => {
      // Kubernetes replaces a link named ..data beside the file.
      if (name === null || name === basename(file) || name.startsWith('..')) onChanged()
    })
    watcher.on('error', () => watcher.close())
    return watcher
  } catch {
    return null
  }
}

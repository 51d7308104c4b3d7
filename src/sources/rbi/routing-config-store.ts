import { watch } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import type { PartnerDirectory } from '../../delivery/partner-directory.ts'
import { createSsrfGuard, type Resolve } from '../../delivery/ssrf-guard.ts'
import type { Logger } from '../../domain/telemetry.ts'
import { findRoutingWarnings } from './routing-checks.ts'
import { type Market, type Routing, secretsOf } from './routing-file.ts'

/** The routing that counts now, of one rbi source. */
export interface RoutingConfigStore extends PartnerDirectory {
  current(): Routing
  /** A market by key; null the only one there is. null: no such market, or it has to be named. */
  findMarket(key: string | null): Market | null
  /** Reads the file now. Resolves when it has been taken over or refused. */
  reload(): Promise<void>
  close(): void
}

export interface RoutingConfigStoreDeps {
  readonly sourceKey: string
  readonly file: string
  /** Text to routing; throws with every fault in its message. `src/config` interpolates the environment on the way. */
  readonly read: (text: string) => Routing
  readonly logger: Logger
  /** For tests of the guard. */
  readonly resolve?: Resolve | undefined
  /** How often the file is looked at where the system does not report changes. */
  readonly pollMs?: number | undefined
}

const settleMs = 100

/**
 * Opens a routing file and follows its changes. Throws when the file cannot be used at the start; a broken edit later keeps
 * the routing that was good and says so in the log and in `problem`.
 */
export async function openRoutingConfigStore(deps: RoutingConfigStoreDeps): Promise<RoutingConfigStore> {
  let text = await readFile(deps.file, 'utf8')
  let routing = deps.read(text)
  let guard = createSsrfGuard(routing.allowPrivateNetworks, deps.resolve)
  let problem: string | null = null
  const listeners: (() => void)[] = []
  warn(routing, deps)

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
    warn(routing, deps)
    for (const listener of listeners) listener()
  }

  function refuse(message: string): void {
    if (message !== problem)
      deps.logger.error({ source: deps.sourceKey, problem: message }, 'the routing file is broken: the old routing stays')
    problem = message
  }

  const stop = follow(deps.file, deps.pollMs ?? 5_000, () => void reload())
  return {
    sourceKey: deps.sourceKey,
    current: () => routing,
    findMarket: (key) => pickMarket(routing, key),
    partners: () =>
      routing.markets.flatMap((market) =>
        market.partners.map(({ key }) => ({ sourceKey: deps.sourceKey, market: market.key, partner: key })),
      ),
    findPartner(marketKey, partnerKey) {
      const partner = pickMarket(routing, marketKey)?.partners.find(({ key }) => key === partnerKey)
      return partner ? { url: partner.url, secrets: secretsOf(partner) } : null
    },
    guard: () => guard,
    problem: () => problem,
    onChange: (listener) => void listeners.push(listener),
    reload,
    close: stop,
  }
}

function pickMarket({ markets }: Routing, key: string | null): Market | null {
  if (key === null) return markets.length === 1 ? (markets[0] ?? null) : null
  return markets.find((market) => market.key === key) ?? null
}

function warn(routing: Routing, { logger, sourceKey }: RoutingConfigStoreDeps): void {
  for (const { path, problem } of findRoutingWarnings(routing)) {
    logger.warn({ source: sourceKey, path: path.join('.') }, `routing file: ${problem}`)
  }
}

/**
 * Calls back, a moment after the last of a burst, when the file may have changed. Its folder is watched, because editors and
 * Kubernetes replace files instead of writing them; the poll is for file systems that report nothing.
 */
function follow(file: string, pollMs: number, changed: () => void): () => void {
  let settling: NodeJS.Timeout | undefined
  const soon = () => {
    clearTimeout(settling)
    settling = setTimeout(changed, settleMs).unref()
  }
  const poll = setInterval(changed, pollMs).unref()
  const watcher = startWatch(file, soon)
  return () => {
    clearTimeout(settling)
    clearInterval(poll)
    watcher?.close()
  }
}

/** null where watching is not possible: the poll is then all there is. */
function startWatch(file: string, changed: () => void) {
  try {
    const watcher = watch(dirname(file), { persistent: false }, (_event, name) => {
      // Kubernetes swaps a link named ..data beside the file.
      if (name === null || name === basename(file) || name.startsWith('..')) changed()
    })
    watcher.on('error', () => watcher.close())
    return watcher
  } catch {
    return null
  }
}

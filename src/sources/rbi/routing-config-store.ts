import { watch } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import type { PartnerDirectory } from '../../delivery/partner-directory.ts'
import { createSsrfGuard, type Resolve } from '../../delivery/ssrf-guard.ts'
import { toLogFields } from '../../domain/errors.ts'
import type { Logger } from '../../domain/telemetry.ts'
import type { CheckpointStore } from '../../domain/transaction.ts'
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
  /** Keeps the last valid text, so that a broken file does not stop the next start. Absent: nothing is kept. */
  readonly checkpoints?: CheckpointStore | undefined
  readonly logger: Logger
  /** Replaces DNS in tests of the guard. */
  readonly resolve?: Resolve | undefined
  /** How often the file is read again, for file systems that report no changes. */
  readonly pollMs?: number | undefined
}

/**
 * Opens a routing file and follows its changes. An edit that is not valid leaves the last valid configuration in use, also over a restart;
 * the log and `problem` say so. Rejects when the file is not valid at the start and no valid one was kept.
 */
export async function openRoutingConfigStore(deps: RoutingConfigStoreDeps): Promise<RoutingConfigStore> {
  let { text, routing, problem } = await readFirst(deps)
  let guard = createSsrfGuard(routing.allowPrivateNetworks, deps.resolve)
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
      await keep(text, deps)
    } catch (error) {
      refuse(messageOf(error))
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

interface FirstRead {
  readonly text: string
  readonly routing: Routing
  /** Why the file is not in use; null: it is. */
  readonly problem: string | null
}

/** The file, or the text that was kept of it when the file is broken. Rejects with the file's faults when there is neither. */
async function readFirst(deps: RoutingConfigStoreDeps): Promise<FirstRead> {
  try {
    const text = await readFile(deps.file, 'utf8')
    const routing = deps.read(text)
    await keep(text, deps)
    return { text, routing, problem: null }
  } catch (error) {
    const kept = await findKept(deps)
    if (kept === null) throw error
    const problem = messageOf(error)
    deps.logger.error({ source: deps.sourceKey, problem }, 'the routing file is broken: the last valid one is in use')
    return { ...kept, problem }
  }
}

const checkpointOf = ({ sourceKey }: RoutingConfigStoreDeps): string => `routing:${sourceKey}`

/** Keeps a valid text. A store that fails must not take the new routing away. */
async function keep(text: string, deps: RoutingConfigStoreDeps): Promise<void> {
  try {
    await deps.checkpoints?.saveCheckpoint(checkpointOf(deps), { text })
  } catch (error) {
    deps.logger.warn({ source: deps.sourceKey, ...toLogFields(error) }, 'the routing file could not be kept for the next start')
  }
}

/** null: nothing was kept, or it is not valid for this version. */
async function findKept(deps: RoutingConfigStoreDeps): Promise<Pick<FirstRead, 'text' | 'routing'> | null> {
  try {
    const kept = (await deps.checkpoints?.findCheckpoint(checkpointOf(deps))) as { readonly text: string } | null | undefined
    return kept ? { text: kept.text, routing: deps.read(kept.text) } : null
  } catch {
    return null
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'it could not be read'
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

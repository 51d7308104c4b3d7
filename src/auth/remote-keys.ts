import { createLocalJWKSet, errors } from 'jose'
import { Agent, type Dispatcher } from 'undici'
import type { Clock } from '../domain/clock.ts'
import { DeskgraphError } from '../domain/errors.ts'
import type { Logger } from '../domain/telemetry.ts'
import { fetchKeys } from './fetch-keys.ts'
import type { KeySource } from './key-source.ts'

export interface RemoteKeysDeps {
  readonly url: string
  readonly clock: Clock
  readonly logger: Logger
  /** One of its own otherwise. */
  readonly dispatcher?: Dispatcher | undefined
  /** Called when the issuer's keys are no longer the same: what was verified under the old ones is to be forgotten. */
  onChange(): void
  readonly timing?: Partial<KeyTiming> | undefined
}

export interface KeyTiming {
  /** Between two reads in the background. */
  readonly refreshMs: number
  /** After a failed read. */
  readonly retryMs: number
  /** Between two reads that tokens with an unknown key id cause: strangers must not hammer the issuer. */
  readonly cooldownMs: number
  readonly timeoutMs: number
}

const usualTiming: KeyTiming = { refreshMs: 600_000, retryMs: 5_000, cooldownMs: 30_000, timeoutMs: 5_000 }

/**
 * The keys of a JWKS address: read at once, again in the background, and when a token names a key that is not known
 * (at most once per cooldown). While the issuer is down the last keys go on.
 */
export function createRemoteKeys(deps: RemoteKeysDeps): KeySource {
  const timing = { ...usualTiming, ...deps.timing }
  const dispatcher = deps.dispatcher ?? new Agent({ connections: 1 })
  let keys: ReturnType<typeof createLocalJWKSet> | undefined
  let text = ''
  let reading: Promise<void> | undefined
  let unknownKeyReadAt = Number.NEGATIVE_INFINITY
  let timer: NodeJS.Timeout | undefined
  let closed = false

  async function read(): Promise<void> {
    const set = await fetchKeys(deps.url, timing.timeoutMs, dispatcher)
    keys = createLocalJWKSet(set)
    const newText = JSON.stringify(set)
    if (text !== '' && text !== newText) deps.onChange()
    text = newText
  }
  /** Reads once however many ask, and plans the next read. Never rejects. */
  function refresh(): Promise<void> {
    clearTimeout(timer)
    reading ??= read()
      .then(() => timing.refreshMs)
      .catch((error: unknown) => {
        deps.logger.warn({ err: error, haveKeys: keys !== undefined }, "The issuer's keys could not be read")
        return timing.retryMs
      })
      .then((waitMs) => {
        reading = undefined
        if (!closed) timer = setTimeout(refresh, waitMs).unref()
      })
    return reading
  }
  void refresh()

  return {
    async keyFor(header, token) {
      if (!keys) await (reading ?? undefined)
      if (!keys) throw new DeskgraphError('AUTH_UNAVAILABLE', 'Identity cannot be checked at the moment.', { retryAfter: 5 })
      try {
        return await keys(header, token)
      } catch (error) {
        if (!(error instanceof errors.JWKSNoMatchingKey)) throw error
        if (!reading && deps.clock() - unknownKeyReadAt < timing.cooldownMs) throw error
        unknownKeyReadAt = deps.clock()
        await refresh()
        return keys(header, token)
      }
    },
    isReady: () => keys !== undefined,
    close() {
      closed = true
      clearTimeout(timer)
      if (!deps.dispatcher) void dispatcher.destroy()
    },
  }
}

import { createPublicKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import {
  type CryptoKey,
  createLocalJWKSet,
  errors,
  type FlattenedJWSInput,
  type JSONWebKeySet,
  type JWSHeaderParameters,
  type KeyObject,
} from 'jose'
import { type Dispatcher, request } from 'undici'
import type { Clock } from '../domain/clock.ts'
import { DeskgraphError } from '../domain/errors.ts'
import type { Logger } from '../domain/telemetry.ts'
import { createProxyAgent, noProxies, type Proxies } from '../outbound/proxies.ts'

/** The issuer's public keys. */
export interface KeySource {
  /**
   * Finds the key that a token names. Rejects with AUTH_UNAVAILABLE while no keys have been loaded, and with jose's error
   * when no key fits. It ignores keys, URLs and certificates inside the token (jwk, jku, x5u, x5c): TOKEN-03.
   */
  keyFor(header: JWSHeaderParameters, token: FlattenedJWSInput): Promise<CryptoKey | KeyObject>
  /** True once keys have been loaded, also while the issuer is down later. */
  isReady(): boolean
  close(): void
}

/** Reads the key of a PEM file, or the keys of a JWK set file. Throws when the file is missing or holds neither. */
export function createKeyFile(path: string): KeySource {
  const text = readFileSync(path, 'utf8')
  const ready = { isReady: () => true, close() {} }
  if (text.trimStart().startsWith('{')) {
    const keys = createLocalJWKSet(JSON.parse(text) as JSONWebKeySet)
    return { ...ready, keyFor: (header, token) => keys(header, token) }
  }
  const key = createPublicKey(text)
  return { ...ready, keyFor: async () => key }
}

export interface KeyTiming {
  /** From one successful read to the next one in the background. */
  readonly refreshMs: number
  /** From a failed read to the next one. */
  readonly retryMs: number
  /** Between two reads that unknown key ids cause. Without it, invalid tokens could flood the issuer. */
  readonly cooldownMs: number
  /** For one read. */
  readonly timeoutMs: number
}

const defaultTiming: KeyTiming = { refreshMs: 600_000, retryMs: 5_000, cooldownMs: 30_000, timeoutMs: 5_000 }

export interface RemoteKeysDeps {
  readonly url: string
  readonly clock: Clock
  readonly logger: Logger
  /** Called when the key set has changed. Tokens verified with the former keys must be verified again. */
  onChange(): void
  readonly timing?: Partial<KeyTiming> | undefined
  /** How the issuer is reached. Absent: directly. */
  readonly proxies?: Proxies | undefined
}

/**
 * Reads the keys of a JWKS URL at once, then in the background, and when a token names an unknown key (at most once per
 * cooldown). While the issuer is down the last keys remain in use: TOKEN-08.
 *
 * jose's own `createRemoteJWKSet` starts its cooldown with every read, so it would refuse a key that the issuer rotates
 * in within 30 seconds after a read, and it has no cooldown while reads fail.
 */
export function createRemoteKeys(deps: RemoteKeysDeps): KeySource {
  const { url, clock, logger, onChange, timing: changes, proxies = noProxies } = deps
  const timing = { ...defaultTiming, ...changes }
  const agent = createKeyAgent(proxies)
  let keys: ReturnType<typeof createLocalJWKSet> | undefined
  let knownSet = ''
  let reading: Promise<void> | undefined
  let unknownKeyReadAt = Number.NEGATIVE_INFINITY
  let timer: NodeJS.Timeout | undefined
  let closed = false

  async function read(): Promise<void> {
    const set = await fetchKeySet(url, timing.timeoutMs, agent)
    // Throws when the answer is not a key set, so that the last good one remains.
    keys = createLocalJWKSet(set)
    const newSet = JSON.stringify(set)
    if (knownSet !== '' && knownSet !== newSet) onChange()
    knownSet = newSet
  }
  /** Reads once for all concurrent callers, and schedules the next read. Never rejects. */
  function refresh(): Promise<void> {
    clearTimeout(timer)
    reading ??= read()
      .then(() => timing.refreshMs)
      .catch((error: unknown) => {
        if (!closed) logger.warn({ err: error, haveKeys: keys !== undefined }, "the issuer's keys could not be read")
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
      if (!keys) await reading
      if (!keys) throw new DeskgraphError('AUTH_UNAVAILABLE', 'Identity cannot be checked at the moment.', { retryAfter: 5 })
      try {
        return await keys(header, token)
      } catch (error) {
        if (!(error instanceof errors.JWKSNoMatchingKey)) throw error
        if (!reading && clock() - unknownKeyReadAt < timing.cooldownMs) throw error
        unknownKeyReadAt = clock()
        await refresh()
        return keys(header, token)
      }
    },
    isReady: () => keys !== undefined,
    close() {
      closed = true
      clearTimeout(timer)
      void agent.destroy()
    },
  }
}

/** Reads the keys of a JWKS URL once. Rejects as a read of `createRemoteKeys` fails: for anything but a 200 with a JWK set. */
export async function readRemoteKeySet(url: string, timeoutMs: number, proxies: Proxies): Promise<JSONWebKeySet> {
  const agent = createKeyAgent(proxies)
  try {
    const set = await fetchKeySet(url, timeoutMs, agent)
    createLocalJWKSet(set)
    return set
  } finally {
    void agent.destroy()
  }
}

const maxKeySetBytes = 262_144
const maxHeaderSize = 65_536

function createKeyAgent(proxies: Proxies): Dispatcher {
  return createProxyAgent(proxies, { maxResponseSize: maxKeySetBytes, maxHeaderSize, allowH2: false })
}

/** Sends one GET without redirects, bounded in time and, by the agent, in size. Rejects for anything but a 200 with JSON. */
async function fetchKeySet(url: string, timeoutMs: number, dispatcher: Dispatcher): Promise<JSONWebKeySet> {
  const { statusCode, body } = await request(url, {
    headers: { accept: 'application/json, application/jwk-set+json' },
    signal: AbortSignal.timeout(timeoutMs),
    dispatcher,
  })
  if (statusCode !== 200) {
    await body.dump()
    throw new Error(`the key set answered ${statusCode}`)
  }
  return (await body.json()) as JSONWebKeySet
}

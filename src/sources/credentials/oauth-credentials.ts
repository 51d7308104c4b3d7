import { DeskgraphError } from '../../domain/errors.ts'
import { toEpochMs } from '../../domain/instant.ts'
import type { Logger } from '../../domain/telemetry.ts'
import type { CredentialHeaders, Credentials } from './credentials.ts'
import type { OAuthSource } from './oauth-sign-in.ts'
import { SecretFault } from './secret-keys.ts'
import { SignInProblem, TokenRenewal, type TokenRenewalDeps } from './token-renewal.ts'
import { openTokens, type TokenRow } from './token-store.ts'

export interface OAuthCredentialsDeps extends TokenRenewalDeps {
  readonly logger: Logger
}

/** A token is renewed when this part of its lifetime is left, at most `aheadMs` before its end, and up to half of that earlier (jitter). */
const aheadShare = 0.2
const aheadMs = 300_000
/** It is not used in its last seconds, or its last tenth: a call takes time, and clocks differ. */
const marginShare = 0.1
const marginMs = 5_000
/** A token that is younger than this and is refused is not renewed: the fault is another one, such as a missing right. */
const minAgeMs = 30_000
const maxMinAgeMs = 600_000
const logIntervalMs = 30_000

/** The row that is in use, opened. */
interface Held {
  readonly row: TokenRow
  /** null: there is no access token yet. */
  readonly headers: CredentialHeaders | null
  readonly usableUntil: number
  readonly renewAt: number
}

/** The access token of one source: which one is in use, when it is due, and what a 401 means. TokenRenewal gets the next one. */
export class OAuthCredentials implements Credentials {
  readonly #source: OAuthSource
  readonly #deps: OAuthCredentialsDeps
  readonly #renewal: TokenRenewal
  #held: Held | null = null
  #running: Promise<void> | null = null
  /** The version that a 401 has refused. */
  #refusedVersion = -1
  #minAge = { ms: minAgeMs, version: -1 }
  #failure: { readonly error: unknown; readonly until: number } | null = null
  #problem: DeskgraphError | null = null
  #silentUntil = 0

  constructor(source: OAuthSource, deps: OAuthCredentialsDeps) {
    this.#source = source
    this.#deps = deps
    this.#renewal = new TokenRenewal(source, deps)
  }

  current(signal: AbortSignal): CredentialHeaders | Promise<CredentialHeaders> {
    const held = this.#held
    if (!isUsable(held, this.#refusedVersion, this.#deps.clock())) return this.#obtain(signal)
    if (this.#deps.clock() >= held.renewAt) void this.#renewOnce().catch(() => {})
    return held.headers
  }

  async renew(refused: CredentialHeaders, signal: AbortSignal): Promise<CredentialHeaders | null> {
    const { rows, clock } = this.#deps
    if (this.#running)
      await unlessAborted(
        this.#running.catch(() => {}),
        signal,
      )
    const held = this.#held
    if (held?.headers !== refused || held === null) return this.#obtain(signal)
    const row = await unlessAborted(rows.find(this.#source.key), signal)
    const isFresh = clock() - toEpochMs(held.row.obtainedAt) < this.#minAge.ms
    if (row?.version === held.row.version && row.state === 'READY' && isFresh) {
      this.#waitLonger(held.row.version)
      return null
    }
    this.#refusedVersion = Math.max(this.#refusedVersion, held.row.version)
    return this.#obtain(signal)
  }

  problem(): DeskgraphError | null {
    return isUsable(this.#held, this.#refusedVersion, this.#deps.clock()) ? null : this.#problem
  }

  /** Renews what is due, notices what was stored by others, and sets the gauges. Never rejects. */
  async maintain(): Promise<void> {
    const { clock, metrics, rows } = this.#deps
    const { key: source } = this.#source
    const held = this.#held
    if (!isUsable(held, this.#refusedVersion, clock()) || clock() >= held.renewAt) await this.#renewOnce().catch(() => {})
    else {
      const row = await rows.find(source).catch(() => null)
      // Tokens that an operator has stored take the place of those in use. A refusal ends them when they end.
      if (row && row.version > held.row.version) await this.#renewOnce().catch(() => {})
    }
    const usable = isUsable(this.#held, this.#refusedVersion, clock()) ? this.#held : null
    metrics.set('credentials_usable', usable && this.#problem === null ? 1 : 0, { source })
    const expiresAt = usable?.row.accessExpiresAt
    if (expiresAt !== null) metrics.set('credentials_expire_seconds', toSecondsUntil(expiresAt, clock()), { source })
    const refreshExpiresAt = this.#held?.row.refreshExpiresAt ?? null
    if (refreshExpiresAt !== null)
      metrics.set('refresh_token_expires_seconds', toSecondsUntil(refreshExpiresAt, clock()), { source })
  }

  /** Resolves when no renewal runs. */
  async settled(): Promise<void> {
    await this.#running?.catch(() => {})
  }

  /** A token that was new when it was refused will be refused again: the next attempt waits twice as long. Once for each version. */
  #waitLonger(version: number): void {
    if (this.#minAge.version === version) return
    this.#minAge = { ms: Math.min(maxMinAgeMs, this.#minAge.ms * 2), version }
  }

  async #obtain(signal: AbortSignal): Promise<CredentialHeaders> {
    for (;;) {
      const held = this.#held
      if (isUsable(held, this.#refusedVersion, this.#deps.clock())) return held.headers
      try {
        await unlessAborted(this.#renewOnce(), signal)
      } catch (error) {
        // A replica that starts finds tokens that cannot be renewed and have not ended yet.
        if (!signal.aborted && isUsable(this.#held, this.#refusedVersion, this.#deps.clock())) continue
        throw error
      }
      // A lifetime may be so short that the token is due when it arrives.
      const { row, headers } = this.#held!
      if (row.version > this.#refusedVersion && headers !== null) return headers
    }
  }

  /** One renewal for all callers. A failure counts for a while: callers must not flood the token endpoint. */
  #renewOnce(): Promise<void> {
    if (this.#running) return this.#running
    if (this.#failure && this.#deps.clock() < this.#failure.until) return Promise.reject(this.#failure.error)
    const isGood = (row: TokenRow) => {
      this.#hold(row)
      return isUsable(this.#held, this.#refusedVersion, this.#deps.clock()) && this.#deps.clock() < this.#held.renewAt
    }
    this.#running = this.#renewal
      .renew(isGood)
      .then(
        () => {
          this.#failure = null
          this.#problem = null
          this.#silentUntil = 0
        },
        (error: unknown) => {
          throw this.#noteFailure(error)
        },
      )
      .finally(() => {
        this.#running = null
      })
    return this.#running
  }

  #noteFailure(thrown: unknown): unknown {
    const { clock, logger } = this.#deps
    const { key } = this.#source
    const failure = thrown instanceof SecretFault ? this.#renewal.toKeyProblem(thrown) : thrown
    if (failure instanceof SignInProblem) {
      const { error, checkAfterMs } = failure
      // It is found again at every check.
      if (this.#problem?.message !== error.message) logger.error({ source: key, err: error }, 'a source needs a new sign-in')
      this.#problem = error
      this.#failure = { error, until: clock() + checkAfterMs }
      return error
    }
    const retryAfter = failure instanceof DeskgraphError ? failure.retryAfter : undefined
    this.#failure = { error: failure, until: clock() + (retryAfter ?? 1) * 1_000 }
    // While the database or the endpoint is down, each call finds it again.
    if (clock() >= this.#silentUntil) {
      logger.warn({ source: key, err: failure }, 'the tokens of a source could not be renewed')
      this.#silentUntil = clock() + logIntervalMs
    }
    return failure
  }

  /** Opens a row that is a new one. Throws SecretFault. */
  #hold(row: TokenRow): void {
    const held = this.#held
    if (held?.row.version === row.version && held.headers !== null) {
      this.#held = { ...held, row }
      return
    }
    const { keys, random } = this.#deps
    const { accessToken } = openTokens(keys, row)
    const headers = accessToken === null ? null : { authorization: `Bearer ${accessToken}` }
    const expiresAt = row.accessExpiresAt === null ? Number.POSITIVE_INFINITY : toEpochMs(row.accessExpiresAt)
    const lifetimeMs = expiresAt - toEpochMs(row.obtainedAt)
    const ahead = Math.min(aheadMs, lifetimeMs * aheadShare) * (1 + random() / 2)
    const margin = Math.min(marginMs, lifetimeMs * marginShare)
    this.#held = { row, headers, usableUntil: expiresAt - margin, renewAt: expiresAt - ahead }
  }
}

function isUsable(
  held: Held | null,
  refusedVersion: number,
  nowMs: number,
): held is Held & { readonly headers: CredentialHeaders } {
  return held !== null && held.headers !== null && held.row.version > refusedVersion && nowMs < held.usableUntil
}

function toSecondsUntil(instant: string | undefined, nowMs: number): number {
  return instant === undefined ? 0 : Math.max(0, (toEpochMs(instant) - nowMs) / 1_000)
}

/** The promise, or the reason of the signal when that aborts first. */
async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  promise.catch(() => {})
  signal.throwIfAborted()
  let stop = () => {}
  const aborted = new Promise<never>((_, reject) => {
    const onAbort = () => reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    stop = () => signal.removeEventListener('abort', onAbort)
  })
  try {
    return await Promise.race([promise, aborted])
  } finally {
    stop()
  }
}

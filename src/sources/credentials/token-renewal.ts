import { setTimeout as sleep } from 'node:timers/promises'
import type { Dispatcher } from 'undici'
import type { Clock } from '../../domain/clock.ts'
import type { DeskgraphError } from '../../domain/errors.ts'
import { toInstant } from '../../domain/instant.ts'
import type { Metrics } from '../../domain/telemetry.ts'
import { signInFailed } from './credentials.ts'
import type { OAuthSource } from './oauth-sign-in.ts'
import type { SecretFault, SecretKeys } from './secret-keys.ts'
import { requestTokens, type TokenAnswer } from './token-endpoint.ts'
import {
  type Claim,
  type NewTokens,
  openTokens,
  sealTokens,
  type TokenRow,
  type TokenRows,
  type Tokens,
  takeConfigured,
} from './token-store.ts'

export interface TokenRenewalDeps {
  readonly rows: TokenRows
  readonly keys: SecretKeys
  readonly agent: Dispatcher
  /** Names this process in claims. */
  readonly holder: string
  readonly metrics: Metrics
  readonly clock: Clock
  /** From 0 to 1. */
  readonly random: () => number
}

/** A failure that only an operator can end. */
export class SignInProblem extends Error {
  readonly error: DeskgraphError
  /** When the row, or the endpoint, is asked again. */
  readonly checkAfterMs: number

  constructor(error: DeskgraphError, checkAfterMs: number) {
    super(error.message)
    this.error = error
    this.checkAfterMs = checkAfterMs
  }
}

/** A claim outlives the call of the token endpoint by the time that storing takes. */
const storeMs = 5_000
const storeAttempts = 5
const refusedCheckMs = 3_000
const rejectedCheckMs = 60_000
const firstBackoffMs = 1_000
const maxBackoffMs = 60_000
const outcomes: readonly TokenAnswer['outcome'][] = ['issued', 'refused', 'rejected', 'failed']

/**
 * Renews the tokens of one source, for all replicas. It claims the row before it calls the token endpoint, so that two replicas never send one
 * refresh token twice, and stores the answer before any call uses it. A replica that finds a claim waits, and takes what was stored.
 *
 * A process that ends between the answer and the commit leaves its claim open. When its time is over, the next one sends the same refresh token
 * again. Atlassian accepts that within 10 minutes; Zendesk has deleted it by then, and an operator has to sign in again. The row tells which it was.
 */
export class TokenRenewal {
  readonly #source: OAuthSource
  readonly #deps: TokenRenewalDeps
  #isTaken = false
  /** What the endpoint issued and the database did not take yet. */
  #unsaved: { readonly claim: number; readonly tokens: NewTokens } | null = null
  #backoffMs = firstBackoffMs

  constructor(source: OAuthSource, deps: TokenRenewalDeps) {
    this.#source = source
    this.#deps = deps
    for (const outcome of outcomes) deps.metrics.count('credential_renewals_total', { source: source.key, outcome }, 0)
  }

  /**
   * Resolves when the row is good enough for the caller, or new. One renewal of a process runs at a time. Rejects with SignInProblem,
   * SecretFault, or a DeskgraphError of a failure that passes.
   */
  async renew(isGood: (row: TokenRow) => boolean): Promise<void> {
    const { rows, holder, random } = this.#deps
    const { key, oauth } = this.#source
    const claimMs = oauth.timeoutMs + storeMs
    const giveUpAt = performance.now() + 2 * claimMs
    let isNew = false
    await this.#takeConfigured()
    for (;;) {
      await this.#saveUnsaved()
      const row = await rows.find(key)
      if (row === null)
        throw signInFailed(this.#source, 'its stored tokens were removed: restart the gateway.', { retryAfter: 1 })
      if (isGood(row) || isNew) return
      if (row.state === 'REFUSED') throw this.#toRefusal(row)
      const claim = await rows.claim(key, row.version, holder, claimMs)
      if (claim !== null) {
        isNew = await this.#exchange(claim)
        continue
      }
      if (performance.now() > giveUpAt) {
        throw signInFailed(this.#source, 'another replica is still renewing its tokens.', { retryAfter: 1 })
      }
      await sleep(50 + 100 * random())
    }
  }

  async #takeConfigured(): Promise<void> {
    if (this.#isTaken) return
    const { rows, keys, clock } = this.#deps
    const { key, oauth } = this.#source
    const refreshToken = oauth.grant === 'refresh_token' ? (oauth.refreshToken ?? null) : null
    await takeConfigured(rows, keys, key, { refreshToken, at: toInstant(clock()) })
    this.#isTaken = true
  }

  /** False: other tokens are there by now. */
  async #exchange(claim: Claim): Promise<boolean> {
    const { rows, keys, clock, agent, metrics } = this.#deps
    const { key, oauth } = this.#source
    const { refreshToken, taken } = await this.#open(claim)
    if (oauth.grant === 'refresh_token' && refreshToken === null) {
      await rows.release(key, claim.number, false)
      throw new SignInProblem(signInFailed(this.#source, `sign in: there is no refresh token. ${this.#remedy}`), refusedCheckMs)
    }
    const startedAt = clock()
    const answer = await requestTokens(oauth, oauth.grant === 'refresh_token' ? refreshToken : null, agent)
    metrics.count('credential_renewals_total', { source: key, outcome: answer.outcome })
    if (answer.outcome !== 'issued') return this.#endFailed(claim, answer)
    this.#backoffMs = firstBackoffMs
    const { tokens } = answer
    const endOf = (seconds: number | null) => (seconds === null ? null : toInstant(startedAt + seconds * 1_000))
    const kept = { accessToken: tokens.accessToken, refreshToken: tokens.refreshToken ?? refreshToken, taken }
    this.#unsaved = {
      claim: claim.number,
      tokens: {
        ...sealTokens(keys, key, kept),
        accessExpiresAt: endOf(tokens.expiresIn),
        refreshExpiresAt: endOf(tokens.refreshExpiresIn) ?? (tokens.refreshToken === null ? claim.row.refreshExpiresAt : null),
        obtainedAt: toInstant(startedAt),
      },
    }
    return true
  }

  /** `deskgraph secrets rotate-key` may have sealed the row with a key that this process does not have: that is no exchange. */
  async #open({ number, row }: Claim): Promise<Tokens> {
    try {
      return openTokens(this.#deps.keys, row)
    } catch (error) {
      await this.#deps.rows.release(this.#source.key, number, false)
      throw error
    }
  }

  async #endFailed({ number, row }: Claim, answer: Exclude<TokenAnswer, { readonly outcome: 'issued' }>): Promise<false> {
    const { rows } = this.#deps
    const { key } = this.#source
    if (answer.outcome === 'refused') {
      if (await rows.refuse(key, number, row.version)) throw this.#toRefusal(row)
      return false
    }
    await rows.release(key, number, answer.outcome === 'failed' && answer.mayBeSpent)
    if (answer.outcome === 'rejected') {
      const problem = `its token endpoint refuses the client of the gateway (${answer.error}). Correct clientId, clientSecret, grant and scopes of its oauth block.`
      throw new SignInProblem(signInFailed(this.#source, problem), rejectedCheckMs)
    }
    const waitMs = Math.min(maxBackoffMs, answer.retryAfterMs ?? this.#backoffMs)
    this.#backoffMs = Math.min(maxBackoffMs, this.#backoffMs * 2)
    throw signInFailed(this.#source, `${answer.problem}.`, {
      retryAfter: Math.max(1, Math.ceil(waitMs / 1_000)),
      cause: answer.cause,
    })
  }

  /** Stores what was issued. It is used only when it is stored: a process that ends before would lose it. */
  async #saveUnsaved(): Promise<void> {
    if (this.#unsaved === null) return
    const { claim, tokens } = this.#unsaved
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.#deps.rows.save(this.#source.key, claim, tokens)
        this.#unsaved = null
        return
      } catch (error) {
        if (attempt === storeAttempts) throw error
        await sleep(200 * attempt)
      }
    }
  }

  /** The problem of stored tokens that cannot be opened. */
  toKeyProblem({ fault }: SecretFault): SignInProblem {
    const problem =
      fault === 'unknown key'
        ? 'its stored tokens are encrypted with another key. Add that key to secrets.otherKeys, or sign in again.'
        : 'its stored tokens were changed outside of the gateway, or belong to another source.'
    return new SignInProblem(signInFailed(this.#source, `${problem} ${this.#remedy}`), refusedCheckMs)
  }

  #toRefusal({ uncertainSince }: TokenRow): SignInProblem {
    const lost =
      uncertainSince === null
        ? ''
        : ` A renewal that began at ${uncertainSince} ended before its answer was stored, and may have used it up.`
    const problem = `sign in again: the refresh token is not accepted any more.${lost} ${this.#remedy}`
    return new SignInProblem(signInFailed(this.#source, problem), refusedCheckMs)
  }

  get #remedy(): string {
    return `An operator signs in there and stores the refresh token: deskgraph secrets set ${this.#source.key}.`
  }
}

import { hash } from 'node:crypto'
import type { Instant } from '../../domain/instant.ts'
import type { Sealed, SecretKeys } from './secret-keys.ts'

// Where the tokens of sources are kept: rows that the database shares between replicas, and the sealing of what is secret in them.

/** What is known of a source's tokens without a key. */
export interface TokenState {
  readonly sourceKey: string
  /** Grows with every change of the tokens. It is the number of the claim under which they were obtained. */
  readonly version: number
  /** `REFUSED`: the token endpoint does not accept the refresh token any more. Only new tokens end it. */
  readonly state: 'READY' | 'REFUSED'
  readonly keyId: string
  /** null: there is no access token yet, or its lifetime is not known. */
  readonly accessExpiresAt: Instant | null
  /** null: not known. */
  readonly refreshExpiresAt: Instant | null
  /** When an exchange or an operator stored the tokens. */
  readonly obtainedAt: Instant
  /** Who exchanges the tokens now, or did so when its process ended. null: no exchange is open. */
  readonly claimedBy: string | null
  readonly claimedAt: Instant | null
  /** Since when an exchange may have spent the refresh token without an answer that was stored. null: it has not. */
  readonly uncertainSince: Instant | null
}

/** A row of the table `source_tokens`. */
export interface TokenRow extends TokenState, Sealed {}

/** The right to exchange the tokens of one row, for a limited time. `number` orders claims: a later claim is never overwritten. */
export interface Claim {
  readonly number: number
  /** The row as it is exchanged. Its `uncertainSince` counts a claim that was never ended. */
  readonly row: TokenRow
}

/** New content of a row. */
export interface NewTokens extends Sealed {
  readonly accessExpiresAt: Instant | null
  readonly refreshExpiresAt: Instant | null
  readonly obtainedAt: Instant
}

/** The rows. Each method is one statement, so that replicas cannot come between its parts. */
export interface TokenRows {
  find(sourceKey: string): Promise<TokenRow | null>
  list(): Promise<readonly TokenRow[]>
  /** Adds a row, unless there is one. */
  add(sourceKey: string, tokens: NewTokens): Promise<void>
  /**
   * Claims the exchange of this version, and commits that before it resolves. null: the version is another one, is refused, or another claim
   * is open and its time is not over by the clock of the database. The claim ends after `ttlMs`.
   */
  claim(sourceKey: string, version: number, holder: string, ttlMs: number): Promise<Claim | null>
  /** Stores what the claim obtained. False: tokens of a later claim, or of an operator, are there already, and stay. */
  save(sourceKey: string, claim: number, tokens: NewTokens): Promise<boolean>
  /** Marks the version as refused and ends the claim. False: the tokens have changed since. */
  refuse(sourceKey: string, claim: number, version: number): Promise<boolean>
  /** Ends a claim that obtained nothing. `mayBeSpent`: see `uncertainSince`. */
  release(sourceKey: string, claim: number, mayBeSpent: boolean): Promise<void>
  /** Replaces the tokens as a new version, which ends every claim and refusal. `version`: only this one; null: whichever is there. */
  replace(sourceKey: string, version: number | null, tokens: NewTokens): Promise<boolean>
  /** Stores the same text under another key. False: it has changed meanwhile. */
  reseal(row: TokenRow, sealed: Sealed): Promise<boolean>
}

/** The secret part of a row. */
export interface Tokens {
  /** null: none was obtained yet. */
  readonly accessToken: string | null
  /** null: the grant has none. */
  readonly refreshToken: string | null
  /** Digests of the refresh tokens that were taken from the configuration: each is taken once. */
  readonly taken: readonly string[]
}

export function sealTokens(keys: SecretKeys, sourceKey: string, tokens: Tokens): Sealed {
  return keys.seal(JSON.stringify(tokens), toContext(sourceKey))
}

/** Throws SecretFault. */
export function openTokens(keys: SecretKeys, row: TokenRow): Tokens {
  return JSON.parse(keys.open(row, toContext(row.sourceKey))) as Tokens
}

function toContext(sourceKey: string): string {
  return `source ${sourceKey}`
}

const maxTaken = 20

/**
 * Stores the first refresh token of the configuration where there are no tokens yet, or where an operator wrote one that was never there
 * before. A text that was taken once is not taken again: it is spent, also when a replica with an older configuration starts.
 */
export async function takeConfigured(
  rows: TokenRows,
  keys: SecretKeys,
  sourceKey: string,
  { refreshToken, at }: { readonly refreshToken: string | null; readonly at: Instant },
): Promise<void> {
  for (;;) {
    const row = await rows.find(sourceKey)
    if (row === null) {
      const taken = refreshToken === null ? [] : [toDigest(refreshToken)]
      return rows.add(sourceKey, toFirst(keys, sourceKey, { refreshToken, taken }, at))
    }
    if (refreshToken === null) return
    const { taken } = openTokens(keys, row)
    if (taken.includes(toDigest(refreshToken))) return
    const tokens = toFirst(keys, sourceKey, { refreshToken, taken: [...taken, toDigest(refreshToken)] }, at)
    if (await rows.replace(sourceKey, row.version, tokens)) return
  }
}

/** Stores the refresh token of a new sign-in. Running replicas use it within seconds. `configured`: the one that the configuration has. */
export async function setRefreshToken(
  rows: TokenRows,
  keys: SecretKeys,
  sourceKey: string,
  { refreshToken, configured, at }: { readonly refreshToken: string; readonly configured: string | null; readonly at: Instant },
): Promise<void> {
  const row = await rows.find(sourceKey)
  const before = row !== null && keys.keyIds.includes(row.keyId) ? openTokens(keys, row).taken : []
  // The next start must not take the text of the configuration in place of this one.
  const taken = configured === null ? before : [...before.filter((one) => one !== toDigest(configured)), toDigest(configured)]
  const tokens = toFirst(keys, sourceKey, { refreshToken, taken }, at)
  await rows.add(sourceKey, tokens)
  await rows.replace(sourceKey, null, tokens)
}

function toDigest(refreshToken: string): string {
  return hash('sha256', `deskgraph\n${refreshToken}`)
}

/** Tokens without an access token, which the first call obtains. */
function toFirst(
  keys: SecretKeys,
  sourceKey: string,
  { refreshToken, taken }: Pick<Tokens, 'refreshToken' | 'taken'>,
  at: Instant,
): NewTokens {
  const sealed = sealTokens(keys, sourceKey, { accessToken: null, refreshToken, taken: taken.slice(-maxTaken) })
  return { accessExpiresAt: null, refreshExpiresAt: null, obtainedAt: at, ...sealed }
}

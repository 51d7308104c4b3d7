import type { CryptoKey, FlattenedJWSInput, JWSHeaderParameters, KeyObject } from 'jose'

/** Where the issuer's public keys come from. */
export interface KeySource {
  /**
   * The key that a token names. Rejects when there is none: with AUTH_UNAVAILABLE when no keys could be loaded yet,
   * else with jose's error. Keys, addresses and certificates that the token itself brings (jwk, jku, x5u, x5c) are
   * never looked at.
   */
  keyFor(header: JWSHeaderParameters, token: FlattenedJWSInput): Promise<CryptoKey | KeyObject>
  /** Keys were loaded at least once. Readiness needs that. */
  isReady(): boolean
  close(): void
}

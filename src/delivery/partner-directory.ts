import type { SsrfGuard } from './ssrf-guard.ts'

/** Names one partner of one source. A partner's key is unique only within its market. */
export interface PartnerRef {
  readonly sourceKey: string
  readonly market: string
  readonly partner: string
}

/** Where a partner receives its deliveries, and what they are signed with. */
export interface PartnerEndpoint {
  readonly url: string
  /** The first secret also makes `x-signature`; every secret makes one `webhook-signature`. */
  readonly secrets: readonly string[]
}

/** The partners that receive the deliveries of one source, as its configuration names them now. */
export interface PartnerDirectory {
  readonly sourceKey: string
  /** Every partner of every market. */
  partners(): readonly PartnerRef[]
  /** null: the configuration names no such partner now. */
  findPartner(market: string, partner: string): PartnerEndpoint | null
  /** Decides which addresses deliveries of this source may connect to. */
  guard(): SsrfGuard
  /** What is wrong with the file on disk while an older version is in use; null: the file is in use. */
  problem(): string | null
  /** Reads the file again now. A file that is not valid changes nothing but `problem`. */
  reload(): Promise<void>
  /** Calls back after each accepted change of the configuration. */
  onChange(listener: () => void): void
}

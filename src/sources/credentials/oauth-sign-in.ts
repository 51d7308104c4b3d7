import { randomUUID } from 'node:crypto'
import type { Dispatcher } from 'undici'
import type { Clock } from '../../domain/clock.ts'
import type { Logger, Metrics } from '../../domain/telemetry.ts'
import { createProxyAgent, noProxies, type Proxies } from '../../outbound/proxies.ts'
import type { OAuthConfig } from './config.ts'
import type { Credentials } from './credentials.ts'
import { OAuthCredentials } from './oauth-credentials.ts'
import type { SecretKeys } from './secret-keys.ts'
import type { TokenRows } from './token-store.ts'

/** A source that signs in by OAuth. */
export interface OAuthSource {
  readonly key: string
  readonly label: string
  readonly oauth: OAuthConfig
}

/** The credentials of a source. The tokens are in the database that all replicas share, and are renewed by one of them. */
export type SignIn = (source: OAuthSource) => Credentials

export interface OAuthDeps {
  readonly rows: TokenRows
  /** null: the configuration has no key, and `signIn` throws. */
  readonly keys: SecretKeys | null
  readonly metrics: Metrics
  readonly logger: Logger
  readonly clock: Clock
  readonly proxies?: Proxies | undefined
  /** For tests: in place of a number from 0 to 1. */
  readonly random?: () => number
}

export interface OAuthSignIn {
  readonly signIn: SignIn
  /** Renews what is due, notices what other replicas and operators have stored, and sets the gauges. Never rejects. */
  maintain(): Promise<void>
  /** Waits for exchanges that run: one that is cut off could lose a token. */
  close(): Promise<void>
}

const maxResponseSize = 65_536

export function createOAuthSignIn({ proxies = noProxies, ...deps }: OAuthDeps): OAuthSignIn {
  const agent: Dispatcher = createProxyAgent(proxies, { maxResponseSize, allowH2: false })
  const all: OAuthCredentials[] = []
  const holder = randomUUID()
  return {
    signIn(source) {
      if (deps.keys === null) throw new Error(`${source.key}: oauth needs secrets.key`)
      const credentials = new OAuthCredentials(source, { random: Math.random, ...deps, keys: deps.keys, agent, holder })
      all.push(credentials)
      return credentials
    },
    async maintain() {
      await Promise.all(all.map((credentials) => credentials.maintain()))
    },
    async close() {
      await Promise.all(all.map((credentials) => credentials.settled()))
      await agent.close()
    },
  }
}

import { onTestFinished } from 'vitest'
import type { Logger, Metrics } from '../../../src/domain/telemetry.ts'
import { noLogger, noMetrics } from '../../../src/domain/telemetry.ts'
import { oauthConfig } from '../../../src/sources/credentials/config.ts'
import { createOAuthSignIn, type OAuthSignIn } from '../../../src/sources/credentials/oauth-sign-in.ts'
import { createSecretKeys } from '../../../src/sources/credentials/secret-keys.ts'
import type { TokenRows } from '../../../src/sources/credentials/token-store.ts'
import type { HttpClient } from '../../../src/sources/http-client/types.ts'
import type { OAuthServer } from '../../support/oauth-server.ts'
import { clientFor } from '../http-client/test-client.ts'

export const keyText = '00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff'
export const keys = createSecretKeys([keyText])

export interface Replica {
  readonly client: HttpClient
  readonly oauth: OAuthSignIn
}

export interface ReplicaOptions {
  readonly config?: Record<string, unknown>
  readonly clock?: () => number
  readonly logger?: Logger
  readonly metrics?: Metrics
}

/** One replica of a gateway with one source, as far as signing in goes. */
export function startReplica(server: OAuthServer, rows: TokenRows, options: ReplicaOptions = {}): Replica {
  const { clock = Date.now, logger = noLogger, metrics = noMetrics } = options
  const oauth = createOAuthSignIn({ rows, keys, metrics, logger, clock, random: () => 0 })
  const config = oauthConfig.parse({
    tokenUrl: server.tokenUrl,
    clientId: server.client.id,
    clientSecret: server.client.secret,
    refreshToken: server.first,
    timeoutMs: 2_000,
    ...options.config,
  })
  const credentials = oauth.signIn({ key: 'acme', label: 'Acme', oauth: config })
  const client = clientFor(server.url, { credentials, metrics, logger, clock })
  onTestFinished(() => oauth.close())
  return { client, oauth }
}

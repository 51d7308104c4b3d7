import { type Logger, noLogger } from '../../../src/domain/telemetry.ts'
import { OAuthCredentials } from '../../../src/sources/credentials/oauth-credentials.ts'
import { newYear, type RenewalOptions, startEndpoint } from './renewal-fixture.ts'

/** The credentials of one replica. `at`: the time at which it starts. */
export function startCredentials({ at = newYear, ...options }: RenewalOptions & { readonly at?: number } = {}) {
  const endpoint = startEndpoint(options)
  endpoint.time.now = at
  const logged: unknown[] = []
  const logger: Logger = {
    ...noLogger,
    warn: (fields, message) => void logged.push(['warn', fields, message]),
    error: (fields, message) => void logged.push(['error', fields, message]),
  }
  const credentials = new OAuthCredentials(endpoint.source, { ...endpoint.deps, logger })
  const { signal } = new AbortController()
  return { ...endpoint, credentials, signal, logged }
}

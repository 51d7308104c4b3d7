import type { IncomingHttpHeaders } from 'node:http'
import { LRUCache } from 'lru-cache'
import type { Dispatcher } from 'undici'
import type { Viewer } from '../domain/call.ts'
import type { Clock } from '../domain/clock.ts'
import { DeskgraphError } from '../domain/errors.ts'
import { anonymous } from '../domain/permissions.ts'
import type { Logger } from '../domain/telemetry.ts'
import { bearerToken } from './bearer.ts'
import type { AuthConfig, JwtAuthConfig } from './config.ts'
import { createKeyFile } from './key-file.ts'
import type { KeySource } from './key-source.ts'
import { createRemoteKeys, type KeyTiming } from './remote-keys.ts'
import { verifyToken } from './verify-token.ts'
import { toViewer } from './viewer.ts'

export interface AuthenticatorDeps {
  readonly clock: Clock
  readonly logger: Logger
  readonly dispatcher?: Dispatcher | undefined
  readonly keyTiming?: Partial<KeyTiming> | undefined
}

export interface Authenticator {
  /**
   * Who asks, by the Authorization header alone. Rejects with UNAUTHENTICATED, never saying why, or with
   * AUTH_UNAVAILABLE when the issuer's keys were never loaded.
   */
  authenticate(headers: IncomingHttpHeaders): Promise<Viewer>
  /** The same for a token that was verified before and still holds, at once; null: use `authenticate`. */
  getCachedViewer(headers: IncomingHttpHeaders): Viewer | null
  /** False while the issuer's keys were never loaded. */
  isReady(): boolean
  close(): void
}

const rememberedTokens = 10_000
/** Of headers, all together. */
const rememberedCharacters = 16_000_000

/** Mode none lets everybody in as `anonymous`; mode jwt verifies tokens. Throws when the public key file cannot be used. */
export function createAuthenticator(auth: AuthConfig, deps: AuthenticatorDeps): Authenticator {
  if (auth.mode === 'jwt') return createJwtAuthenticator(auth, deps)
  return { authenticate: async () => anonymous, getCachedViewer: () => anonymous, isReady: () => true, close() {} }
}

function createJwtAuthenticator(auth: JwtAuthConfig, deps: AuthenticatorDeps): Authenticator {
  // By the whole header, which costs a tenth of hashing it for every request. It stays in this process's memory, bounded.
  const verified = new LRUCache<string, Viewer>({
    max: rememberedTokens,
    maxSize: rememberedCharacters,
    sizeCalculation: (_, header) => header.length,
  })
  const keys = createKeys(auth, deps, () => verified.clear())

  function getCachedViewer(headers: IncomingHttpHeaders): Viewer | null {
    const { authorization } = headers
    const viewer = authorization === undefined ? undefined : verified.get(authorization)
    return viewer && isCurrent(viewer, auth, deps.clock) ? viewer : null
  }
  async function authenticate(headers: IncomingHttpHeaders): Promise<Viewer> {
    const known = getCachedViewer(headers)
    if (known) return known
    const token = bearerToken(headers)
    if (token === null) throw unauthenticated()
    const viewer = await verify(token)
    verified.set(headers.authorization!, viewer)
    return viewer
  }
  async function verify(token: string): Promise<Viewer> {
    try {
      const viewer = toViewer(await verifyToken(token, auth, keys, deps.clock), auth.claims)
      if (viewer) return viewer
    } catch (error) {
      if (error instanceof DeskgraphError) throw error
      deps.logger.debug({ reason: (error as { code?: unknown }).code }, 'A token was refused')
    }
    throw unauthenticated()
  }
  return { authenticate, getCachedViewer, isReady: keys.isReady, close: keys.close }
}

function createKeys(auth: JwtAuthConfig, deps: AuthenticatorDeps, onChange: () => void): KeySource {
  if (auth.publicKeyFile !== undefined) return createKeyFile(auth.publicKeyFile)
  const { clock, logger, dispatcher, keyTiming: timing } = deps
  return createRemoteKeys({ url: auth.jwksUrl ?? '', clock, logger, dispatcher, timing, onChange })
}

function isCurrent(viewer: Viewer, auth: JwtAuthConfig, clock: Clock): boolean {
  return viewer.expiresAt === null || clock() / 1000 < viewer.expiresAt + auth.clockSkewSeconds
}

function unauthenticated(): DeskgraphError {
  return new DeskgraphError('UNAUTHENTICATED', 'A valid bearer token is needed.')
}

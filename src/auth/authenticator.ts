import type { IncomingHttpHeaders } from 'node:http'
import { LRUCache } from 'lru-cache'
import type { Viewer } from '../domain/call.ts'
import type { Clock } from '../domain/clock.ts'
import { DeskgraphError } from '../domain/errors.ts'
import { anonymous, isScope } from '../domain/permissions.ts'
import type { Logger } from '../domain/telemetry.ts'
import type { Proxies } from '../outbound/proxies.ts'
import type { AuthConfig, JwtAuthConfig } from './config.ts'
import { createKeyFile, createRemoteKeys, type KeySource, type KeyTiming } from './keys.ts'
import { toViewer, verifyToken } from './verify-token.ts'

export interface AuthenticatorDeps {
  readonly clock: Clock
  readonly logger: Logger
  /** The longest Authorization header. HTTP bounds all headers together; a WebSocket sends its token as a message. */
  readonly limits: { readonly maxHeaderBytes: number }
  /** Shorter times for tests. */
  readonly keyTiming?: Partial<KeyTiming> | undefined
  /** How the issuer is reached. Absent: directly. */
  readonly proxies?: Proxies | undefined
}

export interface Authenticator {
  /**
   * Identifies the viewer by the Authorization header alone. Rejects with UNAUTHENTICATED, which never says why, or with
   * AUTH_UNAVAILABLE while the issuer's keys have never been loaded.
   */
  authenticate(headers: IncomingHttpHeaders): Promise<Viewer>
  /** Returns the viewer of a token that was verified before and has not expired, without waiting. null: call `authenticate`. */
  getCachedViewer(headers: IncomingHttpHeaders): Viewer | null
  /** False until the issuer's keys have been loaded once. */
  isReady(): boolean
  close(): void
}

/**
 * Creates the authenticator. Mode `none` makes every request `anonymous`, who has every right; mode `jwt` verifies tokens.
 * Throws when the public key file cannot be used.
 */
export function createAuthenticator(auth: AuthConfig, deps: AuthenticatorDeps): Authenticator {
  if (auth.mode === 'jwt') return createJwtAuthenticator(auth, deps)
  return { authenticate: async () => anonymous, getCachedViewer: () => anonymous, isReady: () => true, close() {} }
}

const maxCachedTokens = 10_000
/** Of all cached headers together. */
const maxCachedCharacters = 16_000_000

function createJwtAuthenticator(auth: JwtAuthConfig, deps: AuthenticatorDeps): Authenticator {
  // The key is the whole header: hashing it for each request would cost ten times the look-up. It never leaves this process.
  const verified = new LRUCache<string, Viewer>({
    max: maxCachedTokens,
    maxSize: maxCachedCharacters,
    sizeCalculation: (_, header) => header.length,
  })
  const keys = createKeys(auth, deps, () => verified.clear())

  function getCachedViewer({ authorization }: IncomingHttpHeaders): Viewer | null {
    const viewer = authorization === undefined ? undefined : verified.get(authorization)
    return viewer && isCurrent(viewer, auth, deps.clock) ? viewer : null
  }
  async function authenticate(headers: IncomingHttpHeaders): Promise<Viewer> {
    const cached = getCachedViewer(headers)
    if (cached) return cached
    const token = toBearerToken(headers, deps.limits.maxHeaderBytes)
    if (token === null) throw unauthenticated()
    const viewer = await verify(token)
    verified.set(headers.authorization!, viewer)
    return viewer
  }
  async function verify(token: string): Promise<Viewer> {
    try {
      const viewer = toViewer(await verifyToken(token, auth, keys, deps.clock), auth)
      if (viewer) return checkScopes(viewer)
      logRefusal({ claim: 'sub', reason: 'missing' })
    } catch (error) {
      if (error instanceof DeskgraphError) throw error
      const { claim, reason, code } = error as { claim?: string; reason?: string; code?: string }
      logRefusal({ claim: claim ?? null, reason: reason ?? code })
    }
    throw unauthenticated()
  }
  /** The client is told no reason. The operator needs one: names of claims and jose's codes, never a value of the token. */
  function logRefusal(why: { readonly claim: string | null; readonly reason: string | undefined }): void {
    deps.logger.warn(why, 'a token was refused')
  }
  function checkScopes(viewer: Viewer): Viewer {
    if (![...viewer.scopes].some(isScope))
      deps.logger.warn({ claim: auth.claims.scopes }, 'a valid token grants nothing: the claim names no scope')
    return viewer
  }
  return { authenticate, getCachedViewer, isReady: keys.isReady, close: keys.close }
}

function createKeys(auth: JwtAuthConfig, deps: AuthenticatorDeps, onChange: () => void): KeySource {
  if (auth.publicKeyFile !== undefined) return createKeyFile(auth.publicKeyFile)
  const { clock, logger, keyTiming: timing, proxies } = deps
  return createRemoteKeys({ url: auth.jwksUrl ?? '', clock, logger, timing, onChange, proxies })
}

function isCurrent(viewer: Viewer, auth: JwtAuthConfig, clock: Clock): boolean {
  return viewer.expiresAt === null || clock() / 1000 < viewer.expiresAt + auth.clockSkewSeconds
}

/** One token68 after "Bearer" (RFC 6750 §2.1). Two headers joined by a comma do not match: TOKEN-09. */
const bearerHeader = /^Bearer +([A-Za-z0-9\-._~+/]+=*)$/i

/** The bearer token of a request; null unless the Authorization header holds exactly one. */
function toBearerToken({ authorization }: IncomingHttpHeaders, maxHeaderBytes: number): string | null {
  if (authorization === undefined || authorization.length > maxHeaderBytes) return null
  return bearerHeader.exec(authorization)?.[1] ?? null
}

function unauthenticated(): DeskgraphError {
  return new DeskgraphError('UNAUTHENTICATED', 'A valid bearer token is needed.')
}

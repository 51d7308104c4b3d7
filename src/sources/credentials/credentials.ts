import { DeskgraphError } from '../../domain/errors.ts'
import type { OutgoingRequest } from '../http-client/http-exchange.ts'
import { UpstreamError } from '../http-client/upstream-error.ts'

/** The headers that authenticate the gateway, such as `authorization`. */
export type CredentialHeaders = Readonly<Record<string, string>>

/** Headers that change while the gateway runs. Shared by every call to one source, so that no method may depend on one call. */
export interface Credentials {
  /**
   * The headers of a call that begins now: at once while they are valid, and a promise only when they must be renewed first. It rejects with
   * the signal's reason when that aborts, and with a DeskgraphError that names the source when there are none.
   */
  current(signal: AbortSignal): CredentialHeaders | Promise<CredentialHeaders>
  /**
   * A call with these headers was answered with 401. Resolves with other headers, for one repeat of the call. null: a new sign-in would not
   * help, and the 401 stands. However many calls report the same headers, they are renewed once. Rejects as `current` does.
   */
  renew(refused: CredentialHeaders, signal: AbortSignal): Promise<CredentialHeaders | null>
  /** Why no call can succeed until an operator acts; null: nothing is known to be wrong. */
  problem(): DeskgraphError | null
}

/** False: the headers never change. */
export function isRenewable(credentials: CredentialHeaders | Credentials): credentials is Credentials {
  return typeof credentials.renew === 'function'
}

/**
 * Sends a request with the headers, and once more with renewed headers when it was answered with 401.
 *
 * A write is repeated too. 401 says that the request "has not been applied" (RFC 9110 §15.5.2), so that a repeat does nothing twice. A request
 * whose body is a stream is not repeated, because its bytes are gone; its 401 renews the headers for the next call.
 */
export async function sendAuthenticated<T>(
  credentials: Credentials,
  request: OutgoingRequest,
  signal: AbortSignal,
  send: (request: OutgoingRequest) => Promise<T>,
): Promise<T> {
  const sendWith = (headers: CredentialHeaders) =>
    send({ ...request, headers: [...request.headers, ...Object.entries(headers).flat()] })
  const headers = await credentials.current(signal)
  try {
    return await sendWith(headers)
  } catch (error) {
    if (!(error instanceof UpstreamError) || error.kind !== 'unauthorised') throw error
    if (typeof request.body === 'object' && request.body !== null) {
      void credentials.renew(headers, new AbortController().signal).catch(() => {})
      throw error
    }
    const renewed = await credentials.renew(headers, signal)
    if (renewed === null) throw error
    return sendWith(renewed)
  }
}

/** A failure to sign in at a source. Nothing was sent to the source itself. */
export function signInFailed(
  source: { readonly key: string; readonly label: string },
  problem: string,
  { retryAfter, cause }: { readonly retryAfter?: number | undefined; readonly cause?: unknown } = {},
): DeskgraphError {
  const code = retryAfter === undefined ? 'UPSTREAM_AUTH_FAILED' : 'UPSTREAM_UNAVAILABLE'
  return new DeskgraphError(code, `${source.label}: ${problem}`, { source: source.key, retryAfter, effect: 'none', cause })
}

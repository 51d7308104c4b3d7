import type { IncomingHttpHeaders } from 'node:http'

/** One token68 behind "Bearer"; two headers joined by a comma do not fit. RFC 6750 §2.1. */
const bearer = /^Bearer +([A-Za-z0-9\-._~+/]+=*)$/i
/** Far above any real token and under what node takes as headers. */
const maxHeaderLength = 12_000

/** The one bearer token of a request; null when there is none, or anything else than exactly one. */
export function bearerToken(headers: IncomingHttpHeaders): string | null {
  const header: unknown = headers.authorization
  if (typeof header !== 'string' || header.length > maxHeaderLength) return null
  return bearer.exec(header)?.[1] ?? null
}

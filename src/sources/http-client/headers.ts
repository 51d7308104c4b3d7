import type { Call } from '../../domain/call.ts'
import { toIdentityHeader } from './identity.ts'
import type { UpstreamOptions } from './options.ts'

/** Makes the headers of a call, names and values in turn. Nothing of the client's own headers is ever among them. */
export function createHeaders(options: UpstreamOptions): (call: Call, hasBody: boolean) => string[] {
  // Compressed answers would have to be inflated within the size limit, and cost more than they save on a data centre's network.
  const fixed = Object.entries({ accept: 'application/json', 'accept-encoding': 'identity', ...options.headers }).flat()
  return (call, hasBody) => {
    const headers = [...fixed, 'x-request-id', call.requestId]
    if (hasBody) headers.push('content-type', 'application/json')
    const identity = options.identityHeader ? toIdentityHeader(call.viewer, options.sourceKey) : null
    if (options.identityHeader && identity !== null) headers.push(options.identityHeader, identity)
    return headers
  }
}

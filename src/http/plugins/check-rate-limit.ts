import type { IncomingMessage } from 'node:http'
import type { Viewer } from '../../domain/call.ts'
import { anonymous } from '../../domain/permissions.ts'
import type { RateLimiter } from './rate-limiter.ts'

/** Counts a request for its viewer, or for its address when nobody is signed in. Rejects with RATE_LIMITED. */
export function createAdmission(limiter: RateLimiter) {
  return (viewer: Viewer, request: Pick<IncomingMessage, 'socket'>): Promise<void> | undefined =>
    viewer === anonymous
      ? limiter.consume({ by: 'address', key: request.socket.remoteAddress ?? 'unknown' })
      : limiter.consume({ by: 'viewer', key: viewer.id })
}

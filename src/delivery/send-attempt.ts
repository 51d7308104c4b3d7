import { request } from 'undici'
import type { Clock } from '../domain/clock.ts'
import { readRetryAfter } from './retry-schedule.ts'
import { toSignatureHeaders } from './signatures.ts'
import type { SsrfGuard } from './ssrf-guard.ts'
import { createSsrfSafeAgent } from './ssrf-safe-agent.ts'

/** What one call to a partner needs. */
export interface Endpoint {
  readonly url: string
  readonly secrets: readonly string[]
  readonly guard: SsrfGuard
}

/** What became of one attempt. `error` is for people: it names no URL, address, header or body. */
export interface AttemptOutcome {
  readonly delivered: boolean
  readonly status: number | null
  readonly error: string | null
  readonly retryAfterMs: number | null
  /** The partner said 410: it wants no more. */
  readonly gone: boolean
}

/** A reply is read this far and thrown away: enough for a short acknowledgement to be sent in peace. */
const replyLimitBytes = 4096

export type SendAttempt = (endpoint: Endpoint, webhookId: string, body: string, signal: AbortSignal) => Promise<AttemptOutcome>

/** Makes the function that calls a partner once: signed now, within the deadline, redirects not followed, only 2xx is success. */
export function createSendAttempt(deps: { readonly timeoutMs: number; readonly clock: Clock }): SendAttempt {
  return async (endpoint, webhookId, body, signal) => {
    const headers = {
      'content-type': 'application/json',
      'user-agent': 'deskgraph',
      ...toSignatureHeaders(endpoint.secrets, webhookId, new Date(deps.clock()), body),
    }
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(deps.timeoutMs)])
    // An agent per attempt: no connection outlives the check of its address, and none is ever stale.
    const agent = createSsrfSafeAgent(endpoint.guard, deps.timeoutMs)
    try {
      const reply = await request(endpoint.url, {
        method: 'POST',
        body,
        dispatcher: agent,
        signal: deadline,
        headers,
      })
      await skim(reply.body)
      return toOutcome(reply.statusCode, readRetryAfter(reply.headers['retry-after'], deps.clock()))
    } catch (error) {
      return { delivered: false, status: null, error: describe(error, deadline), retryAfterMs: null, gone: false }
    } finally {
      agent.destroy().catch(() => {})
    }
  }
}

/** The status has decided already: whatever is wrong with the rest of the reply changes nothing. */
async function skim(body: AsyncIterable<Buffer>): Promise<void> {
  let read = 0
  try {
    for await (const chunk of body) {
      read += chunk.length
      if (read >= replyLimitBytes) return
    }
  } catch {
    // A reply that breaks off or outlasts the deadline.
  }
}

function toOutcome(status: number, retryAfterMs: number | null): AttemptOutcome {
  const delivered = status >= 200 && status < 300
  return {
    delivered,
    status,
    error: delivered ? null : describeStatus(status),
    retryAfterMs: delivered ? null : retryAfterMs,
    gone: status === 410,
  }
}

function describeStatus(status: number): string {
  if (status === 410) return 'The partner answered 410: it wants no more deliveries here.'
  if (status >= 300 && status < 400) return `The partner answered ${status}: redirects are not followed.`
  return `The partner answered ${status}.`
}

const knownCauses: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'The connection was refused.',
  ECONNRESET: 'The connection was reset.',
  UND_ERR_SOCKET: 'The connection was closed before an answer came.',
  ENOTFOUND: 'The name of the host could not be resolved.',
  EAI_AGAIN: 'The name of the host could not be resolved.',
  EHOSTUNREACH: 'The host could not be reached.',
  ENETUNREACH: 'The host could not be reached.',
  UND_ERR_CONNECT_TIMEOUT: 'The connection was not made in time.',
  UND_ERR_HEADERS_OVERFLOW: 'The answer had too many headers.',
}

function describe(error: unknown, deadline: AbortSignal): string {
  const { code, message, name } = error as { code?: string; message?: string; name?: string }
  if (code === 'EGRESS_REFUSED') return `The partner may not be called: ${message}.`
  if (deadline.aborted) return 'No answer came in time.'
  if (name === 'HTTPParserError') return 'The answer was not HTTP.'
  if (code?.startsWith('ERR_TLS') || code?.includes('CERT') || code?.startsWith('ERR_SSL'))
    return 'The connection could not be secured.'
  return (code && knownCauses[code]) || 'The call failed.'
}

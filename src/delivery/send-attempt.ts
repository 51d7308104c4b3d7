import { createHmac } from 'node:crypto'
import { Webhook } from 'standardwebhooks'
import { request } from 'undici'
import type { Clock } from '../domain/clock.ts'
import { toKeyBytes } from '../domain/config-values.ts'
import type { Proxies } from '../outbound/proxies.ts'
import { readRetryAfter } from '../outbound/retry-after.ts'
import type { PartnerEndpoint } from './partner-directory.ts'
import { createSsrfSafeAgent, type SsrfGuard } from './ssrf-guard.ts'

/** An address, its secrets, and the guard that checks every connection to it. */
export interface GuardedEndpoint extends PartnerEndpoint {
  readonly guard: SsrfGuard
}

/** The result of one attempt. `error` is for people: it names no URL, address, header or body. */
export interface AttemptOutcome {
  readonly delivered: boolean
  /** The HTTP status; null: no answer came. */
  readonly status: number | null
  readonly error: string | null
  readonly retryAfterMs: number | null
  /** The endpoint wants no more deliveries: it answered 410, now or before. */
  readonly gone: boolean
}

/** Bytes of the reply that are read and discarded, so that a short acknowledgement ends without a reset. */
const replyLimitBytes = 4096

/** Sends a delivery once. Never rejects: a failure is an outcome. */
export type SendAttempt = (
  endpoint: GuardedEndpoint,
  webhookId: string,
  body: string,
  signal: AbortSignal,
) => Promise<AttemptOutcome>

export interface SendAttemptDeps {
  /** For one attempt. */
  readonly timeoutMs: number
  readonly clock: Clock
  /** How partners are reached. Absent: directly. */
  readonly proxies?: Proxies | undefined
}

/** Sends with a fresh signature and within `timeoutMs`. Redirects are not followed; only 2xx is a success. */
export function createSendAttempt(deps: SendAttemptDeps): SendAttempt {
  const { timeoutMs: connectTimeoutMs, proxies } = deps
  return async (endpoint, webhookId, body, signal) => {
    const headers = {
      'content-type': 'application/json',
      'user-agent': 'deskgraph',
      ...toSignatureHeaders(endpoint.secrets, webhookId, new Date(deps.clock()), body),
    }
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(deps.timeoutMs)])
    // One agent per attempt: a reused connection would skip the check of its address, and could be stale.
    const protocol = new URL(endpoint.url).protocol === 'http:' ? 'http:' : 'https:'
    const agent = createSsrfSafeAgent(endpoint.guard, { protocol, connectTimeoutMs, proxies })
    try {
      const reply = await request(endpoint.url, { method: 'POST', body, dispatcher: agent, signal: deadline, headers })
      await discard(reply.body)
      return toOutcome(reply.statusCode, readRetryAfter(reply.headers['retry-after'], deps.clock()))
    } catch (error) {
      return { delivered: false, status: null, error: describeError(error, deadline), retryAfterMs: null, gone: false }
    } finally {
      agent.destroy().catch(() => {})
    }
  }
}

/** The status alone decides: a reply that breaks off or never ends changes nothing. */
async function discard(body: AsyncIterable<Buffer>): Promise<void> {
  let read = 0
  try {
    for await (const chunk of body) {
      read += chunk.length
      if (read >= replyLimitBytes) return
    }
  } catch {
    // The reply broke off, or outlasted the deadline.
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

const errorTexts: Readonly<Record<string, string>> = {
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

function describeError(error: unknown, deadline: AbortSignal): string {
  const { code, message, name } = error as { code?: string; message?: string; name?: string }
  if (code === 'EGRESS_REFUSED') return `The partner may not be called: ${message}.`
  if (deadline.aborted) return 'No answer came in time.'
  if (name === 'HTTPParserError') return 'The answer was not HTTP.'
  if (code?.startsWith('ERR_TLS') || code?.includes('CERT') || code?.startsWith('ERR_SSL'))
    return 'The connection could not be secured.'
  return (code && errorTexts[code]) || 'The call failed.'
}

/**
 * The headers that authenticate a delivery. Standard Webhooks: one `v1` signature per secret, so that a partner can replace its
 * secret without losing a delivery. RBI: `x-signature`, the hex HMAC-SHA256 of the raw body by the first secret.
 */
export function toSignatureHeaders(
  secrets: readonly string[],
  webhookId: string,
  sentAt: Date,
  body: string,
): Record<string, string> {
  const keys = secrets.flatMap((secret) => toKeyBytes(secret) ?? [])
  return {
    'webhook-id': webhookId,
    'webhook-timestamp': String(Math.floor(sentAt.getTime() / 1000)),
    'webhook-signature': keys.map((key) => new Webhook(key.toString('base64')).sign(webhookId, sentAt, body)).join(' '),
    'x-signature': createHmac('sha256', keys[0] ?? '')
      .update(body)
      .digest('hex'),
  }
}

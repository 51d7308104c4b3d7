import type { Dispatcher } from 'undici'
import type { Clock } from '../../domain/clock.ts'
import type { Connections } from './connection-pool.ts'
import type { Deadline } from './deadline.ts'
import { HttpExchange, type RawAnswer } from './http-exchange.ts'
import { parseJson } from './json.ts'
import { toRetryAfter } from './retry-after.ts'
import type { Answer } from './types.ts'
import { UpstreamError } from './upstream-error.ts'

export interface Outgoing {
  /** Names it in metrics. */
  readonly operation: string
  readonly method: Dispatcher.HttpMethod
  readonly path: string
  /** Names and values in turn. */
  readonly headers: string[]
  /** JSON text; null for a read. */
  readonly body: string | null
}

export type SendOnce = (request: Outgoing, deadline: Deadline) => Promise<Answer>

/** Makes one try: one request, one answer, read to its end. A 3xx, 401, 429 or 5xx, or what cannot be read, is a Fault. */
export function createSendOnce(connections: Connections, maxBytes: number, clock: Clock): SendOnce {
  return (request, deadline) => {
    const isRead = request.body === null
    const exchange = new HttpExchange(maxBytes, deadline)
    const raw = isRead ? sendRead(connections, request, exchange) : sendWrite(connections, request, exchange)
    return raw.then((came) => toAnswer(came, isRead, clock))
  }
}

function sendRead(connections: Connections, request: Outgoing, exchange: HttpExchange): Promise<RawAnswer> {
  const lane = connections.forRead()
  const { method, path, headers } = request
  exchange.onSettled = lane.done
  // Not blocking: the next read may go out on this connection before this one's answer began.
  lane.dispatcher.dispatch({ method, path, headers, blocking: false }, exchange)
  return exchange.answer
}

function sendWrite(connections: Connections, request: Outgoing, exchange: HttpExchange): Promise<RawAnswer> {
  const { method, path, headers, body } = request
  // A new connection each time: one that was kept may be closed already, and then nobody can tell what became of the write.
  connections.forWrite.dispatch({ method, path, headers, body, reset: true }, exchange)
  return exchange.answer
}

function toAnswer(raw: RawAnswer, isRead: boolean, clock: Clock): Answer {
  const { status } = raw
  const retryAfter = () => toRetryAfter(raw.retryAfter, clock())
  if (status >= 500) throw new UpstreamError('server', { sent: true, retryAfter: retryAfter() })
  if (status === 401) throw new UpstreamError('unauthorised', { sent: true })
  if (status === 429) throw new UpstreamError('limited', { sent: true, retryAfter: retryAfter() })
  if (status >= 300 && status < 400) throw new UpstreamError('redirect', { sent: true })
  const answer = toBody(raw)
  if (isRead && status < 300 && answer.body === undefined) throw new UpstreamError('unreadable', { sent: true })
  return answer
}

function toBody({ status, bytes }: RawAnswer): Answer {
  if (bytes.length === 0) return { status, body: undefined, readable: true }
  try {
    return { status, body: parseJson(bytes), readable: true }
  } catch {
    // The parser's message quotes the body, which is nobody's business.
    return { status, body: undefined, readable: false }
  }
}

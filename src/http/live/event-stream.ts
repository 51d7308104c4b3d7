import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { DeskgraphError } from '../../domain/errors.ts'
import { stringifyResult } from '../../graphql/stringify.ts'
import { executeLive, subscribe } from '../../graphql/subscribe.ts'
import { refuse, refuseDocument, send } from '../graphql/http-response.ts'
import { checkMedia, parseBody, readBody } from '../graphql/request-body.ts'
import { type LiveRequest, type ReadOperation, readOperation } from './live-operation.ts'
import { type LiveDeps, openSession, type Session } from './session.ts'
import type { OpenCount } from './subscribers.ts'

const heartbeatMs = 12_000

/**
 * Server-sent events in graphql-sse's "distinct connections" mode: one operation per request, events `next` and `complete`.
 * When the gateway closes, its subscriptions are complete.
 */
export function createEventStreamHandler(deps: LiveDeps, open: OpenCount, closing: AbortSignal) {
  return async (request: IncomingMessage, response: ServerResponse, requestId: string): Promise<void> => {
    const { accept } = request.headers
    try {
      const viewer = await deps.authenticate(request.headers)
      await deps.admit?.(viewer, request)
      const read = readOperation(deps.graph, await readRequest(request, deps.limits.bodyBytes), deps.trusted?.resolve)
      if (read.invalid) return send(response, refuseDocument(read, requestId, accept), requestId)
      if (read.kind === 'mutation' && request.method === 'GET') throw new DeskgraphError('METHOD_NOT_ALLOWED', 'Mutate by POST.')
      await stream(deps, read, openSession(viewer, deps), response, requestId, open.enter(), closing)
    } catch (error) {
      if (response.headersSent) response.destroy()
      else send(response, refuse(toRefusal(error), requestId, accept), requestId)
    }
  }
}

export function wantsEventStream({ headers }: IncomingMessage): boolean {
  return headers.accept?.includes('text/event-stream') === true
}

async function readRequest(request: IncomingMessage, maxBytes: number): Promise<LiveRequest> {
  if (request.method === 'GET') return fromSearch(new URLSearchParams((request.url ?? '').split('?', 2)[1] ?? ''))
  checkMedia(request)
  const body = parseBody(await readBody(request, maxBytes))
  if (typeof body !== 'object' || body === null) throw new DeskgraphError('BAD_REQUEST', 'The body is not an object.')
  return body
}

function fromSearch(search: URLSearchParams): LiveRequest {
  const parsed = (name: string) => (search.has(name) ? parseBody(search.get(name)!) : undefined)
  const text = (name: string) => search.get(name) ?? undefined
  return {
    query: text('query'),
    documentId: text('documentId'),
    operationName: text('operationName'),
    variables: parsed('variables'),
    extensions: parsed('extensions'),
  }
}

type Valid = Extract<ReadOperation, { readonly invalid?: undefined }>

async function stream(
  deps: LiveDeps,
  { operation, kind }: Valid,
  session: Session,
  response: ServerResponse,
  requestId: string,
  leave: () => void,
  closing: AbortSignal,
): Promise<void> {
  response.once('close', () => {
    session.end('The client went away.')
    leave()
  })
  const { viewer, currentViewer } = session
  // What is no subscription ends by itself, and is let finish.
  const signal = kind === 'subscription' ? AbortSignal.any([session.signal, closing]) : session.signal
  const context = deps.createContext({ call: { viewer, signal, requestId }, currentViewer })
  const writer = openEvents(response, requestId, deps.limits.slowClientMs)
  try {
    if (kind !== 'subscription') await writer.next([await executeLive(deps.graph, operation, context)])
    else {
      const events = await subscribe(deps.graph, operation, context)
      if (!(Symbol.asyncIterator in events)) await writer.next([stringifyResult(events)])
      else for await (const bodies of events) await writer.next(bodies)
    }
    writer.complete()
  } finally {
    writer.close()
  }
}

function openEvents(response: ServerResponse, requestId: string, slowClientMs: number) {
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
    'x-content-type-options': 'nosniff',
    'x-request-id': requestId,
  })
  response.write(':\n\n')
  // So that nobody between takes the silence for an end.
  const heartbeat = setInterval(() => response.write(':\n\n'), heartbeatMs)
  return {
    /** Waits until the client has taken what was written before; cuts off one that does not. */
    async next(bodies: readonly string[]): Promise<void> {
      const text = bodies.map((body) => `event: next\ndata: ${body}\n\n`).join('')
      if (response.write(text) || response.destroyed) return
      await once(response, 'drain', { signal: AbortSignal.timeout(slowClientMs) })
    },
    complete(): void {
      response.end('event: complete\ndata:\n\n')
    },
    close(): void {
      clearInterval(heartbeat)
    },
  }
}

function toRefusal(error: unknown): DeskgraphError {
  return error instanceof DeskgraphError ? error : new DeskgraphError('INTERNAL_SERVER_ERROR', '', { cause: error })
}

import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { Tracer } from '../domain/telemetry.ts'

interface CallMessage {
  readonly request: { readonly method: string }
}

/** How a call ended, for the span around it. */
class CallFailed extends Error {
  readonly code = 'UPSTREAM_UNAVAILABLE'
}

/**
 * A span for every HTTP call that undici makes, inside the span that asked for it: undici tells of its calls by
 * itself. The method alone: addresses and paths hold hosts and ids. Gives back what ends it.
 */
export function traceCalls(tracer: Tracer): () => void {
  const open = new WeakMap<object, PromiseWithResolvers<void>>()
  const on = {
    'undici:request:create': ({ request }: CallMessage) => {
      const ending = Promise.withResolvers<void>()
      open.set(request, ending)
      // Its failure is told to whoever made the call.
      tracer.span(`call ${request.method}`, { method: request.method }, () => ending.promise).catch(() => {})
    },
    'undici:request:trailers': ({ request }: CallMessage) => open.get(request)?.resolve(),
    'undici:request:error': ({ request }: CallMessage) => open.get(request)?.reject(new CallFailed()),
  }
  const listeners = Object.entries(on).map(
    ([channel, listen]) => [channel, (message: unknown) => listen(message as CallMessage)] as const,
  )
  for (const [channel, listen] of listeners) subscribe(channel, listen)
  return () => {
    for (const [channel, listen] of listeners) unsubscribe(channel, listen)
  }
}

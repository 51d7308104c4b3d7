import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { type Context, ROOT_CONTEXT, type Span, SpanStatusCode, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  ParentBasedSampler,
  type SpanExporter,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-base'
import type { Tracer } from '../domain/telemetry.ts'
import { lookupNames, type TicketSource } from '../sources/source.ts'
import type { TracingConfig } from './config.ts'

// Import this module only when tracing is configured: OpenTelemetry takes longer to load than the rest of the gateway.

export interface ClosableTracer extends Tracer {
  /** Exports the remaining spans, waiting a few seconds at most. */
  close(): Promise<void>
}

/**
 * Creates a tracer that exports spans to an OTLP collector, also one for every HTTP call of undici. It registers nothing
 * globally, so libraries with tracing of their own stay silent.
 */
export function createTracer(config: TracingConfig, exporter: SpanExporter = createExporter(config)): ClosableTracer {
  const contexts = new AsyncLocalStorageContextManager().enable()
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ 'service.name': config.serviceName }),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(config.sampleRatio) }),
    spanProcessors: [new BatchSpanProcessor(exporter)],
  })
  const openTelemetry = provider.getTracer('deskgraph')
  const span: Tracer['span'] = async (name, attributes, work) => {
    const parent: Context = contexts.active() ?? ROOT_CONTEXT
    const current = openTelemetry.startSpan(name, { attributes }, parent)
    try {
      return await contexts.with(trace.setSpan(parent, current), work)
    } catch (error) {
      setFailed(current, error)
      throw error
    } finally {
      current.end()
    }
  }
  const stopTracingCalls = traceCalls({ span })
  return {
    span,
    async close() {
      stopTracingCalls()
      await provider.shutdown()
      contexts.disable()
    },
  }
}

/** Records the error's code alone: messages and stacks may hold personal data. */
function setFailed(span: Span, error: unknown): void {
  const code: unknown = (error as { code?: unknown } | null)?.code
  span.setAttribute('error.type', typeof code === 'string' ? code : 'INTERNAL_SERVER_ERROR')
  span.setStatus({ code: SpanStatusCode.ERROR })
}

function createExporter(config: TracingConfig): SpanExporter {
  return new OTLPTraceExporter({ url: config.endpoint, headers: config.headers, timeoutMillis: 5_000 })
}

interface CallMessage {
  readonly request: { readonly method: string }
}

class CallFailed extends Error {
  readonly code = 'UPSTREAM_UNAVAILABLE'
}

/**
 * Puts a span around every HTTP call of undici, inside the span that is active when the call begins. undici announces its calls on
 * diagnostics channels. The span names the method alone: addresses and paths hold hosts and ids. Returns how to stop.
 */
function traceCalls(tracer: Tracer): () => void {
  const open = new WeakMap<object, PromiseWithResolvers<void>>()
  const listeners = {
    'undici:request:create': ({ request }: CallMessage) => {
      const end = Promise.withResolvers<void>()
      open.set(request, end)
      // The caller of undici handles the failure; here it only ends the span.
      tracer.span(`call ${request.method}`, { method: request.method }, () => end.promise).catch(() => {})
    },
    'undici:request:trailers': ({ request }: CallMessage) => open.get(request)?.resolve(),
    'undici:request:error': ({ request }: CallMessage) => open.get(request)?.reject(new CallFailed()),
  }
  const subscriptions = Object.entries(listeners).map(
    ([channel, listener]) => [channel, (message: unknown) => listener(message as CallMessage)] as const,
  )
  for (const [channel, listener] of subscriptions) subscribe(channel, listener)
  return () => {
    for (const [channel, listener] of subscriptions) unsubscribe(channel, listener)
  }
}

const tracedMethods = [
  ...(['loadTickets', 'listTickets', 'createTicket', 'updateTicket', 'replyToTicket', 'escalateTicket', 'closeTicket'] as const),
  ...(['reassignTicket', 'transferTicket', 'routeTicket'] as const),
  ...lookupNames,
]

/** Returns the source with a span around each of its operations, named by the source's key and the method. */
export function traceSource(source: TicketSource, tracer: Tracer): TicketSource {
  const traced: Record<string, unknown> = {}
  for (const method of tracedMethods) {
    const operation = source[method] as ((...args: unknown[]) => Promise<unknown>) | undefined
    if (!operation) continue
    traced[method] = (...args: unknown[]) =>
      tracer.span(`${source.info.key} ${method}`, { source: source.info.key }, () => operation.apply(source, args))
  }
  return { ...source, ...traced }
}

/** Creates a tracer from the configuration, with the decorator of sources. */
export function startTracing(config: TracingConfig) {
  const tracer = createTracer(config)
  return { tracer, traceSource: (source: TicketSource) => traceSource(source, tracer), close: tracer.close }
}

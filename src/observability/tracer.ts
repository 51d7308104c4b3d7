import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import {
  type Context,
  type Tracer as OpenTelemetryTracer,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type TextMapGetter,
  trace,
} from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  ParentBasedSampler,
  type SpanExporter,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-base'
import type { ActiveSpan, SpanAttributes, SpanOptions, Tracer } from '../domain/telemetry.ts'
import { lookupNames, type TicketSource } from '../sources/source.ts'
import type { TracingConfig } from './config.ts'

// Import this module only when tracing is configured: OpenTelemetry takes longer to load than the rest of the gateway.

export interface ClosableTracer extends Tracer {
  /** Exports the remaining spans, waiting a few seconds at most. */
  close(): Promise<void>
}

/**
 * Creates a tracer that exports spans to an OTLP collector, also one for every HTTP call of undici. It registers nothing
 * globally, so libraries with tracing of their own stay silent. Names and attributes follow OpenTelemetry's semantic conventions for
 * HTTP and GraphQL, without those that hold addresses, paths or documents.
 */
export function createTracer(config: TracingConfig, exporter: SpanExporter = createExporter(config)): ClosableTracer {
  const contexts = new AsyncLocalStorageContextManager().enable()
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ 'service.name': config.serviceName }),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(config.sampleRatio) }),
    spanProcessors: [new BatchSpanProcessor(exporter)],
  })
  const openTelemetry = provider.getTracer('deskgraph')
  const activeContext = (): Context => contexts.active() ?? ROOT_CONTEXT
  const span: Tracer['span'] = async (name, attributes, work, { servedHeaders } = {}) => {
    const parent = servedHeaders ? propagator.extract(ROOT_CONTEXT, servedHeaders, headersGetter) : activeContext()
    const kind = servedHeaders ? SpanKind.SERVER : SpanKind.INTERNAL
    const current = openTelemetry.startSpan(name, { attributes, kind }, parent)
    try {
      const active: ActiveSpan = { set: (more) => setAttributes(current, more) }
      return await contexts.with(trace.setSpan(parent, current), () => work(active))
    } catch (error) {
      const code: unknown = (error as { code?: unknown } | null)?.code
      // The code alone: messages and stacks may hold personal data.
      setAttributes(current, { 'error.type': typeof code === 'string' ? code : 'INTERNAL_SERVER_ERROR' })
      throw error
    } finally {
      current.end()
    }
  }
  const stopTracingCalls = traceCalls(openTelemetry, activeContext)
  return {
    span,
    async close() {
      stopTracingCalls()
      await provider.shutdown()
      contexts.disable()
    },
  }
}

const propagator = new W3CTraceContextPropagator()

const headersGetter: TextMapGetter<NonNullable<SpanOptions['servedHeaders']>> = {
  keys: (headers) => Object.keys(headers),
  get: (headers, name) => {
    const value = headers[name]
    return typeof value === 'string' ? value : undefined
  },
}

/** A span with an error type has failed. */
function setAttributes(span: Span, attributes: SpanAttributes): void {
  span.setAttributes(attributes)
  if ('error.type' in attributes) span.setStatus({ code: SpanStatusCode.ERROR })
}

function createExporter(config: TracingConfig): SpanExporter {
  return new OTLPTraceExporter({ url: config.endpoint, headers: config.headers, timeoutMillis: 5_000 })
}

/** What undici announces on its diagnostics channels. */
interface CallMessage {
  readonly request: { readonly method: string; addHeader(name: string, value: string): void }
  readonly response?: { readonly statusCode: number }
}

/**
 * Puts a span around every HTTP call of undici, inside the span that is active when the call begins, and sends it on as `traceparent`. The
 * span names the method and the status alone: addresses and paths hold hosts and ids. Returns how to stop.
 */
function traceCalls(openTelemetry: OpenTelemetryTracer, activeContext: () => Context): () => void {
  const open = new WeakMap<object, Span>()
  const end = (request: object, attributes: SpanAttributes = {}): void => {
    const span = open.get(request)
    if (!span) return
    setAttributes(span, attributes)
    span.end()
    open.delete(request)
  }
  const listeners = {
    'undici:request:create': ({ request }: CallMessage) => {
      const parent = activeContext()
      const attributes = { 'http.request.method': request.method }
      const span = openTelemetry.startSpan(request.method, { attributes, kind: SpanKind.CLIENT }, parent)
      open.set(request, span)
      propagator.inject(trace.setSpan(parent, span), request, {
        set: ({ addHeader }, name, value) => addHeader.call(request, name, value),
      })
    },
    'undici:request:headers': ({ request, response }: CallMessage) => {
      const status = response?.statusCode ?? 0
      const failed: SpanAttributes = status >= 400 ? { 'error.type': String(status) } : {}
      const span = open.get(request)
      if (span) setAttributes(span, { 'http.response.status_code': status, ...failed })
    },
    'undici:request:trailers': ({ request }: CallMessage) => end(request),
    'undici:request:error': ({ request }: CallMessage) => end(request, { 'error.type': 'UPSTREAM_UNAVAILABLE' }),
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
      tracer.span(`${source.info.key} ${method}`, { 'deskgraph.source': source.info.key }, () => operation.apply(source, args))
  }
  return { ...source, ...traced }
}

/** Creates a tracer from the configuration, with the decorator of sources. */
export function startTracing(config: TracingConfig) {
  const tracer = createTracer(config)
  return { tracer, traceSource: (source: TicketSource) => traceSource(source, tracer), close: tracer.close }
}

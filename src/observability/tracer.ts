import { type Context, type Tracer as OtelTracer, ROOT_CONTEXT, type Span, SpanStatusCode, trace } from '@opentelemetry/api'
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
import type { SpanAttributes, Tracer } from '../domain/telemetry.ts'
import type { TracingConfig } from './config.ts'
import { traceCalls } from './trace-calls.ts'

export interface ClosableTracer extends Tracer {
  /** Sends what is still held, at most for a few seconds. */
  close(): Promise<void>
}

/** Spans that go to an OTLP collector, those of HTTP calls among them. Nothing global is set: a library that has tracing of its own stays silent. */
export function createTracer(config: TracingConfig, exporter: SpanExporter = otlp(config)): ClosableTracer {
  const contexts = new AsyncLocalStorageContextManager().enable()
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ 'service.name': config.serviceName }),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(config.sampleRatio) }),
    spanProcessors: [new BatchSpanProcessor(exporter)],
  })
  const tracer = provider.getTracer('deskgraph')
  const span: Tracer['span'] = (name, attributes, work) => inSpan(tracer, contexts, name, attributes, work)
  const endCalls = traceCalls({ span })
  return {
    span,
    async close() {
      endCalls()
      await provider.shutdown()
      contexts.disable()
    },
  }
}

async function inSpan<T>(
  tracer: OtelTracer,
  contexts: AsyncLocalStorageContextManager,
  name: string,
  attributes: SpanAttributes,
  work: () => Promise<T>,
): Promise<T> {
  const parent: Context = contexts.active() ?? ROOT_CONTEXT
  const span = tracer.startSpan(name, { attributes }, parent)
  try {
    return await contexts.with(trace.setSpan(parent, span), work)
  } catch (error) {
    fail(span, error)
    throw error
  } finally {
    span.end()
  }
}

/** The error's code alone: messages and stacks may hold what a trace must not. */
function fail(span: Span, error: unknown): void {
  const code: unknown = (error as { code?: unknown } | null)?.code
  span.setAttribute('error.type', typeof code === 'string' ? code : 'INTERNAL_SERVER_ERROR')
  span.setStatus({ code: SpanStatusCode.ERROR })
}

function otlp(config: TracingConfig): SpanExporter {
  return new OTLPTraceExporter({ url: config.endpoint, headers: config.headers, timeoutMillis: 5_000 })
}

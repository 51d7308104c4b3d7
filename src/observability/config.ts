import { z } from 'zod'
import { headerName, headerValue, httpUrl, inboundToken } from '../domain/config-values.ts'

const metrics = z.strictObject({
  token: inboundToken
    .optional()
    .describe(
      'The bearer token, of at least 16 bytes, with which /metrics may be read. Needed when auth.mode is jwt and there is no port.',
    ),
  port: z
    .number()
    .int()
    .min(0)
    .max(65_535)
    .optional()
    .describe(
      'A port of its own for /metrics, on the address of HOST, without a token. Keep it from clients. It is not served on PORT then.',
    ),
})

const tracing = z.strictObject({
  endpoint: httpUrl('use the key `headers`').describe(
    'Where spans go: an OTLP/HTTP address, e.g. http://collector:4318/v1/traces.',
  ),
  headers: z.record(headerName, headerValue).default({}).describe('Headers of the exporter, e.g. its key.'),
  sampleRatio: z.number().min(0).max(1).default(0.1).describe('Which share of the operations is traced.'),
  serviceName: z.string().min(1).default('deskgraph').describe('The name under which spans appear.'),
})
export type TracingConfig = z.infer<typeof tracing>

const audit = z.strictObject({
  file: z
    .string()
    .min(1)
    .optional()
    .describe('The file that the audit log is appended to. Without it the lines go to the standard output.'),
})

const accessLog = z.strictObject({
  linesPerSecond: z
    .number()
    .int()
    .min(0)
    .default(100)
    .describe('How many requests that went well get a line in each second; a later line says how many were left out.'),
  slowMs: z
    .number()
    .int()
    .min(1)
    .default(3_000)
    .describe('From this time on, in milliseconds, a request has a line at level warn.'),
})
export type AccessLogConfig = z.infer<typeof accessLog>

/** The block `observability`: logs, metrics, traces and the audit log. */
export const observabilityConfig = z.strictObject({
  logLevel: z
    .enum(['debug', 'info', 'warn', 'error', 'silent'])
    .optional()
    .describe('How much is logged; LOG_LEVEL stands above it. Default: info.'),
  metrics: metrics.prefault({}).describe('Who may read /metrics.'),
  tracing: tracing.optional().describe('OpenTelemetry. Without it no spans are made and nothing is paid for them.'),
  accessLog: accessLog.prefault({}).describe('One line per answered request. Those that fail or are slow always have one.'),
  audit: audit.prefault({}).describe('One line per write and administrative action.'),
})

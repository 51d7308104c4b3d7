/** What every part may write to. pino fits. Never hand it a body, token, URL of an upstream or personal data. */
export interface Logger {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** The metrics that the parts report; `src/observability` keeps them for Prometheus. Labels have few values each. */
export interface Metrics {
  /** Adds to a counter. */
  count(name: CounterName, labels?: Readonly<Record<string, string>>, by?: number): void
  /** Puts a value into a histogram. */
  observe(name: HistogramName, value: number, labels?: Readonly<Record<string, string>>): void
  /** Sets a gauge. */
  set(name: GaugeName, value: number, labels?: Readonly<Record<string, string>>): void
}

/** Name → what it counts, for the `# HELP` line. Labels in brackets. */
export const counters = {
  graphql_operations_total: 'Operations answered [type, outcome]',
  graphql_errors_total: 'Errors in answers [code]',
  upstream_calls_total: 'Calls to sources, each try counted [source, operation, outcome]',
  upstream_retries_total: 'Reads tried again [source]',
  unknown_values_total: 'Values met in translation that the model has no word for [source, field]',
  dropped_records_total: 'Records of a source left out because they could not be understood [source]',
  order_contradictions_total: 'Pages whose order contradicted the assumed one [source]',
  polls_total: 'Looks for changes in pulled sources [source, outcome]',
  journal_failures_total: 'Writes that were done and are not in the journal [source]',
  loader_loads_total: 'Look-ups asked of a loader [loader]',
  loader_batches_total: 'Batches that a loader sent [loader]',
  shared_lookups_total: 'Look-ups answered by one already in flight [source]',
  cache_reads_total: 'Reads of the answer cache [source, kind, outcome]',
  webhook_events_total: 'Inbound events [source, outcome]',
  delivery_attempts_total: 'Attempts to deliver [partner, outcome]',
  rate_limited_total: 'Requests refused by the rate limit [by]',
  overload_shed_total: 'Requests refused to protect the process [cause]',
} as const
export type CounterName = keyof typeof counters

export const histograms = {
  graphql_operation_seconds: 'Time from request to answer [type]',
  graphql_upstream_calls: 'Calls to sources of one operation that made any',
  upstream_call_seconds: 'Time of one call to a source [source, operation]',
  webhook_ack_seconds: 'Time from request to acknowledgement [source]',
  delivery_attempt_seconds: 'Time of one attempt to deliver [partner]',
  event_loop_lag_seconds: 'How late the event loop was at a sample, forty a second while requests come',
} as const
export type HistogramName = keyof typeof histograms

export const gauges = {
  inbox_depth: 'Events stored and not yet applied',
  inbox_oldest_seconds: 'Age of the oldest of them',
  quarantine_depth: 'Events held in quarantine',
  quarantine_oldest_seconds: 'Age of the oldest of them',
  outbox_depth: 'Deliveries not yet made',
  outbox_overdue_seconds: 'How long the most overdue delivery is past its time',
  routing_file_broken: 'The routing file on disk is broken and an older one is in use: 0 or 1 [source]',
  subscribers: 'Open subscriptions to ticket changes',
  live_connections: 'Open WebSockets and event streams [transport]',
} as const
export type GaugeName = keyof typeof gauges

/** For tests and tools that do not measure. */
export const noMetrics: Metrics = { count() {}, observe() {}, set() {} }
export const noLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} }

/** Few, short values; never personal data, a URL or a text that somebody wrote. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>

/** Spans around what takes time: operation → source → upstream call. A span inside another's work becomes its child. */
export interface Tracer {
  /** Does the work inside a span, which fails when the work does. Gives back what the work gives. */
  span<T>(name: string, attributes: SpanAttributes, work: () => Promise<T>): Promise<T>
}

/** One write or administrative action, for the audit log. No bodies, no names, no addresses. */
export interface AuditEntry {
  /** The viewer's id. */
  readonly who: string
  /** The mutation's name, or the command's. */
  readonly what: string
  /** The global id of the ticket, delivery or event; null where there is none (yet). */
  readonly subject: string | null
  /** APPLIED, QUEUED, REJECTED, UNKNOWN, or the code of the fault. */
  readonly outcome: string
  readonly requestId: string
}

export interface AuditLog {
  /** Appends one line. Throws when it cannot be written. */
  record(entry: AuditEntry): void
}

/** One failed answer, or one failed field of an answer. */
export interface Failure {
  /** The id that the client received in `extensions.requestId`. */
  readonly requestId: string
  /** The operation's name; null when it has none, or when the request is not a GraphQL request. */
  readonly operationName: string | null
  /** The response path of a field, or the route of a request; null when neither is known. */
  readonly path: readonly (string | number)[] | string | null
  /** The code that the client received. */
  readonly code: string
  /** The key of the source that failed; null when the failure is the gateway's own. */
  readonly source: string | null
  /** What was thrown, with its causes. */
  readonly error: unknown
  readonly transport: 'http' | 'sse' | 'websocket'
}

/** The one place that writes failures to the log. The failure boundaries of `src/graphql` and `src/http` call it. */
export interface FailureLog {
  /** Writes at most one line. It never throws, and it ignores codes that stand for a client's mistake. */
  report(failure: Failure): void
}

/** For tests and tools that do not log failures. */
export const noFailureLog: FailureLog = { report() {} }

export const noTracer: Tracer = { span: (_name, _attributes, work) => work() }

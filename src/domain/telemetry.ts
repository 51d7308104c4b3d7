import type { Call } from './call.ts'

/** The log of every part; pino implements it. Never hand it a body, a token, an upstream's URL or personal data. */
export interface Logger {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

export interface MetricDescription {
  /** The text of the `# HELP` line. */
  readonly help: string
  /** The names of the labels. Each has few distinct values, because every combination is a time series. */
  readonly labels: readonly string[]
}

/** The label values of a metric. A label that the metric does not declare is a type error. */
type LabelsOf<Description extends MetricDescription> = Readonly<Record<Description['labels'][number], string>>

/** The metrics that the parts report. `src/observability` keeps them for Prometheus, under the prefix `deskgraph_`. */
export interface Metrics {
  /** Adds to a counter; 1 by default. */
  count<Name extends CounterName>(name: Name, labels?: LabelsOf<(typeof counters)[Name]>, by?: number): void
  /** Adds a value to a histogram. */
  observe<Name extends HistogramName>(name: Name, value: number, labels?: LabelsOf<(typeof histograms)[Name]>): void
  /** Sets a gauge. */
  set<Name extends GaugeName>(name: Name, value: number, labels?: LabelsOf<(typeof gauges)[Name]>): void
}

export const counters = {
  http_requests_total: { help: 'Answered HTTP requests, refused ones too', labels: ['route', 'status', 'code'] },
  graphql_operations_total: { help: 'Answered operations', labels: ['type', 'outcome'] },
  graphql_errors_total: { help: 'Errors in answers, and failures that are data in them', labels: ['code'] },
  upstream_calls_total: { help: 'Calls to sources, each attempt counted', labels: ['source', 'operation', 'outcome'] },
  budget_calls_total: {
    help: 'Calls that the budget of a source allowed, by what they cost',
    labels: ['source', 'kind', 'priority'],
  },
  budget_held_calls_total: {
    help: 'Calls that the budget of a source did not allow in time; polling and exports try again',
    labels: ['source', 'kind', 'priority'],
  },
  upstream_retries_total: { help: 'Retried reads', labels: ['source'] },
  credential_renewals_total: { help: 'Calls of token endpoints', labels: ['source', 'outcome'] },
  unknown_values_total: {
    help: 'Values of sources that the model has no name for, of fields that were read',
    labels: ['source', 'field'],
  },
  dropped_records_total: { help: 'Records of sources left out because they could not be decoded', labels: ['source'] },
  order_contradictions_total: { help: 'Pages whose order contradicted the assumed one', labels: ['source'] },
  polls_total: { help: 'Polls of sources for changes', labels: ['source', 'outcome'] },
  journal_failures_total: { help: 'Applied writes that are missing in the change log', labels: ['source'] },
  loader_loads_total: { help: 'Look-ups requested from a loader', labels: ['loader'] },
  loader_batches_total: { help: 'Batches sent by a loader', labels: ['loader'] },
  shared_lookups_total: { help: 'Look-ups answered by a request in flight', labels: ['source'] },
  cache_reads_total: { help: 'Reads of the answer cache', labels: ['source', 'kind', 'outcome'] },
  webhook_events_total: { help: 'Inbound events', labels: ['source', 'outcome'] },
  hints_total: { help: 'Webhooks of pulled sources', labels: ['source', 'outcome'] },
  hint_reads_total: { help: 'Tickets read because a webhook named them', labels: ['source', 'outcome'] },
  delivery_attempts_total: { help: 'Delivery attempts', labels: ['partner', 'outcome'] },
  rate_limited_total: { help: 'Requests refused by the rate limit', labels: ['by'] },
  overload_shed_total: { help: 'Requests refused to protect the process', labels: ['cause'] },
} as const satisfies Record<string, MetricDescription>
export type CounterName = keyof typeof counters

export const histograms = {
  graphql_operation_seconds: { help: 'Time from request to answer', labels: ['type'] },
  graphql_upstream_calls: { help: 'Calls to sources per operation, of operations with at least one', labels: [] },
  upstream_call_seconds: { help: 'Time of one call to a source', labels: ['source', 'operation'] },
  budget_wait_seconds: { help: 'Time until the budget of a source allowed a call', labels: ['source', 'priority'] },
  webhook_ack_seconds: { help: 'Time from request to acknowledgement', labels: ['source'] },
  hint_seconds: { help: 'Time from a webhook of a pulled source to the recorded state of its ticket', labels: ['source'] },
  delivery_attempt_seconds: { help: 'Time of one delivery attempt', labels: ['partner'] },
  event_loop_lag_seconds: { help: 'Lag of the event loop, forty samples a second while requests arrive', labels: [] },
} as const satisfies Record<string, MetricDescription>
export type HistogramName = keyof typeof histograms

export const gauges = {
  build_info: { help: '1, with the version of the gateway and of Node', labels: ['version', 'node'] },
  database_connections: { help: 'Connections to PostgreSQL by state, and requests that wait for one', labels: ['state'] },
  inbox_depth: { help: 'Events that are stored and not applied yet', labels: [] },
  inbox_oldest_seconds: { help: 'Age of the oldest of them', labels: [] },
  quarantine_depth: { help: 'Dead letters that wait for a decision', labels: [] },
  quarantine_oldest_seconds: { help: 'Age of the oldest of them', labels: [] },
  outbox_depth: { help: 'Pending deliveries', labels: [] },
  outbox_overdue_seconds: { help: 'How long the most overdue delivery is past its due time', labels: [] },
  dependency_up: { help: '1 while the store, the keys or Redis works, else 0', labels: ['dependency'] },
  credentials_usable: { help: '1 while the tokens of a source are valid and can be renewed, else 0', labels: ['source'] },
  credentials_expire_seconds: { help: 'Until the access token of a source ends', labels: ['source'] },
  refresh_token_expires_seconds: { help: 'Until the refresh token of a source ends, where its system tells', labels: ['source'] },
  deliveries_held: {
    help: "Deliveries that wait until their partner's endpoint is switched on",
    labels: ['source', 'market', 'partner'],
  },
  deliveries_dead: { help: 'Deliveries that were given up', labels: ['source', 'market', 'partner'] },
  partner_disabled: {
    help: '1 while the endpoint of a partner is switched off because it answered 410, else 0',
    labels: ['source', 'market', 'partner'],
  },
  budget_calls_limit: { help: 'Calls that a source allows in one window of a limit', labels: ['source', 'limit'] },
  budget_calls_left: { help: 'Calls that people may still make in the present window', labels: ['source', 'limit'] },
  routing_file_broken: {
    help: '1 while the routing file on disk is invalid and an older one is in use, else 0',
    labels: ['source'],
  },
  poll_lag_seconds: {
    help: 'Time since the last complete poll of a source began, while this process has subscribers: changes before it are known',
    labels: ['source'],
  },
  subscribers: { help: 'Open subscriptions to ticket changes', labels: [] },
  live_connections: { help: 'Open WebSockets and event streams', labels: ['transport'] },
} as const satisfies Record<string, MetricDescription>
export type GaugeName = keyof typeof gauges

/** For tests and tools that do not measure. */
export const noMetrics: Metrics = { count() {}, observe() {}, set() {} }
export const noLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} }

/** Few, short values; never personal data, a URL or free text. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>

/** A span while its work runs. */
export interface ActiveSpan {
  /** Adds what is known only now. */
  set(attributes: SpanAttributes): void
}

export interface SpanOptions {
  /** The headers of the request that this span serves: its `traceparent` (W3C Trace Context) is the span's parent. Absent: the span around it. */
  readonly servedHeaders?: Readonly<Record<string, string | readonly string[] | undefined>>
}

/** Spans of what takes time: request → operation → source → upstream call. A span inside another's work becomes its child. */
export interface Tracer {
  /** Runs the work inside a span and returns its result. The span fails when the work rejects, and the error goes on. */
  span<T>(name: string, attributes: SpanAttributes, work: (span: ActiveSpan) => Promise<T>, options?: SpanOptions): Promise<T>
}

/** One write or administrative action, for the audit log. No bodies, no names, no addresses. */
export interface AuditEntry {
  /** The viewer's id. */
  readonly who: string
  /** The name of the mutation or command. */
  readonly what: string
  /** The global id of the ticket, delivery or event, or the keys of source and partner; null where there is none. */
  readonly subject: string | null
  /** APPLIED, PARTIAL, QUEUED, REJECTED, UNKNOWN, or the error's code. */
  readonly outcome: string
  /** How many records an action on many of them changed; absent: it was one. */
  readonly count?: number
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

/** One answered request, or one operation over WebSocket. */
export interface AccessEntry {
  readonly requestId: string
  readonly transport: 'http' | 'sse' | 'websocket'
  /** null over WebSocket. */
  readonly method: string | null
  readonly route: string
  /** The HTTP status; null over WebSocket, and when the client left before its response began. */
  readonly status: number | null
  /** Why the request was refused, as in `extensions.code`; null: it was not, or its operations have codes of their own. */
  readonly code: string | null
  readonly durationMs: number
  /** Who asked, and what the request did. Absent: it was answered before sign-in, or its route has none. */
  readonly call?: Pick<Call, 'viewer' | 'stats'> | undefined
}

/** One line for each answered request, so that a request id leads to what was asked and what came of it. */
export interface AccessLog {
  /** Never throws. */
  record(entry: AccessEntry): void
}

export const noAccessLog: AccessLog = { record() {} }

/** For tests and tools that do not log failures. */
export const noFailureLog: FailureLog = { report() {} }

export const noTracer: Tracer = { span: (_name, _attributes, work) => work({ set() {} }) }

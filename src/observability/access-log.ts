import type { OperationRecord, SourceUse } from '../domain/call.ts'
import type { AccessEntry, AccessLog, Logger } from '../domain/telemetry.ts'
import type { AccessLogConfig } from './config.ts'

export interface AccessLogDeps {
  readonly logger: Logger
  readonly config: AccessLogConfig
  /** Milliseconds on a scale that never goes back; `performance.now` by default. */
  readonly elapsed?: () => number
}

/** Asked every few seconds by machines: their lines would hide the others. */
const quietRoutes = new Set(['/health', '/metrics'])

/**
 * Creates the access log: one line at `info` for each answered request, at `warn` for a slow one. In each second, `linesPerSecond` lines of
 * requests that went well are written, and the next line after that says how many were left out (`notLogged`). Lines of requests
 * that failed or were slow are never left out.
 */
export function createAccessLog({ logger, config, elapsed = () => performance.now() }: AccessLogDeps): AccessLog {
  let second = 0
  let lines = 0
  let notLogged = 0

  function fits(): boolean {
    const now = Math.floor(elapsed() / 1000)
    if (now !== second) {
      second = now
      lines = 0
    }
    lines += 1
    return lines <= config.linesPerSecond
  }

  return {
    record(entry) {
      if (quietRoutes.has(entry.route) && !hasFailed(entry)) return logger.debug(toFields(entry), 'request')
      const isSlow = entry.transport !== 'sse' && !isSubscription(entry) && entry.durationMs >= config.slowMs
      if (!isSlow && !hasFailed(entry) && !fits()) return void notLogged++
      const fields = notLogged > 0 ? { ...toFields(entry), notLogged } : toFields(entry)
      notLogged = 0
      if (isSlow) logger.warn(fields, 'slow request')
      else logger.info(fields, 'request')
    },
  }
}

function operationsOf({ call }: AccessEntry): readonly OperationRecord[] {
  return call?.stats?.operations ?? []
}

/** True where the gateway or a source failed. A request that its client got wrong has not. */
function hasFailed(entry: AccessEntry): boolean {
  return (entry.status ?? 0) >= 500 || operationsOf(entry).some(({ outcome }) => outcome !== 'ok')
}

function isSubscription(entry: AccessEntry): boolean {
  return operationsOf(entry).some(({ type }) => type === 'subscription')
}

function toFields(entry: AccessEntry): object {
  const { requestId, transport, method, route, status, code, durationMs, call } = entry
  const operations = operationsOf(entry)
  const sources = call?.stats?.sources
  return {
    requestId,
    transport,
    ...(method !== null && { method }),
    route,
    ...(transport === 'websocket' ? {} : { status }),
    ...(code !== null && { code }),
    durationMs: Math.round(durationMs),
    ...(call && { viewer: call.viewer.id }),
    ...(operations.length > 0 && { operations: operations.map(toOperation) }),
    ...(sources && { sources: Object.fromEntries(Object.entries(sources).map(([key, use]) => [key, toUse(use)])) }),
  }
}

const maxNameLength = 200

function toOperation({ name, type, outcome, codes }: OperationRecord): object {
  return { name: name?.slice(0, maxNameLength) ?? null, type, outcome, ...(codes.length > 0 && { codes }) }
}

function toUse({ calls, ms }: SourceUse): SourceUse {
  return { calls, ms: Math.round(ms) }
}

import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'

// `deskgraph explain REQUEST_ID [FILE…]`: what the log says of one request, for people.

/** One line of the log, with the fields of the access log, the failure log and the audit log. */
interface LogLine {
  readonly requestId: string
  readonly time?: string
  readonly level?: number
  readonly message?: string
  readonly transport?: string
  readonly method?: string
  readonly route?: string
  readonly status?: number | null
  readonly code?: string
  readonly durationMs?: number
  readonly viewer?: string
  readonly operations?: readonly {
    readonly name: string | null
    readonly type: string
    readonly outcome: string
    readonly codes?: readonly string[]
  }[]
  readonly sources?: Readonly<Record<string, { readonly calls: number; readonly ms: number }>>
  readonly operationName?: string | null
  readonly path?: string | null
  readonly source?: string | null
  readonly causes?: readonly { readonly name: string; readonly code?: string; readonly message: string }[]
  readonly stack?: string
  readonly audit?: true
  readonly at?: string
  readonly who?: string
  readonly what?: string
  readonly subject?: string | null
  readonly outcome?: string
}

/**
 * Finds the lines of one request, in the order of the log. Text before a line's first brace is left out: container engines put a time
 * there. Lines that are no JSON are ignored.
 */
export async function findLines(requestId: string, inputs: readonly Readable[]): Promise<readonly LogLine[]> {
  const found: LogLine[] = []
  for (const input of inputs) {
    for await (const text of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      if (!text.includes(requestId)) continue
      const line = parseLine(text.slice(text.indexOf('{')))
      if (line?.requestId === requestId) found.push(line)
    }
  }
  return found
}

function parseLine(text: string): LogLine | null {
  try {
    return JSON.parse(text) as LogLine
  } catch {
    return null
  }
}

/** The story of a request: when, who, what was asked, which sources, what came, and why. */
export function toExplanation(requestId: string, lines: readonly LogLine[]): string {
  return [`Request ${requestId}`, ...lines.flatMap((line) => ['', ...describe(line)])].join('\n')
}

function describe(line: LogLine): string[] {
  if (line.audit) return describeAudit(line)
  if (line.causes) return describeFailure(line)
  if (line.durationMs !== undefined) return describeRequest(line)
  return [`${line.time ?? ''}  ${line.message ?? ''}`, ...otherFields(line)]
}

function describeRequest({ time, transport, method, route, status, code, durationMs, viewer, operations, sources }: LogLine) {
  const outcome =
    transport === 'websocket' ? 'ended' : status == null ? 'the client left before the answer' : `answered with ${status}`
  const refused = code === undefined ? '' : ` (${code})`
  return [
    `${time}  ${[method, route].filter(Boolean).join(' ')} over ${transport}: ${outcome}${refused} after ${durationMs} ms`,
    `  viewer: ${viewer ?? 'not signed in'}`,
    ...(operations ?? []).map(
      ({ name, type, outcome: result, codes = [] }) =>
        `  ${type} ${name ?? 'without a name'}: ${result}${codes.length > 0 ? ` (${codes.join(', ')})` : ''}`,
    ),
    ...Object.entries(sources ?? {}).map(
      ([source, { calls, ms }]) => `  source ${source}: ${calls} ${calls === 1 ? 'call' : 'calls'}, ${ms} ms together`,
    ),
  ]
}

function describeFailure({ time, message, source, code, path, operationName, causes = [], stack }: LogLine): string[] {
  const where = [source && `source ${source}`, operationName && `operation ${operationName}`, path && `at ${path}`]
  return [
    `${time}  ${message}: ${code}${where.some(Boolean) ? ` (${where.filter(Boolean).join(', ')})` : ''}`,
    ...causes.map((cause) => `  because ${cause.name}${cause.code ? ` ${cause.code}` : ''}: ${cause.message}`),
    ...(stack?.split('\n').map((frame) => `    ${frame.trim()}`) ?? []),
    `  what to do: docs/errors.md, ${code}`,
  ]
}

function describeAudit({ at, who, what, subject, outcome }: LogLine): string[] {
  return [`${at}  audit: ${who} ${what}${subject ? ` of ${subject}` : ''}: ${outcome}`]
}

function otherFields(line: LogLine): string[] {
  const shown = new Set(['requestId', 'time', 'level', 'message'])
  const others = Object.entries(line).filter(([name]) => !shown.has(name))
  return others.map(([name, value]) => `  ${name}: ${JSON.stringify(value)}`)
}

export interface ExplainOptions {
  readonly json?: boolean
}

/** Reads the files, or the standard input, and prints. The exit code is 1 when no line has the request id. */
export async function explain(requestId: string, files: readonly string[], { json = false }: ExplainOptions): Promise<void> {
  const inputs = files.length > 0 ? files.map(openLog) : [process.stdin]
  const lines = await findLines(requestId, inputs)
  if (lines.length === 0) {
    console.error(
      `No line of ${files.length > 0 ? files.join(', ') : 'the standard input'} has the request id ${requestId}.\n` +
        'Search the logs of every replica, also older ones. A request that went well has a line only within ' +
        'observability.accessLog.linesPerSecond, and with a log level of info or debug.',
    )
    process.exitCode = 1
  } else if (json) console.log(JSON.stringify({ requestId, lines }, null, 2))
  else console.log(toExplanation(requestId, lines))
}

function openLog(file: string): Readable {
  const bytes = createReadStream(file)
  return file.endsWith('.gz') ? bytes.pipe(createGunzip()) : bytes
}

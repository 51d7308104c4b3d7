import { type DestinationStream, pino } from 'pino'
import type { Logger } from '../domain/telemetry.ts'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent'

/** A logger whose level can change while it runs. */
export interface AdjustableLogger extends Logger {
  setLevel(level: LogLevel): void
}

export interface LoggerOptions {
  readonly level: LogLevel
  /** Receives the lines; the standard output by default. */
  readonly stream?: DestinationStream | undefined
}

/**
 * Creates a logger that writes one JSON line per message. It cleans messages and fields first: tokens, bodies, e-mail
 * addresses and phone numbers that reach a log call do not reach the log (INPUT-08). Callers put `requestId` into the fields.
 */
export function createLogger({ level, stream }: LoggerOptions): AdjustableLogger {
  const options = {
    level,
    base: undefined,
    timestamp: pino.stdTimeFunctions.isoTime,
    messageKey: 'message',
    // pino's serializer would join the messages of all causes into one; cleanError has made a plain object of the error.
    serializers: { err: (error: unknown) => error },
  }
  const log = stream ? pino(options, stream) : pino(options)
  const write = (name: 'debug' | 'info' | 'warn' | 'error') => (fields: object, message: string) => {
    if (log.isLevelEnabled(name)) log[name](cleanFields(fields), cleanText(message))
  }
  const setLevel = (next: LogLevel) => {
    log.level = next
  }
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error'), setLevel }
}

/**
 * Field names whose values are never written, compared without case, dashes and underscores. pino's own `redact` needs the path
 * of every field; these names count at any depth.
 */
const secretNames = new Set([
  ...['authorization', 'cookie', 'setcookie', 'token', 'accesstoken', 'idtoken', 'refreshtoken', 'bearer', 'jwt'],
  ...['password', 'secret', 'secretkey', 'apikey', 'privatekey', 'xsignature', 'signature', 'webhooksignature'],
  ...['body', 'rawbody', 'payload', 'raw', 'query', 'querystring', 'search', 'variables', 'headers', 'rawheaders'],
  ...['email', 'customeremail', 'phone', 'phonenumber', 'mobile', 'firstname', 'lastname', 'fullname', 'customername'],
  ...['identity', 'customer', 'guest', 'client', 'comments', 'description', 'title', 'content', 'messagetext'],
])
const hidden = '[hidden]'
const maxDepth = 6
const maxItems = 50

/** Copies the fields of a log line: secrets are hidden by their name, personal data by its pattern. Depth and size are bounded. */
function cleanFields(fields: object): Record<string, unknown> {
  return clean(fields, 0) as Record<string, unknown>
}

function clean(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return cleanText(value)
  if (typeof value === 'bigint') return String(value)
  if (typeof value !== 'object' || value === null) return value
  if (depth >= maxDepth) return '[deeper]'
  if (value instanceof Error) return cleanError(value, depth)
  if (value instanceof Date) return value
  if (ArrayBuffer.isView(value)) return hidden
  if (Array.isArray(value)) return value.slice(0, maxItems).map((item) => clean(item, depth + 1))
  const entries = Object.entries(value).slice(0, maxItems)
  return Object.fromEntries(entries.map(([name, item]) => [name, isSecret(name) ? hidden : clean(item, depth + 1)]))
}

function isSecret(name: string): boolean {
  return secretNames.has(name.toLowerCase().replaceAll(/[-_]/g, ''))
}

/** Keeps name, code, message, stack and causes. An error's other fields are dropped: one may hold an upstream's answer. */
function cleanError(error: Error, depth: number): Record<string, unknown> {
  const { name, stack } = error
  const code: unknown = (error as { code?: unknown }).code
  const cause = causeOf(error)
  return {
    name,
    message: cleanMessage(error),
    ...(typeof code === 'string' ? { code } : {}),
    ...(stack === undefined ? {} : { stack: cleanText(toFrames(stack)) }),
    ...(cause === undefined ? {} : { cause: clean(cause, depth + 1) }),
  }
}

/** The next error of the chain. undici and node:net report several refused addresses as an AggregateError: the first one stands for all. */
export function causeOf(error: unknown): unknown {
  if (!(error instanceof Error)) return undefined
  return error.cause ?? (error instanceof AggregateError ? error.errors[0] : undefined)
}

const maxMessageLength = 500

/**
 * The message of an error without URLs and without the values that JSON.parse and PostgreSQL quote, which may be a part of a body. It is cut
 * first, so that the patterns run over bounded text only.
 */
export function cleanMessage(error: Error | string): string {
  const text = typeof error === 'string' ? error : error.message
  const message = error instanceof SyntaxError ? text.replace(/".*"/s, '"[input]"') : text
  const short = message.length > maxMessageLength ? `${message.slice(0, maxMessageLength)}…` : message
  const withoutUrls = short.replace(/\b[a-z][a-z\d+.-]{0,30}:\/\/[^\s"'<>)]*/gi, '[url]')
  // PostgreSQL quotes a rejected value after a colon: invalid input syntax for type uuid: "…".
  return cleanText(withoutUrls.replace(/: "[^"]*("|…?$)/g, ': "[value]"'))
}

/** Drops the first lines of a stack, which repeat the message. */
export function toFrames(stack: string): string {
  return stack
    .split('\n')
    .filter((line) => line.trimStart().startsWith('at '))
    .join('\n')
}

/** Longer texts are cut: no message is longer, but a body would be. */
const maxTextLength = 4_000

// Every repetition is bounded or unambiguous: an attacker may write parts of the text, and backtracking would block the process.
const patterns: readonly (readonly [RegExp, string])[] = [
  [/\beyJ[\w-]*\.[\w-]*\.[\w-]*/g, '[token]'],
  [/\bBearer +[^\s"',;]+/gi, 'Bearer [token]'],
  [/\bwhsec_[\w+/=-]+/g, '[secret]'],
  [/(:\/\/)[^\s/@"']*@/g, '$1[credentials]@'],
  [/\?[^\s"'<>]*/g, '?[query]'],
  [/[^\s@<>"'(),;:=]{1,64}@[^\s@<>"'(),;:]{1,255}/g, '[e-mail]'],
  // Nine or more digits with the separators of phone numbers between them, but not an IPv4 address.
  [/(?<![\w.:-])(?!(?:\d{1,3}\.){3}\d{1,3}\b)\+?\(?\d(?:[ ()./-]{0,2}\d){8,14}(?![\w:-])/g, '[number]'],
]

/** Replaces tokens, credentials in URLs, query strings, e-mail addresses and what looks like a phone number. */
export function cleanText(text: string): string {
  const short = text.length > maxTextLength ? `${text.slice(0, maxTextLength)}…` : text
  return patterns.reduce((cleaned, [pattern, replacement]) => cleaned.replace(pattern, replacement), short)
}

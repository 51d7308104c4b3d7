import { cleanText } from './clean-text.ts'

/** Names whose values are never written, whatever they hold. Compared without case, dashes and underscores. */
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

/** The fields of a log line without what must not be in one: secrets by their name, personal data by its look. */
export function cleanFields(fields: object): Record<string, unknown> {
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

/** An error's name, code, cleaned message and stack, and its causes; nothing else that it may carry, e.g. an upstream's answer. */
function cleanError(error: Error, depth: number): Record<string, unknown> {
  const { name, message, stack, cause } = error
  const code: unknown = (error as { code?: unknown }).code
  return {
    name,
    message: cleanText(message),
    ...(typeof code === 'string' ? { code } : {}),
    ...(stack === undefined ? {} : { stack: cleanText(framesOf(stack)) }),
    ...(cause === undefined ? {} : { cause: clean(cause, depth + 1) }),
  }
}

/** The stack without its first lines, which repeat the message. */
function framesOf(stack: string): string {
  return stack
    .split('\n')
    .filter((line) => line.trimStart().startsWith('at '))
    .join('\n')
}

function isSecret(name: string): boolean {
  return secretNames.has(name.toLowerCase().replaceAll(/[-_]/g, ''))
}

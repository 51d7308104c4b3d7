import { printParseErrorCode, visit } from 'jsonc-parser'
import { sanitizeJsonForPostgres } from '../domain/sanitize-text.ts'

/** Why a body is not a JSON record: what is wrong and where. The message quotes nothing of the body. */
export class JsonProblem extends Error {
  override readonly name = 'JsonProblem'
}

const utf8 = new TextDecoder('utf-8', { fatal: true })
const maxDepth = 64

/** The text of UTF-8 bytes, without a byte order mark. Throws JsonProblem, which names the first wrong byte, for other bytes. */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes)
  } catch (error) {
    const place = findDifference(bytes, Buffer.from(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)))
    const wrong = bytes[place]?.toString(16).toUpperCase().padStart(2, '0') ?? 'the end'
    throw new JsonProblem(`The body is not UTF-8: it has ${wrong} as byte ${place + 1}.`, { cause: error })
  }
}

function findDifference(one: Uint8Array, other: Uint8Array): number {
  let at = 0
  while (at < one.length && one[at] === other[at]) at += 1
  return at
}

/**
 * Parses a record that a vendor sent. NUL and lone surrogates become U+FFFD, because PostgreSQL refuses them. Whole numbers
 * beyond 2^53 become text, so that an id keeps every digit. Throws JsonProblem for text that is not JSON, and for a
 * record that is nested more than 64 levels deep.
 */
export function parseEventJson(text: string): unknown {
  if (exceedsTextDepth(text)) throw new JsonProblem(`The record is nested more than ${maxDepth} levels deep.`)
  try {
    const value: unknown = /\d{16}/.test(text) ? JSON.parse(text, keepDigits) : JSON.parse(text)
    return /\\u[dD0]|[\u0000\ud800-\udfff]/.test(text) ? sanitizeJsonForPostgres(value) : value
  } catch (error) {
    throw new JsonProblem(locateJsonError(text), { cause: error })
  }
}

/** Counts the brackets outside of strings: a text that is too deep is refused before it is parsed. */
function exceedsTextDepth(text: string): boolean {
  let depth = 0
  let inString = false
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === 92 && inString) at += 1
    else if (code === 34) inString = !inString
    else if (!inString && (code === 123 || code === 91)) depth += 1
    else if (!inString && (code === 125 || code === 93)) depth -= 1
    if (depth > maxDepth) return true
  }
  return false
}

function keepDigits(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value
  const source = context?.source
  return source !== undefined && /^-?\d+$/.test(source) ? source : value
}

/** By the names of jsonc-parser. */
const problems: Readonly<Record<string, string>> = {
  InvalidSymbol: 'a value or a name in double quotes is expected',
  InvalidNumberFormat: 'this is not a number',
  PropertyNameExpected: 'a name in double quotes is expected',
  ValueExpected: 'a value is expected',
  ColonExpected: '":" is expected',
  CommaExpected: '"," or the closing bracket is expected',
  CloseBraceExpected: '"," or "}" is expected',
  CloseBracketExpected: '"," or "]" is expected',
  EndOfFileExpected: 'the text has to end after the value',
  InvalidCommentToken: 'JSON has no comments',
  UnexpectedEndOfString: 'this text has no closing quote',
  UnexpectedEndOfNumber: 'this number is incomplete',
  InvalidUnicode: 'this text has an incomplete \\u escape',
  InvalidEscapeCharacter: 'this text has an unknown escape',
  InvalidCharacter: 'this text has an unescaped control character',
}

/** Describes the first error of a text that is not JSON. The message of JSON.parse quotes the text, which may hold personal data. */
function locateJsonError(text: string): string {
  let message = 'Not JSON.'
  const strict = { disallowComments: true, allowTrailingComma: false, allowEmptyContent: false }
  const end = text.trimEnd().length
  let isFirst = true
  visit(
    text,
    {
      onError(error, offset, _length, line, character) {
        if (!isFirst) return
        isFirst = false
        const problem = offset >= end ? 'the text ends too early' : (problems[printParseErrorCode(error)] ?? 'this is not JSON')
        message = `Not JSON: ${problem}, at line ${line + 1}, column ${character + 1}.`
      },
    },
    strict,
  )
  return message
}

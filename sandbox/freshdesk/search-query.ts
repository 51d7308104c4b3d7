import { isDay } from './dates.ts'
import { type FieldError, unexpected, wrongValue } from './errors.ts'
import { customFields } from './fields.ts'

// The vendor's query language: `(priority:>3 OR tag:'vip') AND agent_id:null`.

/** A parsed query. `value` null is a field without a value. */
export type Query =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Query[] }
  | { readonly kind: 'is'; readonly field: string; readonly operator: ':' | ':>' | ':<'; readonly value: Value }
export type Value = string | number | boolean | null

type FieldKind = 'number' | 'text' | 'boolean' | 'day'

const customKinds: Readonly<Record<string, FieldKind>> = {
  ...{ custom_text: 'text', custom_dropdown: 'text', nested_field: 'text', custom_number: 'number', custom_checkbox: 'boolean' },
  custom_date: 'day',
}

/** What can be searched. An agent is `agent_id` here, and `responder_id` in a ticket. */
const kinds: Readonly<Record<string, FieldKind>> = {
  ...{ agent_id: 'number', group_id: 'number', priority: 'number', status: 'number', tag: 'text', type: 'text' },
  ...{ due_by: 'day', fr_due_by: 'day', created_at: 'day', updated_at: 'day', custom_string: 'text' },
  ...Object.fromEntries(
    customFields.flatMap((field) => {
      const kind = customKinds[field.type]
      return kind === undefined ? [] : [field.name, ...(field.nested ?? []).map(({ name }) => name)].map((name) => [name, kind])
    }),
  ),
}

const token = /\s*(\(|\)|AND\b|OR\b|(\w+)\s*(:[<>]?)\s*('(?:[^'\\]|\\.)*'|[^\s()]+))/y

interface Reader {
  readonly text: string
  at: number
}

const mostCharacters = 512
const wrongQuery = wrongValue('query', 'Given query is invalid')

/** The query, or what is wrong with it. It stands between double quotes. */
export function parseQuery(sent: string | null): Query | FieldError {
  const text = /^"(.*)"$/s.exec(sent ?? '')?.[1]
  if (text === undefined || text.trim() === '') return wrongQuery
  if (text.length > mostCharacters) {
    return wrongValue('query', `Has ${text.length} characters, it can have maximum of ${mostCharacters} characters`)
  }
  const reader = { text, at: 0 }
  try {
    const query = readOr(reader)
    return reader.text.slice(reader.at).trim() === '' ? query : wrongQuery
  } catch (error) {
    if (error instanceof QueryFault) return error.fault
    throw error
  }
}

class QueryFault extends Error {
  readonly fault: FieldError
  constructor(fault: FieldError) {
    super(fault.message)
    this.fault = fault
  }
}

function next(reader: Reader): RegExpExecArray {
  token.lastIndex = reader.at
  const match = token.exec(reader.text)
  if (!match) throw new QueryFault(wrongQuery)
  reader.at = token.lastIndex
  return match
}

function takes(reader: Reader, word: string): boolean {
  const rest = reader.text.slice(reader.at)
  const match = new RegExp(`^\\s*(${word})(?![\\w:])`).exec(rest)
  if (match) reader.at += match[0].length
  return match !== null
}

function readOr(reader: Reader): Query {
  const parts = [readAnd(reader)]
  while (takes(reader, 'OR')) parts.push(readAnd(reader))
  return parts.length === 1 ? parts[0]! : { kind: 'or', parts }
}

function readAnd(reader: Reader): Query {
  const parts = [readOne(reader)]
  while (takes(reader, 'AND')) parts.push(readOne(reader))
  return parts.length === 1 ? parts[0]! : { kind: 'and', parts }
}

function readOne(reader: Reader): Query {
  const [, text, field, operator, literal] = next(reader)
  if (text === '(') {
    const inner = readOr(reader)
    if (next(reader)[1] !== ')') throw new QueryFault(wrongQuery)
    return inner
  }
  if (field === undefined || operator === undefined || literal === undefined) throw new QueryFault(wrongQuery)
  return toCondition(field, operator as ':', literal)
}

function toCondition(field: string, operator: ':' | ':>' | ':<', literal: string): Query {
  const kind = kinds[field]
  if (kind === undefined) throw new QueryFault(unexpected(field))
  const value = toValue(field, kind, literal)
  const isOrdered = kind === 'number' || kind === 'day'
  if (operator !== ':' && (!isOrdered || value === null)) throw new QueryFault(wrongQuery)
  return { kind: 'is', field, operator, value }
}

function toValue(field: string, kind: FieldKind, literal: string): Value {
  if (literal === 'null') return null
  const quoted = /^'(.*)'$/s.exec(literal)?.[1]?.replace(/\\(.)/g, '$1')
  switch (kind) {
    case 'number':
      if (!/^-?\d+$/.test(literal)) throw new QueryFault(wrongValue(field, 'It should be a/an Integer'))
      return Number(literal)
    case 'boolean':
      if (literal !== 'true' && literal !== 'false') throw new QueryFault(wrongValue(field, 'It should be a/an Boolean'))
      return literal === 'true'
    case 'day':
      if (!isDay(quoted)) throw new QueryFault(wrongValue(field, "It should be in the 'yyyy-mm-dd' format"))
      return quoted!
    case 'text':
      return quoted ?? literal
  }
}

import { isDay, parseTime } from './dates.ts'
import { type FieldError, oneOf, unexpected, wrongType, wrongValue } from './errors.ts'
import { type Field, places } from './fields.ts'
import { isObject } from './input.ts'

/** What a key of a request may hold. A list of values is a choice of them. */
export type Kind =
  | 'text'
  | 'email'
  | 'id'
  | 'id or null'
  | 'boolean'
  | 'time'
  | 'texts'
  | 'ids'
  | 'object'
  | { readonly values: readonly (string | number)[]; readonly orNull?: true }

/** The keys of a request that the documentation names. */
export type Shape = Readonly<Record<string, Kind>>

interface Checked {
  /** Numbers and booleans as such, also where a form has their text. */
  readonly values: Readonly<Record<string, unknown>>
  readonly errors: readonly FieldError[]
}

interface Sent {
  readonly values: Readonly<Record<string, unknown>>
  readonly isForm: boolean
}

/** Checks every key: one that is not in the shape, or holds another type, refuses the whole request. */
export function check({ values, isForm }: Sent, shape: Shape): Checked {
  const errors: FieldError[] = []
  const checked: Record<string, unknown> = {}
  for (const [name, sent] of Object.entries(values)) {
    const kind = Object.hasOwn(shape, name) ? shape[name] : undefined
    if (kind === undefined) {
      errors.push(unexpected(name))
      continue
    }
    const value = isForm ? fromForm(sent, kind) : sent
    const fault = faultOf(name, value, kind)
    if (fault) errors.push(fault)
    checked[name] = value
  }
  return { values: checked, errors }
}

function fromForm(sent: unknown, kind: Kind): unknown {
  if (kind === 'ids' && Array.isArray(sent)) return sent.map((one) => toNumber(one))
  if (typeof sent !== 'string') return sent
  if (kind === 'boolean') return sent === 'true' ? true : sent === 'false' ? false : sent
  if (kind === 'object') return parseJson(sent)
  const isNumber = kind === 'id' || kind === 'id or null' || (typeof kind === 'object' && typeof kind.values[0] === 'number')
  return isNumber ? toNumber(sent) : sent
}

const toNumber = (text: unknown) => (typeof text === 'string' && /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text)

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

const typeName = (value: unknown): string => {
  if (value === null) return 'Null'
  if (Array.isArray(value)) return 'Array'
  if (typeof value === 'number') return Number.isInteger(value) ? 'Integer' : 'Float'
  return { string: 'String', boolean: 'Boolean', object: 'Key/Value Pair' }[typeof value as string] ?? 'String'
}
const mismatch = (name: string, value: unknown, wanted: string) =>
  wrongType(name, `Value set is of type ${typeName(value)}.It should be ${wanted}`)

const isId = (value: unknown) => typeof value === 'number' && Number.isSafeInteger(value) && value > 0
const isTexts = (value: unknown) => Array.isArray(value) && value.every((one) => typeof one === 'string')

function faultOf(name: string, value: unknown, kind: Kind): FieldError | null {
  if (typeof kind === 'object') return choiceFault(name, value, kind)
  switch (kind) {
    case 'text':
      return typeof value === 'string' ? null : mismatch(name, value, 'a/an String')
    case 'email':
      if (typeof value !== 'string') return mismatch(name, value, 'a/an String')
      return /^[^\s@]+@[^\s@]+$/.test(value) ? null : wrongValue(name, "It should be in the 'valid email address' format")
    case 'id':
      return isId(value) ? null : mismatch(name, value, 'a/an Positive Integer')
    case 'id or null':
      return value === null || isId(value) ? null : mismatch(name, value, 'a/an Positive Integer')
    case 'boolean':
      return typeof value === 'boolean' ? null : mismatch(name, value, 'a/an Boolean')
    case 'time':
      return parseTime(value) !== null ? null : wrongType(name, "It should be in the 'combined date and time ISO8601' format")
    case 'texts':
      return isTexts(value) ? null : mismatch(name, value, 'a/an Array')
    case 'ids':
      return Array.isArray(value) && value.every(isId) ? null : mismatch(name, value, 'a/an Array')
    case 'object':
      return isObject(value) ? null : mismatch(name, value, 'a/an Key/Value Pair')
  }
}

function choiceFault(name: string, value: unknown, { values, orNull }: Exclude<Kind, string>): FieldError | null {
  if (value === null && orNull) return null
  if (typeof value !== typeof values[0]) {
    const message = `Value set is of type ${typeName(value)}.${oneOf(values)}`
    return wrongType(name, message)
  }
  return values.includes(value as string) ? null : wrongValue(name, oneOf(values))
}

/** The fault of a value of one of the account's own fields; null: none. Every field may be emptied. */
export function customFault(
  field: Field,
  name: string,
  value: unknown,
  all: Readonly<Record<string, unknown>>,
): FieldError | null {
  if (value === null) return null
  const at = `custom_fields.${name}`
  switch (field.type) {
    case 'custom_dropdown':
      return choiceFault(at, value, { values: field.choices as readonly string[] })
    case 'custom_number':
      return Number.isInteger(value) ? null : mismatch(at, value, 'a/an Integer')
    case 'custom_decimal':
      return typeof value === 'number' ? null : mismatch(at, value, 'a/an Number')
    case 'custom_checkbox':
      return typeof value === 'boolean' ? null : mismatch(at, value, 'a/an Boolean')
    case 'custom_date':
      return isDay(value) ? null : wrongType(at, "It should be in the 'yyyy-mm-dd' format")
    case 'nested_field':
      return nestedFault(at, name, value, all)
    default:
      return typeof value === 'string' ? null : mismatch(at, value, 'a/an String')
  }
}

/** A city is one of the country's. */
function nestedFault(at: string, name: string, value: unknown, all: Readonly<Record<string, unknown>>): FieldError | null {
  if (name === 'cf_country') return choiceFault(at, value, { values: Object.keys(places) })
  const cities = places[String(all.cf_country)] ?? []
  return cities.length === 0 ? wrongValue(at, "It can't be set without cf_country") : choiceFault(at, value, { values: cities })
}

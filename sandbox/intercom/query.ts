import { toEpochSeconds } from '../times.ts'
import { asObject } from './endpoint.ts'
import { invalid, Refusal, refused } from './errors.ts'

/** What a field holds. `date` is milliseconds since 1970 in a record and seconds in a query. */
export type Kind = 'string' | 'number' | 'date' | 'boolean'

/** A field that a search knows. A record may have several values of it, or none. */
export interface Field<Row> {
  readonly kind: Kind
  read(row: Row): readonly (string | number | boolean)[]
}

/** A kind of record that can be searched. */
export interface Searchable<Row> {
  /** Undefined: there is no such field. */
  field(name: string): Field<Row> | undefined
  /**
   * How a date is compared. Searches of tickets and conversations compare seconds, and `>` and `<` include the value. Searches of
   * contacts compare whole days of the workspace's zone, and know `=`, `>` and `<` alone.
   */
  readonly dates: 'seconds' | { readonly zoneOffsetMs: number }
}

type Predicate<Row> = (row: Row) => boolean

const maxFilters = 15
const maxDepth = 2
const dayMs = 24 * 3_600_000

/** The condition of a search. Throws the refusal of one that the API does not take. */
export function toPredicate<Row>(query: unknown, searchable: Searchable<Row>, depth = 0): Predicate<Row> {
  const filter = asObject(query)
  if (!filter) throw new Refusal(invalid('query is not an object', 'query'))
  if (filter.operator !== 'AND' && filter.operator !== 'OR') return toCondition(filter, searchable)
  if (depth >= maxDepth) throw new Refusal(invalid(`Filters may be nested ${maxDepth} levels deep`, 'query'))
  if (!Array.isArray(filter.value) || filter.value.length === 0) throw new Refusal(invalid('A group needs filters', 'value'))
  if (filter.value.length > maxFilters) throw new Refusal(invalid(`A group has at most ${maxFilters} filters`, 'value'))
  const parts = filter.value.map((part) => toPredicate<Row>(part, searchable, depth + 1))
  return filter.operator === 'AND' ? (row) => parts.every((part) => part(row)) : (row) => parts.some((part) => part(row))
}

function toCondition<Row>({ field: name, operator, value }: Readonly<Record<string, unknown>>, searchable: Searchable<Row>) {
  if (typeof name !== 'string' || typeof operator !== 'string') throw new Refusal(invalid('A filter needs field and operator'))
  const field = searchable.field(name)
  if (!field) throw new Refusal(refused(400, 'field_not_found', `The requested field ${name} does not exist`, name))
  const isNegative = operator === '!=' || operator === 'NIN' || operator === '!~'
  const test =
    field.kind === 'date' ? dateTest(name, operator, value, searchable.dates) : plainTest(name, field.kind, operator, value)
  return (row: Row) => (isNegative ? field.read(row).every(test) : field.read(row).some(test))
}

type Test = (value: string | number | boolean) => boolean

const unsupported = (name: string, operator: string) =>
  new Refusal(invalid(`The operator ${operator} is not supported for ${name}`, name))

function plainTest(name: string, kind: Kind, operator: string, given: unknown): Test {
  if (operator === 'IN' || operator === 'NIN') {
    if (!Array.isArray(given)) throw new Refusal(invalid(`${operator} needs an array`, name))
    const all = given.map((one) => convert(name, kind, one))
    return operator === 'IN' ? (value) => all.includes(value) : (value) => !all.includes(value)
  }
  const wanted = convert(name, kind, given)
  if (operator === '=') return (value) => value === wanted
  if (operator === '!=') return (value) => value !== wanted
  if (kind === 'number') return comparison(name, operator, wanted as number)
  if (kind === 'string') return textTest(name, operator, String(wanted).toLowerCase())
  throw unsupported(name, operator)
}

function textTest(name: string, operator: string, wanted: string): Test {
  const lower = (value: unknown) => String(value).toLowerCase()
  switch (operator) {
    case '~':
      return (value) => lower(value).includes(wanted)
    case '!~':
      return (value) => !lower(value).includes(wanted)
    case '^':
      return (value) => lower(value).startsWith(wanted)
    case '$':
      return (value) => lower(value).endsWith(wanted)
    default:
      throw unsupported(name, operator)
  }
}

/** `>` is "greater (or equal)" in the document, and so is `<`. */
function comparison(name: string, operator: string, wanted: number): Test {
  switch (operator) {
    case '>':
    case '>=':
      return (value) => Number(value) >= wanted
    case '<':
    case '<=':
      return (value) => Number(value) <= wanted
    default:
      throw unsupported(name, operator)
  }
}

function dateTest(name: string, operator: string, given: unknown, dates: Searchable<unknown>['dates']): Test {
  if (dates === 'seconds') {
    const test = plainTest(name, 'number', operator, given)
    return (value) => test(toEpochSeconds(Number(value)))
  }
  const { zoneOffsetMs } = dates
  const dayOf = (ms: number) => Math.floor((ms + zoneOffsetMs) / dayMs)
  const day = dayOf((convert(name, 'number', given) as number) * 1000)
  switch (operator) {
    case '=':
      return (value) => dayOf(Number(value)) === day
    case '>':
      return (value) => dayOf(Number(value)) > day
    case '<':
      return (value) => dayOf(Number(value)) < day
    default:
      throw unsupported(name, operator)
  }
}

/** A value of a query as the field's kind. Numbers and ids come as numbers or texts. */
function convert(name: string, kind: Kind, given: unknown): string | number | boolean {
  switch (kind) {
    case 'string':
      if (typeof given === 'string' || typeof given === 'number') return String(given)
      break
    case 'boolean':
      if (given === true || given === 'true') return true
      if (given === false || given === 'false') return false
      break
    default:
      if (typeof given === 'number' || (typeof given === 'string' && /^-?\d+(\.\d+)?$/.test(given))) return Number(given)
  }
  throw new Refusal(invalid(`The value of ${name} is not a ${kind}`, name))
}

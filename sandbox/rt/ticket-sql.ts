import { fields, people, queues, type RtRecord } from './state.ts'

// The part of TicketSQL that searches of a desk need, as RT 5.0.3 reads it. Times are in UTC: every account of the sandbox is.

/** A query that RT refuses, with RT's words. */
export class WrongQuery extends Error {}

export interface Search {
  readonly matches: (ticket: RtRecord) => boolean
  /** Whether it asks for merged or deleted tickets, which other searches leave out. */
  readonly asks: { readonly merged: boolean; readonly deleted: boolean }
}

type Test = (ticket: RtRecord) => boolean
type Compare = (value: string | number) => boolean

/** Reads a query. Throws WrongQuery. */
export function parseQuery(text: string): Search {
  const tokens = [...text.matchAll(/\s*('(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|!=|<=|>=|[=<>()]|[^\s()=<>!'"]+)/gy)].map(
    ([, one]) => one!,
  )
  if (tokens.join('').length !== text.replace(/\s+(?=(?:[^']*'[^']*')*[^']*$)/g, '').length) throw new WrongQuery('Wrong query')
  const reader = new Reader(tokens)
  const matches = reader.readAny()
  if (reader.peek() !== undefined) throw new WrongQuery(`Wrong query, expecting an AGGREGATOR in '${text}'`)
  return { matches, asks: reader.asks }
}

class Reader {
  readonly asks = { merged: false, deleted: false }
  readonly #tokens: readonly string[]
  #at = 0

  constructor(tokens: readonly string[]) {
    this.#tokens = tokens
  }

  peek(): string | undefined {
    return this.#tokens[this.#at]
  }

  #next(): string {
    const token = this.#tokens[this.#at++]
    if (token === undefined) throw new WrongQuery('Wrong query, expecting a CLOSE_PAREN or a KEYWORD')
    return token
  }

  /** RT reads AND and OR from the left, with AND before OR. */
  readAny(): Test {
    const tests = [this.#readAll()]
    while (this.peek()?.toUpperCase() === 'OR') {
      this.#at += 1
      tests.push(this.#readAll())
    }
    return (ticket) => tests.some((test) => test(ticket))
  }

  #readAll(): Test {
    const tests = [this.#readOne()]
    while (this.peek()?.toUpperCase() === 'AND') {
      this.#at += 1
      tests.push(this.#readOne())
    }
    return (ticket) => tests.every((test) => test(ticket))
  }

  #readOne(): Test {
    if (this.peek() === '(') {
      this.#at += 1
      const inner = this.readAny()
      if (this.#next() !== ')') throw new WrongQuery('Wrong query, expecting a CLOSE_PAREN')
      return inner
    }
    const [field, operator, value] = [this.#next(), this.#next().toUpperCase(), unquote(this.#next())]
    if (!['=', '!=', '<', '>', '<=', '>=', 'LIKE'].includes(operator)) throw new WrongQuery('Wrong query, expecting a OPERATOR')
    if (field === 'EffectiveId') this.asks.merged = true
    if (field === 'Status' && operator === '=' && value === 'deleted') this.asks.deleted = true
    return toTest(field, operator, value)
  }
}

function unquote(token: string): string {
  return /^['"]/.test(token) ? token.slice(1, -1).replace(/\\(.)/gs, '$1') : token
}

function toTest(field: string, operator: string, value: string): Test {
  const isNegated = operator === '!='
  const any = (read: (ticket: RtRecord) => readonly (string | number)[], compare: Compare): Test =>
    isNegated ? (ticket) => !read(ticket).some(compare) : (ticket) => read(ticket).some(compare)
  const [, role, part = 'Name'] = /^(Owner|Requestor|Cc|AdminCc)(?:\.(\w+))?$/.exec(field) ?? []
  if (role) return any((ticket) => partsOf(loginsOf(ticket, role), part), toTextCompare(operator, value))
  const [, name] = /^(?:CF|CustomField)\.\{(.+)\}$/.exec(field) ?? []
  if (name !== undefined) {
    const custom = fields.find((one) => one.name === name)
    return any((ticket) => (custom && ticket.values[custom.id]) ?? [], toTextCompare(operator, value))
  }
  switch (field) {
    case 'id':
      return any(({ id }) => [id], toNumberCompare(operator, value))
    case 'EffectiveId':
      return any(({ effectiveId }) => [effectiveId], toNumberCompare(operator, value))
    case 'Priority':
      return any(({ priority }) => [priority], toNumberCompare(operator, value))
    case 'Queue':
      return any(({ queue }) => [queue, queues.find(({ id }) => id === queue)?.name ?? ''], toTextCompare(operator, value))
    case 'Status':
      return any(({ status }) => [status], toTextCompare(operator, value))
    case 'Type':
      return any(() => ['ticket'], toTextCompare(operator, value))
    case 'Subject':
      return any(({ subject }) => [subject], toTextCompare(operator, value))
    case 'Created':
      return toTimeTest(({ created }) => created, operator, value)
    case 'LastUpdated':
      return toTimeTest(({ lastUpdated }) => lastUpdated, operator, value)
    default:
      throw new WrongQuery(`Unknown field: ${field}`)
  }
}

function loginsOf(ticket: RtRecord, role: string): readonly string[] {
  if (role === 'Owner') return [ticket.owner]
  return role === 'Requestor' ? ticket.requestors : role === 'Cc' ? ticket.cc : ticket.adminCc
}

function partsOf(logins: readonly string[], part: string): readonly string[] {
  return logins.map((login) => {
    const known = people.find((one) => one.login === login)
    if (part === 'Name') return login
    return part === 'RealName' ? (known?.name ?? '') : (known?.email ?? (login.includes('@') ? login : ''))
  })
}

/** Texts are equal in any casing. */
function toTextCompare(operator: string, value: string): Compare {
  const wanted = value.toLowerCase()
  if (operator === 'LIKE') return (text) => String(text).toLowerCase().includes(wanted)
  return (text) => String(text).toLowerCase() === wanted
}

function toNumberCompare(operator: string, value: string): Compare {
  const wanted = Number(value)
  return (number) => compare(Number(number), operator === '!=' ? '=' : operator, wanted)
}

function compare(one: number, operator: string, other: number): boolean {
  if (operator === '=') return one === other
  if (operator === '<=' || operator === '>=') return operator === '<=' ? one <= other : one >= other
  return operator === '<' ? one < other : one > other
}

/** `=` means the whole day (RT-15). A time with a `Z` behind it is read as if it were none, and matches everything. */
function toTimeTest(read: (ticket: RtRecord) => number, operator: string, value: string): Test {
  const [, day, time] = /^(\d{4}-\d\d-\d\d)(?: (\d\d:\d\d:\d\d))?$/.exec(value) ?? []
  if (day === undefined) return () => true
  const start = Date.parse(`${day}T00:00:00Z`) / 1000
  if (operator === '=') return (ticket) => read(ticket) >= start && read(ticket) < start + 86_400
  const at = Date.parse(`${day}T${time ?? '00:00:00'}Z`) / 1000
  return (ticket) => compare(read(ticket), operator, at)
}

import { type JqlClock, toInstant } from './jql-dates.ts'
import { type JqlField, jqlFields } from './jql-fields.ts'
import { JqlError, type JqlNode, type JqlOperand, type JqlQuery, parseJql } from './jql-parse.ts'
import type { JiraIssue } from './model.ts'
import { agents } from './site.ts'
import { cyclesOf, slaMetrics } from './sla.ts'
import type { JiraState } from './state.ts'

/** A query that can be asked of issues. */
export interface CompiledJql {
  /** False: it has no condition, and Jira does not run it. */
  readonly isBounded: boolean
  matches(issue: JiraIssue): boolean
  /** The order of the query, then the newest id first. */
  compare(one: JiraIssue, other: JiraIssue): number
}

export interface JqlAsker extends JqlClock {
  readonly accountId: string
}

type Test = (issue: JiraIssue) => boolean
type Clause = Extract<JqlNode, { kind: 'clause' }>

/** Compiles a query for one account. Throws a `JqlError` for a query that Jira refuses. */
export function compileJql(jql: string, state: JiraState, asker: JqlAsker): CompiledJql {
  const find = jqlFields(state)
  const fieldOf = (name: string): JqlField => {
    const field = find(name)
    if (!field) throw new JqlError(`Field '${name}' does not exist or you do not have permission to view it.`)
    return field
  }
  const compile = (node: JqlNode): Test => {
    if (node.kind === 'not') {
      const part = compile(node.part)
      return (issue) => !part(issue)
    }
    if (node.kind === 'clause') return compileClause(node, fieldOf(node.field), state, asker)
    const parts = node.parts.map(compile)
    return node.kind === 'and' ? (issue) => parts.every((part) => part(issue)) : (issue) => parts.some((part) => part(issue))
  }
  const query = parseJql(jql)
  return {
    isBounded: query.where !== null,
    matches: query.where ? compile(query.where) : () => true,
    compare: compileOrder(query.orderBy, fieldOf, state),
  }
}

function refuse({ operator }: Clause, name: string): never {
  throw new JqlError(`The operator '${operator}' is not supported by the '${name}' field.`)
}

function compileClause(clause: Clause, field: JqlField, state: JiraState, asker: JqlAsker): Test {
  const { operator, operand } = clause
  if (operator === 'was' || operator === 'was not') return compileWas(clause, field)
  const isEmpty = emptyTest(field)
  const asksEmpty = operand.kind === 'empty'
  if (operator === 'is' || (operator === '=' && asksEmpty)) return isEmpty
  if (operator === 'is not' || (operator === '!=' && asksEmpty)) return (issue) => !isEmpty(issue)
  if (field.kind === 'date' || field.kind === 'number') return compileComparison(clause, field, asker)
  if (field.kind === 'text') return compileText(clause, field)
  if (field.kind === 'sla') return compileSla(clause, field, state)
  if (field.kind === 'choice' && field.ordered && /^[<>]/.test(operator)) return compileRank(clause, field)
  if (field.kind === 'key' && /^[<>]/.test(operator)) return compileKeyRange(clause, state)
  const isNegative = operator === '!=' || operator === 'not in'
  if (!isNegative && operator !== '=' && operator !== 'in') refuse(clause, field.name)
  const items = operand.kind === 'list' ? operand.items : [operand]
  const wanted = new Set(items.flatMap((item) => resolve(item, field, state, asker)))
  const idsOf = field.kind === 'key' ? ({ id }: JiraIssue) => [String(id)] : field.read
  const takesEmpty = items.some(({ kind }) => kind === 'empty') || wanted.has('')
  return (issue) => {
    const ids = idsOf(issue)
    // A negative condition does not match an issue without a value.
    if (isNegative) return ids.length > 0 && !ids.some((id) => wanted.has(id))
    return ids.some((id) => wanted.has(id)) || (takesEmpty && ids.length === 0)
  }
}

function emptyTest(field: JqlField): Test {
  if (field.kind === 'key' || field.kind === 'sla') return () => false
  if (field.kind === 'date' || field.kind === 'number') return (issue) => field.read(issue) === null
  return (issue) => field.read(issue).length === 0
}

/** The ids that an operand names. */
function resolve(operand: JqlOperand, field: JqlField, state: JiraState, asker: JqlAsker): readonly string[] {
  if (operand.kind === 'empty') return []
  if (operand.kind === 'call') {
    if (operand.name === 'currentuser') return [asker.accountId]
    if (operand.name === 'membersof') return agents.map(({ accountId }) => accountId)
    throw new JqlError(`Unable to find JQL function '${operand.name}(${operand.args.join(', ')})'.`)
  }
  if (operand.kind === 'list') return operand.items.flatMap((item) => resolve(item, field, state, asker))
  if (field.kind === 'user') return [operand.text]
  if (field.kind === 'key') {
    const issue = state.find(operand.text)
    if (!issue) throw new JqlError(`An issue with key '${operand.text}' does not exist for field '${field.name}'.`)
    return [String(issue.id)]
  }
  const id = field.kind === 'choice' ? field.resolve(operand.text) : undefined
  if (id === undefined) throw new JqlError(`The value '${operand.text}' does not exist for the field '${field.name}'.`)
  return [id]
}

const comparisons: Readonly<Record<string, (value: number, limit: number) => boolean>> = {
  '=': (value, limit) => value === limit,
  '!=': (value, limit) => value !== limit,
  '<': (value, limit) => value < limit,
  '<=': (value, limit) => value <= limit,
  '>': (value, limit) => value > limit,
  '>=': (value, limit) => value >= limit,
}

function compileComparison(clause: Clause, field: Extract<JqlField, { kind: 'date' | 'number' }>, asker: JqlAsker): Test {
  const toLimit = (operand: JqlOperand) => {
    if (field.kind === 'date') return toInstant(clause.field, operand, asker)
    const value = operand.kind === 'literal' ? Number(operand.text) : Number.NaN
    if (Number.isNaN(value)) throw new JqlError(`Value for field '${clause.field}' should be a number.`)
    return value
  }
  if (clause.operand.kind === 'list') {
    const limits = clause.operand.items.map(toLimit)
    if (clause.operator === 'in') return (issue) => limits.includes(field.read(issue) ?? Number.NaN)
    if (clause.operator === 'not in') return (issue) => field.read(issue) !== null && !limits.includes(field.read(issue)!)
    refuse(clause, field.name)
  }
  const compare = comparisons[clause.operator] ?? refuse(clause, field.name)
  const limit = toLimit(clause.operand)
  return (issue) => {
    const value = field.read(issue)
    return value !== null && compare(value, limit)
  }
}

/** Every word has to be a word of the text; `word*` begins one; a text in inner quotes has to stand there as it is. */
function compileText(clause: Clause, field: Extract<JqlField, { kind: 'text' }>): Test {
  if (clause.operator !== '~' && clause.operator !== '!~') refuse(clause, field.name)
  const wanted = (clause.operand.kind === 'literal' ? clause.operand.text : '').toLowerCase().trim()
  const phrase = /^"(.*)"$/.exec(wanted)?.[1]
  const terms = phrase === undefined ? wanted.split(/\s+/).filter((term) => term !== '') : []
  const hasTerm = (text: string, words: ReadonlySet<string>, term: string) => {
    if (term.endsWith('*')) return [...words].some((word) => word.startsWith(term.slice(0, -1)))
    // Scripts that do not separate words are searched by parts.
    return words.has(term) || (/[^\p{Script=Latin}\p{N}\p{P}\p{S}]/u.test(term) && text.includes(term))
  }
  const matches = (issue: JiraIssue) =>
    field.read(issue).some((raw) => {
      const text = raw.toLowerCase()
      if (phrase !== undefined) return text.includes(phrase)
      const words = new Set(text.split(/[^\p{L}\p{M}\p{N}_@.-]+/u).flatMap((word) => [word, word.replace(/^[.-]+|[.-]+$/g, '')]))
      return terms.every((term) => hasTerm(text, words, term))
    })
  return clause.operator === '~' ? matches : (issue) => !matches(issue)
}

function compileSla(clause: Clause, field: Extract<JqlField, { kind: 'sla' }>, state: JiraState): Test {
  const { operand } = clause
  if (operand.kind !== 'call' || (clause.operator !== '=' && clause.operator !== '!=')) refuse(clause, field.name)
  const tests: Readonly<Record<string, (cycle: ReturnType<typeof cyclesOf>[number]) => boolean>> = {
    breached: ({ breached }) => breached,
    everbreached: ({ breached }) => breached,
    completed: ({ stop }) => stop !== null,
    running: ({ stop, paused }) => stop === null && !paused,
    paused: ({ paused }) => paused,
  }
  const test = tests[operand.name]
  if (!test) throw new JqlError(`Unable to find JQL function '${operand.name}(${operand.args.join(', ')})'.`)
  const isWanted = clause.operator === '='
  return (issue) => {
    if (issue.requestTypeId === null) return false
    const cycles = cyclesOf(slaMetrics[field.metric], issue, state.now())
    const asked = operand.name === 'everbreached' ? cycles : cycles.slice(-1)
    return asked.some(test) === isWanted
  }
}

function compileRank(clause: Clause, field: Extract<JqlField, { kind: 'choice' }>): Test {
  const text = clause.operand.kind === 'literal' ? clause.operand.text : ''
  const id = field.resolve(text)
  if (id === undefined) throw new JqlError(`The value '${text}' does not exist for the field '${field.name}'.`)
  const rank = field.rank ?? Number
  const compare = comparisons[clause.operator]!
  return (issue) => field.read(issue).some((own) => compare(rank(own), rank(id)))
}

/** Keys are compared by number, inside one project. */
function compileKeyRange(clause: Clause, state: JiraState): Test {
  const text = clause.operand.kind === 'literal' ? clause.operand.text : ''
  const limit = state.find(text)
  if (!limit) throw new JqlError(`An issue with key '${text}' does not exist for field 'key'.`)
  const compare = comparisons[clause.operator]!
  return ({ projectId, key }) => projectId === limit.projectId && compare(numberOf(key), numberOf(limit.key))
}

const numberOf = (key: string) => Number(key.split('-')[1])

/** `status was "Pending"`: the value now, or one of an earlier time. */
function compileWas({ operator, operand, field: name }: Clause, field: JqlField): Test {
  if (field.kind !== 'choice' || field.name !== 'status')
    throw new JqlError(`History searches do not support the '${name}' field.`)
  const items = operand.kind === 'list' ? operand.items : [operand]
  const ids = items.map((item) => {
    const id = item.kind === 'literal' ? field.resolve(item.text) : undefined
    if (id === undefined) throw new JqlError(`The value does not exist for the field '${name}'.`)
    return id
  })
  return (issue) => {
    const seen = issue.history.flatMap((entry) =>
      entry.items.flatMap(({ fieldId, from }) => (fieldId === 'status' ? [from] : [])),
    )
    return [issue.statusId, ...seen].some((id) => ids.includes(id ?? '')) === (operator === 'was')
  }
}

/** Without a direction, dates, keys and priorities come highest first, other fields lowest first. An issue without a value is last. */
function compileOrder(
  orderBy: JqlQuery['orderBy'],
  fieldOf: (name: string) => JqlField,
  state: JiraState,
): CompiledJql['compare'] {
  if (orderBy.length > 7) throw new JqlError('The ORDER BY clause can have at most 7 fields.')
  const columns = orderBy.map(({ field: name, direction }) => {
    const field = fieldOf(name)
    const isHighFirst = field.kind === 'date' || field.kind === 'key' || (field.kind === 'choice' && field.ordered === true)
    return { read: sortValue(field, state), sign: (direction ?? (isHighFirst ? 'desc' : 'asc')) === 'desc' ? -1 : 1 }
  })
  return (one, other) => {
    for (const { read, sign } of columns) {
      const [left, right] = [read(one), read(other)]
      if (left === right) continue
      if (left === null) return 1
      if (right === null) return -1
      return sign * (left < right ? -1 : 1)
    }
    return other.id - one.id
  }
}

function sortValue(field: JqlField, state: JiraState): (issue: JiraIssue) => number | string | null {
  switch (field.kind) {
    case 'date':
    case 'number':
      return field.read
    case 'key':
      return ({ projectId, key }) => projectId * 1_000_000 + numberOf(key)
    case 'user':
      return (issue) => state.users.get(field.read(issue)[0] ?? '')?.displayName ?? null
    case 'choice':
      return (issue) => {
        const id = field.read(issue)[0]
        return id === undefined ? null : (field.rank?.(id) ?? id)
      }
    case 'text':
      return (issue) => field.read(issue)[0] ?? null
    case 'sla':
      return (issue) => cyclesOf(slaMetrics[field.metric], issue, state.now()).at(-1)?.breachAt ?? null
  }
}

import { startOfDay } from '../times.ts'
import { groups, organizations } from './installation.ts'
import { toId } from './json.ts'
import type { Ticket, User } from './records.ts'
import { mayRead, type ZendeskState } from './state.ts'

/** The tickets as the search knows them, which is a while after they changed. */
export interface SearchIndex {
  /** The tickets that match the query and that the user sees. */
  find(query: string, user: User, now: number): readonly Ticket[]
}

/** An index of what the state holds now and of each later change, `lagMs` after it. */
export function createSearchIndex(state: ZendeskState, lagMs: number): SearchIndex {
  const indexed = new Map(state.tickets().map((ticket) => [ticket.id, ticket]))
  let waiting: { readonly ticket: Ticket; readonly at: number }[] = []
  state.onChange(({ after }) => void waiting.push({ ticket: after, at: state.now() }))
  return {
    find(query, user, now) {
      for (const { ticket, at } of waiting) if (at + lagMs <= now) indexed.set(ticket.id, ticket)
      waiting = waiting.filter(({ at }) => at + lagMs > now)
      const conditions = readConditions(query).map((condition) => toTest(state, condition, user, now))
      return [...indexed.values()].filter(
        (ticket) => ticket.status !== 'deleted' && mayRead(user, ticket) && conditions.every((isMet) => isMet(ticket)),
      )
    },
  }
}

interface Condition {
  /** Undefined: free text. */
  readonly property: string | undefined
  readonly operator: string
  readonly value: string
  readonly isNegated: boolean
}

/** `type:ticket status<solved -tags:vip "exact words" created>=2026-01-01`: each condition has to be met. */
export function readConditions(query: string): readonly Condition[] {
  const parts = query.matchAll(/(-?)(?:([a-z_]\w*)(:|<=|>=|<|>))?(?:"([^"]*)"|(\S+))/gi)
  return [...parts].map(([, minus, property, operator, quoted, word]) => ({
    ...{
      property: property?.toLowerCase(),
      operator: operator ?? ':',
      value: (quoted ?? word ?? '').toLowerCase(),
      isNegated: minus === '-',
    },
  }))
}

type Test = (ticket: Ticket) => boolean

const statusOrder = ['new', 'open', 'pending', 'hold', 'solved', 'closed']
const priorityOrder = ['', 'low', 'normal', 'high', 'urgent']

function toTest(state: ZendeskState, condition: Condition, user: User, now: number): Test {
  const test = toPositive(state, condition, user, now)
  return condition.isNegated ? (ticket) => !test(ticket) : test
}

function toPositive(state: ZendeskState, { property, operator, value }: Condition, user: User, now: number): Test {
  const isPerson = (id: bigint | null) => {
    if (value === 'none') return id === null
    if (id === null) return false
    const person = value === 'me' ? user : state.user(id)
    return (
      id === toId(value) ||
      (value === 'me'
        ? id === user.id
        : person?.email.toLowerCase() === value || person?.name.toLowerCase().includes(value) === true)
    )
  }
  switch (property) {
    case undefined:
      return ({ subject, comments }) =>
        [subject, ...comments.map(({ body }) => body)].some((text) => text.toLowerCase().includes(value))
    case 'type':
    case 'ticket_type':
      return ({ type }) => value === 'ticket' || type === value
    case 'status':
      return ({ status }) => isOrdered(statusOrder.indexOf(status), operator, statusOrder.indexOf(value))
    case 'priority':
      return ({ priority }) =>
        isOrdered(priorityOrder.indexOf(priority ?? ''), operator, priorityOrder.indexOf(value === 'none' ? '' : value))
    case 'tags':
      return ({ tags }) => (value === 'none' ? tags.length === 0 : value.split(',').some((tag) => tags.includes(tag)))
    case 'subject':
      return ({ subject }) => subject.toLowerCase().includes(value)
    case 'external_id':
      return ({ externalId }) => externalId?.toLowerCase() === value
    case 'requester':
      return ({ requesterId }) => isPerson(requesterId)
    case 'assignee':
      return ({ assigneeId }) => isPerson(assigneeId)
    case 'group':
    case 'group_id':
      return ({ groupId }) =>
        groupId === toId(value) || groups.some(({ id, name }) => id === groupId && name.toLowerCase() === value)
    case 'organization':
      return ({ organizationId }) =>
        organizations.some(({ id, name }) => id === organizationId && (id === toId(value) || name.toLowerCase() === value))
    case 'created':
      return ({ createdAt }) => isInTime(createdAt, operator, value, now)
    case 'updated':
      return ({ updatedAt }) => isInTime(updatedAt, operator, value, now)
    default:
      return property.startsWith('custom_field_')
        ? ({ fields }) => String(fields[property.slice('custom_field_'.length)] ?? '').toLowerCase() === value
        : () => false
  }
}

function isOrdered(one: number, operator: string, other: number): boolean {
  switch (operator) {
    case '<':
      return one < other
    case '<=':
      return one <= other
    case '>':
      return one > other
    case '>=':
      return one >= other
    default:
      return one === other
  }
}

const unitMs: Readonly<Record<string, number>> = { minutes: 60_000, hours: 3_600_000, days: 86_400_000, weeks: 604_800_000 }

/** A day, a time, or `4hours`, which means so long before now. A day alone means any time of it. */
function isInTime(at: number, operator: string, value: string, now: number): boolean {
  const [, amount, unit = ''] = /^(\d+)(minutes|hours|days|weeks)$/.exec(value) ?? []
  const time = amount === undefined ? Date.parse(value.toUpperCase()) : now - Number(amount) * (unitMs[unit] ?? 0)
  if (operator !== ':') return isOrdered(at, operator, time)
  return startOfDay(at) === startOfDay(time)
}

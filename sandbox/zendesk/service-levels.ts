import { minuteMs, toIsoSeconds } from '../times.ts'
import { openedAt } from './installation.ts'
import type { Id } from './json.ts'
import type { Priority, Ticket } from './records.ts'
import type { Hosts } from './wire.ts'

/** A service level agreement: how long each answer may take, in minutes, by priority. */
interface Policy {
  readonly id: Id
  readonly title: string
  readonly tag: string | null
  readonly targets: Readonly<Record<'first_reply_time' | 'next_reply_time' | 'requester_wait_time', Record<Priority, number>>>
}

const policies: readonly Policy[] = [
  {
    ...{ id: 26843000000801n, title: 'Partners', tag: 'partner' },
    targets: {
      first_reply_time: { urgent: 30, high: 60, normal: 240, low: 480 },
      next_reply_time: { urgent: 60, high: 120, normal: 480, low: 960 },
      requester_wait_time: { urgent: 480, high: 960, normal: 2880, low: 5760 },
    },
  },
  {
    ...{ id: 26843000000802n, title: 'Customers', tag: null },
    targets: {
      first_reply_time: { urgent: 10, high: 30, normal: 60, low: 120 },
      next_reply_time: { urgent: 20, high: 60, normal: 120, low: 240 },
      requester_wait_time: { urgent: 240, high: 480, normal: 1440, low: 2880 },
    },
  },
]

/** The account's policies, in the vendor's format. */
export function printPolicies(hosts: Pick<Hosts, 'origin'>) {
  return policies.map(({ id, title, tag, targets }, index) => ({
    ...{ url: `${hosts.origin}/api/v2/slas/policies/${id}.json`, id, title, description: `${title} get an answer in time` },
    position: index + 1,
    filter: { all: tag === null ? [] : [{ field: 'current_tags', operator: 'includes', value: tag }], any: [] },
    policy_metrics: Object.entries(targets).flatMap(([metric, byPriority]) =>
      Object.entries(byPriority).map(([priority, target]) => ({ priority, metric, target, business_hours: false })),
    ),
    ...{ created_at: toIsoSeconds(openedAt), updated_at: toIsoSeconds(openedAt) },
  }))
}

interface PolicyMetric {
  readonly metric: string
  readonly stage: 'active' | 'paused' | 'achieved'
  readonly breach_at: string | null
  /** How much is left, in minutes; negative when it is too late. */
  readonly minutes?: number
  readonly hours?: number
}

/** The targets of a ticket. A ticket without a priority has none. */
export function policyMetrics(ticket: Ticket, now: number): readonly PolicyMetric[] {
  const { priority, tags, comments, requesterId, createdAt, status } = ticket
  if (priority === null) return []
  const policy = policies.find(({ tag }) => tag === null || tags.includes(tag))!
  const isByStaff = (index: number) => comments[index]!.authorId !== requesterId && comments[index]!.isPublic
  const firstReply = comments.findIndex((_, index) => isByStaff(index))
  const publicOnes = comments.filter(({ isPublic }) => isPublic)
  const last = publicOnes.at(-1)
  const isDone = status === 'solved' || status === 'closed'
  const open = (metric: keyof Policy['targets'], since: number): PolicyMetric =>
    toOpen(metric, since + policy.targets[metric][priority] * minuteMs, now)
  const first = firstReply === -1 && !isDone ? open('first_reply_time', createdAt) : achieved('first_reply_time')
  const waits = firstReply !== -1 && last?.authorId === requesterId && !isDone
  const wait: PolicyMetric = { metric: 'requester_wait_time', stage: 'paused', breach_at: null }
  return [
    first,
    waits ? open('next_reply_time', last.at) : achieved('next_reply_time'),
    isDone ? achieved('requester_wait_time') : status === 'pending' ? wait : open('requester_wait_time', createdAt),
  ]
}

function achieved(metric: string): PolicyMetric {
  return { metric, stage: 'achieved', breach_at: null }
}

/** Near targets are counted in minutes, far ones in hours. */
function toOpen(metric: string, breachAt: number, now: number): PolicyMetric {
  const minutes = Math.floor((breachAt - now) / minuteMs)
  const left = Math.abs(minutes) < 120 ? { minutes } : { hours: Math.floor(minutes / 60) }
  return { metric, stage: 'active', breach_at: toIsoSeconds(breachAt), ...left }
}

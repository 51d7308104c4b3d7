import { hourMs } from '../times.ts'
import { fieldIds } from './fields.ts'
import type { JiraIssue } from './model.ts'
import { isCustomerId } from './site.ts'
import { toDeskDate, toDeskDuration } from './times.ts'
import { byId, statuses } from './workflows.ts'

// The two targets of a request, counted around the clock. Each runs from a start to a stop, and starts anew on a reopening.

/** A run of a target's clock. `stop` null: it still runs, or it is paused. */
export interface SlaCycle {
  readonly start: number
  readonly stop: number | null
  readonly goalMs: number
  /** Without the pauses. */
  readonly elapsedMs: number
  readonly paused: boolean
  /** When the goal is used up; null while it is paused, because the clock stands. */
  readonly breachAt: number | null
  readonly breached: boolean
}

export interface SlaMetric {
  readonly id: string
  readonly name: string
  readonly fieldId: string
  /** The goal in hours by priority id. */
  readonly goalHours: Readonly<Record<string, number>>
}

export const slaMetrics: readonly [firstResponse: SlaMetric, resolution: SlaMetric] = [
  {
    ...{ id: '1', name: 'Time to first response', fieldId: fieldIds.firstResponse },
    goalHours: { 1: 1, 2: 2, 3: 4, 4: 8, 5: 8 },
  },
  {
    ...{ id: '2', name: 'Time to resolution', fieldId: fieldIds.resolution },
    goalHours: { 1: 8, 2: 16, 3: 40, 4: 80, 5: 120 },
  },
]

const waitingForCustomer = '10002'

/** The cycles of a target, oldest first. The last one may be ongoing. */
export function cyclesOf(metric: SlaMetric, issue: JiraIssue, now: number): readonly SlaCycle[] {
  const goalMs = (metric.goalHours[issue.priorityId] ?? 40) * hourMs
  const spans = spansOf(issue)
  if (metric.id === '2') return spans.map(({ from, until, pauses }) => toCycle(from, until, pauses, goalMs, now))
  const answer = issue.comments.find(({ authorId, isPublic }) => isPublic && !isCustomerId(authorId))?.created
  const stop = Math.min(answer ?? Number.POSITIVE_INFINITY, spans[0]?.until ?? Number.POSITIVE_INFINITY)
  return [toCycle(issue.created, Number.isFinite(stop) ? stop : null, [], goalMs, now)]
}

interface Span {
  readonly from: number
  readonly until: number | null
  readonly pauses: readonly (readonly [from: number, until: number | null])[]
}

/** The times in which a request was open, from the changes of its status. */
function spansOf(issue: JiraIssue): readonly Span[] {
  const steps = issue.history.flatMap(({ created, items }) =>
    items.flatMap(({ fieldId, from, to }) => (fieldId === 'status' ? [{ at: created, from: from ?? '', to: to ?? '' }] : [])),
  )
  const states = [
    { at: issue.created, status: steps[0]?.from ?? issue.statusId },
    ...steps.map(({ at, to }) => ({ at, status: to })),
  ]
  const spans: { from: number; until: number | null; pauses: [number, number | null][] }[] = []
  for (const { at, status } of states) {
    const isDone = byId(statuses, status)?.category === 'done'
    let open = spans.at(-1)
    if (open?.until !== null) open = undefined
    const pause = open?.pauses.at(-1)
    if (pause && pause[1] === null) pause[1] = at
    if (isDone) {
      if (open) open.until = at
      continue
    }
    if (!open) {
      open = { from: at, until: null, pauses: [] }
      spans.push(open)
    }
    if (status === waitingForCustomer) open.pauses.push([at, null])
  }
  return spans
}

function toCycle(start: number, stop: number | null, pauses: Span['pauses'], goalMs: number, now: number): SlaCycle {
  const end = stop ?? now
  const pausedMs = pauses.reduce((sum, [from, until]) => sum + Math.max(0, (until ?? end) - from), 0)
  const elapsedMs = Math.max(0, end - start - pausedMs)
  const paused = stop === null && pauses.at(-1)?.[1] === null
  const breachAt = paused ? null : breachTime(start, pauses, goalMs)
  return { start, stop, goalMs, elapsedMs, paused, breachAt, breached: elapsedMs > goalMs }
}

/** The time at which the goal is used up: the start plus the goal plus the pauses before it. */
function breachTime(start: number, pauses: Span['pauses'], goalMs: number): number {
  let at = start + goalMs
  for (const [from, until] of pauses) if (from < at && until !== null) at += until - from
  return at
}

/** A target in the shape of both APIs: `/request/{key}/sla` and the target's custom field. */
export function toSla(metric: SlaMetric, issue: JiraIssue, now: number, zone: string, self: string) {
  const cycles = cyclesOf(metric, issue, now)
  const ongoing = cycles.find(({ stop }) => stop === null)
  return {
    id: metric.id,
    name: metric.name,
    _links: { self },
    completedCycles: cycles.flatMap((cycle) => (cycle.stop === null ? [] : [toCompleted(cycle, cycle.stop, zone)])),
    ...(ongoing && { ongoingCycle: toOngoing(ongoing, zone) }),
    slaDisplayFormat: 'NEW_SLA_FORMAT',
  }
}

function toCompleted(cycle: SlaCycle, stop: number, zone: string) {
  return {
    startTime: toDeskDate(cycle.start, zone),
    stopTime: toDeskDate(stop, zone),
    ...(cycle.breachAt !== null && { breachTime: toDeskDate(cycle.breachAt, zone) }),
    breached: cycle.breached,
    ...durations(cycle),
  }
}

function toOngoing(cycle: SlaCycle, zone: string) {
  return {
    startTime: toDeskDate(cycle.start, zone),
    ...(cycle.breachAt !== null && { breachTime: toDeskDate(cycle.breachAt, zone) }),
    ...{ breached: cycle.breached, paused: cycle.paused, withinCalendarHours: true },
    ...durations(cycle),
  }
}

function durations({ goalMs, elapsedMs }: SlaCycle) {
  return {
    goalDuration: toDeskDuration(goalMs),
    elapsedTime: toDeskDuration(elapsedMs),
    remainingTime: toDeskDuration(goalMs - elapsedMs),
  }
}

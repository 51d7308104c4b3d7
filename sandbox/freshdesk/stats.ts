import { closed, resolved } from './fields.ts'
import type { Conversation, Stats, Ticket } from './records.ts'

/** Statuses in which the ticket waits for others. */
const pending = 3

interface History {
  readonly createdAt: number
  readonly conversations: readonly Conversation[]
  readonly status: number
  /** When it got its status. */
  readonly changedAt: number
}

/** The stats of a ticket with this history. */
export function statsOf({ createdAt, conversations, status, changedAt }: History): Stats {
  const answers = conversations.filter((one) => !one.incoming && !one.private)
  const questions = conversations.filter((one) => one.incoming)
  return {
    agentRespondedAt: answers.at(-1)?.createdAt ?? null,
    requesterRespondedAt: questions.at(-1)?.createdAt ?? null,
    firstRespondedAt: answers[0]?.createdAt ?? null,
    statusUpdatedAt: status === 2 ? createdAt : changedAt,
    reopenedAt: null,
    resolvedAt: status === resolved || status === closed ? changedAt : null,
    closedAt: status === closed ? changedAt : null,
    pendingSince: status === pending ? changedAt : null,
  }
}

/** The stats after a change of status. */
export function statsAfterStatus(stats: Stats, { status: before }: Pick<Ticket, 'status'>, status: number, now: number): Stats {
  if (before === status) return stats
  const wasDone = before === resolved || before === closed
  const isOver = status === resolved || status === closed
  return {
    ...stats,
    statusUpdatedAt: now,
    reopenedAt: wasDone && !isOver ? now : stats.reopenedAt,
    resolvedAt: isOver ? (stats.resolvedAt ?? now) : null,
    closedAt: status === closed ? now : null,
    pendingSince: status === pending ? now : null,
  }
}

/** The stats after a conversation was added. */
export function statsAfterMessage(stats: Stats, { incoming, private: isPrivate }: Conversation, now: number): Stats {
  if (isPrivate) return stats
  if (incoming) return { ...stats, requesterRespondedAt: now }
  return { ...stats, agentRespondedAt: now, firstRespondedAt: stats.firstRespondedAt ?? now }
}

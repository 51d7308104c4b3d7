import { closed, resolved } from './fields.ts'
import type { Conversation, Stats } from './records.ts'

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

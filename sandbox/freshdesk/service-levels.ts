import { minuteMs } from '../times.ts'
import { serviceLevels } from './installation.ts'
import type { Due, Ticket } from './records.ts'
import { dueOf } from './state.ts'

/** When a ticket of this priority is due. Hours of the calendar: the account works around the clock. */
export function dueFor(priority: number, createdAt: number): Due {
  const { respond, resolve } = serviceLevels[priority]!
  return { by: createdAt + resolve * minuteMs, firstBy: createdAt + respond * minuteMs }
}

/** The account works out what is due some seconds after a change. Until then an answer has the times of before. */
export function withNextDue(ticket: Ticket, now: number, delayMs: number): Ticket {
  const next = dueFor(ticket.priority, ticket.createdAt)
  const due = dueOf(ticket, now)
  if (due.by === next.by && due.firstBy === next.firstBy) return ticket
  return { ...ticket, due, nextDue: { ...next, from: now + delayMs } }
}

/** The one policy of the account, as `/sla_policies` prints it. */
export function printPolicy(): Record<string, unknown> {
  const targets = Object.entries(serviceLevels).map(([priority, { respond, resolve }]) => [
    `priority_${priority}`,
    { respond_within: respond * 60, resolve_within: resolve * 60, business_hours: false, escalation_enabled: true },
  ])
  return {
    ...{
      id: 43000910901,
      name: 'Default SLA Policy',
      description: 'Around the clock',
      active: true,
      is_default: true,
      position: 1,
    },
    ...{ applicable_to: {}, sla_target: Object.fromEntries(targets), escalation: {} },
    ...{ created_at: '2022-05-02T08:00:00Z', updated_at: '2022-05-02T08:00:00Z' },
  }
}

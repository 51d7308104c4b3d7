import { statuses } from './fields.ts'
import type { Ticket } from './records.ts'
import { agentById, type Change, type FreshdeskState } from './state.ts'
import type { WebhookSender } from './webhook-sender.ts'
import { toText } from './wire.ts'

/** What a rule runs on. `removed`: deleted, or marked as spam. */
export type RuleEvent = 'created' | 'updated' | 'removed'

/** An automation rule whose action is a webhook. */
export interface Rule {
  readonly name: string
  readonly events: readonly RuleEvent[]
  readonly url: string
  /**
   * Written by the rule's author. `{{ticket.id}}` and other placeholders are replaced by texts as they are: a quote in a
   * subject breaks the author's JSON.
   */
  readonly body: string
  /** The author's own headers. Beside them and Basic there is nothing that proves where a delivery comes from. */
  readonly headers?: Readonly<Record<string, string>>
  readonly basic?: { readonly user: string; readonly password: string }
}

export interface Rules {
  add(rule: Rule): void
  remove(name: string): void
}

/** The rules of the account: each change that moves the time of a ticket runs those that wait for it. */
export function createRules(state: FreshdeskState, sender: WebhookSender): Rules {
  const rules = new Map<string, Rule>()
  state.onChange((change) => {
    const event = eventOf(change)
    if (event === null) return
    for (const rule of rules.values()) {
      if (rule.events.includes(event)) sender.send(toDelivery(rule, state, change))
    }
  })
  return {
    add: (rule) => void rules.set(rule.name, rule),
    remove: (name) => void rules.delete(name),
  }
}

function eventOf({ before, after }: Change): RuleEvent | null {
  if (!before) return 'created'
  if (isQuiet(before, after)) return null
  return !isGone(before) && isGone(after) ? 'removed' : 'updated'
}

/** What no rule waits for: watchers, ratings and what the account works out by itself. */
const quiet: ReadonlySet<string> = new Set(['watcherIds', 'ratings', 'stats', 'due', 'nextDue'])

function isQuiet(before: Ticket, after: Ticket): boolean {
  const keys = Object.keys(after) as (keyof Ticket)[]
  return keys.every((key) => quiet.has(key) || before[key] === after[key])
}

const isGone = ({ deleted, spam }: Ticket) => deleted || spam

function toDelivery(rule: Rule, state: FreshdeskState, change: Change) {
  const values = placeholders(state, change)
  const { user, password } = rule.basic ?? {}
  const basic: Record<string, string> =
    user === undefined ? {} : { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` }
  return {
    ...{ ruleName: rule.name, ticketId: change.after.id, url: rule.url },
    headers: { 'content-type': 'application/json', 'user-agent': 'Freshdesk', ...basic, ...rule.headers },
    body: rule.body.replace(/\{\{\s*([\w.]+)\s*\}\}/g, (_, name: string) => values[name] ?? ''),
  }
}

function placeholders(state: FreshdeskState, { before, after }: Change): Readonly<Record<string, string>> {
  const requester = state.contact(after.requesterId)
  const comment = after.conversations.findLast((one) => !one.private)
  const label = (status: number) => statuses[status]?.[0] ?? String(status)
  const isMoved = before !== undefined && before.status !== after.status
  return {
    ...{ 'ticket.id': String(after.id), 'ticket.subject': after.subject ?? '', 'ticket.status': label(after.status) },
    ...{ 'ticket.description': toText(after.description), 'ticket.tags': after.tags.join(', ') },
    ...{ 'ticket.requester.name': requester?.name ?? '', 'ticket.requester.email': requester?.email ?? '' },
    ...{ 'ticket.agent.name': agentById(after.responderId)?.name ?? '', 'ticket.latest_public_comment': comment?.body ?? '' },
    triggered_event: isMoved ? `{status:{from:${label(before.status)},to:${label(after.status)}}}` : '',
  }
}
